"""Random walks: the same short sequence of changes on both sides, wrong ones among them, compared after each line.

The names come from small pools, so that commands meet: a route through an address that was deleted, a name that is
taken, a device that went to another namespace. What fails is printed as lines that can go into a case file.
"""

import os
import shlex

import pytest
from differential.cases import Step
from differential.twins import Programs, Twins
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("DIFF_SEQUENCES", "40"))
IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")

# A device always gets the same address, so that nothing is left to chance.
ADDRESSES = {"v0": "02:00:00:00:00:01", "v1": "02:00:00:00:00:02", "b0": "02:00:00:00:00:b0", "w0": "02:00:00:00:00:03"}
WORLD = [
    "ip netns add a",
    "ip link set lo up",
    "ip link add b0 index 9 address 02:00:00:00:00:b0 type bridge",
    "ip link add v0 index 10 address 02:00:00:00:00:01 type veth peer name v1 index 11 address 02:00:00:00:00:02",
    "ip link set v0 up",
    "ip address add 10.0.0.1/24 dev v0",
]

namespaces = st.sampled_from(["a", "b"])
devices = st.sampled_from(["v0", "v1", "b0", "w0", "lo", "nope"])
inet = st.sampled_from(["10.0.0.1/24", "10.0.0.2/24", "10.0.1.1/24", "192.0.2.1/32", "10.0.0.1/33"])
inet6 = st.sampled_from(["2001:db8::1/64", "2001:db8::2/64", "2001:db8:1::1/64"])
hosts = st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.1.9", "10.9.9.9", "nonsense"])
prefixes = st.sampled_from(["default", "198.51.100.0/24", "10.0.1.0/24", "10.5.5.5/24"])
ways = st.one_of(hosts.map("via {}".format), devices.map("dev {}".format))
selectors = st.sampled_from(["from 10.0.0.0/8", "to 10.0.1.0/24", "iif v0", "fwmark 5", "pref 50", "from nonsense"])
actions = st.sampled_from(["table 100", "table main", "prohibit", "goto 32766"])
settings_of_links = st.sampled_from(
    [
        "up",
        "down",
        "mtu 1400",
        "mtu 10",
        "master b0",
        "nomaster",
        "netns a",
        "netns b",
        "name w0",
        "alias x",
        "promisc on",
    ]
)


def _made(name: str) -> str:
    return f"{name} address {ADDRESSES[name]}" if name in ADDRESSES else name


def _phrase(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda words: template.format(*words))


links = st.one_of(
    _phrase("link add {} type veth peer name {}", devices.map(_made), devices.map(_made)),
    _phrase("link add {} type veth peer name {} netns {}", devices.map(_made), devices.map(_made), namespaces),
    _phrase("link add {} type bridge", devices.map(_made)),
    _phrase("link set {} {}", devices, settings_of_links),
    _phrase("link set {} {}", devices, settings_of_links),
    _phrase("link delete {}", devices),
)
others = st.one_of(
    _phrase("netns {} {}", st.sampled_from(["add", "delete"]), namespaces),
    _phrase("address {} {} dev {}", st.sampled_from(["add", "del", "replace"]), inet | inet6, devices),
    _phrase("address flush dev {}", devices),
    _phrase("route {} {} {}", st.sampled_from(["add", "del", "replace", "append"]), prefixes, ways),
    _phrase("route get {}", hosts),
    _phrase("neigh {} {} lladdr 02:00:00:00:00:99 dev {}", st.sampled_from(["add", "replace"]), hosts, devices),
    _phrase("neigh del {} dev {}", hosts, devices),
    _phrase("rule {} {} {}", st.sampled_from(["add", "del"]), selectors, actions),
)
where = st.sampled_from(["", "", "", "-n a ", "-n b "])
commands = _phrase("ip {}{}", where, links | others)


@pytest.mark.xfail(strict=False, reason="not yet run to its end with the fixed seed of CI: a difference may be left")
@settings(
    phases=[Phase.explicit, Phase.generate],
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=IN_CI,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(lines=st.lists(commands, min_size=5, max_size=15))
def test_sequences(both: Programs, lines: list[str]) -> None:
    note("\n".join(lines))
    with Twins(both, [_step(line) for line in WORLD], "\n".join([*WORLD, *lines])) as twins:
        for number, line in enumerate(lines, 1):
            step = _step(line, f"line {number}")
            differences = [twins.difference_of_command(step), twins.difference_of_state(line)]
            if any(differences):
                pytest.fail("\n".join([*lines[:number], "", *differences]), pytrace=False)


def _step(line: str, place: str = "set-up") -> Step:
    return Step("ip", shlex.split(line), place, "either")
