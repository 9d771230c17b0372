"""The map follows messages: what is told, what is not, and when it has to be made anew."""

import pytest

from netwright.hostmap.live.book import Book
from netwright.hostmap.live.event import words
from netwright.hostmap.model import Cable, HostMap, Link, Space
from netwright.kernel import rtnl
from netwright.kernel.netlink import Raw
from netwright.model.address import Address
from netwright.model.value import replace

UP, LOWER_UP = 1, 0x10000
OPER_DOWN, OPER_LOWER, OPER_UP = 2, 3, 6


def host() -> HostMap:
    v = Link(5, "v", "veth", True, "up", mtu=1500, peer=("2", "eth0"))
    eth0 = Link(2, "eth0", "veth", True, "up", mtu=1500, peer=("1", "v"))
    spaces = (Space("1", "host", 1, links=(v,)), Space("2", "c1", 2, links=(eth0,), addresses=(Address("10.0.0.1/24", "eth0"),)))
    return HostMap(1.0, "boot", "vm", "1", (), spaces, (Cable(("1", "v"), ("2", "eth0"), up=True),))


@pytest.fixture
def book() -> Book:
    book = Book(host())
    book.numbers = {7: "2"}
    return book


def link(name: str = "eth0", *, index: int = 2, flags: int = UP | LOWER_UP, state: int = OPER_UP, gone: bool = False, nsid: "int | None" = 7, **more: object) -> Raw:
    values = {"ifname": name, "operstate": state, "mtu": 1500, "linkinfo": {"kind": "veth"}, **more}
    return Raw(rtnl.DELLINK if gone else rtnl.NEWLINK, 0, 0, rtnl.LINK.body({"index": index, "flags": flags}, values), nsid)


def address(text: str, *, gone: bool = False, index: int = 2, nsid: "int | None" = 7) -> Raw:
    body = rtnl.ADDRESS.body({"family": 2, "prefixlen": 24, "index": index}, {"local": text, "address": text})
    return Raw(rtnl.DELADDR if gone else rtnl.NEWADDR, 0, 0, body, nsid)


def nsid(kind: int, number: int, where: "int | None" = None) -> Raw:
    return Raw(kind, 0, 0, rtnl.NSID.body({}, {"nsid": number}), where)


def told(book: Book, *raws: Raw) -> list[str]:
    return [words(event) for raw in raws for event in book.hear(raw)]


def test_a_repetition_says_nothing(book: Book):
    assert told(book, link(), link()) == []
    assert not book.stale


def test_a_device_goes_down_and_its_cable_with_it(book: Book):
    assert told(book, link(flags=0, state=OPER_DOWN)) == ["c1: link eth0 down · cable to host v"]
    assert book.map().cables[0].up is False
    assert told(book, link()) == ["c1: link eth0 up · cable to host v"]
    assert book.map().cables[0].up is True
    assert not book.stale


def test_the_far_end_loses_its_carrier(book: Book):
    assert told(book, link("v", index=5, flags=UP, state=OPER_LOWER, nsid=None)) == ["host: link v state lowerlayerdown · cable to c1 eth0"]
    assert book.map().cables[0].up is False


@pytest.mark.parametrize(("more", "text"), [({"mtu": 1400}, "mtu 1400"), ({"ifalias": "uplink"}, "alias uplink"), ({"group": 3}, "group 3")])
def test_settings(book: Book, more: dict[str, object], text: str):
    assert told(book, link(**more)) == [f"c1: link eth0 {text} · cable to host v"]


def test_a_new_name_makes_the_map_stale_since_others_point_at_it(book: Book):
    assert told(book, link("lan")) == ["c1: link lan renamed from eth0 · cable to host v"]
    assert book.stale


def test_addresses_go_with_a_new_name(book: Book):
    """The kernel tells them again; they are not new, and none is left at the old name."""
    assert told(book, address("10.0.0.2"), link("lan"), address("10.0.0.1"), address("10.0.0.2")) == [
        "c1: address 10.0.0.2/24 on eth0 new", "c1: link lan renamed from eth0 · cable to host v",
    ]  # fmt: skip
    assert {(one.address, one.link) for one in book.map().namespaces[1].addresses} == {("10.0.0.1/24", "lan"), ("10.0.0.2/24", "lan")}
    assert told(book, address("10.0.0.1", gone=True)) == ["c1: address 10.0.0.1/24 on lan gone"]


def test_a_new_cable_cannot_be_known_from_its_message(book: Book):
    assert told(book, link("eth1", index=3, link=9)) == ["c1: link eth1 new veth up"]
    assert book.stale
    assert [one.name for one in book.map().namespaces[1].links] == ["eth0", "eth1"]


def test_a_device_goes_and_so_do_its_addresses_and_its_cable(book: Book):
    assert told(book, link(gone=True)) == ["c1: link eth0 gone · cable to host v"]
    found = book.map()
    assert (found.namespaces[1].links, found.namespaces[1].addresses, found.cables) == ((), (), ())
    assert told(book, link(gone=True)) == []


def test_a_bridge_that_loses_a_port_does_not_lose_the_device(book: Book):
    body = rtnl.LINK.body({"family": 7, "index": 2, "flags": UP}, {"ifname": "eth0"})
    assert told(book, Raw(rtnl.DELLINK, 0, 0, body, 7), Raw(rtnl.NEWLINK, 0, 0, body, 7)) == []
    assert book.map() == host()


def test_addresses(book: Book):
    assert told(book, address("10.0.0.2"), address("10.0.0.2"), address("10.0.0.1", gone=True), address("10.0.0.9", gone=True)) == [
        "c1: address 10.0.0.2/24 on eth0 new", "c1: address 10.0.0.1/24 on eth0 gone",
    ]  # fmt: skip
    assert [one.address for one in book.map().namespaces[1].addresses] == ["10.0.0.2/24"]


def test_routes_of_the_table_local_are_not_told(book: Book):
    def route(kind: int, table: int) -> Raw:
        return Raw(kind, 0, 0, rtnl.ROUTE.body({"family": 2, "dst_len": 24, "table": table, "type": 1}, {"dst": "10.9.0.0", "table": table, "oif": 2}), 7)

    assert told(book, route(rtnl.NEWROUTE, 254), route(rtnl.NEWROUTE, 255), route(rtnl.DELROUTE, 254)) == [
        "c1: route 10.9.0.0/24 dev eth0 new", "c1: route 10.9.0.0/24 dev eth0 gone",
    ]  # fmt: skip
    assert not book.stale


def neighbour(state: int, mac: str = "02:00:00:00:00:05", kind: int = rtnl.NEWNEIGH) -> Raw:
    return Raw(kind, 0, 0, rtnl.NEIGHBOUR.body({"family": 2, "index": 2, "state": state}, {"dst": "10.0.0.5", "lladdr": mac}), 7)


def test_a_neighbour_that_is_only_refreshed_says_nothing(book: Book):
    reachable, stale, delay, failed = 2, 4, 8, 0x20
    assert told(book, *(neighbour(state) for state in (reachable, stale, delay, reachable))) == ["c1: neighbour 10.0.0.5 02:00:00:00:00:05 reachable on eth0 new"]
    assert len(told(book, neighbour(stale, "02:00:00:00:00:06"), neighbour(failed), neighbour(stale, kind=rtnl.DELNEIGH))) == 3


def test_a_namespace_ends_when_its_number_is_freed(book: Book):
    assert told(book, nsid(rtnl.DELNSID, 7)) == ["c1: namespace gone"]
    assert book.stale
    assert [space.id for space in book.map().namespaces] == ["1"]
    assert book.map().cables == ()
    assert told(book, nsid(rtnl.DELNSID, 7)) == []


def test_numbers_that_other_namespaces_give_mean_nothing_here(book: Book):
    assert told(book, nsid(rtnl.DELNSID, 7, 7), nsid(rtnl.NEWNSID, 99, 7), nsid(rtnl.NEWNSID, 7)) == []
    assert not book.stale


def test_a_number_that_we_did_not_give_makes_the_map_stale(book: Book):
    assert told(book, nsid(rtnl.NEWNSID, 8)) == []
    assert book.stale


def test_somebody_unknown_makes_the_map_stale(book: Book):
    assert told(book, link(nsid=33)) == []
    assert book.stale


@pytest.mark.parametrize("kind", [rtnl.NEWLINK, rtnl.NEWADDR, rtnl.NEWROUTE, rtnl.NEWNEIGH, rtnl.NEWRULE, rtnl.NEWNSID, 9999])
@pytest.mark.parametrize("body", [b"", b"\0", b"\2" * 7, b"\2" * 15, b"\xff" * 40])
def test_damaged_messages_are_harmless(book: Book, kind: int, body: bytes):
    book.hear(Raw(kind, 0, 0, body, 7))


# -- the map anew ----------------------------------------------------------------------------------------------------------


def test_what_no_event_told_is_told_by_the_new_map(book: Book):
    now = host()
    c2 = Space("3", "c2", 3, links=(Link(1, "lo"), Link(2, "eth0", "veth", True, "up", peer=("1", "w"))), addresses=(Address("10.0.0.2/24", "eth0"), Address("::1/128", "lo", 6)))
    w = Link(6, "w", "veth", True, "up", peer=("3", "eth0"))
    one = replace(now.namespaces[0], links=(*now.namespaces[0].links, w))
    now = replace(now, namespaces=(one, now.namespaces[1], c2))
    assert [words(event) for event in book.settle(now, [])] == [
        "host: link w new veth up · cable to c2 eth0", "c2: namespace new", "c2: link eth0 new veth up · cable to host w", "c2: address 10.0.0.2/24 on eth0 new",
    ]  # fmt: skip


def test_what_came_meanwhile_is_not_told_twice_nor_lost(book: Book):
    down = link(flags=0, state=OPER_DOWN)
    assert len(told(book, down)) == 1
    assert book.settle(host(), [down]) == []  # a map that was made before it went down
    assert book.map().namespaces[1].links[0].up is False


def test_a_namespace_that_vanished_without_a_word(book: Book):
    now = replace(host(), namespaces=host().namespaces[:1], cables=())
    assert [words(event) for event in book.settle(now, [])] == ["c1: namespace gone"]
    assert book.numbers == {}


def test_a_namespace_that_ended_while_the_map_was_made_does_not_come_back(book: Book):
    now = replace(host(), namespaces=(host().namespaces[0], replace(host().namespaces[1], cookie=77)))
    assert book.settle(now, []) == []
    freed = nsid(rtnl.DELNSID, 7)
    assert told(book, freed) == ["c1: namespace gone"]
    assert book.settle(now, [freed]) == []  # a map that was begun before
    assert ([space.id for space in book.map().namespaces], book.map().cables) == (["1"], ())
    assert [words(event) for event in book.settle(now, [])] == ["c1: namespace new", "c1: link eth0 new veth up · cable to host v", "c1: address 10.0.0.1/24 on eth0 new"]


def test_a_new_name_takes_the_addresses_of_no_other_device(book: Book):
    told(book, link("b", index=3), address("10.0.1.1", index=3))
    assert told(book, link("lan")) == ["c1: link lan renamed from eth0 · cable to host v"]
    known = book.pages["2"]
    assert {(one.address, one.link) for one in known.addresses.values()} == {("10.0.0.1/24", "lan"), ("10.0.1.1/24", "b")}
