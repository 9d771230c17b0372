"""Words that every view of the map shares: names that a terminal may be shown, ranges of names, where an end is."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import End, HostMap, Link, Published, Space

_MANY = 4


def shown(text: str) -> str:
    """What a terminal would obey, or could not show, or what turns the direction of writing, is written out (\\x1b): names are anybody's."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escaped(ord(c)) for c in text)


def _escaped(number: int) -> str:
    number = number - 0xDC00 if 0xDC80 <= number <= 0xDCFF else number  # a byte that is no UTF-8
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def ranged(names: Sequence[str]) -> str:
    """`c1…c20`; up to three one by one."""
    if len(names) < _MANY:
        return ", ".join(shown(name) for name in names)
    return f"{shown(names[0])}…{shown(names[-1])}"


def port(one: Published) -> str:
    """`tcp 8080`, `udp 192.0.2.1:5000-5010`."""
    numbers = str(one.port) if one.port == one.last else f"{one.port}-{one.last}"
    address = f"[{one.address}]" if ":" in one.address else one.address
    return shown(f"{one.protocol} {address + ':' if address else ''}{numbers}")


def target(one: Published) -> str:
    """`172.17.0.2:80`."""
    address = f"[{one.to_address}]" if ":" in one.to_address and one.to_port else one.to_address
    return shown(f"{address}:{one.to_port}" if one.to_port else address)


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts c2 before c10."""
    out: list[tuple[int, int, str]] = []
    word, digits = "", ""
    for char in text + "\0":
        if "0" <= char <= "9":
            digits += char
            continue
        if digits:
            out += [(0, 0, word), (1, int(digits[:18]), digits)]
            word, digits = "", ""
        word += char
    return (*out, (0, 0, word[:-1]))


def number(text: str) -> int:
    """A port, a PID; -1 for what is none: other digits than ours, or more of them than any has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else -1


class Index:
    """A map by what is looked up in it again and again."""

    def __init__(self, host: HostMap) -> None:
        self.spaces = {space.id: space for space in host.namespaces}
        self.links = {(space.id, link.name): link for space in host.namespaces for link in space.links}
        self.addresses: dict[End, list[str]] = {}
        self.owned: dict[str, list[End]] = {}
        for space in host.namespaces:
            for address in space.addresses:
                self.addresses.setdefault((space.id, address.link), []).append(address.address)
                self.owned.setdefault(address.address.partition("/")[0], []).append((space.id, address.link))

    def told(self, end: End) -> tuple[str, ...]:
        """Its addresses, without those that every device makes for itself (fe80::)."""
        return tuple(address for address in self.addresses.get(end, ()) if not address.startswith("fe80:"))

    def name(self, id: str) -> str:
        """How a namespace is called."""
        return shown(self.spaces[id].name) if id in self.spaces else "?"

    def owner(self, space: Space, address: str) -> End | None:
        """Whose address it is, seen from a namespace: its own, or that of who is plugged into it. Addresses repeat: None where it could
        be that of several others."""
        found = self.owned.get(address, [])
        own = [end for end in found if end[0] == space.id]
        near = own or [end for end in found if end in self.links and any(there and there[0] == space.id for there in (self.links[end].peer, self.links[end].lower))]
        some = near or found
        return some[0] if own or len({end[0] for end in some}) == 1 else None


def state(link: Link) -> str:
    """"" for a device that works; else what is the matter."""
    if not link.up:
        return "down"
    if link.state in ("down", "lowerlayerdown", "notpresent"):
        return "no carrier"
    return "" if link.state in ("up", "unknown") else link.state


def states(link: Link, other: Link | None) -> tuple[str, str]:
    """What is the matter with the two ends of a cable, the cause only: an end has no carrier while the other is down."""
    near, far = state(link), state(other) if other else ""
    if near and far and (near, far) != ("down", "down"):
        return ("", far) if far == "down" else (near, "")
    return near, far
