"""States as JSON and back: exactly, the same text for equal States, and quick enough for a journal."""

import json
import sys
from pathlib import Path
from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.model.address import Address
from netwright.model.neighbour import Neighbour
from netwright.model.nft import Chain, Set, Table
from netwright.model.plain import from_plain, to_plain
from netwright.model.qdisc import Qdisc
from netwright.model.route import Nexthop, Route
from netwright.model.rule import Rule
from netwright.model.state import NOTHING, Device, Namespace, State

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from states import random_state

words = st.text(max_size=8)
numbers = st.integers(0, 2**63)
scalars = words | numbers | st.binary(max_size=6) | st.none() | st.booleans() | st.floats(0, 100)
nested = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=6)
pairs = st.lists(st.tuples(words, nested), max_size=3).map(tuple)
ends = st.none() | st.tuples(words, words)
flags = st.lists(words, max_size=2).map(tuple)
devices = st.builds(
    Device, words, ends, ends, words, st.booleans(), numbers, words, words, numbers, numbers, pairs, pairs, st.lists(st.tuples(numbers, words), max_size=2).map(tuple)
)
addresses = st.builds(Address, words, words, st.sampled_from((4, 6)), words, flags=flags, valid=st.none() | numbers)
hops = st.lists(st.builds(Nexthop, words, words, numbers, flags), max_size=2).map(tuple)
routes = st.builds(Route, words, st.sampled_from((4, 6)), words, words, nexthops=hops, metrics=pairs, flags=flags)
rules = st.builds(Rule, numbers, source=words, source_ports=st.none() | st.tuples(numbers, numbers), invert=st.booleans())
neighbours = st.builds(Neighbour, words, words, words, words, st.sampled_from((4, 6, 7)), flags, numbers)
queues = st.builds(Qdisc, words, words, words, words, pairs, st.booleans())
sets = st.builds(Set, words, words, flags, st.frozensets(words, max_size=3))
chains = st.builds(Chain, flags, words, words, words, words, words)


def some(of):
    return st.frozensets(of, max_size=2)


@st.composite
def tables(draw):
    family, name = draw(st.sampled_from(("ip", "inet"))), draw(words)
    return (family, name), Table(family, name, draw(st.dictionaries(words, sets, max_size=2)), draw(st.dictionaries(words, chains, max_size=2)))


namespaces = st.builds(
    Namespace,
    st.dictionaries(words, devices, max_size=2),
    some(addresses),
    some(routes),
    some(rules),
    some(neighbours),
    st.dictionaries(words, words, max_size=2),
    some(queues),
    st.lists(tables(), max_size=2).map(dict),
    words,
)
states = st.builds(State, st.dictionaries(words, namespaces, max_size=2), st.dictionaries(words, st.dictionaries(words, words, max_size=2), max_size=2))


@given(states)
def test_there_and_back(state: State):
    assert from_plain(to_plain(state)) == state
    assert from_plain(json.loads(json.dumps(to_plain(state)))) == state


@pytest.mark.parametrize("seed", range(30))
def test_states_of_a_kernel(seed: int):
    state = random_state(Random(seed), filters=True)
    assert from_plain(json.loads(json.dumps(to_plain(state)))) == state


def test_nothing():
    assert to_plain(NOTHING) == {"namespaces": {}, "files": {}}
    assert from_plain(to_plain(NOTHING)) == NOTHING


def _shuffled(mapping, rng: Random):
    items = list(mapping.items())
    rng.shuffle(items)
    return dict(items)


@pytest.mark.parametrize("seed", range(20))
def test_equal_states_give_equal_text(seed: int):
    rng = Random(seed)
    state = random_state(rng)
    other = {}
    for name, n in _shuffled(state.namespaces, rng).items():
        sets = [frozenset(sorted(getattr(n, field), key=repr, reverse=True)) for field in ("addresses", "routes", "rules", "neighbours")]
        other[name] = Namespace(_shuffled(n.devices, rng), *sets, _shuffled(n.sysctls, rng), n.qdiscs, _shuffled(n.tables, rng), n.view)
    twin = State(other, state.files)
    assert twin == state
    assert json.dumps(to_plain(twin)) == json.dumps(to_plain(state))


def test_what_it_looks_like():
    red = Namespace(
        {"lo": Device(up=True), "eth0": Device("veth", ("@", "red.eth0"), up=True, mtu=1400)},
        frozenset({Address("10.0.0.2/24", "eth0"), Address("10.0.0.1/24", "eth0")}),
        sysctls={"net.ipv4.ip_forward": "1"},
        tables={("inet", "gate"): Table("inet", "gate", {"web": Set("inet_service", elements=frozenset({"80", "443"}))})},
    )
    assert to_plain(State({"red": red}, {"": {"/etc/hosts": "::1 localhost\n"}})) == {
        "namespaces": {
            "red": {
                "devices": {"eth0": {"kind": "veth", "peer": ["@", "red.eth0"], "up": True, "mtu": 1400}, "lo": {"up": True}},
                "addresses": [{"address": "10.0.0.1/24", "link": "eth0"}, {"address": "10.0.0.2/24", "link": "eth0"}],
                "sysctls": {"net.ipv4.ip_forward": "1"},
                "tables": {"inet gate": {"sets": {"web": {"type": "inet_service", "elements": ["443", "80"]}}}},
            }
        },
        "files": {"": {"/etc/hosts": "::1 localhost\n"}},
    }


def _star(hosts: int) -> State:
    root = {f"h{i}.eth0": Device("veth", (f"h{i}", "eth0"), master="front", up=True, mtu=1500, group=7) for i in range(hosts)}
    namespaces = {"@": Namespace({"lo": Device(up=True), "front": Device("bridge", up=True), **root})}
    for i in range(hosts):
        devices = {"lo": Device(up=True), "eth0": Device("veth", ("@", f"h{i}.eth0"), up=True, mtu=1500, group=7)}
        address = frozenset({Address(f"10.0.{i // 250}.{i % 250}/16", "eth0")})
        namespaces[f"h{i}"] = Namespace(devices, address, frozenset({Route("default", via="10.0.255.254", link="eth0", protocol=4)}))
    return State(namespaces)


def test_a_thousand_hosts_are_quick():
    state = _star(1000)

    def seconds() -> float:
        start = process_time()
        assert len(from_plain(to_plain(state)).namespaces) == 1001
        return process_time() - start

    # 30 ms where it was measured, both ways together; far more means that something grows with the square.
    assert min(seconds() for _ in range(5)) < 0.3
