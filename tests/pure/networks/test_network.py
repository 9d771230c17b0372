"""A network as a value and as JSON; all that can be wrong with one, by itself and beside others."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.networks import checks
from netwright.networks.mistakes import Mistakes
from netwright.networks.network import Dns, Network, Subnet, from_plain, span_of, to_plain

FULL = Network(
    "web", "bridge",
    (Subnet("10.64.0.0/24", "10.64.0.1", "10.64.0.128/25", (("printer", "10.64.0.9"),)), Subnet("fd00:1::/64", "none")),
    "routed", False, False, ("db", "*"), ("eth0",), "br-web", 1400, "", "bridge", False,
    Dns(False, "web.lan", ("9.9.9.9", "2620:fe::fe"), ("lan", ".")), ("", ), 8000, 9_000_000, (("a", "b"), ("c", "")), (("x", "y"),),
)  # fmt: skip


@pytest.mark.parametrize("network", [Network("a"), FULL, Network("lan", "macvlan", (Subnet("192.168.1.0/24"),), parent="eth0", macvlan_mode="private")])
def test_json_and_back(network: Network):
    text = json.dumps(to_plain(network))
    assert from_plain(json.loads(text)) == network


def test_what_is_as_usual_is_left_out():
    assert to_plain(Network("a")) == {"name": "a"}


def test_mistakes_of_form_are_told_at_once():
    data = {"nam": 1, "mtu": "1500", "icc": 1, "subnets": [{"network": 5}, "10.0.0.0/8", {"gatway": "x", "network": "a"}], "dns": {"servers": ["a", 1]}, "labels": {"a": 1}}
    with pytest.raises(Mistakes) as caught:
        from_plain(data)
    told = [str(problem) for problem in caught.value.problems]
    assert 'mtu: "1500" is not a whole number' in told
    assert "icc: 1 is not true or false" in told
    assert "subnets[0].network: 5 is not a text" in told
    assert 'subnets[1]: "10.0.0.0/8" is not an object' in told
    assert 'subnets[2]: there is no key "gatway", did you mean "gateway"?' in told
    assert "dns.servers[1]: 1 is not a text" in told
    assert "labels.a: 1 is not a text" in told
    assert '"name" is missing' in told
    assert 'there is no key "nam", did you mean "name"?' in told


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(Network.__slots__) | st.text(max_size=5), inner, max_size=5),
    max_leaves=15,
)


@given(anything | st.dictionaries(st.sampled_from(Network.__slots__), anything, max_size=6))
def test_json_of_any_shape_is_a_network_or_mistakes(data):
    try:
        found = from_plain(data)
    except Mistakes:
        return
    checks.mistakes(found)


@given(st.builds(Network, *[st.text(max_size=20)] * 2, st.lists(st.builds(Subnet, *[st.text(alphabet="0123456789./:af-none ", max_size=20)] * 3), max_size=3).map(tuple)))
def test_any_words_in_it_are_told_and_nothing_else_happens(network):
    for mistake in checks.mistakes(network):
        assert str(mistake).isprintable()


def test_a_good_one_has_no_mistakes():
    assert checks.mistakes(FULL) == []
    assert checks.mistakes(Network("a")) == []
    assert checks.mistakes(Network("a", subnets=(Subnet("10.0.0.0/30"), Subnet("fd00::/126")))) == []
    assert checks.mistakes(Network("lan", "macvlan", (Subnet("192.168.1.0/24", range="192.168.1.200-192.168.1.219"),), parent="eth0.5")) == []


def of(*subnets: Subnet, **more) -> Network:
    return Network("web", subnets=subnets, **more)


WRONG = {
    "name": (Network("a b"), "name", "no name for a network"),
    "mode as name": (Network("host"), "name", "a mode of its own"),
    "driver": (Network("a", "brige"), "driver", 'did you mean "bridge"'),
    "mode": (Network("a", mode="natt"), "mode", 'did you mean "nat"'),
    "macvlan mode": (Network("a", macvlan_mode="l2"), "macvlan_mode", "there is no macvlan mode"),
    "device": (Network("a", device="x" * 16), "device", "15 bytes"),
    "no parent": (Network("a", "macvlan", (Subnet("10.0.0.0/24"),)), "parent", "--parent eth0"),
    "no subnet": (Network("a", "macvlan", parent="eth0"), "subnets", "the subnet of the LAN"),
    "parent of a bridge": (Network("a", parent="eth0"), "parent", "--driver macvlan"),
    "macvlan and icc": (Network("a", "macvlan", (Subnet("10.0.0.0/24"),), parent="eth0", icc=False), "icc", "--mode private"),
    "macvlan and routed": (Network("a", "macvlan", (Subnet("10.0.0.0/24"),), "routed", parent="eth0"), "mode", "hosts of the LAN"),
    "no network": (of(Subnet("10.0.0")), "subnets[0].network", "is no network"),
    "length": (of(Subnet("10.0.0.0/33")), "subnets[0].network", "is no network"),
    "an address": (of(Subnet("10.0.0.1/24")), "subnets[0].network", "write 10.0.0.0/24"),
    "too small": (of(Subnet("10.0.0.0/31")), "subnets[0].network", "/30 is the smallest"),
    "too large": (of(Subnet("0.0.0.0/0")), "subnets[0].network", "/8 is the largest"),
    "loopback": (of(Subnet("127.0.1.0/24")), "subnets[0].network", "loopback"),
    "group": (of(Subnet("224.0.1.0/24")), "subnets[0].network", "of groups"),
    "link-local": (of(Subnet("fe80::/64")), "subnets[0].network", "link-local"),
    "gateway elsewhere": (of(Subnet("10.0.0.0/24", "10.0.1.1")), "subnets[0].gateway", "is not in 10.0.0.0/24, as in 10.0.0.1"),
    "gateway of the other family": (of(Subnet("10.0.0.0/24", "fd00::1")), "subnets[0].gateway", "is not in"),
    "gateway no address": (of(Subnet("10.0.0.0/24", "10.0.0.0.1")), "subnets[0].gateway", "is no address"),
    "broadcast": (of(Subnet("10.0.0.0/24", "10.0.0.255")), "subnets[0].gateway", "broadcast"),
    "range elsewhere": (of(Subnet("10.0.0.0/24", range="10.0.1.0/25")), "subnets[0].range", "from 10.0.0.0 to 10.0.0.255"),
    "range across": (of(Subnet("10.0.0.0/24", range="10.0.0.200-10.0.1.5")), "subnets[0].range", "is not in"),
    "range backwards": (of(Subnet("10.0.0.0/24", range="10.0.0.9-10.0.0.5")), "subnets[0].range", "write 10.0.0.5-10.0.0.9"),
    "no range": (of(Subnet("10.0.0.0/24", range="half")), "subnets[0].range", "is no range"),
    "reserved elsewhere": (of(Subnet("10.0.0.0/24", reserved=(("a", "10.0.1.5"),))), "subnets[0].reserved.a", "is not in"),
    "reserved twice": (of(Subnet("10.0.0.0/24", reserved=(("a", "10.0.0.5"), ("b", "10.0.0.5")))), "subnets[0].reserved.b", "that of a"),
    "reserved gateway": (of(Subnet("10.0.0.0/24", "10.0.0.5", reserved=(("a", "10.0.0.5"),))), "subnets[0].reserved.a", "the gateway"),
    "no room": (of(Subnet("10.0.0.0/30", reserved=(("a", "10.0.0.2"),))), "subnets[0].network", "no address is left"),
    "no room in the range": (of(Subnet("10.0.0.0/24", "10.0.0.5", range="10.0.0.5-10.0.0.5")), "subnets[0].range", "no address is left"),
    "no room but the gateway's": (of(Subnet("10.0.0.0/24", range="10.0.0.0-10.0.0.1")), "subnets[0].range", "no address is left"),
    "overlap": (of(Subnet("10.0.0.0/16"), Subnet("10.0.5.0/24")), "subnets[1].network", r"overlaps subnets[0], 10.0.0.0/16"),
    "mtu": (Network("a", mtu=65536), "mtu", "no MTU"),
    "mtu of ipv6": (of(Subnet("fd00::/64"), mtu=1000), "mtu", "1280"),
    "rate": (Network("a", ingress=5), "ingress", "at least 8"),
    "domain": (Network("a", dns=Dns(domain="a b")), "dns.domain", "no name of a host"),
    "server": (Network("a", dns=Dns(servers=("dns.google",))), "dns.servers[0]", "9.9.9.9"),
    "search": (Network("a", dns=Dns(search=("a", "b/"))), "dns.search[1]", "no name of a host"),
    "allow": (Network("a", allow=("x y",)), "allow[0]", "no name for a network"),
    "allow itself": (Network("a", allow=("a",)), "allow[0]", "icc"),
    "trusted": (Network("a", trusted=("e:0",)), "trusted[0]", "device name"),
    "bind": (Network("a", bind=("10.0.0",)), "bind[0]", "no address of the host"),
    "bind nowhere": (Network("a", bind=()), "bind", "nowhere"),
    "label": (Network("a", labels=(("", "x"),)), "labels", "cannot be kept"),
}


@pytest.mark.parametrize("case", WRONG)
def test_each_mistake_says_where_and_what_is_right(case: str):
    network, where, what = WRONG[case]
    found = checks.mistakes(network)
    assert [str(m) for m in found if str(m).startswith(where + ":") and what in str(m)], [str(m) for m in found]
    assert len(found) == 1, [str(m) for m in found]


def test_all_mistakes_at_once():
    network = Network("a b", "brige", (Subnet("10.0.0.1/24"), Subnet("10.1.0.0/24", "10.2.0.1", "x")), "natt", mtu=5)
    assert len(checks.mistakes(network)) == 7


def test_beside_others():
    others = (Network("db", device="nw-db"), Network("lan", "macvlan", parent="eth0", macvlan_mode="passthru"))
    found = checks.mistakes_among(Network("a", allow=("bd",), device="nw-db"), others)
    assert [str(m) for m in found] == ['allow[0]: there is no network "bd", did you mean "db"?', "device: nw-db is the device of the network db, take another name"]
    found = checks.mistakes_among(Network("x", "macvlan", parent="eth0"), others, {"eth0"})
    assert "passthru" in str(found[0])
    found = checks.mistakes_among(Network("x", "macvlan", parent="eth1"), others, {"eth0"})
    assert 'did you mean "eth0"' in str(found[0])
    assert checks.mistakes_among(Network("db", device="nw-db", allow=("lan", "*")), others) == []


def test_the_span_of_a_range():
    assert span_of("10.0.0.128/25") == (0x0A000080, 0x0A0000FF)
    assert span_of("10.0.0.5 - 10.0.0.9") == (0x0A000005, 0x0A000009)
    for text in ("10.0.0.5-fd00::1", "10.0.0.9-10.0.0.5", "x", "", "10.0.0.0/24-5"):
        with pytest.raises(ValueError):
            span_of(text)
