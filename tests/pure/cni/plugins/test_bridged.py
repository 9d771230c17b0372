"""What each key of the plugin bridge wants, as commands; and what is refused."""

import pytest
from calls import BOTH, ONE, call, commands

from netwright.cni.plugins import bridged, chained
from netwright.cni.protocol.errors import CniError
from netwright.cni.protocol.result import Dns, Result, Route
from netwright.networks import records
from netwright.networks.records import Record
from netwright.networks.values import Port

PORT = "vethbe02b933034"
BRIDGE = "ip link add name cni0 address 02:6e:d8:78:81:99 up type bridge"
CABLE = f"ip link add name {PORT} master cni0 up type veth peer name eth0 netns box"
INSIDE = [
    "ip -n box link set dev lo up", "ip -n box link set dev eth0 up",
    "ip -n box address add 10.1.0.2/24 dev eth0", "ip -n box route add default via 10.1.0.1 dev eth0",
]  # fmt: skip
AS_GATEWAY = ["sysctl -qw net.ipv4.ip_forward=1", "sysctl -qw net.ipv4.conf.cni0.route_localnet=1", "ip address add 10.1.0.1/24 dev cni0"]


def wanted(result: Result = ONE, **keys: object) -> list[str]:
    said = call(**keys)
    return commands(bridged.described(said, bridged.settings(said), result)[0])


def test_the_least():
    assert wanted() == [BRIDGE, CABLE, *INSIDE]


def test_a_gateway_of_both_families():
    assert wanted(BOTH, isGateway=True) == [
        BRIDGE,
        CABLE,
        "sysctl -qw net.ipv4.ip_forward=1",
        "sysctl -qw net.ipv6.conf.all.forwarding=1",
        "sysctl -qw net.ipv4.conf.cni0.route_localnet=1",
        "sysctl -qw net.ipv6.conf.cni0.accept_ra=0",
        "ip address add 10.1.0.1/24 dev cni0",
        "ip address add fd01::1/64 dev cni0 nodad",
        "ip -6 route add local ::1 dev cni0 metric 780249",
        "box: sysctl -qw net.ipv6.conf.eth0.ndisc_notify=1",
        *INSIDE[:2],
        "ip -n box address add 10.1.0.2/24 dev eth0",
        "ip -n box address add fd01::2/64 dev eth0 nodad",
        "ip -n box route add default via 10.1.0.1 dev eth0",
        "ip -n box -6 route add default via fd01::1 dev eth0",
    ]


KEYS = [
    ({"mtu": 1400}, "ip link add name cni0 mtu 1400 address 02:6e:d8:78:81:99 up type bridge"),
    ({"mtu": 1400}, f"ip link add name {PORT} mtu 1400 master cni0 up type veth peer name eth0 mtu 1400 netns box"),
    ({"hairpinMode": True}, f"ip link set dev {PORT} type bridge_slave hairpin on"),
    ({"portIsolation": True}, f"ip link set dev {PORT} type bridge_slave isolated on"),
    ({"promiscMode": True}, "ip link set dev cni0 promisc on"),
    ({"runtimeConfig": {"mac": "02:00:00:00:00:0A"}}, f"ip link add name {PORT} master cni0 up type veth peer name eth0 address 02:00:00:00:00:0a netns box"),
    ({"macspoofchk": True}, f"ip link add name {PORT} master cni0 up type veth peer name eth0 address 02:6d:be:02:b9:33 netns box"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "command"), KEYS, ids=lambda item: str(item)[:40])
def test_a_key(keys: dict, command: str):
    assert command in wanted(**keys)


def test_the_guard_lets_only_the_containers_own_frames_pass():
    (guard,) = [line for line in wanted(macspoofchk=True, mac="") if line.startswith("nft")]
    assert f'iifname "{PORT}" ether saddr != 02:6d:be:02:b9:33 drop' in guard
    assert f"table bridge netwright-{PORT}" in guard


def test_duplicate_addresses_are_looked_for_only_when_asked():
    assert "ip -n box address add fd01::2/64 dev eth0 nodad" in wanted(BOTH)
    assert "ip -n box address add fd01::2/64 dev eth0" in wanted(BOTH, enabledad=True)


def test_an_interface_that_stays_down():
    assert "ip -n box link set dev eth0 up" not in wanted(Result(), disableContainerInterface=True)


def test_published_ports_need_a_hairpin():
    said = call()
    how = bridged.settings(said)
    wiring, record = bridged.described(said, how, ONE, bridged.Besides((Port("tcp", "", 8080, 80),)))
    assert any("hairpin on" in line for line in commands(wiring))
    assert ("publish4", 'tcp . 8080 comment "cni/n/c1/eth0" : 10.1.0.2 . 80') in record.elements


@pytest.mark.parametrize(("place", "option", "words"), [(chained.PORTMAP, "mode", "hairpin on"), (chained.FIREWALL, "isolated", "isolated on")])
def test_what_a_plugin_behind_has_asked_for_stays(place: tuple[str, str], option: str, words: str):
    assert not any(words in line for line in wanted())
    records.put(Record(f"cni/n/c1/eth0/{place[1]}", place[0], data={"options": [option]}))
    assert any(words in line for line in wanted())


@pytest.mark.parametrize("masquerade", [True, False])
def test_elements_of_the_firewall(masquerade: bool):
    said = call(ipMasq=masquerade, ipMasqBackend="iptables")
    _, record = bridged.described(said, bridged.settings(said), BOTH)
    assert [name for name, _ in record.elements] == (["sources4", "own4", "sources6", "own6"] if masquerade else [])
    assert (record.owner, record.device, record.ports) == ("cni/n/c1/eth0", "cni0", (PORT,))


def completed(**keys: object) -> Result:
    said = call(**keys)
    return bridged._completed(said, bridged.settings(said), Result((), tuple(a.__class__(a.address) for a in BOTH.addresses), (Route("10.9.0.0/16", "10.1.0.7"),)))


def test_gateways_are_the_first_addresses_where_none_is_said():
    assert [a.gateway for a in completed(isGateway=True).addresses] == ["10.1.0.1", "fd01::1"]
    assert [a.gateway for a in completed().addresses] == ["", ""]


def test_default_routes_are_for_default_gateways():
    assert [(r.to, r.via) for r in completed(isDefaultGateway=True).routes[1:]] == [("0.0.0.0/0", "10.1.0.1"), ("::/0", "fd01::1")]
    assert len(completed(isGateway=True).routes) == 1


def test_the_configurations_dns_goes_before_the_ipams():
    assert completed(dns={"nameservers": ["10.0.0.53"]}).dns == Dns(("10.0.0.53",))


WRONG = [
    ({"hairpinMode": True, "promiscMode": True}, 7, "hairpinMode"),
    ({"disableContainerInterface": True, "ipam": {"type": "static"}}, 7, "disableContainerInterface"),
    ({"bridge": "a/b"}, 7, "bridge"),
    ({"bridge": ".."}, 7, "bridge"),
    ({"bridge": "x" * 16}, 7, "bridge"),
    ({"bridge": 'a"b'}, 7, "bridge"),
    ({"bridge": "br*"}, 7, "bridge"),
    ({"bridge": "a\\"}, 7, "bridge"),
    ({"bridge": "a\x01"}, 7, "bridge"),
    ({"bridge": "a\u2003b"}, 7, "bridge"),
    ({"mtu": 70000}, 7, "mtu"),
    ({"mtu": "1400"}, 7, "mtu"),
    ({"isGateway": "yes"}, 7, "isGateway"),
    ({"ipMasqBackend": "pf"}, 7, "ipMasqBackend"),
    ({"runtimeConfig": {"mac": "01:00:5e:00:00:01"}}, 7, "mac"),
    ({"runtimeConfig": {"mac": "0:0:0"}}, 7, "mac"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "code", "words"), WRONG, ids=lambda item: str(item)[:40])
def test_what_is_refused(keys: dict, code: int, words: str):
    with pytest.raises(CniError) as caught:
        bridged.settings(call(**keys))
    assert (caught.value.code, words in caught.value.message) == (code, True), caught.value


def test_strange_words_that_are_no_mistake():
    assert bridged.settings(call(bridge="a;b", vlan=0)).bridge == "a;b"


def test_all_mistakes_are_told_at_once():
    with pytest.raises(CniError) as caught:
        bridged.settings(call(mtu=-1, isGateway=1, bridge="", hairpinMode=True, promiscMode=True))
    assert caught.value.details.count(";") == 2


def test_mistakes_in_the_ranges_are_told_with_the_others():
    with pytest.raises(CniError) as caught:
        bridged.settings(call(isGateway="yes", ipam={"type": "host-local", "subnet": "10.9.0.1/24"}))
    assert "isGateway: true or false" in caught.value.details
    assert "ipam.subnet: 10.9.0.1/24 has host bits set" in caught.value.details


def test_unknown_words_of_the_runtime_are_refused_on_add_alone():
    with pytest.raises(CniError) as caught:
        bridged.settings(call(cni_args={"X": "y"}))
    assert caught.value.code == 4
    bridged.settings(call("CHECK", cni_args={"X": "y"}))


def test_a_malformed_dns_is_told_before_anything_is_done():
    from netwright.cni.plugins import bridged
    from netwright.cni.protocol.call import read_call
    from netwright.cni.protocol.errors import CniError

    environment = {"CNI_COMMAND": "ADD", "CNI_CONTAINERID": "c", "CNI_NETNS": "/n", "CNI_IFNAME": "eth0", "CNI_PATH": "/opt/cni/bin"}
    config = b'{"cniVersion": "1.0.0", "name": "n", "type": "bridge", "dns": {"nameservers": "10.0.0.1"}}'
    with pytest.raises(CniError, match="nameservers") as wrong:
        bridged.settings(read_call(environment, lambda: config))
    assert wrong.value.code == 7
