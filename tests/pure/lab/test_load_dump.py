"""A Topology as a file and back: the same again, whatever it is. And whatever a file is, it is a Topology or LabFileInvalid."""

import json
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netwright.lab import quoting
from netwright.lab.load import LabFileInvalid, dump, loads
from netwright.lab.nodes import as_plain, places
from netwright.lab.phrases import check_text
from netwright.lab.read_json import read as read_json
from netwright.lab.read_toml import read as read_toml
from netwright.lab.read_yaml import read as read_yaml
from netwright.lab.topology import Cable, Check, Host, Link, Policy, Problem, Publish, Route, Switch, Topology
from netwright.model.value import replace

FILES = Path(__file__).parent / "files"
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
HOSTS, SWITCHES, ZONES = ("a", "b2", "no", "0x1", "C-3"), ("s", "null", "1e3"), ("z", "y")
DEVICES = ("eth0", "eth1", "up", "br.0")

four, six = st.ip_addresses(v=4).map(str), st.ip_addresses(v=6).map(str)
four_with_length = st.builds("{}/{}".format, four, st.integers(0, 32))
six_with_length = st.builds("{}/{}".format, six, st.integers(0, 128))
networks = st.sampled_from(((), ("10.0.0.0/8",), ("fd00::/64",), ("fd00::/64", "192.0.2.4/30")))
addresses = st.lists(four_with_length | six_with_length, max_size=2).map(tuple)
mtus = st.just(0) | st.integers(68, 65535)
macs = st.just("") | st.integers(1, 2**40).map(lambda n: "02:" + ":".join(f"{n:010x}"[i : i + 2] for i in range(0, 10, 2)))
quality = {"rate": st.just(0) | st.integers(1, 2**50), "delay": st.just(0) | st.integers(1, 2**41), "loss": st.floats(0, 100).map(lambda f: round(f, 6))}
texts = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="{}\n"), min_size=1, max_size=8)
values = st.integers(-5, 2**40) | st.booleans() | texts
options = st.dictionaries(texts.filter(lambda key: key not in ("mode", "id", "remote", "local", "port", "group")), values, max_size=2)
pairs = options.map(lambda found: tuple(sorted(found.items())))
maybe = st.just("")
ports = st.integers(1, 65000)


@st.composite
def links(draw: st.DrawFn) -> dict[str, Link]:
    """Devices of one host: some on switches, one of another kind on top."""
    names = draw(st.lists(st.sampled_from(DEVICES), unique=True, max_size=3))
    made = {name: draw(st.builds(Link, switch=st.sampled_from(SWITCHES), addresses=st.none() | addresses, mtu=mtus, mac=macs, up=st.booleans(), vlan=st.integers(0, 4094), trunk=st.lists(st.integers(1, 4094), max_size=2).map(tuple), isolated=st.booleans(), hairpin=st.booleans(), **quality)) for name in names}
    if names and draw(st.booleans()):
        words = draw(st.sampled_from(((), (("mode", "bridge"),), (("id", 5), ("remote", "b2")), (("group", "239.0.0.1"), ("local", "10.0.0.1"), ("port", 8472)))))
        extra = draw(pairs)
        made["on-top"] = Link("vxlan", "", names[0], draw(st.sampled_from(("", names[0]))), draw(st.none() | addresses), options=tuple(sorted([*words, *extra])))
    return made


routes = st.lists(
    st.builds(Route, st.sampled_from(("default", "s", "10.0.0.0/8", "fd00::/8", "10.0.0.1")), st.sampled_from(("a", "10.0.0.9", "fd00::9")), metric=st.integers(0, 2**32 - 1))
    | st.builds(Route, st.sampled_from(("default", "10.9.0.0/16")), type=st.sampled_from(("blackhole", "unreachable", "prohibit"))),
    max_size=3,
).map(tuple)
publish = st.lists(
    st.builds(Publish, ports, st.sampled_from(HOSTS), ports, protocol=st.sampled_from(("tcp", "udp")), address=maybe | four | six)
    | st.builds(lambda p, n: Publish(p, "a", p, p + n, "udp"), ports, st.integers(1, 99)),
    max_size=2,
).map(tuple)
sysctls = st.dictionaries(st.sampled_from(("net.ipv4.ip_forward", "net.core.somaxconn", "net.ipv4.conf.eth0/1.x")), texts.filter(lambda t: t.lower() not in ("true", "yes", "on", "false", "no", "off")), max_size=2)
names = st.lists(st.sampled_from(("example.net", "x", "1.10", "null")), max_size=2).map(tuple)
hosts = st.builds(
    Host, links(), st.booleans(), st.lists(st.sampled_from(SWITCHES), max_size=2).map(tuple), publish, routes, st.booleans(), sysctls,
    st.lists(four | six | st.sampled_from(HOSTS), max_size=2).map(tuple), names, names, maybe | st.sampled_from(ZONES),
)  # fmt: skip
switches = st.builds(Switch, st.none() | networks, mtus, st.booleans(), st.booleans(), addresses, pairs)
allowed = st.lists(st.sampled_from(("tcp/80", "udp/53", "tcp/8000-8010", "tcp", "icmp", "all")), min_size=1, max_size=2).map(tuple)
parties = st.sampled_from((*HOSTS, *SWITCHES, "*"))
policies = st.builds(Policy, parties, parties, allow=allowed) | st.builds(Policy, parties, parties, deny=allowed)


def with_text(check: Check) -> Check:
    return replace(check, text=check_text(check))


checks = st.builds(Check, st.sampled_from(HOSTS), st.sampled_from(("ping", "noping")), st.sampled_from(HOSTS) | four | six) | st.builds(
    Check, st.sampled_from(HOSTS), st.sampled_from(("connect", "refuse")), st.sampled_from(HOSTS) | four | six, ports, st.sampled_from(("tcp", "udp"))
)
checks = checks.map(with_text) | st.builds(lambda check, text: replace(check, text=text), checks, maybe | texts)


@st.composite
def topologies(draw: st.DrawFn) -> Topology:
    made = {name: draw(hosts) for name in HOSTS}
    cables = []
    for number in range(draw(st.integers(0, 3))):
        one, two = draw(st.sampled_from(HOSTS)), draw(st.sampled_from((*HOSTS, *SWITCHES)))
        ends = (one, f"c{number}"), (two, f"d{number}") if two in HOSTS else (two, "")
        for host, device in ends:
            if device:
                made[host] = replace(made[host], links={**made[host].links, device: draw(st.just(Link()) | st.builds(Link, addresses=addresses, mtu=mtus))})
        given_ends = st.tuples(st.none() | addresses, st.none() | addresses)
        cables.append(Cable(ends, draw(st.none() | networks), draw(given_ends), draw(mtus), **{key: draw(part) for key, part in quality.items()}))
    zones = draw(st.dictionaries(st.sampled_from(ZONES), st.lists(st.sampled_from(HOSTS), max_size=2).map(tuple), max_size=2))
    if zones:
        zones = {zone: zones.get(zone, ()) for zone in ZONES}
    lists = [tuple(draw(st.lists(each, max_size=3))) for each in (policies, checks)]
    return Topology(
        "lab-1", draw(networks), made, {name: draw(switches) for name in SWITCHES}, tuple(cables), *lists, zones,
        draw(publish), draw(st.booleans()), draw(st.sampled_from(("static", "none"))),
    )  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(topologies())
def test_every_lab_comes_back_from_its_file(topology: Topology):
    text = dump(topology)
    assert replace(loads(text), places={}) == topology, text
    assert dump(loads(text)) == text


@settings(deadline=None)
@given(st.text(st.characters(blacklist_categories=("Cs",)), max_size=20))
def test_any_text_is_the_same_text_for_us_and_for_yaml(text: str):
    written = quoting.scalar(text)
    assert yaml.safe_load(f"k: [{written}]") == {"k": [text]}
    node = read_yaml(f"k: [{written}]", "f", [])
    assert node is not None
    assert as_plain(node) == {"k": [text]}


# -- anything at all -------------------------------------------------------------------------------------------------------


def taken(text: str, form: str = "yaml") -> None:
    problems: tuple[Problem, ...] = ()
    try:
        loads(text, form=form)
    except LabFileInvalid as error:
        problems = error.problems or (Problem((), "nothing is said"),)
    assert [str(problem) for problem in problems if not problem.place] == []


SOURCES = [path.read_text() for path in [*EXAMPLES.glob("*.lab.yaml"), *(FILES / "good").glob("*.yaml"), *(FILES / "bad").glob("[lnptw]*.yaml")]]
PIECES = ["{", "}", "[", "]", ": ", "- ", "\n", "\n  ", "&a ", "*a", "<<: *a", "!x ", "{1..3}", "{i}", "{a,b}", '"', "'", "#", "null", "none", "~", "auto", ":", "|\n", "?", "\t", "all", "0", "é", "\U0001f600"]


@settings(deadline=None)
@given(st.text(max_size=60), st.sampled_from(("yaml", "json", "toml")))
def test_any_text_is_a_lab_or_a_list_of_mistakes(text: str, form: str):
    taken(text, form)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SOURCES), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES)), min_size=1, max_size=4))
def test_a_lab_file_with_changes_is_a_lab_or_a_list_of_mistakes(text: str, changes: list[tuple[float, int, str]]):
    for where, gone, new in changes:
        at = int(where * len(text))
        text = text[:at] + new + text[at + gone :]
    taken(text)


WORDS = """hosts switches cables links eth0 a s n{1..2} switch address addresses route default to via template ends from allow
kind parent options checks x"""
ITEMS = ("a", "s", "none", "auto", "10.0.0.1/24", "n{1..3}", "{i}", "a -> b:80", "", "all", "t")
KEYS = "lab pool hosts switches cables policy zones checks publish uplink routing defaults templates include x-y"
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(ITEMS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS.split()), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS.split()), anything, max_size=5))
def test_any_tree_is_a_lab_or_a_list_of_mistakes(tree: dict[str, object]):
    taken(json.dumps(tree), "json")
    taken(yaml.safe_dump(tree, allow_unicode=True))


plain_json = st.recursive(st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=10)


@settings(deadline=None)
@given(plain_json, st.sampled_from((None, 1, "\t")))
def test_json_is_read_as_json_reads_it(data: object, indent: int | str | None):
    def told(item: object) -> object:
        if isinstance(item, dict):
            return {key: told(child) for key, child in item.items()}
        return [told(child) for child in item] if isinstance(item, list) else "" if item is None else json.dumps(item) if isinstance(item, bool) else str(item)

    for text in (json.dumps(data, indent=indent), json.dumps(data, indent=indent, ensure_ascii=False)):
        problems: list[object] = []
        node = read_json(text, "f", problems)  # type: ignore[arg-type]
        assert problems == []
        assert node is not None
        assert as_plain(node) == told(data)
        lines = text.split("\n")
        for path, (_, line, column) in places(node).items():
            last = path[-1] if path else None
            if isinstance(last, str):
                assert lines[line - 1][column - 1] in '"{[-0123456789tf'


TOML = """
title = "a" # c
[hosts]
"web.1" = { switch = 's', links = { eth0 = "x", "eth 1".mtu = 3 } }
a.b.c = [ 1, [2, 3], { d = \"\"\"
x = "]"
\"\"\" } ] # ]
[[cables]]
ends = [
  "a", # first
  'b',
]
[[cables]]
ends = []
[cables.x.y]
z = 1979-05-27T07:32:00Z
[[cables.more]]
f = 1.10
[[cables.more]]
f = 0x10
"""


def test_places_in_toml():
    problems: list[object] = []
    node = read_toml(TOML, "f", problems)  # type: ignore[arg-type]
    assert node is not None
    assert problems == []
    found = {path: place[1:] for path, place in places(node).items()}
    assert found["title",] == (2, 1)
    assert found["hosts", "web.1"] == (4, 1)
    assert found["hosts", "web.1", "links", "eth0"] == (4, 37)
    assert found["hosts", "web.1", "links", "eth 1", "mtu"] == (4, 57)
    assert found["hosts", "a", "b", "c", 1, 0] == (5, 15)
    assert found["hosts", "a", "b", "c", 2, "d"] == (5, 24)
    assert found["cables", 0, "ends", 1] == (11, 3)
    assert found["cables", 1, "ends"] == (14, 1)
    assert found["cables", 1, "x", "y", "z"] == (16, 1)
    assert found["cables", 1, "more", 1, "f"] == (20, 1)
    assert as_plain(node)["cables"][1]["more"][0] == {"f": "1.10"}


@pytest.mark.parametrize("path", sorted((FILES / "good").glob("*.toml")))
def test_every_key_of_toml_has_a_place_of_its_own(path: Path):
    node = read_toml(path.read_text(), "f", [])
    assert node is not None
    lines = path.read_text().splitlines()
    for way, (_, line, column) in places(node).items():
        if way and isinstance(way[-1], str):
            assert lines[line - 1][column - 1 :].lstrip('"').startswith(way[-1]), way
    assert tomllib.loads(path.read_text())
    assert sys.version_info >= (3, 11)
