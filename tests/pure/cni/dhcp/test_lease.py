"""Options, and the lease that they make."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.cni.dhcp import lease, options
from netwright.cni.dhcp.packet import Message
from netwright.cni.protocol import Address, Dns, Route
from netwright.model.jsontext import read, write

SERVER = {53: b"\5", 54: bytes([10, 0, 0, 1]), 1: bytes([255, 255, 255, 0]), 51: (3600).to_bytes(4, "big")}


def ack(yours: str = "10.0.0.5", **more: bytes) -> Message:
    said = SERVER | {int(name[1:]): data for name, data in more.items()}
    return Message(2, 1, b"\2\0\0\0\0\1", {n: d for n, d in said.items() if d}, yours=yours)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({3: bytes([10, 0, 0, 1, 10, 0, 0, 2])}, [("0.0.0.0/0", "10.0.0.1")]),
        ({3: b"\1"}, []),
        ({33: bytes([10, 9, 9, 9, 1, 1, 1, 1, 172, 16, 5, 5, 2, 2, 2, 2, 192, 168, 3, 3, 3, 3, 3, 3, 0, 0, 0, 0, 4, 4, 4, 4])},
         [("10.0.0.0/8", "1.1.1.1"), ("172.16.0.0/16", "2.2.2.2"), ("192.168.3.0/24", "3.3.3.3")]),
        # RFC 3442's own table, and what it says of 3 and 33
        ({121: bytes([0, 10, 0, 0, 1, 8, 10, 10, 0, 0, 2, 25, 10, 229, 0, 128, 10, 0, 0, 3, 32, 10, 198, 122, 47, 0, 0, 0, 0]),
          3: bytes([9, 9, 9, 9]), 33: bytes([10, 9, 9, 9, 1, 1, 1, 1])},
         [("0.0.0.0/0", "10.0.0.1"), ("10.0.0.0/8", "10.0.0.2"), ("10.229.0.128/25", "10.0.0.3"), ("10.198.122.47/32", "")]),
        ({249: bytes([16, 10, 1, 10, 0, 0, 2])}, [("10.1.0.0/16", "10.0.0.2")]),
        ({121: bytes([9, 10, 255, 10, 0, 0, 2])}, [("10.128.0.0/9", "10.0.0.2")]),  # bits beyond the length
        ({121: bytes([33, 1, 2, 3, 4, 10, 0, 0, 2]), 3: bytes([9, 9, 9, 9])}, [("0.0.0.0/0", "9.9.9.9")]),
        ({121: bytes([24, 10, 0])}, []),
    ],
)  # fmt: skip
def test_routes(said, found):
    assert list(options.routes(said)) == found


@pytest.mark.parametrize(
    ("data", "found"),
    [
        # RFC 3397: eng.apple.com. marketing.apple.com. with a pointer
        (b"\3eng\5apple\3com\0\x09marketing\xc0\x04", ["eng.apple.com", "marketing.apple.com"]),
        (b"\3lan\0", ["lan"]),
        (b"", []),
        (b"\3lan", []),  # no end
        (b"\xc0\x00", []),  # a pointer to itself
        (b"\1a\xc0\x00", []),
        (b"\3a\nb\0", []),  # nothing that would be a line of its own in resolv.conf
        (b"\x3fx", []),
    ],
)
def test_search_list(data, found):
    assert list(options.names(data)) == found


@given(st.binary(max_size=300))
def test_options_without_sense(data):
    options.names(data)
    options.routes({121: data, 33: data, 3: data})
    options.prefix_length(data)
    options.addresses(data)
    assert "\n" not in options.plain(data)


@pytest.mark.parametrize(("mask", "length"), [("ffffff00", 24), ("ffffffff", 32), ("00000000", 0), ("ff00ff00", None), ("ff", None)])
def test_masks(mask, length):
    assert options.prefix_length(bytes.fromhex(mask)) == length


def test_a_lease_with_everything():
    said = ack(
        _3=bytes([10, 0, 0, 1]), _6=bytes([10, 0, 0, 2, 10, 0, 0, 3]), _15=b"ex.org\0", _119=b"\1a\0", _26=(1400).to_bytes(2, "big"),
        _58=(100).to_bytes(4, "big"), _59=(200).to_bytes(4, "big"),
    )  # fmt: skip
    found = lease.from_ack(said, 1000.0, "02:00:00:00:00:09")
    assert (found.renew_at, found.rebind_at, found.end) == (1100.0, 1200.0, 4600.0)
    assert (found.mtu, found.server, found.server_mac) == (1400, "10.0.0.1", "02:00:00:00:00:09")
    result = lease.result(found, priority=5)
    assert result.addresses == (Address("10.0.0.5/24", "10.0.0.1"),)
    assert result.routes == (Route("0.0.0.0/0", "10.0.0.1", priority=5),)
    assert result.dns == Dns(("10.0.0.2", "10.0.0.3"), "ex.org", ("a",))
    bare = lease.result(found, without_gateway=True)
    assert (bare.addresses, bare.routes) == ((Address("10.0.0.5/24"),), ())
    assert lease.from_plain(read(write(lease.to_plain(found)))) == found


def times(duration: int, t1: int = 0, t2: int = 0) -> tuple[float, float]:
    numbers = {51: duration, 58: t1, 59: t2}
    said = {f"_{n}": seconds.to_bytes(4, "big") if seconds else b"" for n, seconds in numbers.items()}
    found = lease.from_ack(ack(**said), 0.0)
    return found.renewal, found.rebinding


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ((80,), (40, 70)),
        ((80, 20), (20, 70)),
        ((80, 20, 30), (20, 30)),
        ((80, 0, 30), (30, 30)),  # never renew after rebinding
        ((80, 75, 90), (40, 70)),  # none of them makes sense
        ((80, 50, 40), (40, 40)),
    ],
)
def test_times(said, found):
    assert times(*said) == found


def test_a_lease_for_ever_and_one_without_time():
    endless = lease.from_ack(ack(_51=b"\xff" * 4), 5.0)
    assert (endless.end, endless.renew_at, endless.rebind_at) == (float("inf"),) * 3
    assert lease.from_ack(ack(_51=b""), 5.0).end == 3605.0
    assert lease.from_ack(ack(_51=b"\0" * 4), 5.0).end == 6.0


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (ack(_1=b""), "no subnet mask"),
        (ack(_1=b"\xff\0\xff\0"), "no subnet mask"),
        (ack("0.0.0.0"), "no host can have"),
        (ack("224.0.0.1"), "no host can have"),
        (ack("127.0.0.1"), "no host can have"),
    ],
)
def test_no_address_can_be_made_of_it(said, why):
    with pytest.raises(ValueError, match=why):
        lease.from_ack(said, 0.0)


@pytest.mark.parametrize(
    ("name", "number"), [("routers", 3), ("12", 12), ("user-class", 77), ("254", 254), ("domain-search", 119), ("interface-mtu", 26)]
)
def test_names_of_options(name, number):
    assert options.number(name) == number


@pytest.mark.parametrize("name", ["", "0", "255", "256", "-1", "router", "١", "1 ", "0x3"])
def test_what_is_no_option(name):
    with pytest.raises(ValueError, match="is no option"):
        options.number(name)
