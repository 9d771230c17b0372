"""host-local's ranges: what is read, what is refused, in which order addresses come."""

from itertools import islice

import pytest

from netwright.cni.ipam.ranges import read_ranges, shown, walk
from netwright.cni.protocol.config import Config


def ranges(ipam: dict, version: str = "1.0.0", **more: object):
    config = Config({"name": "n", "cniVersion": version, "ipam": {"type": "host-local"} | ipam} | more)
    return read_ranges(config), config.mistakes


@pytest.mark.parametrize(
    ("ipam", "sets"),
    [
        ({"subnet": "10.1.0.0/24"}, ["10.1.0.1-10.1.0.254"]),
        ({"subnet": "10.1.0.0/30"}, ["10.1.0.1-10.1.0.2"]),
        ({"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.20", "rangeEnd": "10.1.0.30"}, ["10.1.0.20-10.1.0.30"]),
        ({"subnet": "fd00::/64"}, ["fd00::1-fd00::ffff:ffff:ffff:ffff"]),
        ({"ranges": [[{"subnet": "10.1.0.0/24"}, {"subnet": "10.3.0.0/24"}], [{"subnet": "fd00::/120"}]]}, ["10.1.0.1-10.1.0.254,10.3.0.1-10.3.0.254", "fd00::1-fd00::ff"]),
        ({"subnet": "10.1.0.0/24", "ranges": [[{"Subnet": "fd00::/120"}]]}, ["10.1.0.1-10.1.0.254", "fd00::1-fd00::ff"]),
    ],
)  # fmt: skip
def test_sets_of_ranges(ipam: dict, sets: list[str]):
    found, mistakes = ranges(ipam)
    assert ([shown(one) for one in found], mistakes) == (sets, [])


def test_ranges_of_the_runtime_come_first():
    found, mistakes = ranges({"subnet": "fd00::/120"}, runtimeConfig={"ipRanges": [[{"subnet": "10.9.0.0/24"}]]})
    assert ([shown(one) for one in found], mistakes) == (["10.9.0.1-10.9.0.254", "fd00::1-fd00::ff"], [])


@pytest.mark.parametrize(
    ("ipam", "mistake"),
    [
        ({}, 'ipam.subnet: no IP ranges specified: "subnet", or "ranges": [[{"subnet": "10.1.0.0/24"}]]'),
        ({"subnet": "10.1.0.0"}, 'ipam.subnet: "10.1.0.0" is no address with a prefix length, as in 10.1.0.2/24'),
        ({"subnet": "10.1.0.1/24"}, "ipam.subnet: 10.1.0.1/24 has host bits set, the network is 10.1.0.0/24"),
        ({"subnet": "10.1.0.0/31"}, "ipam.subnet: network 10.1.0.0/31 is too small to allocate from: at most a /30"),
        ({"subnet": "fd00::/127"}, "ipam.subnet: network fd00::/127 is too small to allocate from: at most a /126"),
        ({"subnet": "10.1.0.0/24", "rangeStart": "10.2.0.1"}, "ipam.rangeStart: 10.2.0.1 is not in network 10.1.0.0/24"),
        ({"subnet": "10.1.0.0/24", "rangeEnd": "fd00::1"}, "ipam.rangeEnd: fd00::1 is not in network 10.1.0.0/24"),
        ({"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.9", "rangeEnd": "10.1.0.8"}, "ipam.rangeEnd: 10.1.0.8 is before rangeStart"),
        ({"subnet": "10.1.0.0/24", "gateway": "x"}, 'ipam.gateway: "x" is no IP address'),
        ({"ranges": [[]]}, "ipam.ranges[0]: the set of ranges is empty"),
        ({"ranges": [{"subnet": "10.1.0.0/24"}]}, 'ipam.ranges[0]: a list belongs here, not {"subnet":"10.1.0.0/24"}'),
        ({"ranges": [[{"subnet": "10.1.0.0/24"}, {"subnet": "fd00::/64"}]]}, "ipam.ranges[0]: one set has IPv4 and IPv6; make two sets of it"),
        ({"ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "10.1.0.0/25"}]]}, "ipam.ranges: 10.1.0.1-10.1.0.254 (set 0) overlaps with 10.1.0.1-10.1.0.126 (set 1)"),
        ({"ranges": [[{"gateway": "10.1.0.1"}]]}, "ipam.ranges[0][0].subnet: it is missing"),
    ],
)  # fmt: skip
def test_what_cannot_be(ipam: dict, mistake: str):
    assert ranges(ipam)[1] == [mistake]


@pytest.mark.parametrize(("version", "fine"), [("0.2.0", False), ("0.3.0", True)])
def test_old_versions_have_one_address_of_each_family(version: str, fine: bool):
    mistakes = ranges({"ranges": [[{"subnet": "10.1.0.0/24"}], [{"subnet": "10.2.0.0/24"}]]}, version)[1]
    assert mistakes == ([] if fine else ["ipam.ranges: CNI version 0.2.0 does not support more than 1 address per family"])


@pytest.mark.parametrize(
    ("ipam", "last", "order"),
    [
        ({"subnet": "10.1.0.0/29"}, "", "2 3 4 5 6"),
        ({"subnet": "10.1.0.0/29"}, "10.1.0.4", "5 6 2 3 4"),
        ({"subnet": "10.1.0.0/29"}, "10.1.0.6", "2 3 4 5 6"),
        ({"subnet": "10.1.0.0/29"}, "10.9.0.6", "2 3 4 5 6"),
        ({"subnet": "10.1.0.0/29", "gateway": "10.1.0.3"}, "", "1 2 4 5 6"),
        ({"subnet": "10.1.0.0/29", "rangeStart": "10.1.0.0", "rangeEnd": "10.1.0.7"}, "", "2 3 4 5 6"),
        ({"ranges": [[{"subnet": "10.1.0.0/30"}, {"subnet": "10.1.0.8/30"}, {"subnet": "10.1.0.16/29"}]]}, "10.1.0.10", "18 19 20 21 22 2 10"),
    ],
)
def test_addresses_come_round_robin_and_each_once(ipam: dict, last: str, order: str):
    ((one,), mistakes) = ranges(ipam)
    assert mistakes == []
    found = [each.text(number).removeprefix("10.1.0.") for number, each in walk(one, last)]
    assert " ".join(found) == order
    assert sum(each.size for each in one) == len(found)


def test_a_large_network_is_walked_without_being_counted():
    ((one,), _) = ranges({"subnet": "fd00::/64"})
    assert [each.text(n) for n, each in islice(walk(one, "fd00::fffe"), 2)] == ["fd00::ffff", "fd00::1:0"]
    assert next(walk(one, "fd00::ffff:ffff:ffff:ffff"))[0] & 0xFF == 2
