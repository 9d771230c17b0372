"""A context without a kernel: devices as given, what is printed kept, a netlink socket that answers from a list."""

from typing import Any

from netwright.ip.context import Context, Options
from netwright.ip.front import parse_options
from netwright.kernel import rtnl
from netwright.kernel.netlink import Raw, Request
from netwright.kernel.rtnl import Message
from netwright.plan.explain import words as explain


class FakeLinks:
    """Devices by name and index, as ip/links.py has them."""

    def __init__(self, devices: dict[str, int], types: dict[int, int] | None = None) -> None:
        self.devices, self.types = devices, types or {}

    def index(self, name: str) -> int:
        number = int(name[2:]) if name[:2] == "if" and name[2:].isdigit() else 0
        return self.devices.get(name, number)

    def name(self, index: int) -> str:
        return next((name for name, number in self.devices.items() if number == index), f"if{index}")

    def type(self, index: int) -> int:
        return self.types.get(index, 1)

    def message(self, index: int) -> Message | None:
        return (
            message(rtnl.NEWLINK, {"index": index}, {"ifname": self.name(index)})
            if index in self.devices.values()
            else None
        )


class FakeNetlink:
    """Answers every dump with the next of `dumps`; keeps what is sent."""

    def __init__(self, *dumps: list[Message]) -> None:
        self.dumps, self.sent, self.warnings = list(dumps), list[Request](), list[str]()

    def dump(self, request: Request) -> list[Raw]:
        return [raw(one) for one in (self.dumps.pop(0) if self.dumps else [])]

    def transact(self, requests: list[Request]) -> list[None]:
        self.sent += requests
        return [None for _ in requests]

    def request(self, request: Request) -> None:
        self.sent.append(request)


class FakeContext(Context):
    """`options` are words: FakeContext("-6", "-j"). `said` is what went to stderr, `printed` to stdout."""

    def __init__(
        self,
        *options: str,
        applet: bool = True,
        devices: dict[str, int] | None = None,
        netlink: FakeNetlink | None = None,
    ) -> None:
        chosen = Options()
        parse_options(list(options), chosen)
        super().__init__(chosen, applet=applet)
        self.fake_links = FakeLinks({"lo": 1, "v0": 7, "v1": 8} if devices is None else devices)
        self.fake_netlink = netlink or FakeNetlink()
        self.printed, self.said = "", ""
        self.stdout, self.stderr = self._print, self._say

    def _print(self, text: str) -> None:
        self.printed += text

    def _say(self, text: str) -> None:
        self.said += text

    @property
    def links(self) -> Any:
        return self.fake_links

    @property
    def netlink(self) -> Any:
        return self.fake_netlink


class Lookup:
    """Numbers for the names in an operation that is encoded."""

    def index(self, name: str) -> int:
        return 7

    def namespace(self, reference: str) -> int:
        return 5


def raw(one: Message) -> Raw:
    """A message as it comes from a socket."""
    family = rtnl.FAMILIES[one.kind]
    return Raw(one.kind, one.flags, 0, family.body(one.header, {}) + _attributes(one))


def _attributes(one: Message) -> bytes:
    from netwright.kernel.codec import attribute

    return b"".join(attribute(number, payload) for number, payload in one.attributes.raw.items())


def message(kind: int, header: dict[str, int], values: dict[str, Any]) -> Message:
    """A decoded message, by way of its bytes."""
    found = rtnl.decode(Raw(kind, 0, 0, rtnl.FAMILIES[kind].body(header, values, Lookup())))
    assert found is not None
    return found


def split_command(op: Any) -> tuple[list[str], list[str]]:
    """(options, the words behind `OBJECT COMMAND`) of an operation's own command line."""
    line = explain(op)
    rest = parse_options(line, Options())
    return line[: len(line) - len(rest)], rest[2:]
