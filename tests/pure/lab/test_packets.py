"""Where packets are listened to, and the lines that evidence makes of links, routes, neighbours and packets."""

import os
import socket
import struct

import pytest

from netwright.lab import evidence
from netwright.lab.packets import Cable, Reader, watched
from netwright.lab.pcap import header
from netwright.model.address import Address
from netwright.model.link import Link
from netwright.model.neighbour import Neighbour
from netwright.model.route import Nexthop, Route
from netwright.model.state import Device, Namespace, State


def veth(*peer: str, **more: object) -> Device:
    return Device("veth", peer=peer, **more)


def state(**namespaces: dict[str, Device]) -> State:
    return State({name.replace("root", "@"): Namespace(devices) for name, devices in namespaces.items()})


WATCHED = {
    "nothing": (State(), {}),
    "a switch": (
        state(root={"s": Device("bridge"), "p1": veth("a", "eth0"), "p2": veth("b", "eth0")}, a={"eth0": veth("@", "p1")}, b={"eth0": veth("@", "p2")}),
        {"@": {"p1": ("a", "eth0"), "p2": ("b", "eth0")}},
    ),
    "a cable": (state(a={"eth0": veth("b", "eth0")}, b={"eth0": veth("a", "eth0")}), {"a": {"eth0": ("a", "eth0")}}),
    "both": (
        state(root={"p": veth("a", "eth0")}, a={"eth0": veth("@", "p"), "eth1": veth("b", "x")}, b={"x": veth("a", "eth1"), "v": Device("vxlan")}),
        {"@": {"p": ("a", "eth0")}, "a": {"eth1": ("a", "eth1")}},
    ),
    "from switch to switch": (state(root={"p": veth("@", "q"), "q": veth("@", "p")}), {}),
    "within one host": (state(a={"l": veth("a", "r"), "r": veth("a", "l")}), {"a": {"l": ("a", "l")}}),
}


@pytest.mark.parametrize("case", WATCHED)
def test_each_cable_is_listened_to_once(case: str):
    given, expected = WATCHED[case]
    assert watched(given) == expected


LINES = [
    (evidence._link, (Link("eth0", up=True, state="up", mtu=1500, address="02:00:00:00:00:01"), [Address("10.0.0.1/24", "eth0")], veth("@", "p")),
     "eth0 up mtu 1500 02:00:00:00:00:01 10.0.0.1/24 -- @:p"),
    (evidence._link, (Link("eth0", up=True, state="lowerlayerdown", mtu=1400, master="br"), [], None), "eth0 up (lowerlayerdown) mtu 1400 master br"),
    (evidence._link, (Link("eth0", state="down", mtu=1500), [Address("fe80::1/64", "eth0", 6, flags=("tentative", "permanent"))], None),
     "eth0 DOWN mtu 1500 fe80::1/64 (tentative)"),
    (evidence._route, (Route("default", via="10.0.0.1", link="eth0"),), "default via 10.0.0.1 dev eth0"),
    (evidence._route, (Route("10.9.0.0/16", type="blackhole", metric=5, table=7),), "blackhole 10.9.0.0/16 metric 5 table 7"),
    (evidence._route, (Route("default", nexthops=(Nexthop("10.0.0.1", "a"), Nexthop("10.0.1.1", "b")), flags=("linkdown",)),),
     "default nexthop via 10.0.0.1 dev a nexthop via 10.0.1.1 dev b linkdown"),
    (evidence._neighbour, (Neighbour("10.0.0.1", "eth0", state="failed"),), "10.0.0.1 dev eth0 failed"),
    (evidence._neighbour, (Neighbour("10.0.0.1", "eth0", "02:00:00:00:00:01", "permanent"),), "10.0.0.1 dev eth0 lladdr 02:00:00:00:00:01 permanent"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "arguments", "expected"), LINES)
def test_lines(function, arguments, expected: str):
    assert function(*arguments) == expected


def udp(source: str, target: str, protocol: int = 17, payload: bytes = b"\0" * 8) -> bytes:
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0, socket.inet_aton(source), socket.inet_aton(target))
    return bytes(12) + b"\x08\x00" + head + payload


def test_what_the_kernel_sends_by_itself_is_only_counted():
    cable = Cable("a", "eth0")
    cable.packets.extend([(10**9, True, udp("10.0.0.1", "224.0.0.22", 2), 42), (2 * 10**9, False, udp("10.0.0.2", "10.0.0.1"), 42)])
    first, second = evidence._lines(cable)
    assert first == "  (1 of them: multicast groups and duplicate address detection)"
    assert " <- 10.0.0.2.0 > 10.0.0.1.0: udp" in second


def test_pcap_files_are_named_by_lab_host_and_device(tmp_path):
    cables = {("a", "eth0"): Cable("a", "eth0"), ("b", "eth0"): Cable("b", "eth0")}
    cables["a", "eth0"].packets.append((5 * 10**9 + 7, True, b"x" * 20, 1000))
    written = evidence.write_pcaps("the/lab", cables, str(tmp_path))
    assert [os.path.basename(path) for path in written] == ["the_lab-a-eth0.pcap"]
    data = (tmp_path / "the_lab-a-eth0.pcap").read_bytes()
    assert data == header() + struct.pack("=IIII", 5, 7, 20, 1000) + b"x" * 20


def test_a_reader_without_work_has_no_thread_and_stops():
    reader = Reader()
    reader.stop()
    assert reader._thread is None
