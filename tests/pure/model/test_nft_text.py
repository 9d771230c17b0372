"""nftables' text: what is written is read back the same, what nft prints is read, and nothing else hangs or slips through."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from netwright.errors import Invalid
from netwright.model.nft import Chain, Set, Table
from netwright.model.nft_text import FAMILIES, FLAGS, RESERVED, element_text, parsed, put_text, rendered

PRINTED = """\
table inet a {
	comment "hello { there"
	flags dormant
	counter c1 {
	}

	ct timeout ti {
		protocol tcp
		l3proto ip
		policy = { established : 100, close : 4 }
	}

	ct helper h {
		type "ftp" protocol tcp
		l3proto inet
	}

	flowtable f {
		hook ingress priority filter
		devices = { eth0, eth1 }
	}

	set s {
		type ipv4_addr
		elements = { 10.0.0.1, 10.0.0.2,
				10.0.0.3 }
	}

	set d {
		type ipv4_addr
		size 100
		flags dynamic,timeout
		timeout 1h
		comment "x # y"
		elements = { 10.0.0.7 timeout 5m, 10.0.0.8 comment "a, } b" }
	}

	set t {
		typeof ip saddr . tcp dport
		elements = { 10.0.0.1 . 80 }
	}

	map vm {
		type inet_service : verdict
		elements = { 80 : jump web, 81 : drop }
	}

	chain web { # handle 4
		comment "c { d"
		tcp dport { 80, 443 } accept comment "a { ; # b" # handle 9
		ip saddr { 10.0.0.1, 10.0.0.2,
				10.0.0.3 } counter accept
		log prefix "in:  {" drop
		add @d { ip saddr timeout 5m }
	}

	chain empty {
	}

	chain in2 {
		type filter hook input priority filter + 10; policy drop;
		jump web
	}
}
# Warning: table ip nat is managed by iptables-nft, do not touch!
table ip nat {
}
table netdev n {
	chain one {
		type filter hook ingress device "eth0" priority -500; policy accept;
	}

	chain two {
		type filter hook ingress devices = { "eth0", "eth1" } priority filter; policy accept;
	}
}
"""
READ = {
    ("inet", "a"): Table(
        "inet",
        "a",
        {
            "s": Set("ipv4_addr", elements=frozenset({"10.0.0.1", "10.0.0.2", "10.0.0.3"})),
            "d": Set("ipv4_addr", "", ("dynamic", "timeout"), frozenset({"10.0.0.7 timeout 5m", '10.0.0.8 comment "a, } b"'})),
            "t": Set("typeof ip saddr . tcp dport", elements=frozenset({"10.0.0.1 . 80"})),
            "vm": Set("inet_service", "verdict", elements=frozenset({"80 : jump web", "81 : drop"})),
        },
        {
            "web": Chain(
                (
                    'tcp dport { 80, 443 } accept comment "a { ; # b"',
                    "ip saddr { 10.0.0.1, 10.0.0.2, 10.0.0.3 } counter accept",
                    'log prefix "in:  {" drop',
                    "add @d { ip saddr timeout 5m }",
                )
            ),
            "empty": Chain(),
            "in2": Chain(("jump web",), "filter", "input", "filter + 10", "drop"),
        },
    ),
    ("ip", "nat"): Table("ip", "nat"),
    ("netdev", "n"): Table(
        "netdev",
        "n",
        {},
        {
            "one": Chain((), "filter", "ingress", "-500", device="eth0"),
            "two": Chain((), "filter", "ingress", "filter", device="eth0 eth1"),
        },
    ),
}


def test_what_nft_prints_is_read():
    assert parsed(PRINTED) == READ


def test_a_table_is_written_as_nft_prints_it():
    table = Table("inet", "gate", {"web": Set("inet_service", "", ("interval",), frozenset({"80", "443"}))}, {"in": Chain(("tcp dport @web accept",), "filter", "input", "filter", "drop")})
    block = "table inet gate {\n\tset web {\n\t\ttype inet_service\n\t\tflags interval\n\t\telements = { 443, 80 }\n\t}\n\n\tchain in {\n\t\ttype filter hook input priority filter; policy drop;\n\t\ttcp dport @web accept\n\t}\n}\n"
    assert rendered(table) == block
    assert put_text(table) == "add table inet gate\ndelete table inet gate\n" + block
    assert rendered(Table("ip", "x")) == "table ip x {\n}\n"
    assert element_text("add", "inet", "gate", "web", ["80", "443"]) == "add element inet gate web { 80, 443 }\n"


names = st.from_regex(r"[a-z_.][a-zA-Z0-9_./-]{0,8}", fullmatch=True).filter(lambda name: name not in RESERVED)
bare = st.from_regex(r"[a-z0-9@!=&|<>:_./+*-]{1,9}", fullmatch=True)
quoted = st.text(st.characters(blacklist_characters='"', blacklist_categories=["Cs"]), max_size=8).map(lambda text: f'"{text}"')
word = st.one_of(bare, bare, quoted)
plain = st.lists(word, min_size=1, max_size=4).map(" ".join)
braced = st.tuples(plain, st.lists(plain, min_size=1, max_size=3)).map(lambda t: f"{t[0]} {{ {', '.join(t[1])} }}")
rules = st.lists(st.one_of(plain, braced), min_size=1, max_size=2).map(" ".join).filter(lambda r: r.split(" ")[0] not in ("type", "policy", "comment", "devices", "flags"))
types = st.lists(st.from_regex(r"[a-z_0-9]{1,9}", fullmatch=True), min_size=1, max_size=3).map(" . ".join)
sets = st.builds(
    Set,
    st.one_of(types, types.map(lambda kind: f"typeof {kind}")),
    st.one_of(st.just(""), types),
    st.lists(st.sampled_from(FLAGS), unique=True, max_size=3).map(tuple),
    st.frozensets(plain, max_size=5),
)
priorities = st.from_regex(r"(filter|dstnat)( [+-] [1-9][0-9]?)?|-?[1-9][0-9]{0,3}", fullmatch=True)
devices = st.lists(st.from_regex(r"[a-z0-9.,#{};-]{1,15}", fullmatch=True), max_size=3).map(" ".join)
bodies = st.lists(rules, max_size=4).map(tuple)
chains = st.one_of(
    st.builds(Chain, bodies),
    st.builds(Chain, bodies, st.sampled_from(["filter", "nat", "route"]), st.sampled_from(["input", "ingress"]), priorities, st.sampled_from(["accept", "drop"]), devices),
)
tables = st.builds(Table, st.sampled_from(FAMILIES), names, st.dictionaries(names, sets, max_size=3), st.dictionaries(names, chains, max_size=3))


@given(tables)
def test_what_is_written_is_read_back(table: Table):
    assert parsed(rendered(table)) == {(table.family, table.name): table}


@given(st.lists(tables, max_size=3, unique_by=lambda t: (t.family, t.name)))
def test_several_tables_are_read_back(several: list[Table]):
    assert parsed("".join(map(rendered, several))) == {(t.family, t.name): t for t in several}


PIECES = ["table inet a {", "table", "{", "}", "}\n", ";", "\n", "\t", '"', "#", " chain c {", " set s {", "type ipv4_addr", "type filter hook input priority 0;", "elements = {", ", ", "1.2.3.4", "policy drop;", "ct helper x {", "devices = {", "\0", "é", "\r"]


def _attempt(text: str) -> tuple[dict[tuple[str, str], Table], Invalid | None]:
    try:
        return parsed(text), None
    except Invalid as error:
        return {}, error


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
@example("table inet a {" * 2000)
@example("table inet a { chain c { " + "{ " * 5000)
@example('table inet a { set s { type x; elements = { "' + "a," * 5000)
def test_any_text_gives_tables_or_a_clear_error(text: str):
    read, error = _attempt(text)
    assert error is None or ("nft's ruleset, line " in error.what and error.why)
    assert all(isinstance(table, Table) for table in read.values())


@given(tables, st.data())
def test_a_cut_text_is_an_error_or_a_whole_number_of_tables(table: Table, data: st.DataObject):
    text = rendered(table)
    cut = text[: data.draw(st.integers(0, len(text) - 3))]
    if cut.strip():
        with pytest.raises(Invalid):
            parsed(cut)


WRONG = {
    "no table": ("flush ruleset\n", 1, "expected `table FAMILY NAME {`"),
    "no family": ("table x {\n}\n", 1, "expected `table"),
    "other family": ("\ntable foo x {\n}\n", 2, "expected `table"),
    "twice": ("table ip x {\n}\ntable ip x {\n}\n", 3, "a second time"),
    "cut": ("table ip x {\n", 1, "the text ends"),
    "cut chain": ("table ip x {\n\tchain c {\n", 2, "the text ends"),
    "cut braces": ("table ip x {\n\tchain c {\n\t\ttcp dport { 80\n", 3, "a { without its }"),
    "too many": ("table ip x {\n}\n}\n", 3, "a } without its {"),
    "quote": ('table ip x {\n\tcomment "a\n}\n', 1, "a quote is not closed"),
    "no type": ("table ip x {\n\tset s {\n\t}\n}\n", 3, "a set without a type"),
    "hook": ("table ip x {\n\tchain s {\n\t\ttype filter hook;\n\t}\n}\n", 3, "cannot read the hook"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_ruleset_is_an_error_with_its_line(name: str):
    text, line, why = WRONG[name]
    error = _attempt(text)[1]
    assert error is not None
    assert error.what == f"cannot read nft's ruleset, line {line}"
    assert why in error.why


HOSTILE = {
    "family": Table("foo", "x"),
    "table": Table("ip", "x { } table ip y"),
    "digit": Table("ip", "1x"),
    "nft's own word": Table("inet", "policy"),
    "nft's own word for a chain": Table("inet", "x", {}, {"counter": Chain()}),
    "set": Table("ip", "x", {"a b": Set("ipv4_addr")}),
    "type": Table("ip", "x", {"s": Set("")}),
    "type of two": Table("ip", "x", {"s": Set("ipv4_addr; elements")}),
    "type with data": Table("ip", "x", {"s": Set("ipv4_addr : verdict")}),
    "data": Table("ip", "x", {"s": Set("ipv4_addr", "a }")}),
    "flag": Table("ip", "x", {"s": Set("ipv4_addr", flags=("intervall",))}),
    "element": Table("ip", "x", {"s": Set("ipv4_addr", elements=frozenset({"1.1.1.1, 2.2.2.2"}))}),
    "element end": Table("ip", "x", {"s": Set("ipv4_addr", elements=frozenset({"1.1.1.1 }"}))}),
    "no element": Table("ip", "x", {"s": Set("ipv4_addr", elements=frozenset({""}))}),
    "chain": Table("ip", "x", {}, {"": Chain()}),
    "rule": Table("ip", "x", {}, {"c": Chain(("accept\n} chain d {",))}),
    "rule end": Table("ip", "x", {}, {"c": Chain(("accept }",))}),
    "two rules": Table("ip", "x", {}, {"c": Chain(("accept; drop",))}),
    "comment": Table("ip", "x", {}, {"c": Chain(("accept # all",))}),
    "quote": Table("ip", "x", {}, {"c": Chain(('log prefix "a',))}),
    "braces": Table("ip", "x", {}, {"c": Chain(("tcp dport { 80",))}),
    "blanks": Table("ip", "x", {}, {"c": Chain(("tcp  dport 80",))}),
    "no rule": Table("ip", "x", {}, {"c": Chain(("",))}),
    "hidden hook": Table("ip", "x", {}, {"c": Chain(("type filter hook input priority 0",))}),
    "policy": Table("ip", "x", {}, {"c": Chain(policy="drop")}),
    "half a hook": Table("ip", "x", {}, {"c": Chain((), "", "input", "filter")}),
    "priority": Table("ip", "x", {}, {"c": Chain((), "filter", "input", "0; policy drop")}),
    "device": Table("netdev", "x", {}, {"c": Chain((), "filter", "ingress", "0", device='a"b')}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_nft_would_misread_is_not_written(name: str):
    with pytest.raises(Invalid, match="cannot be written for nft"):
        rendered(HOSTILE[name])


def test_all_mistakes_are_told_at_once():
    table = Table("foo", "1", {"a b": Set("")}, {"c": Chain(("accept; drop",), policy="drop")})
    with pytest.raises(Invalid) as caught:
        rendered(table)
    assert caught.value.why.count(";") >= 5


@pytest.mark.parametrize("elements", [(), ("80 }",), ("80, 81",), ('"a',)])
def test_elements_that_nft_would_misread_are_not_written(elements: tuple[str, ...]):
    with pytest.raises(Invalid):
        element_text("add", "ip", "x", "s", elements)
