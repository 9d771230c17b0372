"""Networks and addresses as numbers, against the standard library's ipaddress, which checks more and takes longer."""

from ipaddress import IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.model.addressing import Free, Net, Pool, Ranges, around, net, number_of, split, text_of

WRONG = ("", "10.0.0", "10.0.0.1.2", "10.0.0.256", "10.0.0.01", "10.0.0.-1", "a.b.c.d", "10.0.0.1 ", "::g", "1::2::3", "10.0.0.٣")
LENGTHS = ("10.0.0.1/33", "fd00::/129", "10.0.0.1/", "10.0.0.1/-1", "10.0.0.1/x", "10.0.0.1/٣", "10.0.0.0/8/8")


@given(st.ip_addresses())
def test_an_address_and_back(address):
    number, family = number_of(str(address))
    assert (number, family) == (int(address), address.version)
    assert ip_address(text_of(number, family)) == address


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_address(text: str):
    with pytest.raises(ValueError, match=r"."):
        number_of(text)


@pytest.mark.parametrize("text", LENGTHS)
def test_what_is_no_length(text: str):
    with pytest.raises(ValueError, match=r"."):
        split(text)


@given(st.ip_addresses(), st.integers(0, 128))
def test_the_network_around_an_address(address, length):
    length = min(length, address.max_prefixlen)
    found = around(int(address), address.version, length)
    expected = ip_network((address, length), strict=False)
    assert str(found) == str(expected)
    assert (found.size, found.last) == (expected.num_addresses, int(expected.broadcast_address))
    assert found.holds(int(address), address.version)
    assert net(str(expected)) == found


def test_an_address_inside_a_network_is_none():
    with pytest.raises(ValueError, match=r"an address in 10\.0\.0\.0/24"):
        net("10.0.0.1/24")


@pytest.mark.parametrize(
    ("network", "hosts"),
    [("10.0.0.0/30", [1, 2]), ("10.0.0.0/31", [0, 1]), ("10.0.0.0/32", [0]), ("fd00::/126", [1, 2, 3]), ("fd00::/127", [0, 1])],
)
def test_which_addresses_a_host_may_have(network: str, hosts: list[int]):
    found = net(network)
    assert [n - found.base for n in range(found.base, found.last + 1) if found.usable(n)] == hosts


@pytest.mark.parametrize(
    ("network", "taken", "router", "expected"),
    [
        ("10.0.0.0/24", [], False, "10.0.0.10"),
        ("10.0.0.0/24", [], True, "10.0.0.1"),
        ("10.0.0.0/24", [10, 11], False, "10.0.0.12"),
        ("10.0.0.0/24", range(10, 255), False, "10.0.0.1"),
        ("10.0.0.0/30", [], False, "10.0.0.1"),
        ("10.0.0.0/30", [1], True, "10.0.0.2"),
        ("fd00::/64", [], False, "fd00::a"),
        ("10.0.0.0/30", [1, 2], False, None),
        ("10.0.0.0/31", [], False, "10.0.0.0"),
    ],
)
def test_the_next_free_address(network: str, taken, router: bool, expected: str | None):
    where = net(network)
    found = Free(where, [where.base + n for n in taken]).take(router)
    assert (None if found is None else text_of(found, where.family)) == expected


def test_every_address_is_handed_out_once():
    where = net("10.0.0.0/26")
    free = Free(where, [where.base + 5])
    found = [free.take(n % 3 == 0) for n in range(61)]
    assert None not in found
    assert len(set(found)) == 61
    assert free.take() is None
    assert free.take(True) is None


@pytest.mark.parametrize(
    ("pool", "used", "lengths", "expected"),
    [
        ("10.0.0.0/8", [], [24, 24], ["10.0.0.0/24", "10.0.1.0/24"]),
        ("10.0.0.0/8", ["10.0.0.0/24"], [24, 22, 24], ["10.0.1.0/24", "10.0.4.0/22", "10.0.8.0/24"]),
        ("10.0.0.0/8", ["10.0.0.128/30"], [24], ["10.0.1.0/24"]),
        ("10.0.0.0/8", ["10.0.0.0/16"], [24], ["10.1.0.0/24"]),
        ("10.0.0.0/26", [], [24], ["10.0.0.0/26"]),
        ("10.0.0.0/24", ["10.0.0.0/24"], [30], [None]),
        ("fd00::/48", ["fd00::/64"], [64, 64], ["fd00:0:0:1::/64", "fd00:0:0:2::/64"]),
        ("10.0.0.0/8", ["192.168.0.0/16", "fd00::/8"], [24], ["10.0.0.0/24"]),
    ],
)
def test_subnets_of_a_pool(pool: str, used: list[str], lengths: list[int], expected: list[str | None]):
    taking = Pool(net(pool), map(net, used))
    found = [taking.take(length) for length in lengths]
    assert [str(n) if n else None for n in found] == expected


@pytest.mark.parametrize(
    ("pool", "used", "many", "expected"),
    [
        ("10.7.0.0/16", [], 2, ["10.7.255.0/30", "10.7.255.4/30"]),
        ("10.7.0.0/16", ["10.7.255.0/29"], 1, ["10.7.255.8/30"]),
        ("10.7.0.0/16", ["10.7.255.0/24"], 1, ["10.7.254.0/30"]),
        ("10.7.0.0/29", [], 3, ["10.7.0.0/30", "10.7.0.4/30", None]),
    ],
)
def test_subnets_for_cables_are_at_the_end(pool: str, used: list[str], many: int, expected: list[str | None]):
    taking = Pool(net(pool), map(net, used))
    assert [str(n) if (n := taking.take_small(30)) else None for _ in range(many)] == expected


def test_subnets_of_ipv6_for_cables_are_at_the_end():
    assert str(Pool(net("fd07::/48")).take_small(64)) == "fd07:0:0:ff00::/64"


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), max_size=12), st.integers(0, 45), st.integers(0, 5))
def test_ranges_are_what_a_set_of_numbers_is(spans, first, more):
    ranges, numbers = Ranges(), set()
    for start, size in spans:
        ranges.add(start, start + size)
        numbers |= set(range(start, start + size + 1))
    end = ranges.end(first, first + more)
    assert (end is None) == numbers.isdisjoint(range(first, first + more + 1))
    if end is not None:
        assert end in numbers
        assert end >= first


@given(st.lists(st.integers(20, 32), max_size=10), st.lists(st.tuples(st.booleans(), st.integers(22, 32)), max_size=20))
def test_no_two_subnets_of_a_pool_overlap(used, wanted):
    known = [Net(4, around(0x0A000000 + n * 1777, 4, length).base, length) for n, length in enumerate(used)]
    pool = Pool(net("10.0.0.0/16"), known)
    for small, length in wanted:
        found = pool.take_small(length) if small else pool.take(length)
        if found:
            assert not any(found.overlaps(other) for other in known)
            known.append(found)


# Many groups of zeros, so that there is something to shorten.
GROUPS = st.lists(st.sampled_from([0, 0, 0, 1, 0x10, 0xABC, 0xFFFF]), min_size=8, max_size=8)
SIX = st.text("0123456789abcdefABCDEFg:.%/ -+_\u0661", max_size=24) | st.lists(st.sampled_from(["", "0", "1", "00ff", "12345", "x", "1.2.3.4"]), max_size=9).map(":".join)


@given(GROUPS)
def test_ipv6_is_written_as_rfc_5952_says(groups):
    number = int("".join(f"{group:04x}" for group in groups), 16)
    assert text_of(number, 6) == str(IPv6Address(number))
    assert number_of(text_of(number, 6)) == (number, 6)
    assert number_of(IPv6Address(number).exploded.upper()) == (number, 6)


@given(SIX.filter(lambda text: ":" in text))
def test_ipv6_is_read_as_ipaddress_reads_it(text):
    try:
        expected = int(IPv6Address(text.partition("%")[0]))
    except ValueError:
        with pytest.raises(ValueError, match=r"."):
            number_of(text)
    else:
        assert number_of(text) == (expected, 6)
