"""The plugin sbr: which rules and routes an interface gets, and in which order."""

import pytest

from netwright.cni.plugins import sbr
from netwright.cni.plugins.sbr import Settings, wanted
from netwright.cni.protocol.call import Call
from netwright.cni.protocol.config import Config
from netwright.cni.protocol.errors import CniError
from netwright.model.route import Route
from netwright.model.rule import Rule
from netwright.networks.values import Leg
from netwright.plan import ops

CONNECTED = Route("10.5.0.0/24", 4, link="net1", protocol=2, scope="link", source="10.5.0.2", flags=("linkdown",))
BEHIND = Route("10.7.0.0/16", 4, "10.5.0.1", "net1", protocol=3)
THERE = [
    CONNECTED, BEHIND, Route("default", 4, "10.3.0.1", "eth0", protocol=3), Route("fe80::/64", 6, link="net1", protocol=2, metric=256),
    Route("fd05::/64", 6, link="net1", protocol=2, metric=256), Route("10.9.0.0/16", 4, link="net1", table=77),
]  # fmt: skip
LEGS = [Leg("10.5.0.2/24", "10.5.0.1"), Leg("10.5.0.3/24", "10.5.0.254"), Leg("fd05::2/64", "fd05::1")]


NOTHING = Settings()


def routes(how: Settings = NOTHING, legs: list[Leg] = LEGS, there: list[Route] = THERE) -> set[tuple[str, str, str, int]]:
    return {(r.to, r.via, r.source, r.table) for r in wanted(legs, there, "net1", 100, how).routes}


def test_a_rule_for_each_address_and_the_interfaces_routes():
    ways = wanted(LEGS, THERE, "net1", 100, Settings())
    assert ways.rules == {Rule(source=s, table=100, family=f) for s, f in (("10.5.0.2/32", 4), ("10.5.0.3/32", 4), ("fd05::2/128", 6))}
    assert {r.to for r in ways.moved} == {"10.5.0.0/24", "10.7.0.0/16", "fd05::/64"}
    assert all(r.table == 254 for r in ways.moved)
    assert routes() == {
        ("10.5.0.0/24", "", "10.5.0.2", 100), ("10.7.0.0/16", "10.5.0.1", "", 100), ("default", "10.5.0.1", "", 100),
        ("fd05::/64", "", "", 100), ("default", "fd05::1", "", 100),
    }  # fmt: skip
    assert all("linkdown" not in r.flags for r in ways.routes)


def test_an_own_default_route_stays():
    own = Route("default", 4, "10.5.0.99", "net1", protocol=3)
    assert ("default", "10.5.0.99", "", 100) in routes(there=[*THERE, own])
    assert ("default", "10.5.0.1", "", 100) not in routes(there=[*THERE, own])


def test_gateways_and_hints_of_the_configuration():
    found = routes(Settings(gateways=("10.5.0.9",), hints=True))
    assert ("default", "10.5.0.9", "10.5.0.2", 100) in found
    assert ("default", "fd05::1", "fd05::2", 100) in found
    assert all(source for _, _, source, _ in found)


def test_no_gateway_no_default():
    assert routes(legs=[Leg("10.5.0.2/24")], there=[CONNECTED]) == {("10.5.0.0/24", "", "10.5.0.2", 100)}


def test_what_leads_to_a_gateway_comes_before_it_and_goes_after_it():
    ways = wanted(LEGS, THERE, "net1", 100, Settings())
    added = [op.settings.get("gateway", "") for op in sbr.made(ways) if isinstance(op, ops.AddRoute)]
    assert added == sorted(added, key=bool)
    removed = sbr.removed(ways)
    assert [type(op) for op in removed] == [ops.DeleteRule] * 3 + [ops.DeleteRoute] * 5
    gone = [op.settings.get("gateway", "") for op in removed if isinstance(op, ops.DeleteRoute)]
    assert gone == sorted(gone, key=lambda gateway: not gateway)


@pytest.mark.parametrize(("used", "table"), [([], 100), ([254, 255, 0], 100), ([100, 102], 101), (list(range(100, 260)), 260), ([*range(100, 253)], 256)])
def test_the_first_table_that_is_free(used: list[int], table: int):
    assert sbr.free_table(used) == table


@pytest.mark.parametrize("more", [{"table": 254}, {"table": "x"}, {"gateways": ["x"]}, {"gateways": "10.0.0.1"}, {"addSourceHints": 1}])
def test_what_is_refused(more: dict):
    call = Call("ADD", "c1", "/x", "eth0", {}, (), Config({"name": "n", "cniVersion": "1.0.0", "type": "sbr", **more}))
    with pytest.raises(CniError) as refused:
        sbr.settings(call)
    assert refused.value.code == 7
