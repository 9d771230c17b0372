"""The difference of nftables: what is planned, that it leads there, and how it reads as shell."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.model.nft import Chain, Set, Table
from netwright.model.nft_text import parsed
from netwright.model.state import Namespace, State
from netwright.plan.explain.nft import shell
from netwright.plan.ops import AddElements, DeleteElements, DeleteTable, PutTable
from netwright.plan.step import run
from netwright.plan.tables import difference

WEB = Set("inet_service", elements=frozenset({"80", "443"}))
MAP = Set("inet_service", "ipv4_addr", elements=frozenset({"80 : 10.0.0.1", "81 : 10.0.0.1"}))
CHAIN = Chain(("tcp dport @web accept",), "filter", "input", "filter")


def table(web: Set | None = WEB, chain: Chain = CHAIN, name: str = "gate") -> Table:
    return Table("inet", name, {"web": web} if web else {}, {"in": chain})


def elements(*those: str, flags: tuple[str, ...] = (), data: str = "") -> Set:
    return Set("inet_service", data, flags, frozenset(those))


CASES = {
    "nothing": ([], [], []),
    "equal": ([table()], [table()], []),
    "new": ([], [table()], [PutTable(table(), "red")]),
    "gone": ([table()], [], [DeleteTable("inet", "gate", "red")]),
    "another": ([table(name="a")], [table(name="b")], [DeleteTable("inet", "a", "red"), PutTable(table(name="b"), "red")]),
    "rule": ([table()], [table(chain=Chain())], [PutTable(table(chain=Chain()), "red")]),
    "set more": ([table(None)], [table()], [PutTable(table(), "red")]),
    "set less": ([table()], [table(None)], [PutTable(table(None), "red")]),
    "type": ([table()], [table(Set("mark"))], [PutTable(table(Set("mark")), "red")]),
    "added": ([table()], [table(elements("80", "443", "81", "8080"))], [AddElements("inet", "gate", "web", ("8080", "81"), "red")]),
    "deleted": ([table()], [table(elements("80"))], [DeleteElements("inet", "gate", "web", ("443",), "red")]),
    "both": (
        [table(MAP)],
        [table(elements("80 : 10.0.0.2", "81 : 10.0.0.1", data="ipv4_addr"))],
        [DeleteElements("inet", "gate", "web", ("80 : 10.0.0.1",), "red"), AddElements("inet", "gate", "web", ("80 : 10.0.0.2",), "red")],
    ),
    "interval": ([table(elements("1-5", flags=("interval",)))], [table(elements("1-6", flags=("interval",)))], [PutTable(table(elements("1-6", flags=("interval",))), "red")]),
    "constant": ([table(elements("1", flags=("constant",)))], [table(elements("2", flags=("constant",)))], [PutTable(table(elements("2", flags=("constant",))), "red")]),
    "equal intervals": ([table(elements("1-5", flags=("interval",)))], [table(elements("1-5", flags=("interval",)))], []),
    "flags in another order": ([table(elements(flags=("timeout", "dynamic")))], [table(elements(flags=("dynamic", "timeout")))], []),
    "learned": ([table(elements("1", "2", flags=("dynamic",)))], [table(elements("1", "3", flags=("dynamic",)))], [AddElements("inet", "gate", "web", ("3",), "red")]),
    "learned only": ([table(elements("1", "2", flags=("dynamic",)))], [table(elements("1", flags=("dynamic",)))], []),
}  # fmt: skip


def by_name(tables: list[Table]) -> dict[tuple[str, str], Table]:
    return {(t.family, t.name): t for t in tables}


@pytest.mark.parametrize("name", CASES)
def test_what_is_planned(name: str):
    now, want, plan = CASES[name]
    assert difference(by_name(now), by_name(want), "red") == plan


sets = st.builds(
    Set,
    st.sampled_from(["inet_service", "mark"]),
    st.sampled_from(["", "ipv4_addr"]),
    st.sampled_from([(), ("interval",), ("timeout",)]),
    st.frozensets(st.sampled_from(["1", "2", "3", "4"])),
)
chains = st.builds(Chain, st.lists(st.sampled_from(["accept", "drop"]), max_size=2).map(tuple))
names = st.sampled_from(["a", "b"])
tables = st.builds(Table, st.sampled_from(["ip", "inet"]), names, st.dictionaries(names, sets), st.dictionaries(names, chains))
several = st.lists(tables, max_size=4, unique_by=lambda t: (t.family, t.name)).map(by_name)


@given(several, several)
def test_the_plan_leads_there_and_then_nothing_is_left(now: dict, want: dict):
    plan = difference(now, want, "red")
    assert run(State({"red": Namespace(tables=now)}), plan).namespaces["red"].tables == want
    assert difference(want, want, "red") == []
    assert len(plan) <= len(now) + 4 * len(want)


def test_shell():
    assert shell(DeleteTable("inet", "gate", "red")) == "ip netns exec red nft delete table inet gate"
    assert shell(DeleteTable("inet", "gate")) == "nft delete table inet gate"
    assert shell(DeleteTable("inet", "gate", "a b")) == "ip netns exec 'a b' nft delete table inet gate"
    assert shell(AddElements("inet", "gate", "web", ("80", "81"), "red")) == "ip netns exec red nft add element inet gate web '{ 80, 81 }'"
    assert shell(DeleteElements("ip", "x", "s", ('"v\'1"',))) == """nft delete element ip x s '{ "v'"'"'1" }'"""
    text = shell(PutTable(Table("ip", "x", {}, {"c": Chain(("drop",))}), "red"))
    assert text == "ip netns exec red nft -f - <<'EOF'\nadd table ip x\ndelete table ip x\ntable ip x {\n\tchain c {\n\t\tdrop\n\t}\n}\nEOF"


@pytest.mark.parametrize("prefix", ["EOF", "EOF_", "$(reboot) `x` \\", "' EOF"])
def test_a_shell_hands_nft_the_very_text(prefix: str):
    table = Table("ip", "x", {}, {"c": Chain((f'log prefix "{prefix}"',))})
    text = shell(PutTable(table)).replace("nft -f -", "cat", 1)
    out = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=True).stdout
    assert parsed(out.split("\n", 2)[2]) == {("ip", "x"): table}


def test_many_elements_do_not_stand_on_the_command_line():
    text = shell(AddElements("ip", "x", "s", tuple(map(str, range(1000)))))
    assert text.startswith("nft -f - <<'EOF'\nadd element ip x s { 0, 1,")
    assert text.endswith(", 999 }\nEOF")
