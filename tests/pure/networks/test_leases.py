"""Who gets which address: round the network, the same again for a name, the longest unused when nothing else is left."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.errors import Conflict, Invalid
from netwright.networks.leases import allocate, forget, leases, release
from netwright.networks.network import Network, Subnet
from netwright.networks.pools import Exhausted
from netwright.networks.store import Store

SMALL = Network("small", subnets=(Subnet("10.0.0.0/29", "10.0.0.1", reserved=(("printer", "10.0.0.4"),)),))  # .2 .3 .5 .6
DUAL = Network("dual", subnets=(Subnet("10.1.0.0/24", "10.1.0.1"), Subnet("fd00:1::/64", "fd00:1::1")))


@pytest.fixture
def db(tmp_path):
    with Store(str(tmp_path / "state"), str(tmp_path / "run")) as opened:
        opened.put(SMALL)
        opened.put(DUAL)
        yield opened


def get(db, network, owner, name="", **more) -> list[str]:
    return [leg.address for leg in allocate(db, network, owner, name, **more)]


def test_one_of_each_family_with_its_gateway(db):
    legs = allocate(db, DUAL, "a:eth0")
    assert [(leg.address, leg.gateway) for leg in legs] == [("10.1.0.2/24", "10.1.0.1"), ("fd00:1::2/64", "fd00:1::1")]


def test_an_internal_network_has_no_way_out(db):
    network = Network("in", subnets=(Subnet("10.2.0.0/24", "10.2.0.1"),), mode="internal")
    assert allocate(db, network, "a:eth0")[0].gateway == ""
    assert allocate(db, Network("none", subnets=(Subnet("10.3.0.0/24", "none"),)), "a:eth0")[0].gateway == ""
    assert allocate(db, Network("empty"), "a:eth0") == ()


def test_the_same_owner_has_the_same(db):
    assert get(db, DUAL, "a:eth0") == get(db, DUAL, "a:eth0")
    assert get(db, DUAL, "a:eth0", wanted=["10.1.0.2"]) == get(db, DUAL, "a:eth0")
    with pytest.raises(Conflict, match=r"a:eth0 has 10\.1\.0\.2 on dual already, not 10\.1\.0\.9"):
        get(db, DUAL, "a:eth0", wanted=["10.1.0.9"])


def test_round_the_network_and_over_what_is_reserved(db):
    assert [get(db, SMALL, f"{n}:eth0")[0] for n in "abcd"] == ["10.0.0.2/29", "10.0.0.3/29", "10.0.0.5/29", "10.0.0.6/29"]


def test_what_was_given_back_is_left_alone_as_long_as_possible(db):
    assert get(db, SMALL, "a:eth0") == ["10.0.0.2/29"]
    release(db, "a:eth0")
    assert get(db, SMALL, "b:eth0") == ["10.0.0.3/29"]
    assert get(db, SMALL, "c:eth0") == ["10.0.0.5/29"]
    assert get(db, SMALL, "d:eth0") == ["10.0.0.6/29"]
    assert get(db, SMALL, "e:eth0") == ["10.0.0.2/29"]


def test_a_name_gets_its_address_again(db):
    first = get(db, DUAL, "1:eth0", "web")
    get(db, DUAL, "2:eth0", "db")
    release(db, "1:eth0")
    get(db, DUAL, "3:eth0", "x")
    assert get(db, DUAL, "4:eth0", "web") == first
    assert get(db, DUAL, "5:eth0", "web") != first  # a second of that name, while the first runs


def test_the_one_without_an_owner_for_the_longest_time_goes_first(db):
    for name in "abcd":
        get(db, SMALL, f"{name}:eth0", name)
    for name in "cabd":
        release(db, f"{name}:eth0")
    assert get(db, SMALL, "x:eth0", "x") == ["10.0.0.5/29"]  # c's
    assert get(db, SMALL, "y:eth0", "y") == ["10.0.0.2/29"]  # a's
    assert get(db, SMALL, "b2:eth0", "b") == ["10.0.0.3/29"]
    assert get(db, SMALL, "c2:eth0", "c") == ["10.0.0.6/29"]  # d's: its own is x's now


def test_a_clock_that_goes_backwards_changes_nothing(db, monkeypatch):
    for at, name in enumerate("abcd"):
        monkeypatch.setattr("time.time", lambda at=at: 1e9 - at)
        get(db, SMALL, f"{name}:eth0", name)
    for at, name in enumerate("bacd"):
        monkeypatch.setattr("time.time", lambda at=at: 1e6 - at)
        release(db, f"{name}:eth0")
    assert get(db, SMALL, "x:eth0", "x") == ["10.0.0.3/29"]


def test_when_all_have_owners_it_says_who(db):
    for name in "abcd":
        get(db, SMALL, f"{name}:eth0", name)
    with pytest.raises(Exhausted, match="no address is left in the network small") as caught:
        get(db, SMALL, "e:eth0", "e")
    assert caught.value.why == "4 are in use, by a:eth0, b:eth0, c:eth0, d:eth0"
    assert "nw network disconnect small a" in caught.value.fix
    release(db, "b:eth0")
    assert get(db, SMALL, "e:eth0", "e") == ["10.0.0.3/29"]


def test_a_second_subnet_takes_over(db):
    network = Network("two", subnets=(Subnet("10.0.0.0/30", "10.0.0.1"), Subnet("10.0.1.0/30", "10.0.1.1")))
    assert [get(db, network, f"{n}:eth0")[0] for n in "ab"] == ["10.0.0.2/30", "10.0.1.2/30"]


def test_when_one_family_fails_the_other_is_not_taken(db):
    network = Network("half", subnets=(Subnet("10.0.0.0/24", "10.0.0.1"), Subnet("fd00::/126", "fd00::1", range="fd00::2-fd00::2")))
    get(db, network, "a:eth0")
    before = leases(db)
    with pytest.raises(Exhausted):
        get(db, network, "b:eth0")
    assert leases(db) == before


def test_a_range(db):
    network = Network("lan", subnets=(Subnet("10.0.0.0/24", "10.0.0.1", "10.0.0.200-10.0.0.201"),))
    assert [get(db, network, f"{n}:eth0")[0] for n in "ab"] == ["10.0.0.200/24", "10.0.0.201/24"]
    with pytest.raises(Exhausted, match=r"10\.0\.0\.200-10\.0\.0\.201"):
        get(db, network, "c:eth0")
    assert get(db, network, "d:eth0", wanted=["10.0.0.5"]) == ["10.0.0.5/24"]  # outside of it, when asked for


def test_a_whole_8_and_a_whole_64(db):
    network = Network("big", subnets=(Subnet("10.0.0.0/8", "10.0.0.1"), Subnet("fd00:2::/64", "fd00:2::1")))
    assert get(db, network, "a:eth0", wanted=["10.255.255.254", "fd00:2::ffff:ffff:ffff:ffff"]) == ["10.255.255.254/8", "fd00:2::ffff:ffff:ffff:ffff/64"]
    assert get(db, network, "b:eth0") == ["10.0.0.2/8", "fd00:2::2/64"]


WANTED = (
    ("10.1.1.5", Invalid, "not in the network dual"),
    ("10.1.0.0", Invalid, "network address"),
    ("10.1.0.255", Invalid, "broadcast address"),
    ("10.1.0.1", Conflict, "is the gateway"),
    ("fd00:1::1", Conflict, "is the gateway"),
    ("10.1.0", Invalid, "is no address"),
    ("'; DROP TABLE leases", Invalid, "is no address"),
    ("10.1.0.9", Conflict, r"10\.1\.0\.9 of the network dual is that of z:eth0"),
)


@pytest.mark.parametrize(("text", "kind", "why"), WANTED)
def test_an_address_that_cannot_be_had(db, text, kind, why):
    get(db, DUAL, "z:eth0", wanted=["10.1.0.9"])
    with pytest.raises(kind, match=why):
        get(db, DUAL, "a:eth0", wanted=[text])


def test_what_is_reserved_names_for_whom(db):
    with pytest.raises(Conflict, match="reserved for printer"):
        get(db, SMALL, "a:eth0", wanted=["10.0.0.4"])
    with pytest.raises(Invalid, match="two addresses of IPv4"):
        get(db, DUAL, "a:eth0", wanted=["10.1.0.5", "10.1.0.6"])


def test_what_is_kept_for_a_name_can_be_asked_for(db):
    get(db, DUAL, "a:eth0", "a", wanted=["10.1.0.9"])
    release(db, "a:eth0")
    assert get(db, DUAL, "b:eth0", "b", wanted=["10.1.0.9"])[0] == "10.1.0.9/24"
    assert get(db, DUAL, "c:eth0", "a")[0] != "10.1.0.9/24"


def test_a_hardware_address_is_one_interfaces(db):
    get(db, DUAL, "a:eth0", "a", mac="02:00:00:00:00:01")
    with pytest.raises(Conflict, match="is the hardware address of a:eth0"):
        get(db, DUAL, "b:eth0", mac="02:00:00:00:00:01")
    release(db, "a:eth0")
    get(db, DUAL, "b:eth0", mac="02:00:00:00:00:01")


def test_given_back_and_forgotten(db):
    get(db, DUAL, "a:eth0", "a")
    get(db, SMALL, "a:eth0", "a")
    get(db, DUAL, "b:eth0")
    release(db, "a:eth0", "dual")
    assert [(lease.network, lease.owner) for lease in leases(db) if lease.name == "a"] == [("dual", ""), ("dual", ""), ("small", "a:eth0")]
    assert forget(db, "dual", "b") == 0
    assert forget(db, "dual", "a") == 2
    release(db, "b:eth0")
    release(db, "b:eth0")
    release(db, "nobody")
    assert [(lease.network, lease.owner) for lease in leases(db)] == [("small", "a:eth0")]


def test_a_network_that_has_shrunk_hands_out_nothing_outside(db):
    get(db, DUAL, "a:eth0", "a", wanted=["10.1.0.200"])
    release(db, "a:eth0")
    shrunk = Network("dual", subnets=(Subnet("10.1.0.0/25", "10.1.0.1"),))
    assert get(db, shrunk, "b:eth0", "a") == ["10.1.0.2/25"]


@settings(max_examples=30, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from("abcdefgh"), st.booleans()), max_size=40))
def test_whatever_happens_nobody_shares(steps, tmp_path_factory):
    place = tmp_path_factory.mktemp("leases")
    have: dict[str, list[str]] = {}
    with Store(str(place / "state"), str(place / "run")) as db:
        for name, take in steps:
            if not take:
                release(db, f"{name}:eth0")
                have.pop(name, None)
                continue
            try:
                found = get(db, SMALL, f"{name}:eth0", name)
            except Exhausted:
                assert len(have) == 4
                assert name not in have
            else:
                assert have.setdefault(name, found) == found
        given = [text for found in have.values() for text in found]
        assert len(given) == len(set(given))
        assert {lease.owner for lease in leases(db) if lease.owner} == {f"{name}:eth0" for name in have}
