"""Hostile bytes: decoding never raises and ends; and what we encode we read back, for every layout."""

import string
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.kernel import codec, kinds, layouts, rtnl
from netwright.kernel.codec import Layout, attribute, each, split
from netwright.kernel.netlink import Raw, Request, attribute_at, messages
from netwright.model.kinds import MODULES

ROOTS = [found for found in vars(layouts).values() if isinstance(found, Layout)]
KIND_LAYOUTS = [
    made.decode.__self__
    for kind in MODULES
    for made in (kinds.data_codec(kind), kinds.slave_codec(kind))
    if isinstance(getattr(made.decode, "__self__", None), Layout)
]
LAYOUTS = ROOTS + KIND_LAYOUTS

# Attribute headers whose lengths lie, around payloads that may be attributes again.
HEADERS = st.builds(lambda size, kind: pack("=HH", size, kind), st.integers(0, 40), st.integers(0, 70) | st.integers(0, 0xFFFF))
SOUP = st.recursive(
    st.binary(max_size=40) | HEADERS,
    lambda inner: st.builds(attribute, st.integers(0, 70) | st.integers(0x8000, 0x8046), inner)
    | st.builds(lambda a, b: a + b, inner, inner),
    max_leaves=12,
)


@given(SOUP)
@settings(max_examples=150, deadline=None)
def test_soup_in_every_layout(data):
    for layout in LAYOUTS:
        found = layout.decode(data)
        found.plain()
        repr(found)
        assert len(found) == len(found.items())


@given(st.sampled_from(sorted(rtnl.FAMILIES)), st.binary(max_size=20), SOUP)
@settings(max_examples=300, deadline=None)
def test_soup_as_message(kind, header, data):
    message = rtnl.decode(Raw(kind, 0, 1, header + data))
    if message is not None:
        message.plain()


@given(st.binary(max_size=300) | SOUP)
@settings(max_examples=300, deadline=None)
def test_datagrams(data):
    found = messages(data)
    assert sum(len(raw.body) + 16 for raw in found) <= len(data)
    assert len(list(each(data))) >= len(split(data))


@given(SOUP, st.integers(-20, 400))
@settings(max_examples=200, deadline=None)
def test_naming_an_offset(data, offset):
    attribute_at(Request(16, 0, bytes(16) + data, layouts.LINK, 16), offset)


@pytest.mark.parametrize("data", [b"", b"\0", bytes(4), bytes(64), b"\x03\0\x01\0", b"\xff\xff\x01\0" * 3, b"\x04\0\x12\0" * 20])
def test_edges(data):
    for layout in LAYOUTS:
        layout.decode(data).plain()


def test_deeply_nested():
    data = b""
    for _ in range(5000):
        data = attribute(18, data)[:65000]
    layouts.LINK.decode(data).plain()


TEXTS = st.text(string.ascii_letters + string.digits, min_size=1, max_size=10)
V4 = st.integers(0, 2**32 - 1).map(lambda n: ".".join(str(b) for b in n.to_bytes(4, "big")))
VALUES = {
    id(codec.U8): st.integers(0, 0xFF),
    id(codec.U16): st.integers(0, 0xFFFF),
    id(codec.U32): st.integers(0, 0xFFFFFFFF),
    id(codec.U64): st.integers(0, 2**64 - 1),
    id(codec.S8): st.integers(-128, 127),
    id(codec.S32): st.integers(-(2**31), 2**31 - 1),
    id(codec.BE16): st.integers(0, 0xFFFF),
    id(codec.BE32): st.integers(0, 0xFFFFFFFF),
    id(codec.BE64): st.integers(0, 2**64 - 1),
    id(codec.STRING): TEXTS,
    id(codec.BYTES): st.binary(max_size=20),
    id(codec.FLAG): st.just(True),
    id(codec.IP): V4,
    id(codec.MAC): st.binary(min_size=6, max_size=6).map(lambda b: b.hex(":")),
    id(codec.IFINDEX): st.integers(0, 2**31 - 1),
    id(codec.NETNS_FD): st.integers(0, 2**31 - 1),
    id(codec.S32S): st.lists(st.integers(-(2**31), 2**31 - 1), max_size=4),
}


def values_for(layout: Layout):
    known = {name: VALUES[id(made)] for name, (_, made) in layout.by_name.items() if id(made) in VALUES}
    return st.fixed_dictionaries({}, optional=known)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
@given(st.data())
@settings(max_examples=15, deadline=None)
def test_round_trip(layout, data):
    wanted = data.draw(values_for(layout))
    assert layout.decode(layout.encode(wanted)).plain() == wanted


def test_a_bridge_port_in_protinfo():
    """IFLA_PROTINFO has no sibling that says what it is: it is always a bridge's port."""
    body = rtnl.LINK.body({}, {"protinfo": {"state": 3}})
    message = rtnl.decode(Raw(rtnl.NEWLINK, 0, 1, body))
    assert message is not None
    assert message.get("protinfo").plain() == {"state": 3}
    request = Request(rtnl.NEWLINK, 0, body, layouts.LINK, 16)
    assert attribute_at(request, 20) == "protinfo.state"
