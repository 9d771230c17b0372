"""Docker's words for a network and ours; each gateway, range and reserved address finds its subnet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.networks.mistakes import Mistakes, Wrong
from netwright.networks.network import Network, Subnet
from netwright.networks.request import Asked, asked, rate, with_option

WEB = Network("web")


def test_each_belongs_to_its_subnet():
    found = asked(
        WEB, subnets=["10.1.0.0/24", "fd00:1::/64"], gateways=["fd00:1::9", "10.1.0.254"], ranges=["10.1.0.128/25"],
        reserved=["printer=10.1.0.9", "10.1.0.10"], labels=["a=b=c", "bare"],
    )  # fmt: skip
    assert found.draft.subnets == (
        Subnet("10.1.0.0/24", "10.1.0.254", "10.1.0.128/25", (("printer", "10.1.0.9"), ("10.1.0.10", "10.1.0.10"))), Subnet("fd00:1::/64", "fd00:1::9"),
    )  # fmt: skip
    assert found.draft.labels == (("a", "b=c"), ("bare", ""))
    assert found.families is None


def test_no_gateway():
    assert asked(WEB, subnets=["10.1.0.0/24", "fd00::/64"], gateways=["none", "fd00::1"]).draft.subnets == (Subnet("10.1.0.0/24", "none"), Subnet("fd00::/64", "fd00::1"))


FAMILIES = (
    ({}, None, ()),
    ({"ipv6": True}, (4, 6), ()),
    ({"ipv6": False}, (4,), ()),
    ({"ipv4": False}, (6,), ()),
    ({"ipv4": False, "ipv6": False}, (), ()),
    ({"subnets": ["/28"]}, (4,), ((4, 28),)),
    ({"subnets": ["/28", "/64"]}, (4, 6), ((4, 28), (6, 64))),
    ({"subnets": ["/28"], "ipv6": True}, (4, 6), ((4, 28),)),
    ({"subnets": ["10.1.0.0/24"], "ipv6": True}, (4, 6), ()),
    ({"subnets": ["10.1.0.0/24", "/64"]}, (4, 6), ((6, 64),)),
)


@pytest.mark.parametrize(("words", "families", "lengths"), FAMILIES)
def test_which_families(words, families, lengths):
    found = asked(WEB, **words)
    assert (found.families, found.lengths) == (families, lengths)


def test_mistakes_at_once():
    with pytest.raises(Mistakes) as caught:
        asked(
            WEB, subnets=["10.1.0.0/24", "/x", "/28", "/27"], gateways=["10.2.0.1", "x", "10.1.0.1", "10.1.0.2"], ranges=["half", "10.9.0.0/24"],
            reserved=["a=b", "10.9.0.1"], options=["mtu", "mtu=x", "icc=perhaps", "mut=5", "com.docker.network.x=1"], labels=["=x"],
        )  # fmt: skip
    told = "\n".join(map(str, caught.value.problems))
    for text in (
        '"/x" is no length', "two lengths for IPv4", "gateway: 10.2.0.1 is in none of the subnets", 'gateway: "x" is no address',
        "two of them for 10.1.0.0/24: 10.1.0.1 and 10.1.0.2", 'range: "half" is no range', "range: 10.9.0.0/24 is in none",
        'reserve: "b" is no address', "reserve: 10.9.0.1 is in none", 'option.mtu: "x" is no number', "option.icc",
        'option.mut: there is no option "mut", did you mean "mtu"', "option.com.docker.network.x", 'option: "mtu" is no option, write KEY=VALUE', "label",
    ):  # fmt: skip
        assert text in told, (text, told)


OPTIONS = {
    "com.docker.network.bridge.name=br0": {"device": "br0"},
    "com.docker.network.driver.mtu=1400": {"mtu": 1400},
    "mtu=9000": {"mtu": 9000},
    "com.docker.network.bridge.enable_icc=false": {"icc": False},
    "com.docker.network.bridge.enable_ip_masquerade=0": {"masquerade": False},
    "com.docker.network.bridge.host_binding_ipv4=0.0.0.0": {"bind": ("0.0.0.0",)},
    "bind=*": {"bind": ("",)},
    "bind=10.0.0.1,[fd00::1]": {"bind": ("10.0.0.1", "fd00::1")},
    "com.docker.network.bridge.gateway_mode_ipv4=isolated": {"mode": "internal"},
    "mode=routed": {"mode": "routed"},
    "parent=eth0": {"parent": "eth0"},
    "macvlan_mode=private": {"macvlan_mode": "private"},
    "allow=db,cache": {"allow": ("db", "cache")},
    "ingress=10mbit": {"ingress": 10_000_000},
}


@pytest.mark.parametrize("text", OPTIONS)
def test_options(text: str):
    assert asked(WEB, options=[text]) == Asked(Network("web", **OPTIONS[text]))


RATES = {"10mbit": 10**7, "1Gbit": 10**9, "1.5mbit": 1_500_000, "100kbps": 800_000, "8": 8, "1 kibit": 1024, "1mibps": 8 << 20}


@pytest.mark.parametrize("text", RATES)
def test_rates(text: str):
    assert rate(text) == RATES[text]


@pytest.mark.parametrize("text", ["", "mbit", "10mbut", "-1mbit", "1e9", "1..5mbit", "٣mbit", "9" * 30, "10 mbit mbit"])
def test_what_is_no_rate(text: str):
    with pytest.raises(Wrong):
        rate(text)


@given(st.text(max_size=30), st.text(max_size=10))
def test_any_words_are_mistakes_and_nothing_else(text, other):
    for words in ({"subnets": [text]}, {"gateways": [text]}, {"ranges": [text, other]}, {"reserved": [text]}, {"options": [text]}, {"labels": [text]}):
        try:
            asked(WEB, **words)
        except Mistakes as error:
            told = error
            assert_printable(told)
    try:
        with_option(WEB, text, other)
    except Wrong as error:
        assert_printable(error)


def assert_printable(error: Exception) -> None:
    assert all(line.isprintable() for line in str(error).split("\n"))
