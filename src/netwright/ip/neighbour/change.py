"""`ip neighbour add|change|replace|delete`: words -> one operation."""

from ...plan.ops import AddNeighbour, DeleteNeighbour
from ..exits import SYNTAX, Exit, Usage, duplicate, duplicate_or_garbage, no_device, wrong
from ..link.devices import as_setting
from ..prefix import Prefix, address, lladdr_setting
from ..tables import number_of
from ..words import Words, matches
from .states import EXT_LEARNED, EXT_MANAGED, NONE, PERMANENT, PROXY, ROUTER, USE, bad_state, find_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..context import Context


def main(context: "Context", words: list[str], verb: str) -> int:
    """Do it; the exit code."""
    op = parse(context, words, verb)
    try:
        return context.apply(op)
    except Exit as end:
        # ip leaves at once here, also in the middle of a batch.
        end.fatal = True
        raise


def parse(context: "Context", words: list[str], verb: str) -> AddNeighbour | DeleteNeighbour:
    """The operation that the words behind `neighbour add` (or change, replace, delete) ask for."""
    said = Said(context)
    cursor = Words(words)
    while cursor.more:
        said.read(cursor)
    header = said.header()
    if verb == "delete":
        return DeleteNeighbour(header, said.settings)
    return AddNeighbour(header, said.settings, verb)


class Said:
    """What the words say, taken in one by one."""

    def __init__(self, context: "Context") -> None:
        self.context = context
        self.family = context.options.family
        self.settings: dict[str, Any] = {}
        self.destination: Prefix | None = None
        self.lladdr: str | None = None
        self.device: str | None = None
        self.state, self.flags, self.more_flags = PERMANENT, 0, 0

    def read(self, words: Words) -> None:
        """Take one keyword with its value."""
        word = words.peek
        reader = _KEYWORDS.get(word) or next((how for full, how in _ABBREVIATED if matches(word, full)), None)
        if reader is not None:
            words.next()
            reader(self, words)
        elif word in _FLAGS:
            words.next()
            self.flags |= _FLAGS[word]
        else:
            self.read_destination(words)

    def read_lladdr(self, words: Words) -> None:
        word = words.next()
        if self.lladdr is not None:
            raise duplicate("lladdr", word)
        self.lladdr = word

    def read_state(self, words: Words) -> None:
        word = words.next()
        state = find_state(word)
        if state is None:
            raise bad_state(word)
        self.state = state

    def read_proxy(self, words: Words) -> None:
        word = words.next()
        if matches(word, "help"):
            raise Usage("neighbour")
        if self.destination:
            raise duplicate("address", word)
        self.destination = address(word, self.family)
        self.flags |= PROXY

    def read_managed(self, words: Words) -> None:
        self.more_flags |= EXT_MANAGED
        self.state = NONE

    def read_learned(self, words: Words) -> None:
        self.flags |= EXT_LEARNED

    def read_device(self, words: Words) -> None:
        self.device = words.next()

    def read_protocol(self, words: Words) -> None:
        word = words.next()
        number = number_of("rt_protos", word)
        if number is None:
            raise wrong(word, '"protocol" value is invalid', why="a name in /etc/iproute2/rt_protos, or 0 to 255")
        self.settings["protocol"] = number

    def read_destination(self, words: Words) -> None:
        words.take("to")
        word = words.next()
        if matches(word, "help"):
            word = words.next()
        if self.destination:
            raise _garbage(word)
        self.destination = address(word, self.family)

    # -- when all is read ------------------------------------------------------------------------------------------

    def header(self) -> "dict[str, Any]":
        """The checks that ip makes at the end, in its order; fills in the settings."""
        to = self.destination
        if to is None or not to.family or (self.device is None and not self.flags & PROXY):
            raise Exit(
                SYNTAX, "Device and destination are required arguments.", fix="nw neigh add ADDR lladdr LLADDR dev NAME"
            )
        self.settings["dst"] = to.setting
        if self.more_flags:
            self.settings["flags_ext"] = self.more_flags
        if self.lladdr is not None and self.lladdr != "null":
            self.settings["lladdr"] = lladdr_setting(self.lladdr)
        return {"family": to.family, "state": self.state, "flags": self.flags, "index": self.index()}

    def index(self) -> str | int:
        """The device as it stands in the header; 0 for a proxy entry of all devices."""
        if self.device is None:
            return 0
        index = self.context.links.index(self.device)
        if not index:
            raise no_device(self.device)
        return as_setting(self.device, index)


def _garbage(word: str) -> Exit:
    from ...model.meant import did_you_mean

    end = duplicate_or_garbage("to", word)
    end.fix = did_you_mean(word, [*_KEYWORDS, *(full for full, _ in _ABBREVIATED), *_FLAGS])
    return end


_FLAGS = {"router": ROUTER, "use": USE}
_KEYWORDS: "dict[str, Callable[[Said, Words], None]]" = {
    "nud": Said.read_state, "dev": Said.read_device, "managed": Said.read_managed,
}  # fmt: skip
_ABBREVIATED: "tuple[tuple[str, Callable[[Said, Words], None]], ...]" = (
    ("lladdr", Said.read_lladdr), ("proxy", Said.read_proxy), ("extern_learn", Said.read_learned),
    ("protocol", Said.read_protocol),
)  # fmt: skip
