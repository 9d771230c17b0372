"""Every operation explained: as a line for a shell, as a sentence, as JSON; and plans as scripts."""

import json
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from netwright.model.qdisc import Qdisc
from netwright.model.state import NOTHING
from netwright.plan import explain, ops
from netwright.plan.planner import plan

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from explain_cases import CASES

from states import random_state

CLASSES = {kind for kind in vars(ops).values() if isinstance(kind, type) and kind.__module__ == ops.__name__}


def _name(case) -> str:
    return f"{CASES.index(case)}-{type(case[0]).__name__}"


def test_every_operation_has_cases():
    assert {type(op) for op, _, _ in CASES} == CLASSES


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_shell(case):
    assert explain.shell(case[0]) == case[1]


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_sentence(case):
    assert explain.sentence(case[0]) == case[2]


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_plain(case):
    op, shell, sentence = case
    found = explain.plain(op)
    assert json.loads(json.dumps(found)) == found
    assert list(found) == ["op", *sorted(type(op).__slots__, key=lambda name: name != "namespace"), "command", "sentence"]
    assert (found["op"], found["command"], found["sentence"]) == (type(op).__name__, shell, sentence)
    assert {name: found[name] for name in type(op).__slots__ if isinstance(getattr(op, name), (str, int))} == {
        name: getattr(op, name) for name in type(op).__slots__ if isinstance(getattr(op, name), (str, int))
    }


PLAIN = [
    (
        ops.AddAddress({"family": 2, "prefixlen": 24, "flags": 0, "scope": 0, "index": "eth0"}, {"local": "10.0.0.1", "address": "10.0.0.1"}, "add", "web1"),
        {
            "op": "AddAddress",
            "namespace": "web1",
            "header": {"family": 2, "prefixlen": 24, "flags": 0, "scope": 0, "index": "eth0"},
            "settings": {"local": "10.0.0.1", "address": "10.0.0.1"},
            "verb": "add",
            "command": "ip -n web1 address add 10.0.0.1/24 dev eth0",
            "sentence": "In web1, give eth0 the address 10.0.0.1/24.",
        },
    ),
    (
        ops.AddQdisc(Qdisc("eth0", "pfifo", options=(("limit", 9),))),
        {
            "op": "AddQdisc",
            "namespace": "",
            "qdisc": {"link": "eth0", "kind": "pfifo", "options": [["limit", 9]]},
            "verb": "add",
            "command": "tc qdisc add dev eth0 root pfifo limit 9",
            "sentence": "Put the queue pfifo at eth0 with 9 packets at most waiting.",
        },
    ),
    (
        ops.AddElements("ip", "nat", "web", ("80",), "gw"),
        {
            "op": "AddElements",
            "namespace": "gw",
            "family": "ip",
            "table": "nat",
            "set": "web",
            "elements": ["80"],
            "command": "ip netns exec gw nft add element ip nat web '{ 80 }'",
            "sentence": "In gw, add 80 to the set web of the nftables table ip nat.",
        },
    ),
]


@pytest.mark.parametrize(("op", "wanted"), PLAIN, ids=lambda x: type(x).__name__)
def test_plain_in_full(op, wanted):
    assert explain.plain(op) == wanted


def test_bytes_are_text_in_json():
    op = ops.AddNeighbour({"family": 28, "index": "eth0", "state": 128, "flags": 0}, {"dst": b"\x01\x02", "lladdr": "02:00:00:00:00:01"})
    assert explain.plain(op)["settings"]["dst"] == "01:02"


def test_functions_stay_functions():
    """A submodule that is imported becomes an attribute of the package; none may take the place of a function."""
    op = ops.AddNamespace("red")
    for name in ("words", "command", "shell", "sentence", "plain", "program"):
        assert callable(getattr(explain, name)), name
        getattr(explain, name)(op)
        assert callable(getattr(explain, name)), name


def _syntax(text: str) -> None:
    done = subprocess.run(["sh", "-n"], input=text, text=True, capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_line_is_shell():
    _syntax("".join(f"{shell}\n" for _, shell, _ in CASES))
    _syntax(explain.script([op for op, _, _ in CASES]))


WEIRD = ["a b", "it's", "$(reboot)", "`x`", 'a"b', "a;b", "a\nb", "-n", "*", "é", "a\\b"]


@pytest.mark.parametrize("word", WEIRD)
def test_no_word_is_more_than_a_word(word: str):
    lines = [
        ops.SetLink({"index": "eth0"}, {"ifalias": word}, word),
        ops.SetSysctl(f"net.ipv4.{word}", "1", word),
        ops.AddVlan(word, 1, "", False, word),
        ops.DeleteQdisc(Qdisc(word, "tbf"), word),
        ops.AddNamespace(word),
    ]
    for op in lines:
        text = f"ip() {{ printf '%s\\0' \"$@\"; }}; tc() {{ ip \"$@\"; }}; bridge() {{ ip \"$@\"; }}\n{explain.shell(op)}\n"
        done = subprocess.run(["sh", "-s"], input=text, text=True, capture_output=True)
        assert (done.returncode, done.stderr) == (0, "")
        assert any(word in part for part in done.stdout.split("\0")), done.stdout


@pytest.mark.parametrize("text", ["", "x", "x\n", "a\nEOF\nb\n", "EOF\n", "it's $HOME `x` \\n\n", "\n\n", "EOF\nEOF_\n"])
@pytest.mark.parametrize("name", ["web1", "a b", "it's"])
def test_files_are_written_as_they_are(tmp_path: Path, text: str, name: str):
    shell = explain.script([ops.PutFile("v", "/etc/hosts", text)], {"v": [name, "other"]}).replace("/etc/netns", f"{tmp_path}/netns")
    subprocess.run(["sh", "-s"], input=shell, text=True, check=True)
    for seen_by in (name, "other"):
        assert (tmp_path / "netns" / seen_by / "hosts").read_text() == text
    shell = explain.script([ops.RemoveFile("v", "/etc/hosts")], {"v": [name]}).replace("/etc/netns", f"{tmp_path}/netns")
    subprocess.run(["sh", "-s"], input=shell, text=True, check=True)
    assert not (tmp_path / "netns" / name / "hosts").exists()


def _delete(address: str, namespace: str = "red") -> ops.DeleteAddress:
    return ops.DeleteAddress({"family": 2, "prefixlen": 24, "flags": 0, "scope": 0, "index": "eth0"}, {"local": address, "address": address}, namespace)


def test_a_script_looks_for_addresses_that_may_be_gone():
    assert explain.script([_delete("10.0.0.1"), _delete("10.0.0.2"), _delete("10.0.0.3", "blue")]).splitlines() == [
        "#!/bin/sh",
        "set -e",
        '[ -z "$(ip -n red address show dev eth0 to 10.0.0.1)" ] || ip -n red address delete 10.0.0.1/24 dev eth0',
        '[ -z "$(ip -n red address show dev eth0 to 10.0.0.2)" ] || ip -n red address delete 10.0.0.2/24 dev eth0',
        "ip -n blue address delete 10.0.0.3/24 dev eth0",
    ]


@pytest.mark.parametrize("seed", range(20))
def test_random_plans(seed: int):
    a, b = (random_state(Random(n), filters=True) for n in (seed, seed + 1000))
    todo = [*plan(NOTHING, a), *plan(a, b), *plan(b, NOTHING)]
    _syntax(explain.script(todo, {"": [*a.namespaces, *b.namespaces]}))
    for op in todo:
        json.dumps(explain.plain(op))
        text = explain.sentence(op)
        assert text.endswith(".")
        assert "\n" not in text
        assert "  " not in text
