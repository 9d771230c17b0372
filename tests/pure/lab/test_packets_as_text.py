"""Frames as lines, filters over them, and pcap files."""

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.errors import Invalid
from netwright.lab.packet import clock, line, taken_apart
from netwright.lab.packet_filter import compiled
from netwright.lab.pcap import RAW, Writer

ETHER = bytes.fromhex("02000000000202000000000108 00".replace(" ", ""))


def ipv4(protocol: int, body: bytes, source: str = "10.0.0.1", target: str = "10.0.0.2", fragment: int = 0) -> bytes:
    def packed(address: str) -> bytes:
        return bytes(map(int, address.split(".")))

    return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), 1, fragment, 64, protocol, 0) + packed(source) + packed(target) + body


def tcp(source: int, target: int, flags: int, body: bytes = b"") -> bytes:
    return struct.pack(">HHIIBBHHH", source, target, 100, 7, 0x50, flags, 512, 0, 0) + body


def udp(source: int, target: int, body: bytes = b"") -> bytes:
    return struct.pack(">HHHH", source, target, 8 + len(body), 0) + body


SYN = ETHER + ipv4(6, tcp(43210, 80, 0x02))
DATA = ETHER + ipv4(6, tcp(80, 43210, 0x18, b"hello"), "10.0.0.2", "10.0.0.1")
DNS = ETHER + ipv4(17, udp(5353, 53, b"x" * 20))
PING = ETHER + ipv4(1, struct.pack(">BBHHH", 8, 0, 0, 5, 1) + bytes(56))
CLOSED = ETHER + ipv4(1, struct.pack(">BBHI", 3, 3, 0, 0) + bytes(28))
ARP = ETHER[:12] + bytes.fromhex("0806 0001 0800 0604 0001 020000000001 0a000001 000000000000 0a000002".replace(" ", ""))
ANSWER = ETHER[:12] + bytes.fromhex("0806 0001 0800 0604 0002 020000000002 0a000002 020000000001 0a000001".replace(" ", ""))
SOLICIT = ETHER[:12] + bytes.fromhex("86dd 60000000 0018 3aff".replace(" ", "")) + bytes(15) + b"\1" + bytes(15) + b"\2" + bytes([135, 0, 0, 0, 0, 0, 0, 0]) + bytes(15) + b"\2"
HOP = ETHER[:12] + bytes.fromhex("86dd 60000000 0018 00ff".replace(" ", "")) + bytes(15) + b"\1" + bytes(15) + b"\2" + bytes([143 - 143 + 58, 0, 5, 2, 0, 0, 0, 0]) + bytes([143, 0, 0, 0]) + bytes(12)
TAGGED = ETHER[:12] + b"\x81\x00\x00\x64" + ETHER[12:] + ipv4(17, udp(1, 2))
PIECE = ETHER + ipv4(17, b"y" * 8, fragment=185)

LINES = {
    SYN: "10.0.0.1.43210 > 10.0.0.2.80: tcp [S] seq 100, 0 bytes",
    DATA: "10.0.0.2.80 > 10.0.0.1.43210: tcp [P.] seq 100:105, ack 7, 5 bytes",
    DNS: "10.0.0.1.5353 > 10.0.0.2.53: udp, 20 bytes",
    PING: "10.0.0.1 > 10.0.0.2: icmp echo request, id 5, seq 1, 56 bytes",
    CLOSED: "10.0.0.1 > 10.0.0.2: icmp unreachable (port)",
    ARP: "arp who has 10.0.0.2? tell 10.0.0.1",
    ANSWER: "arp 10.0.0.2 is at 02:00:00:00:00:02",
    SOLICIT: "::1 > ::2: icmp6 neighbour solicitation: ::2",
    HOP: "::1 > ::2: icmp6 listener report v2",
    TAGGED: "vlan 100 10.0.0.1.1 > 10.0.0.2.2: udp, 0 bytes",
    PIECE: "10.0.0.1 > 10.0.0.2: udp fragment at 1480, 8 bytes",
    ETHER[:12] + b"\x88\xcc" + bytes(20): "frame, ethertype 0x88cc, 34 bytes",
    ETHER[:12] + b"\x00\x26\x42\x42\x03" + bytes(35): "frame, STP, 52 bytes",
    SYN[:40]: "frame, cut short, 40 bytes",
    b"": "frame, 802.3, 0 bytes",
}


@pytest.mark.parametrize(("frame", "text"), LINES.items(), ids=LINES.values())
def test_a_frame_is_a_line(frame: bytes, text: str):
    assert line(taken_apart(frame)) == text


def test_a_device_without_a_link_layer():
    assert line(taken_apart(SYN[14:], ethernet=False)) == LINES[SYN]


@given(st.one_of(st.binary(max_size=200), st.builds(lambda f, n, b: f[:n] + b, st.sampled_from(list(LINES)), st.integers(0, 80), st.binary(max_size=30))))
def test_any_bytes_give_a_line(frame: bytes):
    for ethernet in (True, False):
        assert "\n" not in line(taken_apart(frame, ethernet=ethernet))


NAMES = {"web1": ("10.0.0.1", "fd00::1"), "db": ("10.0.0.2",)}
FILTERS = {
    "": "SYN DATA DNS PING ARP SOLICIT TAGGED",
    "tcp": "SYN DATA",
    "udp or arp": "DNS ARP TAGGED",
    "ip": "SYN DATA DNS PING TAGGED",
    "ip6": "SOLICIT",
    "icmp": "PING",
    "not ip": "ARP SOLICIT",
    "host web1": "SYN DATA DNS PING ARP TAGGED",
    "src host web1": "SYN DNS PING ARP TAGGED",
    "src web1 and tcp": "SYN",
    "dst port 80": "SYN",
    "port 80": "SYN DATA",
    "tcp port 80 and src db": "DATA",
    "port 50-60": "DNS",
    "port 80 or port 53 and udp": "SYN DATA DNS",
    "( port 80 or port 53 ) and udp": "DNS",
    "(port 80 or port 53) and !tcp": "DNS",
    "net 10.0.0.0/24 and not tcp": "DNS PING ARP TAGGED",
    "dst net 10.0.0.2/32 && tcp": "SYN",
    "vlan 100": "TAGGED",
    "greater 60": "DNS PING SOLICIT",
    "less 50": "ARP TAGGED",
}


@pytest.mark.parametrize(("text", "through"), FILTERS.items())
def test_a_filter_lets_through_what_it_says(text: str, through: str):
    test = compiled(text.split(), lambda name: NAMES.get(name, (name,)))
    frames = {"SYN": SYN, "DATA": DATA, "DNS": DNS, "PING": PING, "ARP": ARP, "SOLICIT": SOLICIT, "TAGGED": TAGGED}
    assert [name for name, frame in frames.items() if test(taken_apart(frame))] == through.split()


@pytest.mark.parametrize(
    ("text", "what", "fix"),
    [
        ("tpc", '"tpc" is no word of a filter', 'did you mean "tcp"?'),
        ("port http", '"http" in the filter is no port', "8000-8010"),
        ("host nobody", '"nobody" in the filter is no address', "a host of the lab"),
        ("tcp and", "the filter ends where a word such as tcp, host or port belongs", "tcp port 80"),
        ("(tcp", 'a ")" is missing in the filter', ""),
        ("tcp )", '")" is no word of a filter', ""),
        ("net x", '"x" in the filter is no network', "net 10.0.0.0/24"),
        ("vlan x", '"x" in the filter is no number', ""),
    ],
)
def test_a_wrong_filter_is_told(text: str, what: str, fix: str):
    with pytest.raises(Invalid) as error:
        compiled(text.split(), lambda name: NAMES.get(name, ()))
    assert error.value.what.startswith(what)
    assert fix in error.value.fix


def test_a_pcap_file():
    file = io.BytesIO()
    writer = Writer(file, RAW)
    writer.put(1_700_000_000_123_456_789, b"abc", 1500)
    writer.put(1, b"")
    data = file.getvalue()
    assert struct.unpack("=IHHiIII", data[:24]) == (0xA1B23C4D, 2, 4, 0, 0, 262144, 101)
    assert struct.unpack("=IIII", data[24:40]) == (1_700_000_000, 123_456_789, 3, 1500)
    assert data[40:43] == b"abc"
    assert struct.unpack("=IIII", data[43:]) == (0, 1, 0, 0)
    assert writer.count == 2


def test_the_clock_is_told_to_the_microsecond():
    assert clock(1_700_000_000_123_456_789).endswith(".123456")
