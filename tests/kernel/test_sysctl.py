"""Settings of a namespace on the real kernel: read, written, and refused in words that help."""

import json

import pytest
from sandbox import Sandbox

from netwright.errors import Invalid
from netwright.kernel import sysctl

CODE = """
import os, sys, json
from netwright.errors import NetwrightError
from netwright.kernel import sysctl
inside = os.open("/run/netns/red", os.O_RDONLY)
try:
    values = json.loads(sys.argv[1])
    if isinstance(values, dict):
        sysctl.write(inside, values)
    print(json.dumps(sysctl.read(inside, list(values))))
except NetwrightError as error:
    print(json.dumps([type(error).__name__, str(error)]))
"""


@pytest.fixture
def box(sandbox: Sandbox) -> Sandbox:
    sandbox.ip("netns add red")
    sandbox.ip("-n red link add eth0.1 type veth peer name v1")
    return sandbox


def _ask(box: Sandbox, values):
    result = box.python(CODE, json.dumps(values))
    assert result.code == 0, result.err
    return json.loads(result.out)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"net.ipv4.ip_forward": "1"}, None),
        ({"net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1", "net.ipv4.conf.eth0/1.rp_filter": "2"}, None),
        ({"net.ipv4.ping_group_range": "0 0"}, {"net.ipv4.ping_group_range": "0\t0"}),
        ({"net.ipv4.route.flush": "1"}, {}),
        ({}, None),
    ],
)
def test_written_and_read(box: Sandbox, given, wanted):
    assert _ask(box, given) == (given if wanted is None else wanted)
    for key, text in given.items():
        found = box.run(["sysctl", "-n", key], netns="red")
        assert found.code != 0 or not found.out or found.out.split() == text.split()


def test_what_is_not_there_is_left_out(box: Sandbox):
    assert _ask(box, ["net.ipv4.no_such_thing", "net.ipv6.conf.lo.stable_secret", "net.ipv4.ip_forward"]) == {"net.ipv4.ip_forward": "0"}


def test_elsewhere_nothing_changes(box: Sandbox):
    _ask(box, {"net.ipv4.ip_forward": "1"})
    assert box.run(["sysctl", "-n", "net.ipv4.ip_forward"]).out == "0\n"


REFUSED = {
    "a slip": ({"net.ipv4.ip_forwad": "1"}, "Invalid", ["this kernel has no such setting", "did you mean net.ipv4.ip_forward"]),
    "a slip above": ({"net.ipvv4.ip_forward": "1"}, "Invalid", ["did you mean net.ipv4.ip_forward"]),
    "a device": ({"net.ipv4.conf.eth9.rp_filter": "1"}, "Invalid", ["has no device eth9", "eth0.1, lo, v1"]),
    "a value": ({"net.ipv4.ip_forward": "x"}, "Invalid", ['net.ipv4.ip_forward does not take "x"']),
    "an algorithm": ({"net.ipv4.tcp_congestion_control": "nope"}, "Invalid", ["does not take"]),
    "only to be read": ({"net.ipv4.tcp_available_congestion_control": "x"}, "NotPermitted", ["can only be read"]),
    "a file is no directory": ({"net.ipv4.ip_forward.x": "1"}, "Invalid", ["no such setting"]),
    "all at once": ({"net.ipv4.ip_forwad": "1", "net.ipv4.conf.eth9.rp_filter": "1"}, "Invalid", ["2 settings", "eth9", "ip_forwad"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_say_which_and_why(box: Sandbox, case: str):
    values, kind, words = REFUSED[case]
    name, text = _ask(box, values)
    assert name == kind
    assert [word for word in words if word not in text] == []


def test_nothing_is_written_when_a_key_is_wrong(box: Sandbox):
    _ask(box, {"net.ipv4.ip_forward": "1", "net.ipv4.ip_forwad": "1"})
    assert _ask(box, ["net.ipv4.ip_forward"]) == {"net.ipv4.ip_forward": "0"}


@pytest.mark.parametrize(
    "key",
    ["", "net", "net.", "kernel.hostname", "net..ipv4", "net.//.//.kernel.hostname", "net./.x", "net.ipv4.x\0", "/net/ipv4/ip_forward", "net/ipv4/ip_forward"],
)
def test_keys_stay_below_net(key: str):
    with pytest.raises(Invalid):
        sysctl.path_of(key)


def test_keys_and_files():
    for key in ("net.ipv4.ip_forward", "net.ipv4.conf.eth0/1.rp_filter"):
        assert sysctl.key_of(sysctl.path_of(key)) == key
