"""Which neighbours `ip neighbour show` and `flush` mean."""

from ...kernel import inet
from ..exits import Usage, duplicate, no_device, wrong
from ..prefix import Prefix, prefix
from ..tables import number_of
from ..words import Words, matches
from .states import EXT_LEARNED, NOARP, PERMANENT, PROXY, bad_state, find_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ...kernel.rtnl import Message
    from ..context import Context

_NO_STATE = 0x100
_EVERYTHING = 0xFFFFFFFF


class Filter:
    """What the words of show or flush ask for; `wants(message)` is True for a neighbour that fits."""

    def __init__(self, family: int = 0, *, flush: bool = False, state: int = _EVERYTHING) -> None:
        self.family, self.flush, self.state = family, flush, state
        self.index = self.master = self.flags = self.protocol = 0
        self.unused = self.state_given = False
        self.to: Prefix | None = None
        self.device: str | None = None

    def wants(self, message: "Message") -> bool:
        """True when the message of a neighbour fits."""
        if self.family and self.family != message["family"]:
            return False
        if self.index and self.index != message["index"]:
            return False
        if self.protocol and self.protocol != message.get("protocol", 0):
            return False
        if self.unused and message.get("cacheinfo", {}).get("refcnt"):
            return False
        return self.wants_state(message) and self.covers(message.get("dst"))

    def wants_state(self, message: "Message") -> bool:
        """A proxy entry and one that was learned elsewhere are shown in any state."""
        state = message["state"]
        if self.state & state or message["flags"] & (PROXY | EXT_LEARNED):
            return True
        return not state and bool(self.state & _NO_STATE)

    def covers(self, destination: str | None) -> bool:
        """True when the neighbour is in the prefix that was given."""
        return self.to is None or destination is None or self.to.covers(inet.aton(destination))

    def request(self) -> "tuple[dict[str, int], dict[str, int]]":
        """Header and attributes of the dump: the kernel filters by device and master itself."""
        values = {"ifindex": self.index} if self.index else {}
        if self.master:
            values["master"] = self.master
        return {"family": self.family, "flags": self.flags}, values


def parse(context: "Context", words: list[str], *, flush: bool = False) -> Filter:
    """The filter that the words behind `neighbour show` (or flush) describe."""
    state = _EVERYTHING & ~(PERMANENT | NOARP) if flush else 0xFF & ~NOARP
    wanted = Filter(context.options.family, flush=flush, state=state)
    cursor = Words(words)
    while cursor.more:
        _read(context, wanted, cursor)
    if wanted.device is not None:
        wanted.index = context.links.index(wanted.device)
        if not wanted.index:
            raise no_device(wanted.device)
    return wanted


def _read(context: "Context", wanted: Filter, words: Words) -> None:
    reader = _KEYWORDS.get(words.peek)
    if reader:
        words.next()
        reader(context, wanted, words)
    elif words.take_prefix("protocol"):
        _read_protocol(wanted, words.next())
    else:
        words.take("to")
        _read_to(wanted, words.next())


def _read_device(context: "Context", wanted: Filter, words: Words) -> None:
    word = words.next()
    if wanted.device:
        raise duplicate("dev", word)
    wanted.device = word


def _read_master(context: "Context", wanted: Filter, words: Words) -> None:
    word = words.next()
    wanted.master = context.links.index(word)
    if not wanted.master:
        raise wrong(word, "Device does not exist", fix="see: nw link show")


def _read_vrf(context: "Context", wanted: Filter, words: Words) -> None:
    word = words.next()
    wanted.master = context.links.index(word)
    link = context.links.message(wanted.master) if wanted.master else None
    info = link.get("linkinfo") if link else None
    if info is None or info.get("kind") != "vrf":
        why = f"{word} is no vrf" if link else f"there is no device {word}"
        raise wrong(word, "Not a valid VRF name", why=why, fix="see: nw link show type vrf")


def _read_no_master(context: "Context", wanted: Filter, words: Words) -> None:
    wanted.master = -1


def _read_unused(context: "Context", wanted: Filter, words: Words) -> None:
    wanted.unused = True


def _read_proxy(context: "Context", wanted: Filter, words: Words) -> None:
    wanted.flags = PROXY


def _read_state(context: "Context", wanted: Filter, words: Words) -> None:
    word = words.next()
    if not wanted.state_given:
        wanted.state_given, wanted.state = True, 0
    state = find_state(word)
    if state is None:
        if word != "all":
            raise bad_state(word, "all")
        state = _EVERYTHING & ~NOARP if wanted.flush else _EVERYTHING
    wanted.state |= state or _NO_STATE


def _read_protocol(wanted: Filter, word: str) -> None:
    number = number_of("rt_protos", word)
    if number is None and word != "all":
        raise wrong(word, 'invalid "protocol"', why="a name in /etc/iproute2/rt_protos, 0 to 255, or all")
    wanted.protocol = number or 0


def _read_to(wanted: Filter, word: str) -> None:
    if matches(word, "help"):
        raise Usage("neighbour")
    wanted.to = prefix(word, wanted.family)
    wanted.family = wanted.family or wanted.to.family


_KEYWORDS: "dict[str, Callable[[Context, Filter, Words], None]]" = {
    "dev": _read_device, "master": _read_master, "vrf": _read_vrf, "nomaster": _read_no_master,
    "unused": _read_unused, "nud": _read_state, "proxy": _read_proxy,
}  # fmt: skip
