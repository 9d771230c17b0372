"""Addresses and prefixes by ip's rules: words -> bytes and length, or ip's error and our reason."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.ip.exits import Exit
from netwright.ip.front import NotOurs
from netwright.ip.prefix import Prefix, address, find_prefix, hardware_address, lladdr_setting, prefix, prefix_length

V4, V6, PACKET, BRIDGE, MPLS = 2, 10, 17, 7, 28


@pytest.mark.parametrize(
    ("text", "family", "expected"),
    [
        ("10.0.0.1/24", 0, (V4, "10.0.0.1", 24, True)),
        ("10.0.0.1", 0, (V4, "10.0.0.1", 32, False)),
        ("10", 0, (V4, "10.0.0.0", 32, False)),
        ("10/8", 0, (V4, "10.0.0.0", 8, True)),
        ("10.8", 0, (V4, "10.8.0.0", 32, False)),
        ("0xa.010.1/0x18", 0, (V4, "10.8.1.0", 24, True)),
        ("10.0.0.0/030", 0, (V4, "10.0.0.0", 24, True)),
        ("10.0.0.0/255.255.255.0", 0, (V4, "10.0.0.0", 24, True)),
        ("10.0.0.0/255.255", 0, (V4, "10.0.0.0", 16, True)),
        ("10.0.0.0/0.0.0.0", 0, (V4, "10.0.0.0", 0, True)),
        ("10.0.0.0/default", 0, (V4, "10.0.0.0", 0, True)),
        ("10.0.0.0/255.255.255.255", V4, (V4, "10.0.0.0", 32, True)),
        ("2001:db8::1/64", 0, (V6, "2001:db8::1", 64, True)),
        ("::ffff:10.0.0.1", V6, (V6, "::ffff:10.0.0.1", 128, False)),
        ("default", 0, (0, "", 0, True)),
        ("default", V4, (V4, "0.0.0.0", 0, True)),
        ("default", V6, (V6, "::", 0, True)),
        ("any", 0, (0, "", 0, False)),
        ("all", V6, (V6, "", 0, False)),
    ],
)
def test_prefix(text: str, family: int, expected: tuple[int, str, int, bool]):
    found = prefix(text, family)
    assert (found.family, found.text, found.length, found.given) == expected


@pytest.mark.parametrize(
    ("text", "family", "kind", "why"),
    [
        ("1.1.1.1/33", 0, "any valid prefix", '"33" is no prefix length: that of an IPv4 address is 0 to 32'),
        ("::1/129", 0, "any valid prefix", '"129" is no prefix length: that of an IPv6 address is 0 to 128'),
        ("1.1.1.1/255.0.255.0", 0, "any valid prefix", '"255.0.255.0" is no prefix length'),
        ("1.1.1.1/-1", 0, "any valid prefix", '"-1" is no prefix length'),
        ("1.1.1.1/", 0, "any valid prefix", '"" is no prefix length'),
        ("any/8", 0, "any valid prefix", "any has no length"),
        ("::1", V4, "inet prefix", "::1 is an IPv6 address"),
        ("10.0.0.1/8", V6, "inet6 prefix", "10.0.0.1 is an IPv4 address"),
        ("10.0.0.1", BRIDGE, "bridge prefix", "ask for another family"),
        ("10.0.0.256", 0, "any valid prefix", '"256" is not a number from 0 to 255'),
        ("10.0.0.", 0, "any valid prefix", '"" is not a number from 0 to 255'),
        ("10.08", 0, "any valid prefix", '"08" is not a number from 0 to 255'),
        ("1.2.3.4.5", 0, "any valid prefix", "an IPv4 address has four numbers, this has 5"),
        ("fe80::1%eth0", 0, "any valid prefix", "the device goes into `dev NAME`"),
        ("example", 0, "any valid prefix", "names of hosts are not looked up"),
        ("", 0, "any valid prefix", "the word is empty"),
    ],
)
def test_no_prefix(text: str, family: int, kind: str, why: str):
    with pytest.raises(Exit) as caught:
        prefix(text, family)
    end = caught.value
    assert (end.code, end.text) == (1, f'Error: {kind} is expected rather than "{text}".')
    assert end.advice is not None
    assert why in end.advice()[0]


def test_an_address_has_no_length():
    assert address("10.8").text == "10.8.0.0"
    with pytest.raises(Exit, match=r'inet address is expected rather than "10\.0\.0\.1/8"') as caught:
        address("10.0.0.1/8", V4)
    assert caught.value.advice is not None
    assert caught.value.advice() == ("an address without a length belongs here, so no /8", "write 10.0.0.1")


def test_other_families():
    with pytest.raises(Exit, match="may be inet prefix, but it is not allowed in this context"):
        prefix("10.0.0.1", PACKET)
    assert address("02:00:00:00:00:01", PACKET) == Prefix(PACKET, bytes.fromhex("020000000001"), 48)
    with pytest.raises(NotOurs):
        prefix("100", MPLS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("02:00:00:00:00:01", "020000000001"),
        ("2:0:0:0:0:1", "020000000001"),
        ("0x2:+3:1g", "020301"),
        ("10.1.1.1", "0a010101"),
        ("10.1", "0a010000"),
        (":".join(["1"] * 30), "01" * 20),
    ],
)
def test_hardware_address(text: str, expected: str):
    assert hardware_address(text).hex() == expected


@pytest.mark.parametrize(
    ("text", "part"), [("02:zz", "zz"), ("100:1", "100"), ("-1", "-1"), ("", ""), ("1.2.3.400", "1.2.3.400")]
)
def test_no_hardware_address(text: str, part: str):
    with pytest.raises(Exit) as caught:
        hardware_address(text)
    assert (caught.value.code, caught.value.text) == (1, f'"{part}" is invalid lladdr.')


def test_a_hardware_address_as_a_setting_is_text_only_where_the_codec_reads_it_so():
    assert lladdr_setting("2:0:0:0:0:1") == "02:00:00:00:00:01"
    assert lladdr_setting("1:2:3:4:5:6:7:8") == bytes(range(1, 9))


@pytest.mark.parametrize(
    ("wide", "narrow", "inside"),
    [
        ("10.0.0.0/8", "10.9.9.9", True),
        ("10.0.0.0/8", "11.0.0.0", False),
        ("10.0.0.129/25", "10.0.0.200", True),
        ("10.0.0.129/25", "10.0.0.1", False),
        ("0/0", "1.2.3.4", True),
        ("any", "::1", True),
        ("::/1", "1.2.3.4", False),
        ("2001:db8::/32", "2001:db8:ffff::1", True),
    ],
)
def test_covers(wide: str, narrow: str, inside: bool):
    assert prefix(wide).covers(address(narrow).data) is inside


def test_multicast():
    assert [address(text).multicast for text in ("224.0.0.1", "239.1.1.1", "240.0.0.1", "10.0.0.1", "ff02::1", "fe80::1")] == [
        True, True, False, False, True, False,
    ]  # fmt: skip


@given(st.ip_addresses(), st.integers(0, 128))
def test_every_address_reads_as_the_standard_library_does(
    host: ipaddress.IPv4Address | ipaddress.IPv6Address, length: int
):
    length = min(length, host.max_prefixlen)
    found = prefix(f"{host}/{length}")
    assert (found.data, found.length, found.given) == (host.packed, length, True)
    assert found.covers(host.packed)


@given(st.integers(0, 32))
def test_every_netmask_is_a_length(length: int):
    assert prefix_length(str(ipaddress.ip_network(f"0.0.0.0/{length}").netmask)) == length


@given(st.text(max_size=20))
def test_any_text_is_a_prefix_or_none(text: str):
    found = find_prefix(text)
    assert found is None or 0 <= found.length <= 128
