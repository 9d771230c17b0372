"""Filters as messages: networks as words of a packet and back; what cannot be."""

import pytest

from netwright.errors import Invalid
from netwright.kernel.tc_filters import FILTER, TF, _networks, check, keys_of, request
from netwright.model.filter import Filter

KEYS = [
    ("", "", [(0, 0, 0)]),
    ("10.1.0.0/16", "", [(0xFFFF0000, 0x0A010000, 12)]),
    ("", "10.1.2.3/32", [(0xFFFFFFFF, 0x0A010203, 16)]),
    ("0.0.0.0/0", "", [(0, 0, 12)]),
    ("10.255.0.0/9", "", [(0xFF800000, 0x0A800000, 12)]),
    ("fd00::/8", "", [(0xFF000000, 0xFD000000, 8)]),
    ("", "2001:db8::/33", [(0xFFFFFFFF, 0x20010DB8, 24), (0x80000000, 0, 28)]),
]


@pytest.mark.parametrize(("source", "destination", "keys"), KEYS)
def test_a_network_is_words(source: str, destination: str, keys: list):
    wanted = Filter("eth0", source=source, destination=destination, redirect="ifb0")
    assert list(keys_of(wanted)) == keys


@pytest.mark.parametrize("network", ["10.1.0.0/16", "0.0.0.0/0", "128.0.0.0/1", "10.1.2.3/32", "fd00::/8", "2001:db8::/33", "::1/128", "::/0"])
def test_words_are_a_network(network: str):
    wanted = Filter("eth0", destination=network, redirect="ifb0")
    assert _networks(tuple(keys_of(wanted)), wanted.protocol) == {"destination": network}


def test_the_message():
    sent = request(Filter("eth0", redirect="ifb0"), 7, 9)
    header = dict(zip(TF.fields, TF.header.unpack_from(sent.body), strict=True))
    assert header == {"family": 0, "index": 7, "handle": 0, "parent": 0xFFFFFFF2, "info": 1 << 16 | 0x0300}
    told = FILTER.decode(sent.body, TF.header.size)
    assert told["kind"] == "u32"
    assert told["options"]["selector"] == ((0, 0, 0),)
    parms = told["options"]["actions"][0]["options"]["parms"]
    assert (parms["action"], parms["eaction"], parms["ifindex"]) == (4, 1, 9)


WRONG = [
    (Filter("eth0"), "either into a class or out of a device"),
    (Filter("eth0", into="1:1", redirect="ifb0"), "either into a class or out of a device"),
    (Filter("eth0", preference=0, redirect="ifb0"), "a number from 1 to 65535"),
    (Filter("eth0", "here", redirect="ifb0"), '"here" is no handle'),
    (Filter("eth0", source="10.0.0.0/8", destination="fd00::/8", redirect="ifb0"), "different families"),
    (Filter("eth0", source="10.0.0.0/33", redirect="ifb0"), '"10.0.0.0/33" is no network'),
    (Filter("eth0", source="ten", redirect="ifb0"), '"ten" is no network'),
]


@pytest.mark.parametrize(("wanted", "why"), WRONG)
def test_what_cannot_be(wanted: Filter, why: str):
    with pytest.raises(Invalid) as caught:
        check(wanted)
    assert why in caught.value.why
