"""The capability portMappings in every writing; what is refused."""

import pytest
from calls import CABLE, call

from netwright.cni.plugins import chained, portmap
from netwright.cni.protocol.errors import CniError
from netwright.cni.protocol.result import Address, Result
from netwright.networks import firewall, flows
from netwright.networks.records import Record
from netwright.networks.values import Leg, Port


def mapped(*ports: object) -> tuple[Port, ...]:
    said = call(runtimeConfig={"portMappings": list(ports)})
    found = portmap.mapped(said)
    said.config.settle()
    return found


READ = [
    ({"hostPort": 8080, "containerPort": 80}, Port("tcp", "", 8080, 80)),
    ({"hostPort": 8080, "containerPort": 80, "protocol": "UDP", "hostIP": "127.0.0.1"}, Port("udp", "127.0.0.1", 8080, 80)),
    ({"HostPort": 8080, "ContainerPort": 80, "Protocol": "tcp", "HostIP": ""}, Port("tcp", "", 8080, 80)),
    ({"hostPort": 8080, "containerPort": 80, "hostIP": "::FFFF:10.0.0.1", "protocol": "sctp"}, Port("sctp", "10.0.0.1", 8080, 80)),
]  # fmt: skip


@pytest.mark.parametrize(("words", "port"), READ)
def test_a_port(words: dict, port: Port):
    assert mapped(words) == (port,)


def test_what_is_not_published():
    assert mapped({"hostPort": 0, "containerPort": 80}) == ()
    assert portmap.mapped(call()) == ()
    assert len(mapped(READ[0][0], READ[2][0])) == 1, "said twice"


@pytest.mark.parametrize(
    "words",
    [{"hostPort": 70000, "containerPort": 80}, {"hostPort": -1, "containerPort": 80}, {"hostPort": "80", "containerPort": 80}, {"hostPort": 80}, {"hostPort": 8080, "containerPort": 0},
     {"hostPort": 8080, "containerPort": 80, "protocol": "icmp"}, {"hostPort": 8080, "containerPort": 80, "protocol": 'tcp . 1 comment "'}, {"hostPort": 8080, "containerPort": 80, "hostIP": "x"}, 7, None],
)  # fmt: skip
def test_what_is_no_port(words: object):
    with pytest.raises(CniError) as caught:
        mapped(words)
    assert caught.value.code == 7


ANY4, ANY6, HERE = Port("tcp", "0.0.0.0", 80, 80), Port("tcp", "::", 80, 80), Port("udp", "192.0.2.1", 80, 81)


@pytest.mark.parametrize(
    ("port", "address", "elements"),
    [
        (Port("tcp", "", 80, 81), "10.1.0.2/24", [("publish4", 'tcp . 80 comment "o" : 10.1.0.2 . 81')]),
        (Port("tcp", "", 80, 81), "fd01::2/64", [("publish6", 'tcp . 80 comment "o" : fd01::2 . 81')]),
        (ANY4, "10.1.0.2/24", [("publish4", 'tcp . 80 comment "o" : 10.1.0.2 . 80')]),
        (ANY4, "fd01::2/64", []),
        (ANY6, "10.1.0.2/24", []),
        (HERE, "10.1.0.2/24", [("published4", '192.0.2.1 . udp . 80 comment "o" : 10.1.0.2 . 81')]),
        (HERE, "fd01::2/64", []),
    ],
)
def test_a_host_address_says_the_family(port: Port, address: str, elements: list):
    assert list(firewall.published(port, Leg(address), "o")) == elements


@pytest.mark.parametrize(("keys", "code"), [({"conditionsV4": ["-s", "x"]}, 7), ({"conditionsV4": [7]}, 7), ({"conditionsV6": ["x"]}, 2), ({"backend": "ipvs"}, 7)])
def test_words_of_iptables(keys: dict, code: int):
    result = {"ips": [{"address": "10.1.0.2/24"}]}
    with pytest.raises(CniError) as caught:
        portmap.add(call(prevResult=result, **keys))
    assert caught.value.code == code


def test_words_of_iptables_that_say_nothing():
    said = call(conditionsV4=[], backend="iptables", masqAll=False)
    portmap._refused(said)
    said.config.settle()


@pytest.mark.parametrize("key", ["markMasqBit", "externalSetMarkChain", "masqAll"])
def test_words_without_effect(key: str, capfd: pytest.CaptureFixture):
    portmap._refused(call(**{key: 13}))
    assert f"portmap: {key} has no effect" in capfd.readouterr().err


def test_flows_of_a_record(monkeypatch: pytest.MonkeyPatch):
    seen = []
    monkeypatch.setattr(flows, "forget", lambda ports, legs: seen.append((list(ports), [leg.address for leg in legs])))
    elements = [e for p in (Port("udp", "", 53, 5353), Port("udp", "192.0.2.1", 54, 5454), Port("tcp", "", 80, 80)) for a in ("10.1.0.2/24", "fd01::2/64") for e in firewall.published(p, Leg(a), "o")]
    portmap.forget(Record("o", "@portmap", (), tuple(elements)))
    assert [(port.host_port, port.port, where[0]) for (port,), where in seen] == [(53, 5353, "10.1.0.2"), (53, 5353, "fd01::2"), (54, 5454, "10.1.0.2")]


def test_whose_addresses_are_published():
    """Those of the container's interfaces: not those that a result tells of the host's."""
    addresses = (Address("10.1.0.1/24", interface=0), Address("10.1.0.2/24", interface=2), Address("10.1.0.3/24"), Address("10.1.0.4/24", interface=9))
    assert [leg.address for leg in chained.legs(call(), Result(CABLE, addresses))] == ["10.1.0.2/24", "10.1.0.3/24"]
    assert chained.host_ports(Result(CABLE), "br0") == ["veth1"]


def test_it_has_to_come_after_another():
    with pytest.raises(CniError) as caught:
        portmap.add(call())
    assert caught.value.code == 7
