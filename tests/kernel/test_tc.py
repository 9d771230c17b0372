"""Queues on the real kernel: what was added is what is read; tc(8) reads ours and we read tc's."""

import json
import sys
from pathlib import Path

import pytest
from sandbox import SOURCE, Sandbox, missing

from netwright.kernel.tc import canonical
from netwright.model.qdisc import Qdisc
from netwright.plan.explain import shell
from netwright.plan.ops import AddQdisc, DeleteQdisc

SCRIPT = Path(__file__).with_name("inside") / "queues.py"


def _options(**options):
    return tuple(sorted(options.items()))


TBF = Qdisc("v0", "tbf", "root", "1:", _options(rate=1_250_000, burst=15_000, limit=60_000))
HTB = Qdisc("v0", "htb", "root", "1:", _options(default=0x10, r2q=10))
TREE = [
    HTB,
    Qdisc("v0", "htb", "1:", "1:1", _options(rate=12_500_000, ceil=12_500_000), True),
    Qdisc("v0", "htb", "1:1", "1:10", _options(rate=1_250_000, ceil=12_500_000, burst=20_000, prio=2, quantum=3000), True),
    Qdisc("v0", "htb", "1:1", "1:20", _options(rate=5_000_000_000), True),
    Qdisc("v0", "pfifo", "1:10", "10:", _options(limit=50)),
    Qdisc("v0", "tbf", "1:20", "20:", _options(rate=3_333_333, burst=7777, limit=60_000)),
]


@pytest.fixture
def box(sandbox: Sandbox) -> Sandbox:
    sandbox.ip("link add v0 type veth peer name v1")
    return sandbox


def _ask(box: Sandbox, verb: str, queues=()):
    fields = json.dumps([[getattr(q, name) for name in Qdisc.__slots__] for q in queues])
    result = box.run([sys.executable, str(SCRIPT), verb, fields], env={"PYTHONPATH": str(SOURCE)})
    assert result.code == 0, result.err
    answer = json.loads(result.out)
    if answer and isinstance(answer[0], str):
        return tuple(answer)
    return {Qdisc(link, kind, parent, handle, tuple(map(_frozen, options)), leaf) for link, kind, parent, handle, options, leaf in answer}


def _frozen(item):
    return tuple(map(_frozen, item)) if isinstance(item, list) else item


def _tc(box: Sandbox, *words: str) -> str:
    result = box.run(["tc", *words])
    assert result.code == 0, result.err
    return result.out


CASES = {
    "tbf": [TBF],
    "tbf without a handle": [Qdisc("v0", "tbf", options=_options(rate=125_000_000, burst=100_000, limit=1_000_000))],
    "tbf, fast": [Qdisc("v0", "tbf", options=_options(rate=12_870_321_604, burst=32_768, limit=1_000_000))],
    "tbf, odd": [Qdisc("v0", "tbf", options=_options(rate=1_000_003, burst=4_567, limit=5_000, overhead=24, mpu=64))],
    "tbf with a peak rate": [Qdisc("v0", "tbf", options=_options(rate=1_000_000, burst=20_000, limit=50_000, peakrate=3_000_000, mtu=2000))],
    "htb with classes": TREE,
    "pfifo": [Qdisc("v0", "pfifo", options=_options(limit=7))],
    "bfifo": [Qdisc("v0", "bfifo", options=_options(limit=70_000))],
    "ingress": [Qdisc("v0", "ingress", "ingress")],
    "clsact and tbf": [Qdisc("v0", "clsact", "clsact"), TBF],
}


@pytest.mark.parametrize("case", CASES)
def test_what_was_added_is_what_is_read(box: Sandbox, case: str):
    assert _ask(box, "add", CASES[case]) == set(map(canonical, CASES[case]))
    roots = [q for q in CASES[case] if q.parent in ("root", "ingress", "clsact")]
    assert _ask(box, "delete", roots) == set()


@pytest.mark.parametrize("case", CASES)
def test_the_command_that_explains_it_does_the_same(box: Sandbox, case: str):
    for queue in map(canonical, CASES[case]):
        done = box.run(["sh", "-ec", shell(AddQdisc(queue))])
        assert done.code == 0, done.err
    read = _ask(box, "show")
    # tc counts the time of a burst in whole microseconds.
    assert {q: _rough(read, q) for q in map(canonical, CASES[case])} == {q: q for q in map(canonical, CASES[case])}
    for queue in CASES[case]:
        if queue.parent in ("root", "ingress", "clsact"):
            assert box.run(["sh", "-ec", shell(DeleteQdisc(canonical(queue)))]).code == 0
    assert _ask(box, "show") == set()


def _rough(read, queue: Qdisc):
    """The queue itself where one like it was read; sizes may differ by a microsecond."""
    for found in read:
        if all(getattr(found, name) == getattr(queue, name) for name in ("link", "kind", "parent", "handle", "leaf_class")):
            mine, other = dict(queue.options), dict(found.options)
            most = max(mine.get(name, 0) for name in ("rate", "ceil", "peakrate")) // 10**6 + 1
            near = mine.keys() == other.keys() and all(mine[n] == other[n] or (n in ("burst", "cburst", "mtu") and abs(mine[n] - other[n]) <= most) for n in mine)
            return queue if near else found
    return None


def test_replace_changes_what_is_there(box: Sandbox):
    slower = Qdisc("v0", "tbf", "root", "1:", _options(rate=125_000, burst=15_000, limit=60_000))
    assert _ask(box, "add", [TBF]) == {TBF}
    assert _ask(box, "replace", [slower]) == {slower}
    assert _ask(box, "add", [TBF])[0] == "Exists"


def test_defaults_of_the_kernel_are_nobodys_wish(box: Sandbox):
    box.ip("link set v0 up")
    assert _ask(box, "show") == set()


def test_tc_reads_ours(box: Sandbox):
    _ask(box, "add", TREE)
    found = {q["handle"]: q for q in json.loads(_tc(box, "-j", "qdisc", "show", "dev", "v0"))}
    assert found["1:"]["kind"] == "htb"
    assert found["1:"]["options"]["default"] in ("0x10", "10")
    assert found["10:"]["parent"] == "1:10"
    assert found["10:"]["options"]["limit"] == 50
    classes = _tc(box, "class", "show", "dev", "v0").splitlines()
    assert any("htb 1:10 parent 1:1 leaf 10: prio 2 rate 10Mbit ceil 100Mbit" in line for line in classes), classes
    assert any("htb 1:20 parent 1:1" in line and "rate 40Gbit" in line for line in classes), classes


TCS = {
    "qdisc add dev v0 root handle 1: tbf rate 1250000bps burst 15000 limit 60000": TBF,
    "qdisc add dev v0 root handle 1: htb default 10 r2q 10": HTB,
    "qdisc add dev v0 root handle 5: pfifo limit 9": Qdisc("v0", "pfifo", "root", "5:", _options(limit=9)),
    "qdisc add dev v0 clsact": Qdisc("v0", "clsact", "clsact", "ffff:"),
    "qdisc add dev v0 ingress": Qdisc("v0", "ingress", "ingress", "ffff:"),
}


@pytest.mark.parametrize("words", TCS)
def test_we_read_what_tc_made(box: Sandbox, words: str):
    _tc(box, *words.split())
    assert _ask(box, "show") == {TCS[words]}


def test_we_read_the_classes_that_tc_made(box: Sandbox):
    made = "class add dev v0 parent 1: classid 1:1 htb rate 1250000bps ceil 2500000bps burst 20000 cburst 3000 prio 3 quantum 5000"
    _tc(box, "qdisc", "add", "dev", "v0", "root", "handle", "1:", "htb")
    _tc(box, *made.split())
    wanted = Qdisc("v0", "htb", "1:", "1:1", _options(rate=1_250_000, ceil=2_500_000, burst=20_000, cburst=3000, prio=3, quantum=5000), True)
    assert wanted in _ask(box, "show")


@pytest.mark.parametrize("kind", ["netem", "prio"])
def test_a_kind_that_the_kernel_lacks(box: Sandbox, kind: str):
    if box.run(["tc", "qdisc", "add", "dev", "v1", "root", kind]).code == 0:
        missing(f"this kernel has {kind}: nothing is lacking")
    name, text = _ask(box, "add", [Qdisc("v0", kind)])
    assert (name, f"CONFIG_NET_SCH_{kind.upper()}" in text) == ("NotSupported", True)


def test_a_parent_that_is_not_there(box: Sandbox):
    assert _ask(box, "add", [Qdisc("v0", "pfifo", "5:1", options=_options(limit=3))])[0] == "Missing"


def test_a_tick_is_what_the_kernel_says():
    assert int(Path("/proc/net/psched").read_text().split()[1], 16) == 64


@pytest.mark.parametrize(
    "words",
    ["limit 2000 delay 100ms 10ms 25% loss 1% duplicate 2% corrupt 0.1% reorder 25% 50% rate 1mbit"],
)
def test_netem_is_written_as_tc_writes_it(box: Sandbox, words: str):
    """This kernel may lack netem: what tc sends is read from its system call."""
    if box.run(["strace", "-V"]).code != 0:
        missing("strace is not installed")
    traced = box.run(["strace", "-xx", "-s", "500", "-e", "trace=sendmsg", "tc", *f"qdisc add dev v0 root netem {words}".split()]).err
    line = next(line for line in traced.splitlines() if "RTM_NEWQDISC" in line)
    sent = bytes.fromhex(line.partition("TCA_OPTIONS}, ")[2].partition('"]')[0].strip('"').replace("\\x", ""))
    wanted = canonical_netem(sent)
    assert wanted == _options(
        limit=2000, delay=100_000, jitter=10_000, delay_correlation=25.0, loss=1.0, duplicate=2.0, corrupt=0.1, reorder=25.0,
        reorder_correlation=50.0, rate=125_000, gap=1,
    )  # fmt: skip
    assert canonical(Qdisc("v0", "netem", options=wanted)).options == wanted


def canonical_netem(data: bytes):
    from netwright.kernel.tc_kinds import KINDS
    from netwright.kernel.tc_layouts import OPTIONS

    return tuple(sorted(KINDS["netem"].decode(OPTIONS["netem"].decode(data)).items()))
