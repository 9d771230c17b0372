"""Messages as the kernel would send them, and a context that prints them without a kernel."""

from typing import Any

from netwright.ip.context import Context, Options
from netwright.ip.link.filter import Filter
from netwright.ip.link.show import print_link
from netwright.kernel import rtnl
from netwright.kernel.netlink import Raw
from netwright.kernel.rtnl import Message


def message(kind: int, header: dict[str, int], values: dict[str, Any]) -> Message:
    """A message with this header and these attributes, through bytes and back."""
    found = rtnl.decode(Raw(kind, 0, 0, rtnl.FAMILIES[kind].body(header, values)))
    assert found is not None
    return found


def link(index: int = 7, flags: int = 0x1003, type: int = 1, kind: int = rtnl.NEWLINK, **values: Any) -> Message:
    """RTM_NEWLINK of a device; ifname and mtu are x7 and 1500 when not given."""
    header = {"index": index, "flags": flags, "type": type}
    return message(kind, header, {"ifname": f"x{index}", "mtu": 1500, **values})


def address(family: int = 2, index: int = 7, prefixlen: int = 24, scope: int = 0, **values: Any) -> Message:
    """RTM_NEWADDR. `flags` is the attribute."""
    header = {"family": family, "index": index, "prefixlen": prefixlen, "scope": scope}
    return message(rtnl.NEWADDR, header, values)


class Names:
    """Devices by index, as Links has them; those that are not there are if7."""

    def __init__(self, *known: Message) -> None:
        self._at = {link["index"]: link for link in known}

    def message(self, index: int) -> Message | None:
        return self._at.get(index)

    def name(self, index: int) -> str:
        return str(self._at[index]["ifname"]) if index in self._at else f"if{index}"

    def index(self, name: str) -> int:
        return next((index for index, link in self._at.items() if link["ifname"] == name), 0)


def context(options: str = "", *known: Message, applet: bool = True) -> Context:
    """A context with these options (`details json`), and with these devices known. No namespace has a name but nsid 3: red."""
    chosen = Options()
    for name in options.split():
        setattr(chosen, name, getattr(chosen, name) + 1)
    made = Context(chosen, applet=applet)
    made._links = Names(*known)  # type: ignore[assignment]
    made.netns_names = {3: "red"}
    return made


def shown(
    found: Message, options: str = "", *known: Message, as_link: bool = True, applet: bool = True, **chosen: Any
) -> str:
    """What print_link prints about a link."""
    made = context(options, found, *known, applet=applet)
    wanted = Filter(chosen.pop("family", 17), queue=True)
    for name, value in chosen.items():
        setattr(wanted, name, value)
    made.out.open_object()
    print_link(made, found, wanted, link=as_link)
    made.out.close_object()
    return made.out.text()
