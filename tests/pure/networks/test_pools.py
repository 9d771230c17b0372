"""Which subnets are chosen, and that they meet nothing."""

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.errors import Conflict
from netwright.model.addressing import Net, net
from netwright.model.value import replace
from netwright.networks import pools
from netwright.networks.creation import Surroundings, complete, differences, met
from netwright.networks.mistakes import Mistakes, Wrong
from netwright.networks.network import Network, Subnet
from netwright.networks.pools import Exhausted, Taken, choose, meetings


def taken(*texts: str, kind: str = "route", by: str = "") -> tuple[Taken, ...]:
    return tuple(Taken(net(text), kind, by) for text in texts)


def test_the_first_of_the_first_pool():
    assert str(choose(4, (), pools.PRIVATE)) == "10.64.0.0/24"
    assert str(choose(4, taken("10.64.0.0/24"), pools.PRIVATE)) == "10.64.1.0/24"
    assert str(choose(4, (), pools.PRIVATE, 28)) == "10.64.0.0/28"
    assert str(choose(6, (), [net("fd12:3456:789a::/48")])) == "fd12:3456:789a::/64"


def test_what_is_routed_elsewhere_is_not_chosen():
    assert str(choose(4, taken("10.0.0.0/8"), pools.PRIVATE)) == "172.20.0.0/24"
    assert str(choose(4, taken("10.0.0.0/8", "172.16.0.0/12"), pools.PRIVATE)) == "192.168.128.0/24"
    with pytest.raises(Exhausted, match="no subnet of IPv4") as caught:
        choose(4, taken("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", by="route via tun0"), pools.PRIVATE)
    assert "10.0.0.0/8 (route via tun0)" in caught.value.why
    assert "100.64.0.0/10" in caught.value.fix
    assert str(choose(4, taken("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"), pools.private(carrier=True))) == "100.64.0.0/24"


def test_default_routes_say_nothing():
    assert str(choose(4, taken("0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"), pools.PRIVATE)) == "10.64.0.0/24"
    assert str(choose(6, taken("::/0", "8000::/1"), [net("fd00::/48")])) == "fd00::/64"


def test_thousands_of_them():
    mine = [net("10.64.0.0/12")]
    used: list[Taken] = []
    for number in range(0, 4096, 97):
        used.append(Taken(Net(4, (10 << 24) + (64 << 16) + number * 256, 24)))
        assert str(choose(4, used, mine)) == str(choose(4, used, pools.PRIVATE))
    full = [Taken(net("10.64.0.0/13")), Taken(net("10.72.0.0/13"))]
    assert str(choose(4, full, pools.PRIVATE)) == "10.176.0.0/24"
    assert sum(1 << (24 - pool.length) for pool in pools.PRIVATE) > 8000


def test_pools_of_the_user_are_used_as_they_are():
    assert str(choose(4, (), [net("10.88.0.0/16")])) == "10.88.0.0/24"
    assert str(choose(4, taken("10.88.0.0/25"), [net("10.88.0.0/24")], 25)) == "10.88.0.128/25"
    with pytest.raises(Exhausted, match="every pool is smaller"):
        choose(4, (), [net("10.88.0.0/24")], 16)
    with pytest.raises(Exhausted, match="no pool at all"):
        choose(6, (), [net("10.88.0.0/24")])
    with pytest.raises(Wrong, match="is no pool"):
        pools.pool("10.0.0.1/8")


networks = st.ip_addresses(v=4, network="10.0.0.0/8").flatmap(lambda a: st.integers(9, 32).map(lambda n: str(ip_network((int(a), n), strict=False))))


@given(st.lists(networks, max_size=30), st.integers(16, 30))
def test_what_is_chosen_meets_nothing(texts, length):
    found = choose(4, taken(*texts), pools.PRIVATE, length)
    assert not meetings(found, taken(*texts))
    assert any(pool.overlaps(found) for pool in pools.PRIVATE)
    assert not any(reserved.overlaps(found) for reserved, _ in pools.RESERVED)


def test_pools_and_what_is_reserved_are_private():
    assert all(ip_network(str(pool)).is_private for pool in (*pools.PRIVATE, *(found for found, _ in pools.RESERVED)))


@given(st.binary(min_size=5, max_size=16))
def test_the_hosts_own_48(seed):
    found = pools.ula(seed)
    assert found.length == 48
    assert ip_network(str(found)).subnet_of(ip_network("fd00::/8"))


# -- a whole network -----------------------------------------------------------------------------------------------------------

HERE = Surroundings(
    (*taken("192.168.1.0/24", kind="address", by="address of eth0"), *taken("10.0.0.0/16", by="route via tun0"), *taken("172.30.0.0/16", kind="reserved")),
    frozenset({"lo", "eth0", "nw-taken"}), (Network("db", subnets=(Subnet("10.64.0.0/24", "10.64.0.1"),), device="nw-db"),), net("fd12:3456:789a::/48"),
)  # fmt: skip


def test_what_is_left_open_is_chosen():
    made = complete(Network("web"), HERE)
    assert made.subnets == (Subnet("10.64.1.0/24", "10.64.1.1"), Subnet("fd12:3456:789a::/64", "fd12:3456:789a::1"))
    assert made.device == "nw-web"
    assert complete(Network("taken"), HERE).device != "nw-taken"
    assert [s.network for s in complete(Network("web"), HERE, (4,), {4: 28}).subnets] == ["10.64.1.0/28"]
    assert complete(Network("web"), HERE, ()).subnets == ()


def test_what_is_given_stays():
    made = complete(Network("web", subnets=(Subnet("10.5.0.0/24"),), device="br0"), HERE)
    assert made.subnets == (Subnet("10.5.0.0/24", "10.5.0.1"),)
    assert made.device == "br0"
    made = complete(Network("web", subnets=(Subnet("10.5.0.0/24", reserved=(("a", "10.5.0.1"),)),)), HERE, (4, 6))
    assert [(s.network, s.gateway) for s in made.subnets] == [("10.5.0.0/24", "10.5.0.2"), ("fd12:3456:789a::/64", "fd12:3456:789a::1")]


def test_a_macvlan_has_no_gateway_unless_it_is_named():
    made = complete(Network("lan", "macvlan", (Subnet("192.168.1.0/24"),), parent="eth0"), HERE)
    assert made.subnets[0].gateway == "none"
    assert made.subnets[0].router == ""


OVERLAPS = (("10.64.0.128/25", "network db"), ("192.168.0.0/16", "address of eth0"))


@pytest.mark.parametrize(("text", "who"), OVERLAPS)
def test_a_subnet_that_somebody_has_is_told_with_its_owner(text: str, who: str):
    with pytest.raises(Mistakes, match=who):
        complete(Network("web", subnets=(Subnet(text),)), HERE)


def test_a_part_of_a_route_elsewhere_may_be_asked_for_and_is_told():
    made = complete(Network("web", subnets=(Subnet("10.0.5.0/24"), Subnet("172.30.0.0/24"))), HERE)
    assert list(met(made, HERE)) == ["web takes a part of 10.0.0.0/16 (route via tun0)"]
    own = taken("10.0.5.0/24", kind="address", by="nw-web has 10.0.5.1/24"), taken("10.0.5.9/32", by="route dev nw-web"), taken("10.0.5.8/32", by="route dev nw-webs")
    later = Surroundings(tuple(one for some in own for one in some))
    assert list(met(made, later)) == ["a part of web, 10.0.5.8/32, is elsewhere too (route dev nw-webs): who has an address there is not reached"]
    assert not list(met(replace(made, driver="macvlan"), HERE))


def test_everything_that_is_wrong_is_told_before_anything_is_chosen():
    with pytest.raises(Mistakes) as caught:
        complete(Network("web", mtu=3, subnets=(Subnet("10.64.0.0/24"),), allow=("dv",), device="eth0"), HERE)
    assert {problem.path[0] for problem in caught.value.problems} == {"mtu", "subnets", "allow", "device"}


def test_a_name_that_is_there():
    with pytest.raises(Conflict, match="there is a network db already"):
        complete(Network("db"), HERE)


def test_asking_twice_for_the_same_is_no_difference():
    made = complete(Network("web", mtu=1400), HERE)
    assert differences(Network("web", mtu=1400), made) == []
    assert differences(made, made) == []
    assert differences(Network("web", mtu=9000, icc=False, mode="internal"), made) == ["mode is nat, not internal", "icc is on, not off", "mtu is 1400, not 9000"]
    fixed = complete(Network("web", subnets=(Subnet("10.5.0.0/24"),)), HERE)
    assert differences(Network("web", subnets=(Subnet("10.5.0.0/24"),)), fixed) == []
    labels = (("tier", "front"), ("bare", ""))
    assert differences(Network("web", subnets=fixed.subnets, labels=labels), fixed)[-1] == "labels is none, not tier=front, bare"
    assert differences(Network("web", subnets=fixed.subnets, ingress=8000), fixed)[-1] == "ingress is none, not 8000"
    assert differences(Network("web", subnets=(Subnet("10.6.0.0/24"),)), fixed) == ["subnets is 10.5.0.0/24, not 10.6.0.0/24"]
