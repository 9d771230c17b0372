"""`ip address show`: an address in, text and JSON out. The texts are those of iproute2 6.1 (but for `proto`)."""

import json
from typing import Any

import pytest
from shown_fakes import address, context, link, message

from netwright.ip.address import show
from netwright.ip.link.filter import Filter
from netwright.ip.prefix import prefix
from netwright.kernel import rtnl
from netwright.kernel.rtnl import Message

FOREVER = {"preferred": 0xFFFFFFFF, "valid": 0xFFFFFFFF}
V4 = {"address": "10.0.0.1", "local": "10.0.0.1", "flags": 0x80}
V6 = {"address": "2001:db8::1", "flags": 0x80}


def printed(found: Message, options: str = "", **wanted: Any) -> str:
    made, chosen = context(options, link()), Filter()
    for name, value in wanted.items():
        setattr(chosen, name, value)
    made.out.open_object()
    show.print_address(made, found, chosen)
    made.out.close_object()
    return made.out.text()


LINES: dict[str, tuple[Message, str, dict[str, Any]]] = {
    "IPv4": (
        address(**V4, broadcast="10.0.0.255", label="x7", cacheinfo=FOREVER),
        "    inet 10.0.0.1/24 brd 10.0.0.255 scope global x7\n       valid_lft forever preferred_lft forever\n",
        {"family": "inet", "local": "10.0.0.1", "prefixlen": 24, "broadcast": "10.0.0.255", "scope": "global", "label": "x7", "valid_life_time": 0xFFFFFFFF, "preferred_life_time": 0xFFFFFFFF},
    ),
    "peer": (
        address(prefixlen=32, address="10.0.0.2", local="10.0.0.1", flags=0x80, rt_priority=7),
        "    inet 10.0.0.1 peer 10.0.0.2/32 metric 7 scope global \n",
        {"family": "inet", "local": "10.0.0.1", "address": "10.0.0.2", "prefixlen": 32, "metric": 7, "scope": "global"},
    ),
    "IPv6": (
        address(10, prefixlen=64, scope=253, **V6, proto=3),
        "    inet6 2001:db8::1/64 scope link proto kernel_ll \n",
        {"family": "inet6", "local": "2001:db8::1", "prefixlen": 64, "scope": "link", "protocol": "kernel_ll"},
    ),
    "protocol without a name": (
        address(10, **V6, proto=0x44), "    inet6 2001:db8::1/24 scope global proto 0x44 \n", {"protocol": "0x44"},
    ),
    "anycast and a scope without a name": (
        address(scope=77, **V4, anycast="10.0.0.9"), "    inet 10.0.0.1/24 any 10.0.0.9 scope 77 \n", {"anycast": "10.0.0.9", "scope": "77"},
    ),
    "secondary": (address(address="10.0.0.1", flags=0x81), "    inet 10.0.0.1/24 scope global secondary \n", {"secondary": True}),
    "temporary": (address(10, address="::1", flags=1), "    inet6 ::1/24 scope global temporary dynamic \n", {"temporary": True, "dynamic": True}),
    "all flags": (
        address(10, address="::1", flags=0x1FFF),
        "    inet6 ::1/24 scope global temporary nodad optimistic dadfailed home deprecated tentative mngtmpaddr noprefixroute autojoin stable-privacy flags 1000 \n",
        {"dadfailed": True, "stable-privacy": True, "ifa_flags": "1000"},
    ),
    "flags of an old kernel": (
        message(rtnl.NEWADDR, {"family": 2, "prefixlen": 8, "index": 7, "flags": 0x81}, {"local": "10.0.0.1"}), "    inet 10.0.0.1/8 scope global secondary \n", {"secondary": True},
    ),
    "lifetimes": (
        address(**V4, cacheinfo={"preferred": 10, "valid": 20}), "    inet 10.0.0.1/24 scope global \n       valid_lft 20sec preferred_lft 10sec\n", {"valid_life_time": 20, "preferred_life_time": 10},
    ),
    "preferred no more": (
        address(address="10.0.0.1", flags=0xA0, cacheinfo={"preferred": 0xFFFFFFFE, "valid": 20}),
        "    inet 10.0.0.1/24 scope global deprecated \n       valid_lft 20sec preferred_lft -2sec\n", {"preferred_life_time": -2},
    ),
    "a family without a name": (
        message(rtnl.NEWADDR, {"family": 3, "index": 7}, {"flags": 0x80}), "    family 3 scope global \n", {"family_index": 3},
    ),
    "deleted": (
        message(rtnl.DELADDR, {"family": 2, "prefixlen": 24, "index": 7}, V4), "Deleted     inet 10.0.0.1/24 scope global \n", {"deleted": True},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LINES)
def test_address(case: str) -> None:
    found, text, document = LINES[case]
    assert printed(found) == text
    shown = json.loads(printed(found, "json"))
    assert {key: shown.get(key) for key in document} == document
    if len(document) > 4:
        assert list(shown) == list(document)


def test_brief() -> None:
    assert printed(address(**V4, label="x7"), "brief") == "10.0.0.1/24 "
    assert json.loads(printed(address(**V4), "brief json")) == {"local": "10.0.0.1", "prefixlen": 24}


def test_one_line_names_the_link() -> None:
    found = address(**V4, cacheinfo=FOREVER)
    assert printed(found, "oneline") == (
        "7: x7    inet 10.0.0.1/24 scope global \\       valid_lft forever preferred_lft forever\n"
    )
    assert list(json.loads(printed(found, "oneline json")))[:3] == ["index", "dev", "family"]


def test_colours() -> None:
    made = context()
    made.out.color = True
    show.print_address(made, address(address="10.0.0.2", local="10.0.0.1", broadcast="10.0.0.9", flags=0x80), Filter())
    assert made.out.text() == (
        "    inet \033[35m10.0.0.1\033[0m peer \033[35m10.0.0.2\033[0m/24 brd \033[35m10.0.0.9 \033[0mscope global \n"
    )


FILTERS: list[tuple[dict[str, Any], bool]] = [
    ({}, True), ({"index": 7}, True), ({"index": 8}, False), ({"scope": 0}, True), ({"scope": 253}, False),
    ({"family": 2}, True), ({"family": 10}, False), ({"flags": 0x80, "flag_mask": 0x80}, True),
    ({"flags": 0, "flag_mask": 0x80}, False), ({"label": "x*"}, True), ({"label": "y"}, False),
    ({"prefix": prefix("10/8")}, True), ({"prefix": prefix("11/8")}, False), ({"prefix": prefix("::/0")}, True),
    ({"prefix": prefix("2001:db8::/32")}, False), ({"prefix": prefix("10.0.0.1")}, True),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "passes"), FILTERS)
def test_filter(wanted: dict[str, Any], passes: bool) -> None:
    assert bool(printed(address(**V4, label="x7"), **wanted)) is passes


def test_an_address_without_label_has_that_of_its_link() -> None:
    assert printed(address(10, **V6), label="x7")


# -- the whole command -------------------------------------------------------------------------------------------------


def listed(monkeypatch: pytest.MonkeyPatch, options: str, words: str = "", family: int = 0) -> str:
    """`address show` of two links: x7 with an IPv4 and an IPv6 address, x8 (down) without any."""
    links = [link(7, 0x1043, operstate=6, group=0), link(8, 0x1002, operstate=2, group=9)]
    addresses = [address(**V4, label="x7"), address(10, prefixlen=64, **V6)]
    made = context(options, *links)
    made.options.family = family
    monkeypatch.setattr(show, "links", lambda _, chosen: links)
    monkeypatch.setattr(show, "dumped", lambda *_: addresses)
    assert show.main(made, words.split()) == 0
    return made.out.text()


LISTS = {
    ("brief", "", 0): "x7               UP             10.0.0.1/24 2001:db8::1/64 \nx8               DOWN           \n",
    ("brief", "", 2): "x7               UP             10.0.0.1/24 \n",
    ("brief", "", 17): "x7               UP             <BROADCAST,MULTICAST,UP> \nx8               DOWN           <BROADCAST,MULTICAST> \n",
    ("brief", "up", 0): "x7               UP             10.0.0.1/24 2001:db8::1/64 \n",
    ("brief", "to 10/8", 0): "x7               UP             10.0.0.1/24 \n",
    ("brief", "group 9", 0): "x8               DOWN           \n",
    ("oneline", "", 0): "7: x7    inet 10.0.0.1/24 scope global x7\n7: x7    inet6 2001:db8::1/64 scope global \n",
    ("", "label x7", 0): "    inet 10.0.0.1/24 scope global x7\n    inet6 2001:db8::1/64 scope global \n",
    ("", "", 10): "7: x7: <BROADCAST,MULTICAST,UP> mtu 1500 state UP group default \n    inet6 2001:db8::1/64 scope global \n",
    ("json brief", "up", 0): '[{"ifname":"x7","operstate":"UP","addr_info":[{"local":"10.0.0.1","prefixlen":24},{"local":"2001:db8::1","prefixlen":64}]},{}]\n',
    ("json brief", "scope link", 0): '[{"ifname":"x8","operstate":"DOWN","addr_info":[]}]\n',
    ("json brief", "label x7 -permanent", 0): '[{"addr_info":[]}]\n',
    ("json brief", "to 10/8", 0): '[{"ifname":"x7","operstate":"UP","addr_info":[{"local":"10.0.0.1","prefixlen":24}]}]\n',
}  # fmt: skip


@pytest.mark.parametrize("case", LISTS)
def test_list(case: tuple[str, str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netwright.ip.link.show._queue_length", lambda *_: 0)
    assert listed(monkeypatch, *case) == LISTS[case]


def test_an_address_that_does_not_pass_is_an_empty_object(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netwright.ip.link.show._queue_length", lambda *_: 0)
    found = json.loads(listed(monkeypatch, "json", "scope global -secondary"))
    assert [len(entry.get("addr_info", ())) for entry in found] == [2, 0]


def test_statistics_follow_the_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    links = [link(7, 0x1043, txqlen=5, stats64={"rx_bytes": 1})]
    made = context("stats", *links)
    monkeypatch.setattr(show, "links", lambda _, chosen: links)
    monkeypatch.setattr(show, "dumped", lambda *_: [address(**V4)])
    show.main(made, [])
    assert [line.split()[0] for line in made.out.text().splitlines()] == [
        "7:",
        "link/ether",
        "inet",
        "RX:",
        "1",
        "TX:",
        "0",
    ]
