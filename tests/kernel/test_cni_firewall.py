"""The plugin firewall: who may talk to whom, and what others' chains drop."""

import pytest
from cni_host import OURS, CniHost, go, ipam
from sandbox import Sandbox

ACCEPTING = "table ip other { chain forward { type filter hook forward priority 0; policy accept; }; }"
DROPPING = "table ip other { chain forward { type filter hook forward priority 0; policy drop; }; }"


@pytest.fixture
def host(sandbox: Sandbox) -> CniHost:
    found = CniHost(sandbox, "a b c")
    sandbox.run(["sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=0"])
    return found


def bridge(number: int = 1, version: str = "1.0.0") -> dict:
    pool = ipam(subnet=f"10.{number}.0.0/24", routes=[{"dst": "0.0.0.0/0"}])
    return {"cniVersion": version, "name": f"n{number}", "type": "bridge", "bridge": f"br{number}", "isGateway": True, "ipMasq": True, "ipam": pool}


def firewall(number: int = 1, version: str = "1.0.0", **more: object) -> dict:
    return {"cniVersion": version, "name": f"n{number}", "type": "firewall", **more}


def three(host: CniHost, policy: str | None) -> dict[str, dict]:
    """a and b on one bridge, c on another; all with the policy. Their results."""
    more = {} if policy is None else {"ingressPolicy": policy}
    return {name: host.chain([bridge(n), firewall(n, **more)], "ADD", name) for name, n in (("a", 1), ("b", 1), ("c", 2))}


@pytest.mark.parametrize(
    ("policy", "neighbour", "stranger"), [(None, True, True), ("open", True, True), ("same-bridge", True, False), ("isolated", False, False)]
)
def test_who_reaches_whom(host: CniHost, policy: str | None, neighbour: bool, stranger: bool):
    before = host.traces()
    said = three(host, policy)
    assert host.reaches("10.1.0.3", "a", wanted=neighbour) is neighbour
    assert host.reaches("10.2.0.2", "a", wanted=stranger) is stranger
    assert host.reaches("10.1.0.2", "c", wanted=stranger) is stranger
    for name in "abc":
        assert host.ping("192.0.2.9", name), "the way out is nobody's to forbid"
    more = {} if policy is None else {"ingressPolicy": policy}
    for name, n in (("a", 1), ("b", 1), ("c", 2)):
        host.chain([bridge(n), firewall(n, **more)], "CHECK", name, result=said[name])
    for name, n in (("a", 1), ("b", 1), ("c", 2)):
        host.chain([bridge(n), firewall(n, **more)], "DEL", name)
        host.chain([bridge(n), firewall(n, **more)], "DEL", name)
    assert host.traces() == before


def test_the_bridge_is_kept_apart_until_its_last_container_goes(host: CniHost):
    said = three(host, "same-bridge")
    host.chain([bridge(), firewall(ingressPolicy="same-bridge")], "DEL", "a")
    assert host.silent("10.1.0.3", "c")
    host.ok(firewall(ingressPolicy="same-bridge", prevResult=said["b"]), "CHECK", "b")
    host.chain([bridge(), firewall(ingressPolicy="same-bridge")], "DEL", "b")
    assert '"br1"' not in host.rules()


def test_another_policy_takes_the_place_of_the_one_before(host: CniHost):
    said = three(host, "isolated")
    for policy, reached in (("same-bridge", True), ("isolated", False), ("open", True)):
        for name in "ab":
            host.ok(firewall(ingressPolicy=policy, prevResult=said[name]), "ADD", name)
        assert host.reaches("10.1.0.3", "a", wanted=reached) is reached, policy


def test_a_bridge_of_others_and_a_device_that_is_none(host: CniHost):
    host.place = go("bridge", "ptp", "host-local")
    said = host.ok(bridge()), host.ok({"cniVersion": "1.0.0", "name": "n2", "type": "ptp", "ipam": ipam(subnet="10.2.0.0/24")}, "ADD", "b")
    before = host.traces()
    host.place = OURS
    for n, name in ((1, "a"), (2, "b")):
        plugin = firewall(n, ingressPolicy="isolated", prevResult=said[n - 1])
        host.ok(plugin, "ADD", name)
        host.ok(plugin, "CHECK", name)
        host.ok(plugin, "DEL", name)
    assert host.traces() == before


def test_what_others_drop_is_said_and_not_mended(host: CniHost):
    assert host.box.run(["nft", "-f", "-"], stdin=ACCEPTING).code == 0
    said = host.ok(bridge())
    done = host.call(firewall(prevResult=said))
    assert (done.code, done.err) == (0, "")
    host.ok(firewall(version="1.1.0"), "STATUS")
    assert host.box.run(["nft", "-f", "-"], stdin=f"delete table ip other; {DROPPING}").code == 0
    before = host.box.run(["nft", "list", "table", "ip", "other"]).out
    done = host.call(firewall(prevResult=said))
    assert done.code == 0, done.out
    assert "forward" in done.err
    error = host.refused(firewall(version="1.1.0"), "STATUS")
    assert (error["code"], "other" in error["msg"]) == (51, True), error
    assert host.box.run(["nft", "list", "table", "ip", "other"]).out == before


@pytest.mark.parametrize("backend", ["", "iptables", "firewalld", "nftables"])
def test_every_backend_is_nftables(host: CniHost, backend: str):
    host.chain([bridge(), firewall(backend=backend, ingressPolicy="same-bridge", firewalldZone="x", iptablesAdminChainName="y")])


def test_wrong_words_are_refused_and_leave_nothing(host: CniHost):
    said = host.ok(bridge())
    before = host.traces()
    for more in ({"ingressPolicy": "closed"}, {"backend": "pf"}, {"ingressPolicy": 7}):
        assert host.refused(firewall(prevResult=said, **more))["code"] == 7
    assert host.refused(firewall())["code"] == 7
    assert host.traces() == before


def test_garbage_is_collected(host: CniHost):
    """Upstream's has no GC, and its isolation chains are never removed."""
    before = host.traces()
    for name, n in (("a", 1), ("b", 1), ("c", 2)):
        host.chain([bridge(n, "1.1.0"), firewall(n, "1.1.0", ingressPolicy="isolated")], "ADD", name)
    for n in (1, 2):
        for plugin in (bridge(n, "1.1.0"), firewall(n, "1.1.0")):
            host.ok(plugin | {"cni.dev/valid-attachments": []}, "GC")
    assert host.traces() == before


@pytest.mark.parametrize("verb", ["ADD", "DEL"])
def test_killed_at_every_message_to_the_kernel(host: CniHost, verb: str):
    said = host.ok(bridge(version="1.1.0"))
    plugin = firewall(version="1.1.0", ingressPolicy="isolated", prevResult=said)
    before = host.traces()
    for n in range(1, 60):
        if verb == "DEL":
            host.quickly(plugin)
        inject = f"strace -f -qq -o /dev/null -e trace=sendto,sendmsg -e inject=sendto,sendmsg:signal=KILL:when={n}"
        finished = host.call(plugin, verb, before=inject).code == 0
        host.quickly(*((plugin, "DEL") if n % 2 else (plugin | {"cni.dev/valid-attachments": []}, "GC")))
        assert host.traces() == before, n
        if finished:
            break
    assert 3 < n < 59
