"""The tree, the filters, `nw who`, and what is different between two maps: all of them functions of a map."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from host_sample import HOST, MAP, R2, SPACES

from netwright.errors import Gone
from netwright.hostmap.compared import compared
from netwright.hostmap.model import HostMap, Link, Space
from netwright.hostmap.select import named, of_containers, of_kinds, on_the_way, path, restricted, the_one
from netwright.hostmap.spoken import ranged, shown
from netwright.hostmap.tree import lines, tree
from netwright.hostmap.who import hits
from netwright.model.address import Address
from netwright.model.route import Route
from netwright.model.value import replace

TREE = """\
host
├─ docker0 bridge 172.17.0.1/16
│  └─ veth1…veth5 ── c1…c5 eth0 172.17.0.2…172.17.0.6/16 (5)
├─ eth0 192.0.2.9/24
│  └─ m\\x1b[1m eth0 macvlan
├─ to-r1 ── r1 a
└─ published
   └─ tcp 8080 → c1 172.17.0.2:80 (ip nat DOCKER)
r1
├─ a ── host to-r1
└─ b ── r2 a down
idle0…idle3 (4 with nothing but lo)
"""


def test_the_tree() -> None:
    assert "\n".join([*lines(tree(MAP)), ""]) == TREE


def test_of_some_namespaces_only() -> None:
    assert lines(tree(MAP, {"101"})) == ["c1 docker", "└─ eth0 172.17.0.2/16 ── host veth1"]
    assert lines(tree(MAP, {"404"})) == []


def test_no_namespace_is_left_out_and_nothing_unprintable_gets_through() -> None:
    text = "\n".join(lines(tree(MAP)))
    assert all(c.isprintable() or c == "\n" for c in text)
    assert {"host", "r1", "r2"} <= set(text.split())


@given(st.text(max_size=12))
def test_shown_is_printable_and_leaves_plain_text_alone(text: str) -> None:
    assert shown(text).isprintable()
    assert shown(text) == text or not text.isprintable()


@pytest.mark.parametrize(("names", "text"), [(["a"], "a"), (["a", "b", "c"], "a, b, c"), (["c1", "c2", "c3", "c4"], "c1…c4"), (["a\n"], "a\\x0a")])
def test_ranged(names: list[str], text: str) -> None:
    assert ranged(names) == text


NAMED = [
    ("host", ["host"]), ("1", ["host"]), ("c?", ["c1", "c2", "c3", "c4", "c5"]), ("3" * 12, ["c3"]), ("73", ["c3"]), ("333", []),
    ("nothing", []), ("*", [space.name for space in SPACES]),
]  # fmt: skip


@pytest.mark.parametrize(("word", "names"), NAMED)
def test_what_a_word_means(word: str, names: list[str]) -> None:
    assert [space.name for space in named(MAP, word)] == names


def test_a_word_that_means_nothing_is_told_with_the_nearest_name() -> None:
    with pytest.raises(Gone, match="idle1"):
        the_one(MAP, "idle11")


def test_kinds_and_containers() -> None:
    assert of_kinds(MAP, ["macvlan"]) == {"300"}
    assert of_kinds(MAP, ["bridge", "docker"]) == {"1", "101", "102", "103", "104", "105"}
    assert of_containers(MAP, "") == {"101", "102", "103", "104", "105"}
    assert of_containers(MAP, "c2") == {"102"}
    with pytest.raises(Gone):
        of_containers(MAP, "r1")


PATHS = [
    ("c1", "c2", ["c1 eth0>host veth1", "host veth2>c2 eth0"]),
    ("c1", "r2", ["c1 eth0>host veth1", "host to-r1>r1 a", "r1 b>r2 a"]),
    ("300", "r1", ["m\x1b[1m eth0>host eth0", "host to-r1>r1 a"]),
    ("host", "300", ["host eth0>m\x1b[1m eth0"]),
    ("c1", "c1", []),
]


@pytest.mark.parametrize(("one", "other", "hops"), PATHS)
def test_paths(one: str, other: str, hops: list[str]) -> None:
    names = {space.id: space.name for space in SPACES}
    found = path(MAP, the_one(MAP, one).id, the_one(MAP, other).id)
    assert [f"{names[a[0]]} {a[1]}>{names[b[0]]} {b[1]}" for a, b in found] == hops


def test_where_nothing_connects_them() -> None:
    with pytest.raises(Gone, match="no cable leads from c1 to idle0"):
        path(MAP, "101", "400")


def test_the_map_of_a_way_has_its_devices_and_switches_only() -> None:
    way = on_the_way(MAP, path(MAP, "101", "201"))
    assert {space.name: [link.name for link in space.links] for space in way.namespaces} == {"host": ["docker0", "veth1", "to-r1"], "c1": ["eth0"], "r1": ["a", "b"], "r2": ["a"]}
    assert len(way.cables) == 3


def test_the_map_of_a_way_has_the_addresses_of_its_devices_only() -> None:
    way = on_the_way(MAP, path(MAP, "101", "201"))
    for space in way.namespaces:
        there = {link.name for link in space.links}
        whole = next(one for one in MAP.namespaces if one.id == space.id)
        assert [a for a in whole.addresses if a.link in there] == list(space.addresses)
    assert sum(len(space.addresses) for space in way.namespaces) < sum(len(space.addresses) for space in MAP.namespaces if space.id in {"1", "101", "200", "201"})


def test_a_restricted_map_keeps_the_ends_of_its_cables() -> None:
    small = restricted(MAP, {"101"})
    assert [space.name for space in small.namespaces] == ["c1"]
    assert [(cable.one, cable.other) for cable in small.cables] == [(("1", "veth1"), ("101", "eth0"))]


WHO = [
    ("veth2", [("device", "veth2", "host")], "port of=docker0 other end=c2 eth0 172.17.0.3/16 way out=host veth2 in docker0 → eth0"),
    ("172.17.0.3", [("address", "172.17.0.3/16", "c2")], "way out=c2 eth0 → host veth2 in docker0 → eth0"),
    ("02:00:00:00:00:04", [("device", "eth0", "c4")], "other end=host veth4"),
    (":8080", [("published", "tcp 8080", "host")], "leads to=172.17.0.2:80 c1 eth0 by=ip nat DOCKER"),
    ("tcp:22", [("port", "tcp *:22", "host")], "process=sshd (pid 5)"),
    ("udp:22", [], ""),
    ("c5", [("namespace", "c5", "c5")], "owner=docker c5 (555555555555) held by=1 process device=eth0 172.17.0.6/16 ↔ host veth5"),
    ("c2", [("namespace", "c2", "c2")], "device=eth0 172.17.0.3/16 ↔ host veth2 way out=c2 eth0 → host veth2 in docker0 → eth0"),
    (":8080", [("published", "tcp 8080", "host")], "by=ip nat DOCKER owner=docker c1 (111111111111) way out=c1 eth0 → host veth1 in docker0 → eth0"),
    ("m\x1b[1m", [("namespace", "m\\x1b[1m", "m\x1b[1m")], "owner=name m\\x1b[1m"),
    ("nobody", [], ""),
]  # fmt: skip


@pytest.mark.parametrize(("word", "found", "told"), WHO)
def test_who(word: str, found: list[tuple[str, str, str]], told: str) -> None:
    there = hits(MAP, word)
    assert [(hit.kind, hit.what, hit.space.name) for hit in there] == found
    text = " ".join(f"{name}={line}" for hit in there for name, line in hit.lines)
    assert told in text


def changed(**changes: object) -> HostMap:
    """The map with another host."""
    return replace(MAP, namespaces=(replace(HOST, **changes), *SPACES[1:]))


LINKS = HOST.links
CHANGES = [
    (MAP, []),
    (replace(MAP, namespaces=SPACES[:-1]), ["- namespace idle3"]),
    (replace(MAP, namespaces=(*SPACES, Space("500", "new"))), ["+ namespace new"]),
    (changed(name="other"), ["~ namespace other: was called host"]),
    (changed(links=(*LINKS[:1], replace(LINKS[1], mtu=1400, up=False), *LINKS[2:])), ["~ device host eth0: up yes → no, mtu 0 → 1400"]),
    (changed(links=LINKS[:-1]), ["- device host to-r1: veth"]),
    (changed(addresses=(*HOST.addresses[1:], Address("192.0.2.10/24", "eth0"))), ["- address host 192.0.2.9/24 on eth0", "+ address host 192.0.2.10/24 on eth0"]),
    (changed(addresses=HOST.addresses[:-1]), []),
    (changed(routes=()), ["- route host default via 192.0.2.1 dev eth0"]),
    (changed(published=()), ["- published host tcp 8080 → 172.17.0.2:80"]),
    (changed(listeners=tuple(replace(one, pid=77) for one in HOST.listeners)), []),
    (changed(forwarding=True), ["~ forwarding host: on"]),
    (replace(MAP, cables=MAP.cables[:-1]), ["- cable r1 b ↔ r2 a"]),
    (replace(changed(routes=()), detail=()), []),
]


@pytest.mark.parametrize(("after", "wanted"), CHANGES)
def test_what_is_different(after: HostMap, wanted: list[str]) -> None:
    found = list(map(str, compared(MAP, after)))
    assert found == wanted


def test_after_another_boot_namespaces_are_the_same_by_name() -> None:
    later = replace(MAP, boot="another", namespaces=tuple(replace(space, id=f"9{space.id}", links=()) if space is R2 else space for space in SPACES))
    found = list(map(str, compared(replace(MAP, cables=()), replace(later, cables=()))))
    assert found == ["- device r2 lo", "- device r2 a: veth"]


def ends(names: list[str]) -> st.SearchStrategy:
    return st.none() | st.tuples(st.sampled_from(["1", "2", "3", "?"]), st.sampled_from(names))


def any_links() -> st.SearchStrategy:
    """Devices of a map that somebody may have written by hand: ends that lead nowhere, or back to themselves."""
    names = ["a", "b", "lo", "\x1b[2J", "<b>", ""]
    name = st.sampled_from(names)
    return st.lists(st.builds(Link, st.integers(0, 3), name, st.sampled_from(["", "veth", "bridge", "macvlan"]), st.booleans(), st.sampled_from(["up", "down"]), master=name, peer=ends(names), lower=ends(names), lost=name), max_size=4).map(tuple)


ANY_SPACE = st.builds(Space, st.sampled_from(["1", "2", "3"]), st.sampled_from(["x", "y\n", ""]), links=any_links(), routes=st.just((Route("default", link="a"),)))
ANY_MAP = st.builds(HostMap, namespaces=st.lists(ANY_SPACE, max_size=4, unique_by=lambda space: space.id).map(tuple))


@given(ANY_MAP, ANY_MAP)
def test_no_map_breaks_a_view(one: HostMap, other: HostMap) -> None:
    for text in [*lines(tree(one)), *map(str, compared(one, other)), *(line for word in ("a", "x", "b") for hit in hits(one, word) for _, line in hit.lines)]:
        assert text.isprintable()
    for a in one.namespaces:
        for b in one.namespaces:
            try:
                on_the_way(one, path(one, a.id, b.id))
            except Gone:
                pass
