"""Random walks: the same short sequence of changes on both sides, wrong ones among them, compared after each line.

The names come from small pools, so that commands meet: a route through an address that was deleted, a name that is
taken, a device that went to another namespace. What fails is printed as lines that can go into a case file.
"""

import os
import re
import shlex

import pytest
from differential.cases import Step
from differential.twins import Programs, Twins
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get("DIFF_SEQUENCES", "40"))
IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false")

WORLD = [
    "ip netns add a",
    "ip link set lo up",
    "ip link add b0 index 9 address 02:00:00:00:00:b0 type bridge",
    "ip link add v0 index 10 address 02:00:00:00:00:01 type veth peer name v1 index 11 address 02:00:00:00:00:02",
    "ip link set v0 up",
    "ip address add 10.0.0.1/24 dev v0",
]
# How often, and what. `-n` is never put before netns: there ip makes a name without a namespace, and ours does not.
TEMPLATES = [
    (1, "ip netns add {namespace}"),
    (1, "ip netns delete {namespace}"),
    (3, "ip {where}link add {new} type veth peer name {new}"),
    (2, "ip {where}link add {new} type veth peer name {new} netns {namespace}"),
    (2, "ip {where}link add {new} type bridge"),
    (8, "ip {where}link set {device} {setting}"),
    (2, "ip {where}link delete {device}"),
    (8, "ip {where}address {add} {address} dev {device}"),
    (2, "ip {where}address {flush} dev {device}"),
    (8, "ip {where}route {append} {prefix} {way}"),
    (1, "ip {where}route get {host}"),
    (4, "ip {where}neigh {add} {host} lladdr 02:00:00:00:00:99 dev {device}"),
    (3, "ip {where}rule {append_rule} {selector} {action}"),
]
POOLS = {
    "namespace": ["a", "a", "b"],
    "where": ["", "", "", "", "-n a ", "-n b "],
    "device": ["v0", "v0", "v0", "v1", "v1", "b0", "w0", "x0", "lo", "nope"],
    # A device always gets the same address, so that nothing is left to chance.
    "new": [
        f"{name} address 02:00:00:00:00:{number}" for name, number in (("w0", 10), ("x0", 11), ("y0", 12), ("v0", 13))
    ],
    "setting": [
        *("up", "up", "up", "down", "mtu 1400", "mtu 10", "master b0", "nomaster"),
        *("netns a", "netns b", "name w0", "name v7", "alias x", "promisc on", "address 02:00:00:00:00:77", "group 5"),
    ],
    "add": ["add", "add", "replace", "change", "del"],
    "append": ["add", "add", "add", "replace", "append", "change", "del"],
    "append_rule": ["add", "add", "del"],
    "flush": ["flush", "flush to 10.0.0.0/24"],
    "address": [
        *("10.0.0.1/24", "10.0.0.2/24", "10.0.1.1/24", "192.0.2.1/32", "10.0.0.1/33", "10.6.0.1 peer 10.6.0.2"),
        *("2001:db8::1/64", "2001:db8::2/64 nodad", "2001:db8:1::1/64 preferred_lft 900 valid_lft 1800"),
    ],
    "host": ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.1.9", "10.9.9.9", "nonsense", "2001:db8::9"],
    "prefix": ["default", "198.51.100.0/24", "198.51.101.0/24", "10.0.1.0/24", "10.5.5.5/24", "2001:db8:9::/48"],
    "way": [
        *(
            "via 10.0.0.2",
            "via 10.0.0.3",
            "via 10.0.1.2",
            "dev v0",
            "dev v1",
            "via 10.9.9.9",
            "dev lo",
            "via 2001:db8::9",
        ),
        *("dev v0 table 100", "via 10.0.0.2 metric 5", "nexthop via 10.0.0.2 nexthop via 10.0.0.3"),
    ],
    "selector": ["from 10.0.0.0/8", "to 10.0.1.0/24", "iif v0", "fwmark 5", "pref 50", "from nonsense"],
    "action": ["table 100", "table main", "prohibit", "goto 32766"],
}


def _filled(template: str) -> st.SearchStrategy[str]:
    pools = [st.sampled_from(POOLS[name]) for name in re.findall(r"\{(\w+)\}", template)]
    return st.tuples(*pools).map(lambda words: re.sub(r"\{\w+\}", "{}", template).format(*words))


commands = st.sampled_from([template for often, template in TEMPLATES for _ in range(often)]).flatmap(_filled)


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
