"""What this kernel has, as tried; held against what ip(8) and tc(8) say."""

import json

import pytest
from sandbox import Sandbox

ASK = "import json, sys; from netwright.kernel import probe; print(json.dumps({w: (a := probe.ask(w)).has + ': ' + a.why for w in sys.argv[1:]}))"
TOOLS = {
    "vlan": "ip link add name probe link lower type vlan id 5",
    "macvlan": "ip link add name probe link lower type macvlan",
    "vxlan": "ip link add name probe type vxlan id 5 dstport 4789",
    "dummy": "ip link add name probe type dummy",
    "bridge": "ip link add name probe type bridge",
    "netem": "tc qdisc add dev lower root netem delay 1ms",
    "tbf": "tc qdisc add dev lower root tbf rate 1mbit burst 10k limit 10k",
    "prio": "tc qdisc add dev lower root prio",
    "ingress": "tc qdisc add dev lower ingress",
    "nftables": "nft add table inet probe",
}


@pytest.mark.parametrize("word", TOOLS)
def test_the_answer_is_that_of_the_tools(sandbox: Sandbox, word: str):
    done = sandbox.python(ASK, word)
    has, _, why = json.loads(done.out)[word].partition(": ")
    sandbox.ip("link add name lower type veth peer name other")
    tool = sandbox.run(TOOLS[word].split())
    assert has == ("yes" if tool.code == 0 else "no"), tool.err
    assert ("CONFIG_" in why) is (has == "no")


def test_every_word_has_an_answer_and_nothing_stays(sandbox: Sandbox):
    before = sandbox.ip("-o link")
    done = sandbox.python("from netwright.kernel import probe; print(*{probe.ask(w).has for w in probe.words()})")
    assert set(done.out.split()) <= {"yes", "no", "unknown"}, done.err
    assert sandbox.ip("-o link") == before
