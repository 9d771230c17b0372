"""`ip route get`: which way the kernel would send a packet."""

from ...errors import KernelError
from ...kernel import rtnl
from ...kernel.inet import AF_INET
from ...model.routing import FIB_MATCH, LOOKUP_TABLE, NOTIFY
from ..exits import LOCAL, Exit, Usage, no_device
from ..prefix import prefix
from ..rule.values import ip_protocol
from ..words import Words, matches
from . import values
from .filter import BITS
from .show import print_route

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...kernel.rtnl import Message
    from ..context import Context


def main(context: "Context", words: list[str]) -> int:
    """Ask the kernel, print its answer."""
    question = parse(context, words)
    answer = _ask(context, question)
    out = context.out
    out.open_array()
    print_route(context, answer)
    if question.connected and not question.source_given:
        if "prefsrc" not in answer and "src" not in answer:
            raise Exit(LOCAL, "Failed to connect the route", why="the answer names no source address", fix="give one: … from ADDRESS")
        # As ip does it: the same question again, whose answer is text after the end of the JSON.
        out.close_array()
        out.finish_json()
        context.flush()
        context.out.json = False
        print_route(context, _ask(context, question))
        return 0
    out.close_array()
    out.finish_json()
    return 0


def _ask(context: "Context", question: "Question") -> "Message":
    try:
        return rtnl.get(context.netlink, rtnl.GETROUTE, question.header, question.settings)
    except KernelError as error:
        refused = error
    end = context.refusal(refused)
    end.advice = lambda: _advice(refused, question)
    raise end


def _advice(error: KernelError, question: "Question") -> tuple[str, str]:
    """(why, fix) for a destination that cannot be reached."""
    import errno

    to, option = question.settings.get("dst", "default"), "" if question.header["family"] == AF_INET else "-6 "
    if error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return f"no route leads to {to}", f"see: nw {option}route; perhaps: nw {option}route add default via GATEWAY"
    refusing = {errno.EINVAL: "a blackhole", errno.EACCES: "a prohibit"}.get(error.errno)
    if refusing and not error.message:
        return f"{to} may be caught by {refusing} route or rule", f"see: nw {option}route get fibmatch {to}"
    return "", error.fix


def parse(context: "Context", words: list[str]) -> "Question":
    """The question that the words behind `route get` ask."""
    question = Question(context)
    cursor = Words(words)
    while cursor.more:
        question.read(cursor)
    question.complete()
    return question


class Question:
    """Header and settings of the request; `connected`: ask as a socket with the answer's source address would."""

    def __init__(self, context: "Context") -> None:
        self.context = context
        self.header: dict[str, int] = {"family": context.options.family, "dst_len": 0, "src_len": 0, "tos": 0, "flags": 0}
        self.settings: dict[str, Any] = {}
        self.devices: dict[str, str] = {}
        self.mark = 0
        self.connected = self.source_given = self.destination_given = False

    def read(self, words: Words) -> None:
        """Take one keyword with its value."""
        word = words.peek
        reader = next((how for full, how, whole in _KEYWORDS if (word == full if whole else matches(word, full))), None)
        if reader is None:
            words.take("to")
            self.read_destination(words.next())
        else:
            words.next()
            reader(self, words)

    def read_prefix(self, word: str, name: str) -> int:
        """An address; its length as it was given."""
        if matches(word, "help"):
            raise Usage("route")
        found = prefix(word, self.header["family"])
        self.header["family"] = self.header["family"] or found.family
        if found.data:
            self.settings[name] = found.setting
        self.header[f"{name}_len"] = found.length
        return found.length

    def read_destination(self, word: str) -> None:
        length, whole = self.read_prefix(word, "dst"), BITS.get(self.header["family"], 0)
        self.destination_given = True
        if whole and length != whole:
            # The kernel looks up an address, not a network.
            self.header["dst_len"] = whole
            self.context.stderr(f"Warning: /{length} as prefix is invalid, only /{whole} (or none) is supported.\n")

    def read_source(self, words: Words) -> None:
        self.source_given = True
        self.read_prefix(words.next(), "src")

    def read_tos(self, words: Words) -> None:
        self.header["tos"] = values.traffic_class(words.next(), "TOS value is invalid")

    def read_mark(self, words: Words) -> None:
        self.mark = values.number(words.next(), "invalid mark value")

    def read_notify(self, words: Words) -> None:
        self.header["flags"] |= NOTIFY

    def read_connected(self, words: Words) -> None:
        self.connected = True

    def read_fib_match(self, words: Words) -> None:
        self.header["flags"] |= FIB_MATCH

    def read_vrf(self, words: Words) -> None:
        from .vrf import check

        name = words.next()
        check(self.context, name)
        self.devices["oif"] = name

    def read_user(self, words: Words) -> None:
        self.settings["uid"] = values.number(words.next(), "invalid UID")

    def read_ip_protocol(self, words: Words) -> None:
        self.settings["ip_proto"] = ip_protocol(words.next())

    def read_new_destination(self, words: Words) -> None:
        from ..front import NotOurs

        raise NotOurs("ip route get … as ADDRESS")

    # -- when all is read ----------------------------------------------------------------------------------------------

    def complete(self) -> None:
        """The checks that ip makes at the end, in its order."""
        if not self.destination_given:
            raise Exit(LOCAL, "need at least a destination address", fix="nw route get ADDRESS")
        for name in ("iif", "oif"):
            if name in self.devices:
                self.settings[name] = self.context.links.index(self.devices[name])
                if not self.settings[name]:
                    raise no_device(self.devices[name])
        if self.mark:
            self.settings["mark"] = self.mark
        self.header["family"] = self.header["family"] or AF_INET
        if self.header["family"] == AF_INET:
            # Only IPv4 can say which table the route is from.
            self.header["flags"] |= LOOKUP_TABLE


def _device(name: str) -> "Callable[[Question, Words], None]":
    def read(question: Question, words: Words) -> None:
        question.devices[name] = words.next()

    return read


def _port(name: str) -> "Callable[[Question, Words], None]":
    def read(question: Question, words: Words) -> None:
        question.settings[name] = values.number(words.next(), f"invalid {name}", 0xFFFF)

    return read


# (keyword, reader, True when it is never abbreviated), in ip's order.
_KEYWORDS: "tuple[tuple[str, Callable[[Question, Words], None], bool], ...]" = (
    ("tos", Question.read_tos, True),
    ("dsfield", Question.read_tos, False),
    ("from", Question.read_source, False),
    ("iif", _device("iif"), False),
    ("mark", Question.read_mark, False),
    ("oif", _device("oif"), False),
    ("dev", _device("oif"), True),
    ("notify", Question.read_notify, False),
    ("connected", Question.read_connected, False),
    ("vrf", Question.read_vrf, False),
    ("uid", Question.read_user, False),
    ("fibmatch", Question.read_fib_match, False),
    ("as", Question.read_new_destination, True),
    ("sport", _port("sport"), False),
    ("dport", _port("dport"), False),
    ("ipproto", Question.read_ip_protocol, False),
)
