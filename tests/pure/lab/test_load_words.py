"""The small grammars of a lab file, each with what it takes and what it does not."""

from collections.abc import Callable
from typing import Any

import pytest

from netwright.lab import phrases, ranges, words
from netwright.lab.nodes import Wrong
from netwright.lab.topology import Check, Publish
from netwright.lab.words import Names

NAMES = Names({"a", "web1", "db"}, {"front", "back"}, {"dmz"}, {"www"})

GOOD: list[tuple[Callable[[str, Names], Any], dict[str, Any]]] = [
    (words.boolean, {"true": True, "Yes": True, "ON": True, "false": False, "no": False, "Off": False}),
    (words.mtu, {"68": 68, "1500": 1500, "65535": 65535}),
    (words.label, {"a": "a", "n-1": "n-1", "0x10": "0x10", "A9": "A9", "x" * 63: "x" * 63}),
    (words.device, {"eth0": "eth0", "br-lan.10": "br-lan.10", "x" * 15: "x" * 15}),
    (words.domain, {"example.net": "example.net", "a": "a", "example.net.": "example.net."}),
    (words.address, {"10.0.0.1/24": "10.0.0.1/24", "FD00:0::1/64": "fd00::1/64", "10.0.0.1/255.255.0.0": "10.0.0.1/16", "0.0.0.0/0": "0.0.0.0/0"}),
    (words.plain_address, {"10.0.0.1": "10.0.0.1", "FD00::1": "fd00::1"}),
    (words.network, {"10.0.0.0/8": "10.0.0.0/8", "fd07:0::/48": "fd07::/48", "10.0.0.4/30": "10.0.0.4/30"}),
    (words.mac, {"12:34:56:10:20:30": "12:34:56:10:20:30", "02:AB:00:00:00:01": "02:ab:00:00:00:01"}),
    (words.route_target, {"default": "default", "front": "front", "10.0.0.0/8": "10.0.0.0/8", "10.0.0.1": "10.0.0.1", "::/0": "::/0"}),
    (words.gateway, {"10.0.0.1": "10.0.0.1", "web1": "web1", "fd00::1": "fd00::1", "a": "a"}),
    (words.rate, {"1000": 1000, "10mbit": 10**7, "1.5gbit": 15 * 10**8, "100 kbps": 800_000, "1Mibit": 1 << 20, "8bps": 64}),
    (words.delay, {"20ms": 20_000, "500us": 500, "1.5s": 1_500_000, "1 sec": 10**6, "7µs": 7}),
    (words.loss, {"1%": 1.0, "0.1%": 0.1, "2": 2.0, "100 %": 100.0}),
    (words.allowance, {"tcp/80": "tcp/80", "80/tcp": "tcp/80", "udp/53-53": "udp/53", "tcp/8000-8010": "tcp/8000-8010", "icmp": "icmp", "all": "all", "tcp": "tcp"}),
    (words.party, {"*": "*", "all": "*", "front": "front", "dmz": "dmz", "a": "a"}),
    (words.sysctl_key, {"net.ipv4.ip_forward": "net.ipv4.ip_forward", "net/core/somaxconn": "net.core.somaxconn"}),
    (words.sysctl_value, {"1": "1", "cubic": "cubic", "4096 87380 6291456": "4096 87380 6291456"}),
    (words.cable_end, {"a:eth0": ("a", "eth0"), "web1": ("web1", ""), "front": ("front", "")}),
    (
        phrases.publish,
        {
            "8080:web1:80": Publish(8080, "web1", 80),
            "80:web1": Publish(80, "web1", 80),
            "53:db:53/udp": Publish(53, "db", 53, protocol="udp"),
            "127.0.0.1:8080:web1:80/tcp": Publish(8080, "web1", 80, address="127.0.0.1"),
            "[::1]:8080:web1:80": Publish(8080, "web1", 80, address="::1"),
            "8000-8010:a:9000-9010/udp": Publish(8000, "a", 9000, 8010, "udp"),
        },
    ),
    (
        phrases.check,
        {
            "a -> web1:80": Check("a", "connect", "web1", 80, "tcp", "a -> web1:80"),
            "a  ->  db:53/udp": Check("a", "connect", "db", 53, "udp", "a -> db:53/udp"),
            "a -x db:22": Check("a", "refuse", "db", 22, "tcp", "a -x db:22"),
            "a ping db": Check("a", "ping", "db", text="a ping db"),
            "a noping db": Check("a", "noping", "db", text="a noping db"),
            "a -x ping www": Check("a", "noping", "www", text="a noping www"),
            "a ping fd00::1": Check("a", "ping", "fd00::1", text="a ping fd00::1"),
            "a -> [fd00::1]:80": Check("a", "connect", "fd00::1", 80, "tcp", "a -> [fd00::1]:80"),
            "a -> 10.0.0.1:80": Check("a", "connect", "10.0.0.1", 80, "tcp", "a -> 10.0.0.1:80"),
        },
    ),
]

BAD: list[tuple[Callable[[str, Names], Any], dict[str, tuple[str, str]]]] = [
    (words.boolean, {"maybe": ("neither true nor false", ""), "1": ("neither", ""), "": ("neither", "")}),
    (words.mtu, {"1_400": ("no MTU", "write 1400"), "0777": ("no MTU", "write 777"), "67": ("no MTU", "from 68"), "1e3": ("no MTU", "whole"), "٣٠٠": ("no MTU", "")}),
    (words.label, {"a_b": ("no name", '"a-b"'), "-a": ("no name", '"a"'), "": ("no name", ""), "x" * 64: ("64 characters", ""), "å": ("no name", ""), "a\n": ("no name", "")}),
    (words.switch_name, {"x" * 16: ("16 bytes", "")}),
    (words.device, {"lo": ("in every host", ""), "x" * 16: ("at most 15", ""), "a/b": ("'/'", ""), "..": ("not a device", "")}),
    (words.address, {"10.0.0.1": ("how long", "write 10.0.0.1/24"), "10.0.0.01/24": ("no address", "write 10.0.0.1/24"), "fe80::1%eth0/64": ("%device", ""), "x": ("no address", "like")}),
    (words.plain_address, {"10.0.0.1/24": ("no address", "without a length"), "1.2.3": ("no address", "")}),
    (words.network, {"10.7.0.1/16": ("an address in", "10.7.0.0/16"), "10.0.0.0": ("how long", "/24"), "10.0.0.0/33": ("no network", "")}),
    (words.mac, {"1:2:3:4:5:6": ("no MAC", ""), "01:00:5e:00:00:01": ("of a group", ""), "00:00:00:00:00:00": ("only zeros", "")}),
    (words.route_target, {"frnt": ("no target", '"front"'), "defualt": ("no target", '"default"')}),
    (words.gateway, {"wbe1": ("no host", '"web1"'), "10.0.0.256": ("no address", "")}),
    (words.rate, {"fast": ("no rate", "10mbit"), "0": ("no rate", "more than 0"), "10 parsec": ("no rate", ""), "-1mbit": ("no rate", ""), "9" * 15 + "tbit": ("no rate", "2^63")}),
    (words.delay, {"20": ("no time", "write 20ms"), "1h": ("no time", ""), "9999999999s": ("too long", "")}),
    (words.loss, {"101%": ("no part", ""), "-1": ("no part", ""), "half": ("no part", "")}),
    (words.allowance, {"80": ("nothing that", "write tcp/80"), "icmp/8": ("no ports", "write icmp"), "tcp/9-1": ("no range", "1-9"), "tcp/70000": ("no port", "")}),
    (words.party, {"dmzz": ("no host, switch or zone", '"dmz"')}),
    (words.sysctl_key, {"ip_forward": ("begin with net.", '"net.ipv4.ip_forward"'), "kernel.hostname": ("begin with", ""), "net.": ("begin with", "")}),
    (words.sysctl_value, {"true": ("no value", "write 1"), "off": ("no value", "write 0"), "": ("nothing", "")}),
    (words.cable_end, {"front:eth0": ("is a switch", '"front"'), "wbe1:eth0": ("no host or switch", '"web1"'), "a:": ("at least 1 byte", "")}),
    (words.known_host, {"front": ("is a switch", "")}),
    (phrases.publish, {"web1": ("publishes nothing", "8080:web1:80"), "1-3:a:1-2": ("equally long", ""), "80:wbe1:80": ("no host", "web1"), "80:a/icmp": ("no protocol", ""), "0:a": ("no port", "")}),
    (phrases.check, {"a web1": ("no check", "a -> b:80"), "a -> web1": ("which port", "web1:80"), "a -> fd00::1:80": ("which port", "[fd00::1]:80"), "x ping a": ("no host", ""), "a ping web": ("no host", '"web1"')}),
]


@pytest.mark.parametrize(("read", "cases"), GOOD, ids=lambda item: getattr(item, "__name__", ""))
def test_what_is_taken(read: Callable[[str, Names], Any], cases: dict[str, Any]):
    assert {text: read(text, NAMES) for text in cases} == cases


@pytest.mark.parametrize(("read", "cases"), BAD, ids=lambda item: getattr(item, "__name__", ""))
def test_what_is_not(read: Callable[[str, Names], Any], cases: dict[str, tuple[str, str]]):
    for text, (what, fix) in cases.items():
        with pytest.raises(Wrong) as caught:
            read(text, NAMES)
        assert what in caught.value.what
        assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("n", ["n"]),
        ("n{1..3}", ["n1", "n2", "n3"]),
        ("web{08..11}", ["web08", "web09", "web10", "web11"]),
        ("n{1..9..4}", ["n1", "n5", "n9"]),
        ("n{3..1}", ["n3", "n2", "n1"]),
        ("{a,b}x{1..2}", ["ax1", "ax2", "bx1", "bx2"]),
        ("r{1,5}", ["r1", "r5"]),
        ("a{1..1}", ["a1"]),
    ],
)
def test_ranges(pattern: str, names: list[str]):
    assert [name.text for name in ranges.expanded(pattern)] == names


@pytest.mark.parametrize("pattern", ["n{1..", "n}", "n{}", "n{x}", "n{1..2..0}", "n{1..2..-1}", "{{1..2}}", "n{1..99999}", "{1..999}{1..999}", "n{a..c}"])
def test_ranges_that_are_none(pattern: str):
    with pytest.raises(Wrong):
        ranges.expanded(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "all_of_them"),
    [
        ("n{1..3}", "10.0.0.{i}/24", ["10.0.0.1/24", "10.0.0.2/24", "10.0.0.3/24"]),
        ("n{08..09}", "{n} {i+10} {i-8} {i*2} {i:02x} {name}", ["8 18 0 16 08 n08", "9 19 1 18 09 n09"]),
        ("r{1..2}h{1..2}", "10.{1}.{2}.{i}", ["10.1.1.1", "10.1.2.2", "10.2.1.1", "10.2.2.2"]),
        ("{x,y}", "{1} {i}", ["x 1", "y 2"]),
        ("n{255..256}", "{i:x} {i+1:04X}", ["ff 0100", "100 0101"]),
        ("n{1..2}", "{j} {} {i/2} {name", ["{j} {} {i/2} {name"] * 2),
    ],
)
def test_what_stands_for_the_number(pattern: str, text: str, all_of_them: list[str]):
    assert [ranges.substituted(text, name) for name in ranges.expanded(pattern)] == all_of_them


@pytest.mark.parametrize(("pattern", "text"), [("n", "{i}"), ("n{1..2}", "{2}"), ("{a,b}", "{1+1}"), ("n{1..2}", "{name+1}")])
def test_numbers_that_are_none(pattern: str, text: str):
    with pytest.raises(Wrong):
        ranges.substituted(text, ranges.expanded(pattern)[0])


def test_did_you_mean():
    assert words.near("frnt", ["front", "back"]) == 'did you mean "front"?'
    assert words.near("zzz", ["front", "back"]) == "there is back, front"
    assert words.near("zzz", map("n{}".format, range(20))).endswith("and 8 more")
    assert words.near("zzz", []) == ""
    assert words.near("n77x", [f"n{i}" for i in range(5000)]).startswith("did you mean")
