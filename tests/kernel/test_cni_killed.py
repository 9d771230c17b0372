"""kill -9 at every message to the kernel and every change of a file, in ADD and in DEL of bandwidth, tuning, sbr, firewall and host-device:
the next DEL leaves everything as it was."""

import cni_plugins
import pytest
from cni_host import CniHost
from sandbox import Sandbox, missing

SYSCALLS = ("sendto", "rename", "unlink")  # one by one: strace counts each by itself
MORE = {
    "bandwidth": {"ingressRate": 8_000_000, "ingressBurst": 800_000, "egressRate": 8_000_000, "egressBurst": 800_000},
    "tuning": {"mac": "02:11:22:33:44:55", "mtu": 1400, "promisc": True},
    "sbr": {},
    "firewall": {"ingressPolicy": "same-bridge"},
    "host-device": {"device": "ens1", "ipam": {"type": "host-local", "dataDir": "/run/data", "subnet": "10.1.0.0/24"}},
}


@pytest.fixture
def host(sandbox: Sandbox) -> CniHost:
    made = cni_plugins.host(sandbox)
    if made.box.run(["strace", "-V"]).code:
        missing("strace is not installed")
    return made


def seen(host: CniHost) -> list[object]:
    """The host and the container."""
    inside = [sorted(host.box.ip(words, netns="a").splitlines()) for words in ("-d -o link", "rule", "-o addr", "route show table all")]
    return [host.traces(), inside, host.box.run(["tc", "qdisc", "show", "dev", "va"]).out]


@pytest.mark.parametrize("verb", ["ADD", "DEL"])
@pytest.mark.parametrize("plugin", MORE)
def test_killed_at_every_step(host: CniHost, plugin: str, verb: str):
    before = cni_plugins.cable(host)
    host.box.ip("link add link up0 name ens1 type macvlan")
    ifname = "net1" if plugin == "host-device" else "eth0"
    document = {"cniVersion": "1.0.0", "name": "n", "type": plugin, **MORE[plugin]}
    if plugin != "host-device":
        document["prevResult"] = before
    was = seen(host)
    steps = [killed(host, document, verb, ifname, was, syscall) for syscall in SYSCALLS]
    assert steps[0] > 3


def killed(host: CniHost, document: dict, verb: str, ifname: str, was: list[object], syscall: str) -> int:
    """At the first of these calls, at the second … until the plugin gets to its end; how many there were."""
    for n in range(1, 200):
        if verb == "DEL":
            host.quickly(document, "ADD", "a", ifname)
        inject = f"strace -f -qq -o /dev/null -e trace={syscall} -e inject={syscall}:signal=KILL:when={n}"
        finished = host.call(document, verb, "a", ifname, before=inject).code == 0
        host.quickly(document, "DEL", "a", ifname)
        assert seen(host) == was, f"killed at {syscall} {n}"
        if finished:
            return n
    pytest.fail("it has no end")
