"""VLANs of the plugin bridge: what the keys mean, what is done for them, what is refused. (The kernel's part is tests/kernel/test_bridge_vlan.py.)"""

import pytest
from calls import BOTH, NOTHING, ONE, call, commands

from netwright.cni.plugins import bridged, netwright, vlans
from netwright.cni.plugins.vlans import Ground, Vlans
from netwright.cni.protocol.config import Config
from netwright.cni.protocol.errors import CniError
from netwright.cni.protocol.result import Result
from netwright.kernel import probe
from netwright.model.state import Device, Namespace, State
from netwright.networks import attaching, records
from netwright.networks.records import Record
from netwright.networks.wiring import HOST
from netwright.plan.planner import plan
from netwright.plan.step import step

PORT = "vethbe02b933034"
BRIDGE = "ip link add name cni0 address 02:6e:d8:78:81:99 up type bridge vlan_filtering 1"
CABLE = f"ip link add name {PORT} master cni0 up type veth peer name eth0 netns box"


@pytest.fixture
def unable(monkeypatch: pytest.MonkeyPatch) -> None:
    why = "this kernel lacks CONFIG_BRIDGE_VLAN_FILTERING (VLANs of bridges)"
    monkeypatch.setitem(probe._answers, "vlan_filtering", probe.Answer("vlan_filtering", probe.NO, why))


def wired(result: Result = ONE, there: Ground = vlans.NEW, **keys: object):
    said = call(**keys)
    return bridged.described(said, bridged.settings(said), result, there=there)


# -- the configuration -------------------------------------------------------------------------------------------------------------

ASKED = [
    ({}, Vlans()),
    ({"vlan": 0}, Vlans()),
    ({"preserveDefaultVlan": False}, Vlans(keep=False)),
    ({"vlan": 100}, Vlans(100, filtering=True)),
    ({"VLAN": 4094, "PreserveDefaultVLAN": False}, Vlans(4094, keep=False, filtering=True)),
    ({"vlanTrunk": []}, Vlans(filtering=True)),
    ({"vlan": 100, "vlanTrunk": []}, Vlans(100, filtering=True)),
    ({"vlanTrunk": [{"id": 7}]}, Vlans(0, (7,), filtering=True)),
    ({"vlanTrunk": [{"minID": 10, "maxID": 12}, {"ID": 11}, {"minid": 3, "maxid": 3, "id": 20}]}, Vlans(0, (3, 10, 11, 12, 20), filtering=True)),
    ({"vlanTrunk": None}, Vlans()),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "wanted"), ASKED, ids=lambda item: str(item)[:50])
def test_what_the_keys_mean(keys: dict, wanted: Vlans):
    config = Config({"name": "n", **keys})
    assert vlans.asked(config) == wanted
    assert config.mistakes == []


WRONG = [
    ({"vlan": -1}, "vlan: -1 is not from 0 to 4094"),
    ({"vlan": 4095}, "vlan: 4095 is not from 0 to 4094"),
    ({"vlan": "100"}, 'vlan: a whole number belongs here, not "100"'),
    ({"vlan": 5, "vlanTrunk": [{"id": 7}]}, "vlanTrunk: it cannot be together with vlan: a port takes either untagged frames or those of a trunk"),
    ({"vlanTrunk": 7}, "vlanTrunk: a list belongs here, not 7"),
    ({"vlanTrunk": [None]}, "vlanTrunk[0]: an object belongs here, not null"),
    ({"vlanTrunk": [{}]}, 'vlanTrunk[0].id: it is missing: say one VLAN with "id", or a range with "minID" and "maxID"'),
    ({"vlanTrunk": [{"id": 1}, {"minID": 2}]}, "vlanTrunk[1].maxID: it is missing: minID is the other end of a range"),
    ({"vlanTrunk": [{"maxID": 2}]}, "vlanTrunk[0].minID: it is missing: maxID is the other end of a range"),
    ({"vlanTrunk": [{"minID": 9, "maxID": 2}]}, "vlanTrunk[0].maxID: 2 is less than minID, 9"),
    ({"vlanTrunk": [{"id": 0}]}, "vlanTrunk[0].id: 0 is not from 1 to 4094"),
    ({"vlanTrunk": [{"minID": 1, "maxID": 4095}]}, "vlanTrunk[0].maxID: 4095 is not from 1 to 4094"),
    ({"vlan": 100, "preserveDefaultVlan": 0}, "preserveDefaultVlan: true or false belongs here, not 0"),
    ({"vlan": 100, "bridge": "x" * 12, "isGateway": True}, "is longer than 15 characters: take a shorter name"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "told"), WRONG, ids=lambda item: str(item)[:50])
def test_mistakes(keys: dict, told: str):
    with pytest.raises(CniError) as caught:
        bridged.settings(call(**keys))
    assert (caught.value.code, told in caught.value.message) == (7, True), caught.value.message


# -- the port ----------------------------------------------------------------------------------------------------------------------

# The keys, the bridge's default VLAN, and what the port should have.
PORTS = [
    (Vlans(100), 1, ((1, "untagged"), (100, "pvid untagged"))),
    (Vlans(100, keep=False), 1, ((100, "pvid untagged"),)),
    (Vlans(1), 1, ((1, "pvid untagged"),)),
    (Vlans(100), 7, ((7, "untagged"), (100, "pvid untagged"))),
    (Vlans(100), 0, ((100, "pvid untagged"),)),
    (Vlans(0, (10, 11)), 1, ((1, "pvid untagged"), (10, ""), (11, ""))),
    (Vlans(0, (10, 11), keep=False), 1, ((10, ""), (11, ""))),
    (Vlans(0, (1, 2)), 1, ((1, ""), (2, ""))),
    (Vlans(keep=False), 1, ((1, "pvid untagged"),)),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "default", "wanted"), PORTS, ids=str)
def test_the_vlans_of_a_port(asked: Vlans, default: int, wanted: tuple):
    assert vlans.of_port(asked, default) == wanted


DONE = [
    ({"vlan": 100}, vlans.NEW, [f"bridge vlan add dev {PORT} vid 1 untagged", f"bridge vlan add dev {PORT} vid 100 pvid untagged"]),
    ({"vlan": 100, "preserveDefaultVlan": False}, vlans.NEW, [f"bridge vlan add dev {PORT} vid 100 pvid untagged", f"bridge vlan del dev {PORT} vid 1"]),
    ({"vlan": 100, "preserveDefaultVlan": False}, Ground(0), [f"bridge vlan add dev {PORT} vid 100 pvid untagged"]),
    ({"vlanTrunk": [{"id": 7}]}, vlans.NEW, [f"bridge vlan add dev {PORT} vid 1 pvid untagged", f"bridge vlan add dev {PORT} vid 7"]),
    # A second ADD: what the port has from the first one goes where it is asked for no more.
    ({"vlan": 100}, Ground(1, ((1, "untagged"), (99, "pvid untagged"))), [
        f"bridge vlan add dev {PORT} vid 1 untagged", f"bridge vlan add dev {PORT} vid 100 pvid untagged", f"bridge vlan del dev {PORT} vid 99"]),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "there", "wanted"), DONE, ids=lambda item: str(item)[:50])
def test_what_is_done_at_the_port(keys: dict, there: Ground, wanted: list[str]):
    done = commands(wired(there=there, **keys)[0])
    assert done[:2] == [BRIDGE, CABLE]
    assert [line for line in done if "vlan add" in line or "vlan del" in line] == wanted


def test_the_port_is_in_its_vlan_before_it_has_an_address():
    """What is told to neighbours with a new address (arp_notify) is told in the VLAN."""
    done = commands(wired(vlan=100)[0])
    assert done.index(f"bridge vlan add dev {PORT} vid 100 pvid untagged") < done.index("ip -n box address add 10.1.0.2/24 dev eth0")


def test_without_the_keys_nothing_is_said_of_vlans():
    assert not any("vlan" in line for line in commands(wired(preserveDefaultVlan=False, isGateway=True)[0]))


# -- the gateway -------------------------------------------------------------------------------------------------------------------


def test_the_gateway_of_a_vlan_is_a_vlan_on_the_bridge():
    wiring, record = wired(BOTH, vlan=100, isGateway=True, ipMasq=True)
    done = commands(wiring)
    assert "ip link add name cni0.100 link cni0 up type vlan id 100" in done
    assert "bridge vlan add dev cni0 vid 100 self" in done
    for line in ("ip address add 10.1.0.1/24 dev cni0.100", "ip address add fd01::1/64 dev cni0.100 nodad", "sysctl -qw net.ipv4.conf.cni0/100.route_localnet=1"):
        assert line in done
    assert not any(line.endswith("dev cni0") and "address" in line for line in done), "the bridge itself has none"
    for device in ("cni0.100", "cni0"):  # br_netfilter: what goes from port to port is going to the bridge
        assert ("own4", f'10.1.0.2 . "{device}" comment "cni/n/c1/eth0"') in record.elements
    assert record.device == "cni0"
    assert (HOST, "cni0.100") in wiring.shared


def test_what_was_planned_is_what_is_wanted_then():
    wiring, _ = wired(BOTH, vlan=100, isGateway=True)
    state = NOTHING
    for op in plan(NOTHING, wiring.want):
        state = step(state, op)
    assert plan(state, wiring.want) == []
    assert dict(state.namespaces[HOST].devices[PORT].vlans)[100] == "pvid untagged"


@pytest.mark.parametrize("keys", [{"vlan": 100}, {"vlanTrunk": [{"id": 7}], "isGateway": True}, {"vlan": 100, "isGateway": True}])
def test_no_device_where_nobody_is_a_gateway_or_in_a_vlan(keys: dict):
    result = Result() if keys == {"vlan": 100, "isGateway": True} else ONE
    done = commands(wired(result, **keys)[0])
    assert not any("cni0.100" in line for line in done)
    assert ("ip address add 10.1.0.1/24 dev cni0" in done) == ("vlanTrunk" in keys)


def test_somebody_elses_device_of_that_name_is_the_gateway_as_it_is():
    """Upstream's is a cable into the bridge."""
    theirs = Device("veth", up=True, mtu=1500, address="02:00:00:00:00:01")
    wiring, record = wired(there=Ground(1, None, theirs), vlan=100, isGateway=True)
    assert wiring.want.namespaces[HOST].devices["cni0.100"] == theirs
    assert wiring.want.namespaces[HOST].devices["cni0"].vlans == ()
    assert any(a.link == "cni0.100" for a in wiring.want.namespaces[HOST].addresses)
    said = call(vlan=100, isGateway=True)
    there = Ground(1, None, theirs)
    assert attaching.COMMON not in bridged._with_gateway(record, wiring, bridged.settings(said), there).data


def test_the_gateway_goes_with_the_last_who_needs_it():
    said = call(vlan=100, isGateway=True)
    wiring, record = wired(vlan=100, isGateway=True)
    record = bridged._with_gateway(record, wiring, bridged.settings(said), vlans.NEW)
    other = Record("cni/n/c2/eth0", "cni0", ("vethother",), data={attaching.COMMON: ["cni0.100"]})
    third = Record("cni/m/c3/eth0", "cni0", ("veththird",), data={attaching.COMMON: ["cni0.7"]})
    for one in (record, other, third):
        records.put(one)
    assert attaching._without_heirs(record, records.listed("cni0")) == []
    records.remove("cni0", other.owner)
    assert attaching._without_heirs(record, records.listed("cni0")) == ["cni0.100"]
    assert attaching._without_heirs(third, records.listed("cni0")) == ["cni0.7"]


def test_the_one_exec_plugin_takes_them_too():
    _, how, besides = netwright._read(call(type="netwright", subnet="10.1.0.0/24", vlan=100))
    assert how.routed == "cni-n.100"
    assert ("bridges", '"cni-n.100" comment "cni/n"') in besides.elements


def test_del_without_a_record_looks_for_the_elements_of_the_gateway():
    said = call("DEL", vlan=100, isGateway=True, prevResult={"ips": [{"address": "10.1.0.2/24"}]})
    assert ("own4", '10.1.0.2 . "cni0.100" comment "o"') in bridged._derived(said, "cni0", "o").elements
    hostile = call("DEL", vlan="x", vlanTrunk=[7, {"minID": "a"}], isGateway=2, prevResult={"ips": 3})
    assert bridged._derived(hostile, "cni0", "o").elements == ()


# -- CHECK, and a kernel without ---------------------------------------------------------------------------------------------------


def test_check_tells_what_is_not_as_it_was_made():
    wiring, _ = wired(vlan=100)
    good = {PORT: ((1, "untagged"), (100, "pvid untagged"))}
    assert vlans.lost(wiring.want, good) == ""
    assert vlans.lost(wiring.want, {PORT: ((1, "pvid untagged"),)}) == f"{PORT} has the VLANs 1 pvid untagged, not 1 untagged, 100 pvid untagged"
    assert vlans.lost(wiring.want, {}) == f"{PORT} has the VLANs none, not 1 untagged, 100 pvid untagged"
    assert all(device.vlans == () for device in vlans.unsaid(wiring).want.namespaces[HOST].devices.values())


@pytest.mark.usefixtures("unable")
@pytest.mark.parametrize("command", ["ADD", "CHECK"])
@pytest.mark.parametrize(("key", "given"), [("vlan", 100), ("vlanTrunk", [{"id": 7}])])
def test_a_kernel_without_is_told_with_key_and_value(command: str, key: str, given: object):
    with pytest.raises(CniError) as caught:
        bridged.settings(call(command, **{key: given}))
    assert (caught.value.code, caught.value.message) == (2, f"{key}: {given}")
    assert "this kernel lacks CONFIG_BRIDGE_VLAN_FILTERING" in caught.value.details


@pytest.mark.usefixtures("unable")
def test_status_says_that_no_add_would_work():
    said = call("STATUS", vlan=100)
    with pytest.raises(CniError) as caught:
        bridged.status(said, bridged.settings(said))
    assert (caught.value.code, "CONFIG_BRIDGE_VLAN_FILTERING" in caught.value.details) == (50, True)


@pytest.mark.parametrize(
    ("keys", "seen"),
    [({"vlan": 100}, {"vlan_filtering": 0}), ({"vlan": 100}, {}), ({"vlanTrunk": []}, {"vlan_default_pvid": 1})],
)
def test_a_bridge_that_does_not_filter_is_refused(monkeypatch: pytest.MonkeyPatch, keys: dict, seen: dict):
    _bridge(monkeypatch, seen)
    with pytest.raises(CniError) as caught:
        vlans.ground("br0", "veth1", vlans.asked(Config({"name": "n", **keys})))
    assert (caught.value.code, caught.value.message) == (102, "br0 does not filter by VLAN")
    assert "ip link set br0 type bridge vlan_filtering 1" in caught.value.details


def test_what_is_there_before(monkeypatch: pytest.MonkeyPatch):
    _bridge(monkeypatch, {"vlan_filtering": 1, "vlan_default_pvid": 5})
    monkeypatch.setattr(vlans, "on_host", lambda: {"veth1": ((5, "pvid untagged"),)})
    assert vlans.ground("br0", "veth1", Vlans(0, (7,))) == Ground(5, ((5, "pvid untagged"),))
    assert vlans.ground("br0", "veth2", Vlans(0, (7,))) == Ground(5, None)
    assert vlans.ground("br1", "veth2", Vlans(0, (7,))) == vlans.NEW


@pytest.mark.parametrize(
    ("holder", "made_by", "told"),
    [
        (Device("veth"), "", "theirs"),
        (Device("vlan", lower=(HOST, "br0")), "", "theirs"),
        (Device("vlan", lower=(HOST, "br0")), "us", "ours"),
        (Device("vlan", lower=(HOST, "eth1")), "", "refused"),
        (Device("bridge"), "", "refused"),
    ],
)
def test_who_has_the_gateways_name(monkeypatch: pytest.MonkeyPatch, holder: Device, made_by: str, told: str):
    _bridge(monkeypatch, {"vlan_filtering": 1}, **{"br0.100": holder})
    monkeypatch.setattr(vlans, "on_host", dict)
    if made_by:
        records.put(Record("cni/n/c2/eth0", "br0", data={attaching.COMMON: ["br0.100"]}))
    if told == "refused":
        with pytest.raises(CniError, match=r"br0\.100") as caught:
            vlans.ground("br0", "veth1", Vlans(100))
        assert caught.value.code == 102
    else:
        assert vlans.ground("br0", "veth1", Vlans(100)).gateway == (holder if told == "theirs" else None)


def test_the_bridges_own_vlan_is_no_vlan_for_a_gateway():
    with pytest.raises(CniError) as caught:
        wired(vlan=1, isGateway=True)
    assert (caught.value.code, "leave vlan out" in caught.value.details) == (7, True)
    wired(vlan=1)
    wired(there=Ground(0), vlan=1, isGateway=True)


def _bridge(monkeypatch: pytest.MonkeyPatch, options: dict, **others: Device) -> None:
    """br0 of these options is there, and others."""
    there = {"br0": Device("bridge", options=tuple(options.items())), **others}
    monkeypatch.setattr(attaching, "seen", lambda name: State({HOST: Namespace({k: d for k, d in there.items() if k == name})}))
