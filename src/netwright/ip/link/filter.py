"""Which links and addresses to show: the words behind `ip link show` and `ip address show` (and `flush`), which are the same."""

from ...kernel.inet import AF_UNSPEC
from ..exits import LOCAL, SYNTAX, Exit, Usage, wrong
from ..tables import number_of
from ..words import Words, matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...kernel.rtnl import Message
    from ..context import Context
    from ..prefix import Prefix

IFF_UP = 1
HIDDEN, SHORT, SHOWN = -1, 0, 1
SECONDARY, PERMANENT = 0x01, 0x80
# Names of IFA_F_* in ip's order; the first of a bit is the one that is printed.
ADDRESS_FLAGS = {
    "secondary": 0x01, "temporary": 0x01, "nodad": 0x02, "optimistic": 0x04, "dadfailed": 0x08, "home": 0x10,
    "deprecated": 0x20, "tentative": 0x40, "permanent": 0x80, "mngtmpaddr": 0x100, "noprefixroute": 0x200,
    "autojoin": 0x400, "stable-privacy": 0x800,
}  # fmt: skip
_OPPOSITES = {"dynamic": "permanent", "primary": "secondary"}


class Filter:
    """What is wanted. An empty one (`Filter()`) lets everything pass, as `ip monitor` needs it."""

    __slots__ = (
        "device", "family", "flag_mask", "flags", "group", "index", "kind", "label", "master", "prefix", "queue", "scope",
        "slave_kind", "texts", "up",
    )  # fmt: skip

    def __init__(self, family: int = AF_UNSPEC, *, queue: bool = False) -> None:
        """`queue`: the length of the transmit queue is to be printed."""
        self.family, self.queue, self.up = family, queue, False
        self.index = self.master = self.flags = self.flag_mask = 0
        self.device: str | None = None
        self.group: int | None = None
        self.scope: int | None = None
        self.kind: str | None = None
        self.slave_kind: str | None = None
        self.label: str | None = None
        self.prefix: Prefix | None = None
        # Texts that print_link made already, by what they are made of.
        self.texts: dict[tuple[object, ...], str] = {}

    def link(self, message: "Message") -> int:
        """HIDDEN, SHOWN, or SHORT: the link passes, but only its addresses are to be printed."""
        if self.index and message["index"] != self.index:
            return HIDDEN
        if self.up and not message["flags"] & IFF_UP:
            return HIDDEN
        if self.label is not None:
            return SHORT
        if self.group is not None and message.get("group", self.group) != self.group:
            return HIDDEN
        if self.master > 0 and message.get("master") != self.master:
            return HIDDEN
        if self.kind is not None and kind_of(message) != self.kind:
            return HIDDEN
        return HIDDEN if self.slave_kind is not None and kind_of(message, "slave_kind") != self.slave_kind else SHOWN

    def address(self, context: "Context", message: "Message") -> bool:
        """True when the address passes."""
        if self.index and message["index"] != self.index:
            return False
        return (not self.family or self.family == message["family"]) and self.address_alone(context, message)

    def address_alone(self, context: "Context", message: "Message") -> bool:
        """True when scope, flags, label and prefix of the address pass."""
        if self.scope is not None and message["scope"] != self.scope:
            return False
        if self.flag_mask and (self.flags ^ address_flags(message)) & self.flag_mask:
            return False
        if self.label is not None and not self._label_passes(context, message, self.label):
            return False
        return self.prefix is None or self.prefix.length <= 0 or self._prefix_passes(message, self.prefix)

    @staticmethod
    def _label_passes(context: "Context", message: "Message", pattern: str) -> bool:
        from .pattern import fits

        return fits(pattern, message.get("label") or context.links.name(message["index"]))

    @staticmethod
    def _prefix_passes(message: "Message", wanted: "Prefix") -> bool:
        raw = message.attributes.raw
        local = raw.get(2, raw.get(1))
        return local is None or wanted.covers(local)


def kind_of(message: "Message", which: str = "kind") -> str | None:
    """The kind of a link (`veth`), or with `slave_kind` that of its master; None when it has none."""
    linkinfo = message.get("linkinfo")
    if linkinfo is None:
        return None
    kind: str = linkinfo.get(which, "")
    return kind


def address_flags(message: "Message") -> int:
    """IFA_F_*: the 32-bit attribute, or the 8 bits of the header where an old kernel has no attribute."""
    flags: int = message.get("flags", message.header["flags"])
    return flags


# -- the words -----------------------------------------------------------------------------------------------------------


def parse(context: "Context", words: list[str], family: int, command: str) -> Filter:
    """The filter that the words ask for. Exit 1 `Device "x" does not exist.`; 255 for words that make no sense."""
    chosen, cursor = Filter(family, queue=True), Words(words)
    while cursor.more:
        word = cursor.next()
        if word in _KEYWORDS:
            _KEYWORDS[word](context, chosen, cursor)
        elif not _flag(chosen, word):
            _device(chosen, cursor, word, command)
    if chosen.device is not None:
        chosen.index = context.links.index(chosen.device)
        if chosen.index <= 0:
            raise Exit(LOCAL, f'Device "{chosen.device}" does not exist.')
    return chosen


def _to(context: "Context", chosen: Filter, words: Words) -> None:
    from ..prefix import prefix

    chosen.prefix = prefix(words.next(), chosen.family)
    chosen.family = chosen.family or chosen.prefix.family


def _scope(context: "Context", chosen: Filter, words: Words) -> None:
    word = words.next()
    chosen.scope = number_of("rt_scopes", word)
    if chosen.scope is None and word != "all":
        raise wrong(
            word, 'invalid "scope"\n', why="a scope is global, site, link, host, nowhere, all or a number up to 255"
        )


def _up(context: "Context", chosen: Filter, words: Words) -> None:
    chosen.up = True


def _label(context: "Context", chosen: Filter, words: Words) -> None:
    chosen.label = words.next()


def _group(context: "Context", chosen: Filter, words: Words) -> None:
    word = words.next()
    found = number_of("group", word, (1 << 63) - 1)
    # ip keeps the lower 32 bits of the number, with their sign.
    if found is None or found & 1 << 31:
        raise wrong(word, 'Invalid "group" value\n', why="a group is a number, or a name from /etc/iproute2/group")
    chosen.group = found & 0xFFFFFFFF


def _master(context: "Context", chosen: Filter, words: Words) -> None:
    word = words.next()
    chosen.master = context.links.index(word)
    if not chosen.master:
        raise wrong(word, "Device does not exist\n")


def _vrf(context: "Context", chosen: Filter, words: Words) -> None:
    word = words.next()
    index = context.links.index(word)
    link = context.links.message(index) if index else None
    if link is None or kind_of(link) != "vrf":
        why = "there is no such device" if link is None else "that device is of another kind"
        raise wrong(word, "Not a valid VRF name\n", why=why, fix="ip link show type vrf shows which there are")
    chosen.master = index


def _no_master(context: "Context", chosen: Filter, words: Words) -> None:
    # The kernel understands -1 as "without a master" since 5.13; ip itself does not look.
    chosen.master = -1


def _type(context: "Context", chosen: Filter, words: Words) -> None:
    word = words.next()
    if word.endswith("_slave"):
        chosen.slave_kind = word.removesuffix("_slave")
    else:
        chosen.kind = word


_KEYWORDS: "dict[str, Callable[[Context, Filter, Words], None]]" = {
    "to": _to, "scope": _scope, "up": _up, "label": _label, "group": _group, "master": _master, "vrf": _vrf,
    "nomaster": _no_master, "type": _type,
}  # fmt: skip


def _flag(chosen: Filter, word: str) -> bool:
    """Take the name of an address flag, perhaps with a minus; False when it is none."""
    wanted, name = word[:1] != "-", word.removeprefix("-")
    if name in _OPPOSITES:
        wanted, name = not wanted, _OPPOSITES[name]
    bit = ADDRESS_FLAGS.get(name)
    if bit is None:
        return False
    chosen.flags = chosen.flags | bit if wanted else chosen.flags & ~bit
    chosen.flag_mask |= bit
    return True


def _device(chosen: Filter, words: Words, word: str, command: str) -> None:
    if word == "dev":
        word = words.next()
    elif word and matches(word, "help"):
        raise Usage(command)
    if chosen.device is not None:
        from ...model.meant import did_you_mean

        known = [*_KEYWORDS, *ADDRESS_FLAGS, *_OPPOSITES, "dev"]
        raise Exit(
            SYNTAX,
            f'Error: either "dev" is duplicate, or "{word}" is a garbage.',
            why=f'"{chosen.device}" is already taken as the device',
            fix=did_you_mean(word, known),
        )
    chosen.device = word
