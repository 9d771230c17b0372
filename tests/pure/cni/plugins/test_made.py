"""Devices made in the container: what each configuration wants, as the commands that would make it; also those that this kernel may lack."""

from random import Random

import pytest

from netwright.cni.plugins import dummy, ipvlan, macvlan, made, tap, vlan, vrf
from netwright.cni.protocol.call import Call
from netwright.cni.protocol.config import Config
from netwright.cni.protocol.errors import CniError
from netwright.cni.protocol.result import Address, Interface, Result, Route
from netwright.model.address import Address as Given
from netwright.model.route import Route as Way
from netwright.model.state import Device, Namespace, State
from netwright.networks.wiring import BOX, HOST
from netwright.plan.explain import shell
from netwright.plan.planner import plan
from netwright.plan.step import run

NOTHING = State({HOST: Namespace({"up0": Device("veth", up=True, mtu=1500)}), BOX: Namespace()})
EMPTY = Result()
ON_HOST, IN_CONTAINER = ((HOST, "up0"), 1500), ((BOX, "below"), 1500)


def call(command: str = "ADD", ifname: str = "eth0", **keys: object) -> Call:
    config = {"cniVersion": "1.1.0", "name": "n", **keys}
    return Call(command, "c1", "/run/netns/c1", ifname, {}, ("/opt/cni/bin",), Config(config, lenient=command == "DEL"))


@pytest.fixture
def below(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device below is up0 of the host, or `below` of the container."""
    monkeypatch.setattr(made, "below", lambda call, inside, name: IN_CONTAINER if call.config.flag("linkInContainer") else ON_HOST)


def commands(call: Call, wanted: made.Made, result: Result = EMPTY) -> list[str]:
    wiring = made.wired(call, wanted, result)
    want = State({**wiring.want.namespaces, HOST: NOTHING.namespaces[HOST]})
    todo = plan(NOTHING, want)
    if "below" not in shell(todo[0]):
        there = run(NOTHING, todo)
        assert plan(there, want) == [], "and then it is there"
    return [shell(op).replace("ip netns exec box ", "") for op in todo]


CASES = [
    (macvlan, {}, ["ip link add name eth0 link up0 netns box up type macvlan mode bridge"]),
    (macvlan, {"mode": "passthru"}, ["ip link add name eth0 link up0 netns box up type macvlan mode passthru"]),
    (macvlan, {"mode": "vepa", "mtu": 1400, "mac": "02:00:00:00:00:01", "bcqueuelen": 7}, [
        "ip link add name eth0 address 02:00:00:00:00:01 link up0 netns box up type macvlan mode vepa bcqueuelen 7",
        "ip -n box link set dev eth0 mtu 1400",
    ]),
    (macvlan, {"linkInContainer": True}, ["ip -n box link add name eth0 link below up type macvlan mode bridge"]),
    (ipvlan, {}, ["ip link add name eth0 link up0 netns box up type ipvlan mode l2"]),
    (ipvlan, {"mode": "l3", "mtu": 1400}, ["ip link add name eth0 link up0 netns box up type ipvlan mode l3", "ip -n box link set dev eth0 mtu 1400"]),
    (ipvlan, {"mode": "l3s", "linkInContainer": True}, ["ip -n box link add name eth0 link below up type ipvlan mode l3s"]),
    (vlan, {"master": "up0", "vlanId": 100}, ["ip link add name eth0 link up0 netns box up type vlan id 100"]),
    (vlan, {"master": "up0", "vlanId": 4094, "mtu": 1400}, ["ip link add name eth0 link up0 netns box up type vlan id 4094", "ip -n box link set dev eth0 mtu 1400"]),
]  # fmt: skip


@pytest.mark.usefixtures("below")
@pytest.mark.parametrize(("plugin", "keys", "wanted"), CASES)
def test_what_is_wanted(plugin, keys: dict, wanted: list[str]):
    said = call(**keys)
    found = [line.replace("mode l2 bridge", "mode l2").replace("mode l3 bridge", "mode l3").replace("mode l3s bridge", "mode l3s") for line in commands(said, plugin.described(said, -1))]
    assert found == wanted


def test_a_dummy():
    assert commands(call(), dummy.WANTED) == ["ip -n box link add name eth0 up type dummy"]


def test_addresses_and_routes():
    result = Result(
        (), (Address("10.1.0.2/24", "10.1.0.1", 0), Address("fd01::2/64", "fd01::1", 0)), (Route("0.0.0.0/0"), Route("::/0", priority=5), Route("10.9.0.0/16", "10.1.0.7", 1300, 1200, 3, 90), Route("10.8.0.0/16", scope=253))
    )
    assert commands(call(), dummy.WANTED, result) == [
        "ip -n box link add name eth0 up type dummy",
        "sysctl -qw net.ipv4.conf.eth0.arp_notify=1",
        "sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0",
        "sysctl -qw net.ipv6.conf.eth0.ndisc_notify=1",
        "ip -n box address add 10.1.0.2/24 dev eth0",
        "ip -n box address add fd01::2/64 dev eth0 nodad",
        "ip -n box route add 10.8.0.0/16 dev eth0",
        "ip -n box route add 10.9.0.0/16 via 10.1.0.7 dev eth0 table 90 metric 3 advmss 1200 mtu 1300",
        "ip -n box route add default via 10.1.0.1 dev eth0",
        "ip -n box -6 route add default via fd01::1 dev eth0 metric 5",
    ]


TAPS = [
    ({}, {"multi_queue": 0, "persist": 1, "type": 2}, ""),
    ({"multiQueue": True, "owner": 0, "group": 5, "bridge": "br0"}, {"group": 5, "multi_queue": 1, "owner": 0, "persist": 1, "type": 2}, "br0"),
]


@pytest.mark.parametrize(("keys", "options", "master"), TAPS)
def test_a_tap(keys: dict, options: dict, master: str):
    found = tap.described(call(**keys))
    assert (dict(found.options), found.master, found.kind) == (options, master, "tun")


WRONG = [
    (macvlan, {"mode": "l2"}, 'mode: "l2" is none of bridge, private, vepa, passthru'),
    (macvlan, {"mtu": 9000}, "mtu: invalid MTU 9000, must be [0, master MTU(1500)]"),
    (macvlan, {"mac": "01:00:5e:00:00:01"}, 'mac: "01:00:5e:00:00:01" is no hardware address of one device, as in 02:42:0a:01:00:02'),
    (ipvlan, {"mode": "bridge"}, 'mode: "bridge" is none of l2, l3, l3s'),
    (vlan, {"master": "up0", "vlanId": 4095}, "vlanId: 4095 is not from 0 to 4094"),
    (vlan, {"vlanId": 5}, "master: it is required: the device of the host to make this one on"),
    (vlan, {"master": "up0", "vlanId": "5"}, 'vlanId: a whole number belongs here, not "5"'),
]


@pytest.mark.usefixtures("below")
@pytest.mark.parametrize(("plugin", "keys", "message"), WRONG)
def test_mistakes(plugin, keys: dict, message: str):
    with pytest.raises(CniError) as caught:
        plugin.described(call(**keys), -1)
    assert (caught.value.code, caught.value.message) == (7, message)


@pytest.mark.usefixtures("below")
def test_every_mistake_at_once():
    with pytest.raises(CniError) as caught:
        macvlan.described(call(mode="odd", mtu=-1, mac="x", bcqueuelen="many"), -1)
    assert caught.value.message == "4 mistakes in the configuration of network n"


def test_ipvlan_behind_another_plugin_takes_its_device(monkeypatch: pytest.MonkeyPatch):
    asked = []
    monkeypatch.setattr(made, "below", lambda call, inside, name: asked.append(name) or ON_HOST)
    before = Result((Interface("bond0"),), (Address("10.1.0.2/24"),))
    ipvlan.described(call(), -1, before)
    assert asked == ["bond0"]
    with pytest.raises(CniError, match="chained master failure"):
        ipvlan.described(call(), -1, Result((Interface("a"), Interface("b"))))


# -- vrf ---------------------------------------------------------------------------------------------------------------------------

HERE = Namespace(
    {"eth0": Device("veth", up=True, mtu=1500)},
    frozenset({Given("10.1.0.2/24", "eth0")}),
    frozenset({Way("default", 4, "10.1.0.1", "eth0", protocol=3), Way("10.9.0.0/16", 4, "10.1.0.1", "eth0", table=90, protocol=3)}),
)


def test_an_interface_joins_a_vrf():
    want = State({BOX: vrf.joined(HERE, "eth0", "blue", 10)})
    todo = plan(State({BOX: HERE}), want)
    assert [shell(op) for op in todo][-3:] == [
        "ip -n box link add name blue up type vrf table 10",
        "ip -n box link set dev eth0 master blue",
        "ip -n box route add default via 10.1.0.1 dev eth0 table 10",
    ]
    there = run(State({BOX: HERE}), todo)
    assert there.namespaces[BOX].devices["eth0"].master == "blue"
    assert {(r.to, r.table) for r in there.namespaces[BOX].routes} == {("default", 10), ("10.9.0.0/16", 90)}
    assert plan(there, want) == []


@pytest.mark.parametrize(("keys", "message"), [
    ({}, "vrfname: configuration is expected to have a valid vrf name"),
    ({"vrfname": "much-too-long-a-name"}, 'vrfname: "much-too-long-a-name" is no name of a device: 1 to 15 characters without / : and blanks'),
    ({"vrfname": ".."}, 'vrfname: ".." is no name of a device: 1 to 15 characters without / : and blanks'),
    ({"vrfname": "blue", "table": 254}, "table: 254 is one that the kernel uses: default, main or local"),
])  # fmt: skip
def test_mistakes_of_vrf(keys: dict, message: str):
    with pytest.raises(CniError) as caught:
        vrf.settings(call(**keys))
    assert caught.value.message == message


@pytest.mark.parametrize(("used", "table"), [([], 1), ([1, 2], 3), ([254, 1], 2), ([2], 1)])
def test_a_free_table(used: list[int], table: int):
    assert vrf.free_table(used) == table


# -- anything at all -----------------------------------------------------------------------------------------------------------------

ODD = (None, True, False, 0, -1, 5, 1 << 70, 1.5, "", "x", "up0", "\x00", "a\nb", "../../etc", "$(id)", "ä" * 300, [], [1], {}, {"cni": 5}, {"type": 5}, {"type": "../x"}, "02:00:00:00:00:01")
KEYS = ("master", "mode", "mtu", "mac", "bcqueuelen", "vlanId", "linkInContainer", "multiQueue", "owner", "group", "bridge", "selinuxContext", "vrfname", "table", "runtimeConfig", "args", "dns")


@pytest.mark.usefixtures("below")
@pytest.mark.parametrize("seed", range(40))
def test_any_configuration_is_understood_or_refused(seed: int):
    rng = Random(seed)
    for _ in range(60):
        keys = {rng.choice((key, key.upper())): rng.choice(ODD) for key in rng.sample(KEYS, rng.randrange(1, 8))}
        said = call(**keys)
        codes = {_refused(lambda p=plugin, s=said: commands(s, p.described(s, -1))) for plugin in (macvlan, ipvlan, vlan)}
        codes |= {_refused(lambda r=read, s=said: (r(s), s.config.settle())) for read in (tap.described, vrf.settings)}
        assert codes <= {0, 2, 7}, keys


def _refused(work) -> int:
    try:
        work()
    except CniError as error:
        return error.code
    return 0
