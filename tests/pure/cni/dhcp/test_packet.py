"""DHCP messages and the datagrams that carry them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.cni.dhcp import datagram, packet
from netwright.cni.dhcp.packet import Message

MAC = bytes.fromhex("02005e100001")
# A DISCOVER as RFC 2131's figure 1 lays it out, written by hand.
DISCOVER = (
    bytes.fromhex("01010600 12345678 0003 8000 00000000 00000000 00000000 00000000 02005e100001") + bytes(10) + bytes(192)
    + bytes.fromhex("63825363 350101 3d0300 6162 370201 03 ff")
).ljust(300, b"\0")  # fmt: skip
SAID = Message(1, 0x12345678, MAC, {53: b"\1", 55: b"\1\3", 61: b"\0ab"}, 3, True)


def test_a_message_as_the_rfc_has_it():
    assert packet.unpack(DISCOVER) == SAID
    assert packet.unpack(packet.pack(SAID)) == SAID
    assert len(packet.pack(SAID)) == 300
    assert packet.pack(SAID)[:240] == DISCOVER[:240]


addresses = st.lists(st.integers(0, 255), min_size=4, max_size=4).map(lambda four: ".".join(map(str, four)))
messages = st.builds(
    Message, st.sampled_from([1, 2]), st.integers(0, 0xFFFFFFFF), st.binary(min_size=6, max_size=6),
    st.dictionaries(st.integers(1, 254).filter(lambda n: n != packet.OVERLOAD), st.binary(max_size=600), max_size=6),
    st.integers(0, 0xFFFF), st.booleans(), addresses, addresses, addresses, addresses,
)  # fmt: skip


@given(messages)
def test_what_is_packed_can_be_unpacked(message):
    assert packet.unpack(packet.pack(message)) == message


@given(st.binary(max_size=700))
def test_bytes_without_sense(data):
    for given_bytes in (data, DISCOVER[:240] + data):
        try:
            assert isinstance(packet.unpack(given_bytes), Message)
        except ValueError:
            pass


@given(st.integers(0, 299), st.integers(0, 255))
def test_one_wrong_byte(at, byte):
    try:
        packet.unpack(DISCOVER[:at] + bytes([byte]) + DISCOVER[at + 1 :])
    except ValueError:
        pass


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "0 bytes are no DHCP message"),
        (DISCOVER[:200], "200 bytes are no DHCP message"),
        (DISCOVER[:236] + b"abcd" + DISCOVER[240:], "cookie"),
        (b"\3" + DISCOVER[1:], "operation"),
        (DISCOVER[:240] + b"\x35\x09\1", "option 53 is longer than the message"),
        (DISCOVER[:240] + b"\x35", "option 53 is longer than the message"),
        (DISCOVER[:240] + b"\x34\1\7\xff", "option 52"),
        (DISCOVER[:2] + b"\x14" + DISCOVER[3:], "20 bytes"),
    ],
)
def test_what_is_no_message(data, why):
    with pytest.raises(ValueError, match=why):
        packet.unpack(data)


def test_options_in_the_fields_for_names_and_in_pieces():
    file = bytes([66, 3]) + b"abc" + b"\xff"
    sname = bytes([66, 2]) + b"de" + b"\xff"
    data = DISCOVER[:44] + sname.ljust(64, b"\0") + file.ljust(128, b"\0") + DISCOVER[236:240] + b"\x34\1\3\x43\1x\x43\1y\xff"
    assert packet.unpack(data).options == {52: b"\3", 67: b"xy", 66: b"abcde"}


def test_kind_and_server_of_a_message_that_has_none():
    assert (Message(2, 1, MAC, {}).kind, Message(2, 1, MAC, {53: b"\1\1"}).kind) == (0, 0)
    assert (Message(2, 1, MAC, {}).server, Message(2, 1, MAC, {54: b"\1"}).server) == ("", "")


# -- the datagram ------------------------------------------------------------------------------------------------------


def test_a_datagram_as_others_make_it():
    # From RFC 1071's arithmetic: an IP header whose checksum is known (Wikipedia's example), and UDP without a checksum.
    head = bytes.fromhex("45000073000040004011b861c0a80001c0a800c7")
    assert datagram.checksum(head) == 0
    udp = bytes.fromhex("0043 0044 005f 0000") + bytes(range(87))
    assert datagram.unwrap(head + udp) == (bytes(range(87)), "192.168.0.1")
    assert datagram.unwrap(head + udp + b"padding of the link") == (bytes(range(87)), "192.168.0.1")


@given(st.binary(max_size=400), addresses, addresses)
def test_what_is_wrapped_can_be_unwrapped(payload, source, target):
    made = datagram.wrap(payload, source, target, ports=(67, 68))
    assert datagram.unwrap(made) == (payload, source)
    assert datagram.unwrap(made, port=69) is None


@given(st.binary(min_size=1, max_size=40), st.data())
def test_a_damaged_datagram_is_none(payload, data):
    made = bytearray(datagram.wrap(payload, "10.0.0.1", "10.0.0.2", ports=(67, 68)))
    at = data.draw(st.integers(0, len(made) - 1))
    made[at] ^= data.draw(st.integers(1, 255))
    found = datagram.unwrap(bytes(made))
    assert found is None or at in (26, 27)  # a UDP checksum of 0 is none at all


@given(st.binary(max_size=80))
def test_packets_without_sense(data):
    for packet_bytes in (data, b"\x45" + data, bytes.fromhex("45000073000040004011b861c0a80001c0a800c7") + data):
        datagram.unwrap(packet_bytes)


def test_a_checksum_that_the_sender_left_to_its_card():
    made = bytearray(datagram.wrap(b"hello", "10.0.0.1", "10.0.0.2", ports=(67, 68)))
    made[26:28] = b"\x12\x34"
    assert datagram.unwrap(bytes(made)) is None
    assert datagram.unwrap(bytes(made), verify=False) == (b"hello", "10.0.0.1")


def test_words_for_the_log():
    said = Message(2, 1, MAC, {53: b"\6", 54: b"\x0a\0\0\1", 56: b"no"})
    assert datagram.described(said) == "NAK from 10.0.0.1: no"
    assert datagram.described(Message(2, 1, MAC, {53: b"\6", 56: b"\x1b[2J"})) == "NAK"
