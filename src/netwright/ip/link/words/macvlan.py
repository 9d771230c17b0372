"""`type macvlan` and `type macvtap`: a mode, flags, and for mode source the addresses that may send."""

from ....model.kinds.macvlan import FLAGS, MACADDR, MODES
from ...exits import LOCAL, Exit, Usage
from ...prefix import hardware_address
from ...words import matches, unsigned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...words import Words
    from ..command import Command

_ETHERNET = 6
_KNOWN = ("mode", "flag", "macaddr", "nopromisc", "nodst", "bcqueuelen")


def read(kind: str, words: "Words", command: "Command") -> "dict[str, Any]":
    """The attributes of a macvlan. Exit 1 for words that ip does not take."""
    values: dict[str, Any] = {}
    while words.more:
        word = words.next()
        if matches(word, "mode"):
            values["mode"] = _mode(words.next())
        elif matches(word, "flag"):
            _add_flag(values, _flag(words.next()))
        elif matches(word, "macaddr"):
            values.update(_macaddr(words))
        elif matches(word, "nopromisc"):
            _add_flag(values, FLAGS["nopromisc"])
        elif matches(word, "nodst"):
            _add_flag(values, FLAGS["nodst"])
        elif matches(word, "bcqueuelen"):
            values["bc_queue_len"] = _queue(words.next())
        else:
            raise _unknown(kind, word)
    if values.get("flags", 0) & FLAGS["nopromisc"] and values.get("mode") != MODES["passthru"]:
        raise Exit(LOCAL, f"{kind}: nopromisc flag only valid in passthru mode", fix="add: mode passthru")
    return values


def _add_flag(values: "dict[str, Any]", flag: int) -> None:
    values["flags"] = values.get("flags", 0) | flag


def _unknown(kind: str, word: str) -> Exit:
    if matches(word, "help"):
        return Usage("link", LOCAL)
    from ....model.meant import did_you_mean

    return Exit(LOCAL, f'{kind}: unknown option "{word}"?', fix=did_you_mean(word, _KNOWN))


def _mode(text: str) -> int:
    if text not in MODES:
        names = '"private", "vepa", "bridge", "passthru" or "source"'
        raise Exit(LOCAL, f'Error: argument of "mode" must be {names}, not "{text}"')
    return MODES[text]


def _flag(text: str) -> int:
    if text not in FLAGS:
        raise Exit(LOCAL, f'Error: argument of "flag" must be "nopromisc", "nodst" or "null", not "{text}"')
    return FLAGS[text]


def _queue(text: str) -> int:
    found = unsigned(text)
    if found is None:
        limits = "must be a positive integer [0-4294967295]"
        raise Exit(LOCAL, f'Error: argument of "bcqueuelen" {limits}, not "{text}"')
    return found


def _macaddr(words: "Words") -> "dict[str, Any]":
    """add and del take one address, set takes all that follow, flush takes none."""
    what = words.next()
    if what not in MACADDR:
        raise Usage("link", LOCAL)
    found: dict[str, Any] = {"macaddr_mode": MACADDR[what]}
    if what in ("add", "del"):
        found["macaddr"] = _ethernet(words.next())
    elif what == "set":
        found["macaddr_data"] = _ethernets(words)
    return found


def _ethernet(text: str) -> str:
    data = hardware_address(text)
    if len(data) != _ETHERNET:
        raise Exit(LOCAL, why=f'"{text}" is no Ethernet address: it has {len(data)} bytes, not {_ETHERNET}')
    return data.hex(":")


def _ethernets(words: "Words") -> list[str]:
    found = []
    while words.more:
        data = _try(words.peek)
        if len(data) != _ETHERNET:
            break
        found.append(data.hex(":"))
        words.next()
    return found


def _try(text: str) -> bytes:
    try:
        return hardware_address(text)
    except Exit:
        return b""
