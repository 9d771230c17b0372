"""What the page is given: which boxes and lines there are, what belongs to one lab, names that are markup."""

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from netwright.hostmap.model import Cable, HostMap, Link, Owner, Space
from netwright.model.value import replace
from netwright.web.view import belongs, narrowed, view

EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\u202e\udcff\0'


def space(id: str, name: str, *owners: Owner, peers: "dict[str, tuple[str, str]] | None" = None) -> Space:
    links = tuple(Link(number, device, "veth", True, "up", peer=peer) for number, (device, peer) in enumerate((peers or {}).items(), 2))
    return Space(id, name, int(id), owners=owners, links=links)


def pair(name: str = "c") -> HostMap:
    one = space("1", "host", Owner("host", "vm"), peers={"v": ("2", "eth0"), "w": ("3", "eth0")})
    other = space("2", name, Owner("lab", "shop/web", group="shop"), peers={"eth0": ("1", "v")})
    third = space("3", "d", Owner("lab", "shop2/web", group="shop2"), peers={"eth0": ("1", "w")})
    cables = (Cable(("1", "v"), ("2", "eth0"), up=True), Cable(("1", "w"), ("3", "eth0"), up=True))
    return HostMap(1.0, "boot", "vm", "1", (), (one, other, third), cables)


def test_lines_name_the_cables_that_they_stand_for():
    found = view(pair(), 7)
    assert found["version"] == 7
    assert sorted(tuple(box["members"]) for box in found["boxes"].values()) == [("1",), ("2",), ("3",)]
    assert sorted(line["cables"] for line in found["lines"]) == [[["1", "v", "2", "eth0"]], [["1", "w", "3", "eth0"]]]
    assert len(re.findall('<g class="line"', found["svg"])) == len(found["lines"])


def test_ends_of_cables_that_are_set_down():
    host = pair()
    one, *others = host.namespaces
    down = replace(one, links=tuple(replace(link, up=link.name != "v") for link in (*one.links, Link(9, "eth9", up=False))))
    assert view(host, 1)["down"] == []
    assert view(replace(host, namespaces=(down, *others)), 1)["down"] == [["1", "v"]]


def test_many_alike_are_one_line_with_all_their_cables():
    count = 9
    host = space("1", "host", peers={f"v{n}": (str(n), "eth0") for n in range(2, 2 + count)})
    leaves = [space(str(n), f"c{n}", peers={"eth0": ("1", f"v{n}")}) for n in range(2, 2 + count)]
    cables = tuple(Cable(("1", f"v{n}"), (str(n), "eth0"), up=True) for n in range(2, 2 + count))
    found = view(HostMap(1.0, "", "vm", "1", (), (host, *leaves), cables), 1)
    ((line,),) = [found["lines"]]
    assert len(line["cables"]) == count
    opened = view(HostMap(1.0, "", "vm", "1", (), (host, *leaves), cables), 1, ("2",))
    assert "c10" in opened["svg"]
    assert len(opened["svg"]) > len(found["svg"])


def test_names_are_never_markup():
    found = view(pair(EVIL), 1)
    root = ElementTree.fromstring(f"<svg>{found['svg']}</svg>")
    assert {element.tag for element in root.iter()} <= {"svg", "g", "title", "text", "rect", "path", "tspan", "line"}
    assert not any(name.startswith("on") for element in root.iter() for name in element.attrib)
    assert "\x1b" not in found["svg"]
    assert "\u202e" not in found["svg"]
    assert json.loads(json.dumps(found))["names"]["2"].startswith('"><script>')  # as text: the page puts it in as such
    assert "\x1b" not in found["names"]["2"]
    assert "\\x1b" in found["names"]["2"]


def test_one_lab():
    shown = narrowed(pair(), "shop")
    assert [space.id for space in shown.namespaces] == ["2"]
    assert shown.cables == ()
    assert narrowed(pair(), "") == pair()


@pytest.mark.parametrize(('lab', 'is_its'), [("shop", True), ("shop2", False), ("sho", False), ("web", False), ("", False)])
def test_whose_it_is(lab: str, is_its: bool):
    assert belongs(pair().namespaces[1], lab) is is_its


def test_a_search_finds_by_names_addresses_and_devices():
    words = view(pair("Web"), 1)["words"]["2"]
    assert all(word in words for word in ("web", "eth0", "shop"))
