"""Cables within one namespace: no line of the drawing, but words in its box that say where each end is."""

from netwright.hostmap.drawing.graph import graph
from netwright.hostmap.drawing.layout import layout
from netwright.hostmap.model import Cable, HostMap, Link, Space
from netwright.model.address import Address


def cable(one: str, other: str, masters: tuple[str, str] = ("", ""), *, up: bool = True) -> tuple[Cable, Link, Link]:
    a, b = ("1", one), ("1", other)
    ends = [Link(0, name, "veth", up, "up" if up else "down", peer=peer, master=master) for name, peer, master in ((one, b, masters[0]), (other, a, masters[1]))]
    return Cable(a, b, up=up), *ends


def test_each_end_is_told_with_its_switch_or_its_address() -> None:
    rows = [cable("p", "q", ("br0", "br1")), cable("t", "u", ("", "br0")), cable("b", "a"), cable("r", "s", ("br0", "br0"), up=False)]
    links = (Link(1, "br0", "bridge", True, "up"), Link(2, "br1", "bridge", True, "up"), *(link for row in rows for link in row[1:]))
    addresses = (Address("10.9.0.1/24", "t", 4), Address("10.0.0.1/24", "a", 4))
    host = HostMap(here="1", namespaces=(Space("1", "host", 1, links=links, addresses=addresses),), cables=tuple(row[0] for row in rows))
    (node,) = graph(host).nodes
    assert node.extras == ["p (br0) ⇄ q (br1)", "u (br0) ⇄ t 10.9.0.1/24", "a 10.0.0.1/24 ⇄ b", "r (br0) ⇄ s (br0) down"]
    picture = layout(host)
    assert not picture.lines
    assert set(node.extras) <= {text.text for text in picture.boxes[0].texts}
