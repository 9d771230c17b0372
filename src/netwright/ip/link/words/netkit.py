"""`type netkit [mode l2|l3] [forward|blackhole] [peer [forward|blackhole] LINK…]` (iproute2 6.9; 6.1 does not know it)."""

from ....model.kinds.netkit import MODES, POLICIES
from ...exits import LOCAL, Exit, Usage, duplicate
from ...words import matches
from .veth import peer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...words import Words
    from ..command import Command


def read(kind: str, words: "Words", command: "Command") -> "dict[str, Any]":
    """The attributes of a netkit."""
    values: dict[str, Any] = {}
    behind_peer = False
    while words.more:
        policy = next((word for word in POLICIES if matches(words.peek, word)), "")
        if words.take_prefix("mode"):
            values["mode"] = _mode(words.next())
        elif policy:
            words.next()
            values["peer_policy" if behind_peer else "policy"] = POLICIES[policy]
        elif words.take_prefix("peer"):
            if behind_peer:
                raise duplicate("peer", words.peek)
            behind_peer = True
        elif behind_peer:
            values["peer_info"] = peer(words, command)
        else:
            raise _unknown(words.peek)
    return values


def _mode(text: str) -> int:
    if text not in MODES:
        raise Exit(LOCAL, 'Error: argument of "mode" must be either "l2" or "l3"')
    return MODES.index(text)


def _unknown(word: str) -> Exit:
    if matches(word, "help"):
        return Usage("link", LOCAL)
    return Exit(LOCAL, f'netkit: unknown option "{word}"?', fix="mode, forward, blackhole or peer belong here")
