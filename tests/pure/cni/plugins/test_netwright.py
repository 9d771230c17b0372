"""What the one-exec plugin makes of its configuration: defaults, elements, names. Whatever is said, it is read or refused as CNI does."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.cni import names
from netwright.cni.install import conflist
from netwright.cni.plugins import bridged, netwright
from netwright.cni.protocol.call import Call, read_call
from netwright.cni.protocol.errors import CniError
from netwright.cni.protocol.result import Address, Dns, Result

LEAST = {"cniVersion": "1.1.0", "name": "n", "type": "netwright", "subnet": "10.78.0.0/16"}


def call(config: dict, command: str = "ADD", container: str = "c1", **more: str) -> Call:
    environment = {"CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_NETNS": "/nowhere", "CNI_IFNAME": "eth0", "CNI_PATH": "/a", **more}
    return read_call(environment, lambda: json.dumps(config).encode())


def filled(**more: object) -> dict:
    return netwright.with_defaults(call({**LEAST, **more})).config.data


@pytest.mark.parametrize(
    ("said", "bridge", "flags"),
    [
        ({}, "cni-n", (True, True, True)),
        ({"isGateway": False}, "cni-n", (False, False, True)),
        ({"isGateway": None, "ISGATEWAY": False}, "cni-n", (False, False, True)),
        ({"ipmasq": False, "bridge": "br0"}, "br0", (True, True, False)),
        ({"isDefaultGateway": False}, "cni-n", (True, False, True)),
    ],
)
def test_what_is_not_said_is_filled_in(said: dict, bridge: str, flags: tuple[bool, ...]):
    config = netwright.with_defaults(call({**LEAST, **said})).config
    assert config.text("bridge") == bridge
    if "ISGATEWAY" not in said:
        assert tuple(config.flag(name) for name in ("isGateway", "isDefaultGateway", "ipMasq")) == flags
        assert config.mistakes == []


def test_subnets_become_sets_of_ranges_and_ipam_stays():
    assert filled(subnets=["fd78::/64", "10.78.0.0/16"])["ipam"] == {"type": "host-local", "ranges": [[{"subnet": "10.78.0.0/16"}], [{"subnet": "fd78::/64"}]]}
    mine = {"type": "static"}
    assert filled(subnet=None, ipam=mine)["ipam"] == mine
    assert "ipam" not in filled(subnet="")


def test_both_are_a_mistake():
    with pytest.raises(CniError, match="one of the two"):
        netwright._read(call({**LEAST, "ipam": {"type": "static"}}))


@pytest.mark.parametrize(("network", "bridge"), [("n", "cni-n"), ("eleven_long", "cni-eleven_long"), ("a-much-longer-name", "cni-a-mu-d5ff7a")])
def test_the_bridge_of_a_network(network: str, bridge: str):
    found = netwright.bridge_name(network)
    assert len(found) <= 15
    assert found[:8] == bridge[:8]
    assert found == netwright.bridge_name(network)
    assert found != netwright.bridge_name(network + "2")


def elements(**more: object) -> list[str]:
    _, _, besides = netwright._read(call({**LEAST, **more}))
    return [f"{name}: {element.partition(' comment ')[0]}" for name, element in besides.elements]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, ['bridges: "cni-n"', 'allowed: "cni-n" . "cni-n"']),
        ({"ingressPolicy": "open"}, []),
        ({"ingressPolicy": "isolated"}, ['bridges: "cni-n"']),
        ({"allow": ["br1", "br1"]}, ['bridges: "cni-n"', 'allowed: "cni-n" . "cni-n"', 'allowed: "br1" . "cni-n"']),
    ],
)
def test_who_may_talk_to_whom(said: dict, expected: list[str]):
    assert elements(**said) == expected


def test_an_isolated_port_is_so_on_the_bridge_too():
    _, how, _ = netwright._read(call({**LEAST, "ingressPolicy": "isolated"}))
    assert how.isolated


def test_one_wiring_has_cable_ports_limits_and_names_of_owners():
    limits = {"egressRate": 8_000_000, "egressBurst": 8_000_000}
    asked = {"portMappings": [{"HostPort": 8080, "ContainerPort": 80}], "bandwidth": limits}
    one, how, besides = netwright._read(call({**LEAST, "runtimeConfig": asked}))
    wiring, record = bridged.described(one, how, Result((), (Address("10.78.0.2/16", "10.78.0.1", 2),)), besides)
    here = wiring.want.namespaces[""]
    assert sorted(device.kind for device in here.devices.values()) == ["bridge", "ifb", "veth"]
    assert {queue.kind for queue in here.qdiscs} == {"ingress", "tbf"}
    assert set(record.ports) == set(here.devices) - {"cni-n"}
    assert sorted({name for name, _ in record.elements}) == ["allowed", "bridges", "own4", "publish4", "sources4"]
    assert record.data == {"shared": ["bridges", "allowed"]}


def test_what_nw_cni_install_writes_is_understood_without_a_mistake():
    (plugin,) = json.loads(conflist("web", "10.9.0.0/16"))["plugins"]
    read, how, _ = netwright._read(call({"cniVersion": "1.0.0", "name": "web", **plugin}))
    assert (how.bridge, how.gateway, how.default_gateway, how.masquerade) == ("cni-web", True, True, True)
    assert set(plugin["capabilities"]) <= set(netwright.CAPABILITIES)
    assert read.config.mistakes == []


# -- names -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "container", "args", "expected"),
    [
        ({}, "c1", "", ("c1",)),
        ({}, "c1", "K8S_POD_NAME=web", ("web", "c1")),
        ({"aliases": ["db", "c1"]}, "c1", "", ("c1", "db")),
        ({"aliases": {"n": ["db"], "m": ["x"]}}, "0123456789ab" + "0" * 52, "", ("0123456789ab", "db")),
        ({"aliases": ["a b", "-"]}, "c1", "K8S_POD_NAME=a_b", ("a_b", "c1", "-")),
    ],
)
def test_the_names_of_a_container(said: dict, container: str, args: str, expected: tuple[str, ...]):
    assert names.of_container(call({**LEAST, "runtimeConfig": said}, container=container, CNI_ARGS=args)) == expected


def test_names_that_are_too_long_for_files_still_are_told_apart():
    one, other = names.zone_name("n" * 200), names.zone_name("n" * 199 + "m")
    assert len(one) < 100
    assert one != other


RESULT = Result((), (Address("10.78.0.2/16", "10.78.0.1"), Address("fd78::2/64", "fd78::1")), (), Dns(("1.1.1.1",), "d", ("s",)))


def test_the_gateways_are_asked_and_ask_whom_the_configuration_says():
    zone = names.zone_of(call({**LEAST, "dns": {"domain": "d", "nameservers": ["9.9.9.9"]}}), RESULT)
    assert (zone.listen, zone.servers, zone.domain, zone.network) == (("10.78.0.1", "fd78::1"), ("9.9.9.9",), "d", "cni:n")
    assert names.answered(RESULT.dns, RESULT) == Dns(("10.78.0.1", "fd78::1"), "d", ("s",))


# -- anything ------------------------------------------------------------------------------------------------------------------------

KEYS = ("bridge", "subnet", "subnets", "isGateway", "ipMasq", "mtu", "ingressPolicy", "allow", "dns", "ipam", "args", "ingressRate", "vlan")
LOOSE = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 70000) | st.text(max_size=8) | st.sampled_from(["10.1.0.0/16", "isolated", "eth0", "host-local"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "type", "aliases", "ranges", "cni"]), inner, max_size=3),
    max_leaves=8,
)
PORT = st.dictionaries(st.sampled_from(["hostPort", "HostPort", "containerPort", "protocol", "hostIP", "HOSTIP"]), LOOSE, max_size=4)
RUNTIME = st.fixed_dictionaries({}, optional={"portMappings": st.lists(PORT, max_size=2) | LOOSE, "bandwidth": LOOSE, "aliases": LOOSE, "dns": LOOSE, "mac": LOOSE, "ips": LOOSE})


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), LOOSE, max_size=5), RUNTIME)
def test_anything_is_read_or_refused(more: dict, runtime: dict):
    config = {"cniVersion": "1.1.0", "name": "n", "type": "netwright", **more, "runtimeConfig": runtime}
    refused, elements = 0, ()
    try:
        read, how, besides = netwright._read(call(config))
        elements = bridged.described(read, how, RESULT, besides)[1].elements
    except CniError as error:
        refused = error.code
    assert refused in (0, 2, 7)
    for _, element in elements:
        assert "\n" not in element
        assert element.count('"') % 2 == 0


def test_a_network_with_a_gateway_needs_addresses():
    bare = {name: item for name, item in LEAST.items() if name != "subnet"}
    with pytest.raises(CniError) as refused:
        netwright._read(call(bare))
    assert (refused.value.code, refused.value.message.startswith("subnet: it is missing")) == (7, True)
    assert netwright._read(call({**bare, "isGateway": False}))[1].gateway is False
