"""Filters on the real kernel: a plan makes them, a look finds them, tc(8) reads ours and we read tc's."""

import json
import sys
from pathlib import Path

import pytest
from sandbox import SOURCE, Sandbox, missing

from netwright.model.filter import Filter
from netwright.model.qdisc import Qdisc

SCRIPT = str(Path(__file__).with_name("inside") / "filters.py")
ENTRANCE = Qdisc("v0", "ingress", "ingress", "ffff:")
BOTH = Qdisc("v0", "clsact", "clsact", "ffff:")
TREE = [
    Qdisc("v0", "htb", "root", "1:", (("default", 16), ("r2q", 10))),
    Qdisc("v0", "htb", "1:", "1:10", (("burst", 1600), ("cburst", 1600), ("ceil", 2500000), ("prio", 0), ("quantum", 200000), ("rate", 2500000)), True),
]

CASES = {
    "everything, elsewhere": ([ENTRANCE], [Filter("v0", redirect="ifb0")]),
    "both sides": ([BOTH], [Filter("v0", redirect="ifb0"), Filter("v0", "egress", 3, redirect="v2")]),
    "networks": ([ENTRANCE], [Filter("v0", "ingress", 1, "10.1.0.0/16", redirect="ifb0"), Filter("v0", "ingress", 2, "", "10.9.8.7/32", redirect="ifb0")]),
    "networks of IPv6": ([ENTRANCE], [Filter("v0", "ingress", 1, "fd00::/8", "2001:db8:1:2::/63", redirect="ifb0"), Filter("v0", "ingress", 2, "", "fd00::5/128", redirect="ifb0")]),
    "odd lengths": ([ENTRANCE], [Filter("v0", "ingress", n, f"{'128.0.0.0' if n < 9 else '128.128.0.0'}/{n}", redirect="ifb0") for n in range(1, 33)]),
    "into a class": (TREE, [Filter("v0", "1:", 5, "", "10.0.0.0/8", "1:10"), Filter("v0", "1:", 6, "", "fd00::/8", "1:10")]),
}  # fmt: skip


@pytest.fixture
def box(sandbox: Sandbox) -> Sandbox:
    for words in ("add v0 type veth peer name v1", "add v2 type veth peer name v3", "add ifb0 type ifb"):
        sandbox.ip(f"link {words}")
    if sandbox.run(["sh", "-c", "tc qdisc add dev v2 ingress && tc filter add dev v2 ingress u32 match u32 0 0 action mirred egress redirect dev v0"]).code:
        missing("this kernel has no CONFIG_NET_CLS_U32 or no CONFIG_NET_ACT_MIRRED")
    return sandbox


def _said(queues, filters, devices=("v0", "ifb0")) -> str:
    rows = [[[getattr(item, name) for name in type(item).__slots__] for item in items] for items in (queues, filters)]
    return json.dumps({"devices": list(devices), "qdiscs": rows[0], "filters": rows[1]})


def _lead(box: Sandbox, *states: str) -> list[dict]:
    result = box.run([sys.executable, SCRIPT, *states], env={"PYTHONPATH": str(SOURCE)})
    assert result.code == 0, result.err
    return [json.loads(line) for line in result.lines]


@pytest.mark.parametrize("case", CASES)
def test_what_was_planned_is_what_is_found_and_goes_again(box: Sandbox, case: str):
    queues, filters = CASES[case]
    made, again, gone = _lead(box, _said(queues, filters), _said(queues, filters), _said([], []))
    assert made["seen"], made
    assert not made["left"], made
    assert again["did"] == []
    assert not gone["left"]
    assert "u32" not in box.run(["tc", "filter", "show", "dev", "v0", "ingress"]).out


def test_one_of_several_changes(box: Sandbox):
    one, other, third = Filter("v0", redirect="ifb0"), Filter("v0", "ingress", 2, "10.0.0.0/8", redirect="v2"), Filter("v0", "ingress", 2, "10.0.0.0/9", redirect="v2")
    _, changed = _lead(box, _said([ENTRANCE], [one, other]), _said([ENTRANCE], [one, third]))
    assert changed["did"] == [
        "tc filter del dev v0 ingress protocol ip pref 2",
        "tc filter add dev v0 ingress protocol ip pref 2 u32 match ip src 10.0.0.0/9 action mirred egress redirect dev v2",
    ]
    assert changed["seen"]


def test_tc_makes_the_same(box: Sandbox):
    """The commands that are printed, typed."""
    for queues, filters in CASES.values():
        (made,) = _lead(box, _said(queues, filters))
        ours = box.run(["tc", "-j", "filter", "show", "dev", "v0", "ingress"]).out
        _lead(box, _said([], []))
        done = box.run(["sh", "-ec", "\n".join(made["did"])])
        assert done.code == 0, done.err
        theirs = box.run(["tc", "-j", "filter", "show", "dev", "v0", "ingress"]).out
        assert [_plain(f) for f in json.loads(theirs)] == [_plain(f) for f in json.loads(ours)]
        (again,) = _lead(box, _said(queues, filters))
        assert again["did"] == [], "what tc made is what is wanted"
        _lead(box, _said([], []))


def _plain(found: dict) -> dict:
    for action in found.get("options", {}).get("actions", []):
        action.pop("index", None)
    return found


def test_others_filters_are_not_ours(box: Sandbox):
    box.run(["sh", "-ec", "tc qdisc add dev v0 ingress; tc filter add dev v0 ingress pref 9 u32 match ip protocol 6 0xff flowid 1:1"])
    (made,) = _lead(box, _said([ENTRANCE], [Filter("v0", redirect="ifb0")]))
    assert len(made["did"]) == 1
    assert "pref 9" in box.run(["tc", "filter", "show", "dev", "v0", "ingress"]).out


def test_a_lost_target_shows(box: Sandbox):
    _lead(box, _said([ENTRANCE], [Filter("v0", redirect="ifb0")]))
    box.ip("link del ifb0")
    box.ip("link add ifb0 type ifb")
    (mended,) = _lead(box, _said([ENTRANCE], [Filter("v0", redirect="ifb0")]))
    assert [line.split()[2] for line in mended["did"]] == ["del", "add"]
    assert mended["seen"]
