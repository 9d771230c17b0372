"""The routes of a lab: to where, by whom, and to nowhere else."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from netwright.lab.compile import ROOT, compile
from netwright.lab.topology import Cable, Host, Link, Route, Switch, Topology
from netwright.model.state import State
from netwright.model.value import replace
from sample_labs import CHAIN, UPLINK, cable, on

ROUTER = {"router": True}


def lab(hosts: dict[str, Host], switches: str = "s", cables: tuple[Cable, ...] = (), **more) -> State:
    return compile(Topology("lab", hosts=hosts, switches={name: Switch() for name in switches}, cables=cables, **more))


def routes(state: State, name: str, family: int = 4) -> set[tuple[str, str, str]]:
    return {(r.to, r.via, r.link) for r in state.namespaces[name].routes if r.family == family}


def test_a_chain_of_routers():
    state = compile(CHAIN)
    assert routes(state, "a") == {("default", "10.9.0.1", "eth0")}
    assert routes(state, "r1") == {("10.9.1.0/24", "10.9.255.2", "eth1"), ("10.9.255.4/30", "10.9.255.2", "eth1")}
    assert routes(state, "r2") == {("10.9.0.0/24", "10.9.255.1", "eth0"), ("10.9.1.0/24", "10.9.255.6", "eth1")}
    assert routes(state, "r3") == {("10.9.0.0/24", "10.9.255.5", "eth0"), ("10.9.255.0/30", "10.9.255.5", "eth0")}
    assert routes(state, "r2", 6) == {("fd09::/64", "fd09:0:0:ff00::1", "eth0"), ("fd09:0:0:1::/64", "fd09:0:0:ff01::2", "eth1")}


def test_without_routing_only_what_is_written():
    state = compile(replace(CHAIN, routing="none"))
    assert routes(state, "r1") == set()
    assert routes(state, "a") == {("default", "10.9.0.1", "eth0")}


def test_of_two_ways_the_one_with_fewer_routers_then_the_first():
    hosts = {
        "r1": Host({"eth0": on("a"), "eth1": on("b")}, **ROUTER),
        "long1": Host({"eth0": on("a"), "eth1": on("c")}, **ROUTER),
        "long2": Host({"eth0": on("c"), "eth1": on("d")}, **ROUTER),
        "short1": Host({"eth0": on("b"), "eth1": on("d")}, **ROUTER),
        "short2": Host({"eth0": on("b"), "eth1": on("d")}, **ROUTER),
    }
    state = lab(hosts, "abcd")
    assert ("10.0.3.0/24", "10.0.1.2", "eth1") in routes(state, "r1")  # short1 and not short2


def test_a_default_route_is_by_the_first_router():
    hosts = {"a": Host({"eth0": on("s")}), "r2": Host({"eth0": on("s", "10.0.0.7/24")}, **ROUTER), "r1": Host({"eth0": on("s")}, **ROUTER)}
    assert routes(lab(hosts), "a") == {("default", "10.0.0.7", "eth0")}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (Host({"eth0": on("s")}, default_route=False), set()),
        (Host({"eth0": on("s", up=False)}), set()),
        (Host({"eth0": Link(switch="s", addresses=())}), set()),
        (Host({"eth0": on("s")}, routes=(Route("default", "other"),)), {("default", "10.0.0.10", "eth0")}),
        (Host({"eth0": on("s")}, routes=(Route("0.0.0.0/0", "10.0.0.10", metric=9),)), {("default", "10.0.0.10", "eth0")}),
        (Host({"eth0": on("s")}, routes=(Route("default", type="unreachable"),)), {("default", "", "")}),
        (Host({"eth0": on("s")}, routes=(Route("10.8.0.0/16", "other", "eth0"),)), {("10.8.0.0/16", "10.0.0.10", "eth0"), ("default", "10.0.0.1", "eth0")}),
        (Host({"eth0": on("s")}, **ROUTER), set()),
    ],
)
def test_who_has_no_default_route_and_who_another(host: Host, expected: set[tuple[str, str, str]]):
    assert routes(lab({"r": Host({"eth0": on("s")}, **ROUTER), "other": Host({"eth0": on("s")}), "a": host}), "a") == expected


def test_a_router_that_is_down_is_nobodys():
    hosts = {"a": Host({"eth0": on("s")}), "down": Host({"eth0": on("s", up=False)}, **ROUTER), "r": Host({"eth0": on("s")}, **ROUTER)}
    assert routes(lab(hosts), "a") == {("default", "10.0.0.2", "eth0")}


def test_a_router_in_another_subnet_of_the_same_cable_is_nobodys():
    hosts = {"a": Host({"eth0": on("s", "10.1.0.5/24")}), "r": Host({"eth0": on("s", "10.2.0.1/24")}, **ROUTER)}
    assert routes(lab(hosts), "a") == set()


def test_a_host_in_two_networks_knows_what_is_behind_the_other_router():
    hosts = {
        "a": Host({"eth0": on("x"), "eth1": on("y")}),
        "rx": Host({"eth0": on("x")}, **ROUTER),
        "ry": Host({"eth0": on("y"), "eth1": on("z")}, **ROUTER),
    }
    state = lab(hosts, "xyz")
    assert routes(state, "a") == {("default", "10.0.0.1", "eth0"), ("10.0.2.0/24", "10.0.1.1", "eth1")}
    assert routes(lab({**hosts, "a": replace(hosts["a"], default_route=False)}, "xyz"), "a") == set()


def test_a_route_to_a_switch_is_to_its_subnets():
    hosts = {"a": Host({"eth0": on("s")}, routes=(Route("t", "b"),), default_route=False), "b": Host({"eth0": on("s"), "eth1": on("t")})}
    state = lab(hosts, "st", pool=("10.0.0.0/8", "fd00::/48"))
    assert routes(state, "a") == {("10.0.1.0/24", "10.0.0.11", "eth0")}
    assert routes(state, "a", 6) == {("fd00:0:0:1::/64", "fd00::b", "eth0")}


def test_a_written_route_is_not_made_twice():
    hosts = {
        "r1": Host({"eth0": on("s"), "eth1": on("u")}, routes=(Route("10.0.1.0/24", "r3"),), **ROUTER),
        "r2": Host({"eth0": on("s"), "eth1": on("t")}, **ROUTER),
        "r3": Host({"eth0": on("s")}, **ROUTER),
    }
    assert routes(lab(hosts, "stu"), "r1") == {("10.0.1.0/24", "10.0.0.3", "eth0")}


# -- the uplink ----------------------------------------------------------------------------------------------------------------


def test_with_an_uplink_every_switch_has_a_way_out():
    state = compile(UPLINK)
    assert {(a.address, a.link) for a in state.namespaces[ROOT].addresses} == {(f"10.12.{n}.254/24", name) for n, name in enumerate(("front", "deep", "deep2", "other"))}
    assert routes(state, "a") == {("default", "10.12.0.1", "eth0")}
    assert routes(state, "lone") == {("default", "10.12.3.254", "eth0")}
    assert ("default", "10.12.0.254", "eth0") in routes(state, "gw")
    assert state.namespaces[ROOT].sysctls["net.ipv4.ip_forward"] == "1"


def test_nobody_is_led_through_the_switches_to_another_subnet():
    own = {a.address.partition("/")[0] for a in compile(UPLINK).namespaces[ROOT].addresses}
    for name, namespace in compile(UPLINK).namespaces.items():
        assert not [r for r in namespace.routes if r.via in own and r.to != "default"], name


def test_the_outside_knows_the_way_back_to_a_cable():
    assert routes(compile(UPLINK), ROOT) == {("10.12.255.0/30", "10.12.0.1", "front")}


def test_a_router_behind_a_router_leads_out_too():
    hosts = {"gw": Host({"eth0": on("s"), "eth1": Link()}, **ROUTER), "in": Host({"eth0": Link(), "eth1": Link()}, **ROUTER), "end": Host({"eth0": Link()})}
    state = lab(hosts, "s", (cable("gw:eth1", "in:eth0"), cable("in:eth1", "end:eth0")), uplink=True)
    assert ("default", "10.255.255.1", "eth0") in routes(state, "in")
    assert routes(state, "end") == {("default", "10.255.255.5", "eth0")}
    assert routes(state, ROOT) == {("10.255.255.0/30", "10.0.0.1", "s"), ("10.255.255.4/30", "10.0.0.1", "s")}
