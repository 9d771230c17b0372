"""An attachment as State: planned and stepped, without a kernel."""

import pytest

from netwright.engine.narrow import keeping, refuse_removals, without
from netwright.errors import Conflict
from netwright.model.address import Address
from netwright.model.state import Device, Namespace, State
from netwright.model.value import replace
from netwright.networks.values import Attachment, Leg
from netwright.networks.wiring import BOX, HOST, Bridge, defaults, on_bridge, without_link_local
from netwright.plan import ops
from netwright.plan.planner import plan
from netwright.plan.step import step

LEGS = (Leg("10.9.0.2/24", "10.9.0.1"), Leg("fd09::2/64", "fd09::1"))
A = Attachment("o", "n", "br0", "veth1", "eth0", LEGS, tuple(defaults(LEGS, "eth0")), hairpin=True, isolated=True)
BRIDGE = Bridge("br0", ("10.9.0.1/24", "fd09::1/64"))
EMPTY = State({HOST: Namespace({}), BOX: Namespace()})


def done(now, want):
    for op in plan(now, want):
        now = step(now, op)
    return now


def test_what_is_planned_is_what_is_wanted():
    want = on_bridge(A, BRIDGE).want
    after = done(EMPTY, want)
    assert plan(after, want) == []
    assert after.namespaces[HOST].devices["veth1"].master == "br0"
    assert {a.address for a in after.namespaces[BOX].addresses} == {"10.9.0.2/24", "fd09::2/64"}


def test_port_settings():
    ports = on_bridge(A, BRIDGE).want.namespaces[HOST].devices["veth1"].port
    assert ports == (("isolated", 1), ("mode", 1))
    assert on_bridge(replace(A, hairpin=False, isolated=False), BRIDGE).want.namespaces[HOST].devices["veth1"].port == (("isolated", 0), ("mode", 0))


def test_a_shared_bridge_keeps_what_it_has():
    wiring = on_bridge(A, replace(BRIDGE, address="02:00:00:00:00:01"))
    now = State({
        HOST: Namespace({"br0": Device("bridge", up=True, address="02:00:00:00:00:99")}, frozenset({Address("192.0.2.1/24", "br0"), Address("fd09::1/64", "br0", 6)})),
        BOX: Namespace(),
    })
    want = keeping(now, wiring.want, wiring.shared)
    todo = plan(now, want)
    assert not [op for op in todo if isinstance(op, ops.DeleteAddress)]
    assert [op.settings["local"] for op in todo if isinstance(op, ops.AddAddress) and op.namespace == HOST] == ["10.9.0.1"]
    assert not any("address" in op.settings for op in todo if isinstance(op, ops.SetLink))


def test_somebody_elses_device_is_not_removed():
    now = State({HOST: Namespace({}), BOX: Namespace({"eth0": Device("dummy")})})
    with pytest.raises(Conflict, match='there is a device "eth0" in the container already'):
        refuse_removals(plan(now, on_bridge(A, BRIDGE).want))


def test_without_takes_all_of_a_device():
    want = on_bridge(A, BRIDGE).want
    left = without(want, [(BOX, "eth0")]).namespaces[BOX]
    assert list(left.devices) == ["lo"]
    assert not left.addresses
    assert not left.routes


def test_a_device_with_a_dot():
    keys = on_bridge(A, Bridge("br0.5", ("10.9.0.1/24",))).want.namespaces[HOST].sysctls
    assert "net.ipv4.conf.br0/5.route_localnet" in keys


def test_who_is_quiet_and_of_whom_neighbours_are_told():
    both = on_bridge(A, BRIDGE)
    assert (both.quiet, both.told) == (((HOST, "veth1"),), ("eth0",))
    assert without_link_local(both) == both
    plain = on_bridge(replace(A, legs=LEGS[:1]), BRIDGE)
    assert without_link_local(plain).quiet == ((HOST, "veth1"), (BOX, "eth0"))
    assert on_bridge(replace(A, legs=()), BRIDGE).told == ()
