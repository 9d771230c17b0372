"""Policies as elements of sets."""

import pytest
from calls import CABLE, ONE, call

from netwright.cni.plugins import chained, firewall
from netwright.cni.protocol.errors import CniError
from netwright.cni.protocol.result import Result
from netwright.model.state import Device, Namespace
from netwright.networks.wiring import HOST

RESULT = Result(CABLE, ONE.addresses)
THERE = Namespace({"br0": Device("bridge", up=True), "veth1": Device("veth", master="br0", up=True, port=(("isolated", 0), ("mode", 0)))})


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses are behind br0, which has the port veth1."""
    monkeypatch.setattr(chained, "toward", lambda address: "br0")
    monkeypatch.setattr(chained, "seen", lambda bridge, ports: THERE)


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize(("policy", "sets", "ports"), [("same-bridge", ["bridges", "allowed"], []), ("isolated", ["bridges"], ["veth1"])])
def test_a_policy(policy: str, sets: list[str], ports: list[str]):
    wiring, record = firewall.described(call(), RESULT, policy)
    assert [name for name, _ in record.elements] == sets
    assert list(wiring.want.namespaces[HOST].devices) == ports
    assert record.owner == "cni/n/c1/eth0/firewall"
    assert record.data["shared"] == ["bridges", "allowed"]


@pytest.mark.usefixtures("host")
def test_an_isolated_port_is_led_back():
    wiring, record = firewall.described(call(), RESULT, "isolated")
    assert wiring.want.namespaces[HOST].devices["veth1"].port == (("isolated", 1),)
    assert (record.data["options"], record.data["before"]) == (["isolated"], [["veth1", "isolated", 0]])


def test_where_nothing_leads_there_is_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(chained, "toward", lambda address: "")
    assert firewall.described(call(), RESULT, "isolated")[1].elements == ()


@pytest.mark.parametrize(("keys", "policy"), [({}, "open"), ({"ingressPolicy": ""}, "open"), ({"ingressPolicy": "isolated", "backend": "firewalld"}, "isolated")])
def test_words(keys: dict, policy: str):
    assert firewall._read(call(**keys)) == policy


@pytest.mark.parametrize("keys", [{"ingressPolicy": "shut"}, {"ingressPolicy": 1}, {"backend": "pf"}])
def test_wrong_words(keys: dict):
    said = call(**keys)
    firewall._read(said)
    with pytest.raises(CniError):
        said.config.settle()
