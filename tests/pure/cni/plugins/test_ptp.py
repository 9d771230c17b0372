"""What ptp wants, as commands."""

from calls import BOTH, ONE, call, commands

from netwright.cni.plugins import chained, ptp
from netwright.networks import records
from netwright.networks.records import Record

PORT = "vethbe02b933034"


def test_a_cable_and_routes_at_both_ends():
    wiring, record = ptp.described(call(type="ptp", ipMasq=True, mtu=1400), ONE)
    assert commands(wiring) == [
        f"ip link add name {PORT} mtu 1400 up type veth peer name eth0 mtu 1400 netns box",
        "sysctl -qw net.ipv4.ip_forward=1",
        f"ip address add 10.1.0.1/32 dev {PORT}",
        f"ip route add 10.1.0.2 dev {PORT}",
        "ip -n box link set dev eth0 up",
        "ip -n box address add 10.1.0.2/24 dev eth0 noprefixroute",
        "ip -n box route add 10.1.0.1 dev eth0 src 10.1.0.2",
        "ip -n box route add 10.1.0.0/24 via 10.1.0.1 dev eth0 src 10.1.0.2",
        "ip -n box route add default via 10.1.0.1 dev eth0",
    ]
    assert record.elements == (("sources4", '10.1.0.2 comment "cni/n/c1/eth0"'), ("own4", f'10.1.0.2 . "{PORT}" comment "cni/n/c1/eth0"'))


def test_both_families():
    lines = commands(ptp.described(call(type="ptp"), BOTH)[0])
    assert f"sysctl -qw net.ipv6.conf.{PORT}.accept_ra=0" in lines
    assert f"ip -6 route add fd01::2 dev {PORT}" in lines
    assert "ip -n box -6 route add fd01::1 dev eth0 src fd01::2" in lines


def test_what_portmap_has_asked_for_stays():
    records.put(Record("cni/n/c1/eth0/portmap", chained.PORTMAP[0], data={"options": [chained.HAIRPIN]}))
    lines = commands(ptp.described(call(type="ptp"), BOTH)[0])
    assert any(f"route add local ::1 dev {PORT}" in line for line in lines)
