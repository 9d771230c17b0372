"""`ip address add|change|replace|delete`: words -> one operation."""

from ...kernel.inet import AF_INET, AF_INET6, ntoa
from ...plan.ops import AddAddress, DeleteAddress
from ..exits import LOCAL, Exit, Usage, duplicate, duplicate_or_garbage, no_device, wrong
from ..link.devices import as_setting
from ..prefix import Prefix, address, prefix
from ..tables import number_of
from ..words import Words, matches, unsigned
from .flags import FLAGS, MCAUTOJOIN, ONLY_V6, READ_ONLY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..context import Context

FOREVER = 0xFFFFFFFF
SCOPE_HOST = 254
# IFAPROT_* of linux/if_addr.h
PROTOCOLS = {"unspec": 0, "kernel_lo": 1, "kernel_ra": 2, "kernel_ll": 3}
_NOTHING = Prefix(0, b"", 0)


def main(context: "Context", words: list[str], verb: str) -> int:
    """Do it; the exit code."""
    said = _read(context, words, verb)
    op = said.operation()
    if context.options.echo and not context.options.dry_run:
        from ..echo import apply_and_print
        from .show import print_changed

        code = apply_and_print(context, op, print_changed)
    else:
        code = context.apply(op)
    for note in said.notes:
        context.stderr(f"    {note}\n")
    return code


def parse(context: "Context", words: list[str], verb: str) -> AddAddress | DeleteAddress:
    """The operation that the words behind `address add` (or change, replace, delete) ask for."""
    return _read(context, words, verb).operation()


def _read(context: "Context", words: list[str], verb: str) -> "Said":
    said = Said(context, verb)
    cursor = Words(words)
    while cursor.more:
        said.read(cursor)
    return said


class Said:
    """What the words say, taken in one by one."""

    def __init__(self, context: "Context", verb: str) -> None:
        self.context, self.verb = context, verb
        self.family = context.options.family
        self.settings: dict[str, Any] = {}
        self.local = self.peer = _NOTHING
        self.local_word = self.broadcast = ""
        self.device: str | None = None
        self.length = self.flags = self.index = 0
        self.scope = self.valid = self.preferred = -1
        self.notes: list[str] = []

    def read(self, words: Words) -> None:
        """Take one keyword with its value."""
        word = words.peek
        reader = _KEYWORDS.get(word) or next((how for full, how in _ABBREVIATED if matches(word, full)), None)
        if reader is not None:
            words.next()
            reader(self, words)
        elif word in FLAGS:
            self.read_flag(words.next())
        else:
            words.take("local")
            self.read_local(words.next())

    def settle_family(self, found: Prefix) -> "Any":
        """The first address decides the family. Returns the address as a setting."""
        self.family = self.family or found.family
        return found.setting

    def read_local(self, word: str) -> None:
        if matches(word, "help"):
            raise Usage("address")
        if self.local.data:
            raise _garbage(word)
        self.local_word, self.local = word, prefix(word, self.family)
        self.settings["local"] = self.settle_family(self.local)

    def read_peer(self, words: Words) -> None:
        word = words.next()
        if self.peer.data:
            raise duplicate("peer", word)
        self.peer = prefix(word, self.family)
        self.settings["address"] = self.settle_family(self.peer)
        self.length = self.peer.length

    def read_broadcast(self, words: Words) -> None:
        word = words.next()
        if self.broadcast:
            raise duplicate("broadcast", word)
        self.broadcast = word
        if word not in ("+", "-"):
            self.settings["broadcast"] = self.settle_family(address(word, self.family))

    def read_anycast(self, words: Words) -> None:
        word = words.next()
        if self.settings.get("anycast"):
            raise duplicate("anycast", word)
        self.settings["anycast"] = self.settle_family(address(word, self.family))

    def read_scope(self, words: Words) -> None:
        word = words.next()
        scope = number_of("rt_scopes", word)
        if scope is None:
            raise wrong(word, "invalid scope value.", why="one of global, link, host, site, nowhere, or 0 to 255")
        self.scope = scope

    def read_device(self, words: Words) -> None:
        self.device = words.next()

    def read_label(self, words: Words) -> None:
        self.settings["label"] = words.next()

    def read_metric(self, words: Words) -> None:
        word = words.next()
        metric = unsigned(word)
        if metric is None:
            raise wrong(word, '"metric" value is invalid', why="a number from 0 to 4294967295 belongs here")
        self.settings["rt_priority"] = metric

    def read_protocol(self, words: Words) -> None:
        word = words.next()
        number = PROTOCOLS.get(word, unsigned(word, bits=8))
        if number is None:
            raise wrong(word, '"proto" value is invalid', why=f"one of {', '.join(PROTOCOLS)}, or 0 to 255")
        self.settings["proto"] = number

    def read_valid(self, words: Words) -> None:
        if self.valid >= 0:
            raise duplicate("valid_lft", words.all[words.at - 1])
        self.valid = _lifetime(words.next(), "valid_lft value")

    def read_preferred(self, words: Words) -> None:
        if self.preferred >= 0:
            raise duplicate("preferred_lft", words.all[words.at - 1])
        self.preferred = _lifetime(words.next(), "preferred_lft value")

    def read_flag(self, word: str) -> None:
        if word in READ_ONLY:
            self.context.stderr(f"Warning: {word} option is not mutable from userspace\n")
        elif word in ONLY_V6 and self.family != AF_INET6:
            self.context.stderr(f"Warning: {word} option can be set only for IPv6 addresses\n")
        else:
            self.flags |= FLAGS[word]

    # -- when all is read ------------------------------------------------------------------------------------------

    def operation(self) -> AddAddress | DeleteAddress:
        """The checks that ip makes at the end, in its order, and the operation."""
        if self.device is None:
            raise Exit(
                LOCAL, 'Not enough information: "dev" argument is required.', fix="say on which device: … dev NAME"
            )
        self.complete_local()
        if self.verb != "delete":
            self.complete_broadcast()
        self.index = self.context.links.index(self.device)
        if not self.index:
            raise no_device(self.device)
        self.check_lifetimes()
        self.check_autojoin()
        if self.flags > 0xFF:
            self.settings["flags"] = self.flags
        if self.verb == "delete":
            return DeleteAddress(self.header(), self.settings)
        return AddAddress(self.header(), self.settings, self.verb)

    def header(self) -> "dict[str, Any]":
        return {
            "family": self.family,
            "prefixlen": self.length or self.local.length,
            "flags": self.flags if self.flags <= 0xFF else 0,
            "scope": self.scope if self.scope >= 0 else self.default_scope(),
            "index": as_setting(self.device or "", self.index),
        }

    def default_scope(self) -> int:
        loopback = self.local.family == AF_INET and self.local.data[:1] == b"\x7f"
        return SCOPE_HOST if loopback and self.verb != "delete" else 0

    def complete_local(self) -> None:
        """Without a peer the address is its own peer. A deletion without a length leaves it out: any length will do."""
        if self.peer.data or not self.local.data:
            return
        if self.verb == "delete" and self.local.family == AF_INET and not self.local.given:
            self.context.stderr(_WILDCARD.format(self.local_word))
            self.note(f"the first {self.local_word} on {self.device} went, whatever its length was")
            return
        self.peer = self.local
        self.settings["address"] = self.local.setting
        if self.verb != "delete":
            self.note_host_length()

    def complete_broadcast(self) -> None:
        """`brd +` sets all bits of the host to one, `brd -` to zero; networks of one or two hosts have no such address."""
        if self.broadcast not in ("+", "-"):
            return
        if self.family != AF_INET:
            raise Exit(LOCAL, "Broadcast can be set only for IPv4 addresses", why="IPv6 has multicast in its place")
        if not self.peer.data or self.peer.length > 30:
            return
        host = (1 << (32 - self.peer.length)) - 1
        number = int.from_bytes(self.peer.data)
        number = number | host if self.broadcast == "+" else number & ~host
        self.settings["broadcast"] = ntoa(number.to_bytes(4))

    def check_lifetimes(self) -> None:
        if self.valid < 0 and self.preferred < 0:
            return
        valid = self.valid if self.valid >= 0 else FOREVER
        preferred = self.preferred if self.preferred >= 0 else FOREVER
        if not valid:
            raise Exit(LOCAL, "valid_lft is zero", fix="to take an address away use: nw address delete")
        if valid < preferred:
            why = "" if self.preferred >= 0 else "preferred_lft is forever unless it is given"
            raise Exit(LOCAL, "preferred_lft is greater than valid_lft", why=why, fix=f"add: preferred_lft {valid}")
        self.settings["cacheinfo"] = {"preferred": preferred, "valid": valid}

    def check_autojoin(self) -> None:
        if self.flags & MCAUTOJOIN and not self.local.multicast:
            raise Exit(LOCAL, "autojoin needs multicast address", why="224.0.0.0/4 or ff00::/8")

    def note_host_length(self) -> None:
        """Ours: the commonest slip with `address add`."""
        local = self.local
        if local.given or self.device == "lo" or local.multicast or not any(local.data):
            return
        bits, usual = (32, 24) if local.family == AF_INET else (128, 64)
        self.note(
            f"{self.local_word} without a length is {self.local_word}/{bits}: an address, but no network to reach "
            f"neighbours in; if that was meant write {self.local_word}/{usual}"
        )

    def note(self, text: str) -> None:
        """For an indented line on stderr when all went well; the name ip does not have these."""
        if not self.context.applet:
            self.notes.append(text)


_WILDCARD = """\
Warning: Executing wildcard deletion to stay compatible with old scripts.
         Explicitly specify the prefix length ({0}/32) to avoid this warning.
         This special behaviour is likely to disappear in further releases,
         fix your scripts!
"""


def _lifetime(word: str, message: str) -> int:
    seconds = FOREVER if word == "forever" else unsigned(word)
    if seconds is None:
        raise wrong(word, message, why="a number of seconds, or forever")
    return seconds


def _garbage(word: str) -> Exit:
    from ...model.meant import did_you_mean

    end = duplicate_or_garbage("local", word)
    end.fix = did_you_mean(word, [*_KEYWORDS, *(full for full, _ in _ABBREVIATED), *FLAGS])
    return end


_KEYWORDS: "dict[str, Callable[[Said, Words], None]]" = {
    "peer": Said.read_peer, "remote": Said.read_peer, "brd": Said.read_broadcast, "anycast": Said.read_anycast,
    "scope": Said.read_scope, "dev": Said.read_device, "label": Said.read_label, "proto": Said.read_protocol,
}  # fmt: skip
_ABBREVIATED: "tuple[tuple[str, Callable[[Said, Words], None]], ...]" = (
    ("broadcast", Said.read_broadcast), ("metric", Said.read_metric), ("priority", Said.read_metric),
    ("preference", Said.read_metric), ("valid_lft", Said.read_valid), ("preferred_lft", Said.read_preferred),
)  # fmt: skip
