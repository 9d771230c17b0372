"""Limits as queues: upstream's formulas, what they become on the host, what cannot be."""

import pytest

from netwright.errors import Invalid
from netwright.kernel.tc import canonical
from netwright.model.filter import Filter
from netwright.model.qdisc import Qdisc
from netwright.model.state import Device, Namespace, State
from netwright.networks.bandwidth import (
    Limit,
    Shape,
    burst_for,
    freed,
    ifb_name,
    limited,
    of_rates,
    on_wiring,
    too_small,
)
from netwright.networks.wiring import HOST, Wiring
from netwright.plan.explain import shell
from netwright.plan.planner import plan
from netwright.plan.step import run

BEFORE = Namespace({"v0": Device("veth", up=True, mtu=1400, txqueuelen=1000)})


def after(**shape) -> Namespace:
    return limited(BEFORE, "v0", Shape(device="bwp0", **shape))


def options(namespace: Namespace, link: str) -> dict[str, int]:
    (found,) = (q for q in namespace.qdiscs if q.link == link and q.parent == "root")
    return dict(found.options)


FORMULAS = [  # rate, burst (bits) -> rate, burst, limit (bytes): limit = rate * 25 ms + burst
    (8_000_000, 80_000, (1_000_000, 10_000, 35_000)),
    (10_000_000, 1_000_000, (1_250_000, 125_000, 156_250)),
    (80, 800, (10, 42, 42)),  # a bucket lasts 2^32 ns at most
    (10_000_000, 4_294_967_295, (1_250_000, 5_368_709, 5_399_959)),  # what containerd says for "no limit of the burst"
]


@pytest.mark.parametrize(("rate", "burst", "wanted"), FORMULAS)
def test_the_formulas(rate: int, burst: int, wanted: tuple[int, int, int]):
    found = options(after(to=Limit(rate, burst)), "v0")
    assert (found["rate"], found["burst"], found["limit"]) == wanted


def test_what_the_kernel_will_tell_is_what_is_wanted():
    for namespace in (after(to=Limit(123_456_789, 9_999_999), back=Limit(5_000_000, 77_777)), after(to=Limit(10_000_000, 90_000), free=("10.0.0.0/8",))):
        assert {canonical(q) for q in namespace.qdiscs} == namespace.qdiscs


def test_towards_the_container_no_other_device_is_needed():
    found = after(to=Limit(8_000_000, 80_000))
    assert set(found.devices) == {"v0"}
    assert found.filters == frozenset()
    assert {(q.link, q.kind) for q in found.qdiscs} == {("v0", "tbf")}


def test_from_the_container():
    found = after(back=Limit(8_000_000, 80_000))
    assert found.devices["bwp0"] == Device("ifb", up=True, mtu=1400, txqueuelen=1000)
    assert {(q.link, q.kind, q.parent) for q in found.qdiscs} == {("v0", "ingress", "ingress"), ("bwp0", "tbf", "root")}
    assert found.filters == {Filter("v0", redirect="bwp0")}


def test_networks_without_limit():
    found = after(to=Limit(8_000_000, 80_000), back=Limit(8_000_000, 80_000), free=("10.0.0.0/8", "fd00::/8"))
    assert {(f.link, f.source, f.destination, f.into) for f in found.filters if not f.redirect} == {
        ("v0", "10.0.0.0/8", "", "1:1"), ("v0", "fd00::/8", "", "1:1"), ("bwp0", "", "10.0.0.0/8", "1:1"), ("bwp0", "", "fd00::/8", "1:1"),
    }  # fmt: skip
    assert options(found, "v0")["default"] == 0x30


def test_networks_with_limit():
    found = after(to=Limit(8_000_000, 80_000), only=("10.0.0.0/8",))
    assert {(f.source, f.into) for f in found.filters} == {("10.0.0.0/8", "1:30")}
    assert options(found, "v0")["default"] == 1


CASES = [
    Shape(to=Limit(8_000_000, 80_000)),
    Shape(to=Limit(8_000_000, 80_000), back=Limit(16_000_000, 80_000), device="bwp0"),
    Shape(to=Limit(8_000_000, 80_000), back=Limit(16_000_000, 80_000), only=("10.0.0.0/8",), device="bwp0"),
    Shape(back=Limit(16_000_000, 80_000), free=("10.0.0.0/8", "fd00::/8"), device="bwp0"),
]


@pytest.mark.parametrize("one", CASES)
@pytest.mark.parametrize("other", CASES)
def test_from_any_to_any_and_away(one: Shape, other: Shape):
    start = State({HOST: BEFORE})
    first = State({HOST: limited(BEFORE, "v0", one)})
    second = State({HOST: limited(first.namespaces[HOST], "v0", other)}) if one.device == other.device else State({HOST: limited(BEFORE, "v0", other)})
    there = run(start, plan(start, first))
    assert plan(there, first) == []
    there = run(there, plan(there, second))
    assert plan(there, second) == []
    gone = State({HOST: freed(there.namespaces[HOST], "v0", "bwp0")})
    assert plan(run(there, plan(there, gone)), start) == []


def test_the_plan_in_words():
    start = State({HOST: BEFORE})
    todo = plan(start, State({HOST: after(back=Limit(8_000_000, 80_000))}))
    assert [shell(op) for op in todo] == [
        "ip link add name bwp0 mtu 1400 txqueuelen 1000 up type ifb",
        "tc qdisc add dev bwp0 root handle 1: tbf burst 10000 limit 35000 rate 1000000bps",
        "tc qdisc add dev v0 ingress",
        "tc filter add dev v0 ingress protocol all pref 1 u32 match u32 0 0 action mirred egress redirect dev bwp0",
    ]


def test_on_a_wiring():
    bare = Wiring(State({HOST: BEFORE}), {HOST: ("v0",)})
    assert on_wiring(bare, "v0", Shape()) is bare
    assert on_wiring(bare, "v0", of_rates(1_000_000, 0, "bwp0")).only == {HOST: ("v0",)}
    assert on_wiring(bare, "v0", of_rates(0, 1_000_000, "bwp0")).only == {HOST: ("v0", "bwp0")}


@pytest.mark.parametrize(("rate", "burst"), [(0, 0), (1_000_000, 128_000), (10_000_000, 200_000), (1_000_000_000, 20_000_000)])
def test_bursts_that_suit(rate: int, burst: int):
    assert burst_for(rate) == burst


def test_too_little_for_a_packet():
    assert too_small(Limit(8_000_000, 80_000), 1500) == ""
    assert "less than one packet of 1500 bytes" in too_small(Limit(8_000_000, 8_000), 1500)
    assert too_small(Limit(), 1500) == ""


@pytest.mark.parametrize("limit", [Limit(7, 8), Limit(1_000_000_000, 8)])
def test_what_cannot_be(limit: Limit):
    with pytest.raises(Invalid):
        after(to=limit)


def test_the_name_is_upstreams():
    # bwp and the start of sha512("netc1")
    assert ifb_name("netc1") == ifb_name("netc1") != ifb_name("netc2")
    assert len(ifb_name("netc1")) == 15
    assert Qdisc(ifb_name("netc1"), "tbf").link.startswith("bwp")
