"""Where the machine has no more to give, and where the kernel says no: one clear error each time, nothing left, everything as before."""

import json
from pathlib import Path

import pytest
from labs import PATHS, PLACE, Nw
from sandbox import Sandbox
from users import USERS

BIG = "lab: big\nhosts:\n  h{{1..{0}}}: {{ switch: s }}\nswitches:\n  s: {{ subnet: 10.1.0.0/16 }}\n"
NAT = "lab: big\npool: [10.0.0.0/8]\nhosts:\n  a: { switch: s }\n  gw: { router: true, links: { eth0: s, eth1: t }, nat: [eth1] }\nswitches:\n  s: {}\n  t: {}\n"
# A user namespace in which every user is there, with a limit of its own: the machine's is not touched.
LIMITED = """
unshare -U sleep 600 </dev/null >/dev/null 2>&1 & p=$!
until [ "$(readlink /proc/$p/ns/user)" != "$(readlink /proc/self/ns/user)" ]; do :; done
echo 0 0 65535 >/proc/$p/uid_map; echo 0 0 65535 >/proc/$p/gid_map
nsenter -U -t $p sh -c 'echo %d >/proc/sys/user/max_net_namespaces'
exec nsenter -U -t $p -S 0 -G 0 "$@"
"""
PLAIN = 'exec "$@"'
OWN = f"mount -t tmpfs -o %s,mode=700,uid=$UID_OF_USER t {PLACE}/labs"
NO_NFT = 'touch /run/none; for f in /usr/sbin/nft /sbin/nft /usr/bin/nft; do [ ! -e $f ] || mount --bind /run/none $(readlink -f $f); done'
# name: (lab, what is done to the box, how the command is started, what the error says)
CASES: dict[str, tuple[str, str, str, list[str]]] = {
    "network namespaces": (BIG.format(6), "", LIMITED % 5, ["hosts.h1: ", "No space left on device", "sysctl -w user.max_net_namespaces="]),
    "no network namespaces": (BIG.format(6), "", LIMITED % 0, ["user.max_net_namespaces is 0", "sudo sysctl -w user.max_net_namespaces="]),
    "open files": (BIG.format(60), "", f"ulimit -n 64; {PLAIN}", ["too many open files", "the hard limit (ulimit -Hn) is 64", "ulimit -Hn"]),
    "very few open files": (BIG.format(6), "", f"ulimit -n 12; {PLAIN}", ["too many open files", "the hard limit (ulimit -Hn) is 12", "ulimit -Hn"]),
    "a full file system": (BIG.format(6), OWN % "size=64k" + f"; cat /dev/zero >{PLACE}/labs/fill", PLAIN, ["full", "make room"]),
    "a nearly full one": (BIG.format(6), OWN % "size=64k" + f"; dd if=/dev/zero of={PLACE}/labs/fill bs=1k count=48", PLAIN, ["make room"]),
    "no inodes": (BIG.format(6), OWN % "nr_inodes=4", PLAIN, ["No space left on device", "make room"]),
    "a read-only directory": (BIG.format(6), OWN % "ro", PLAIN, ["Read-only file system", "NETWRIGHT_RUNTIME_DIR="]),
    "everything read-only": (BIG.format(6), "mount -o remount,bind,ro /; mount -o remount,bind,ro /run", PLAIN, ["Read-only file system", "NETWRIGHT_RUNTIME_DIR="]),
    "no /etc/hosts": (BIG.format(6), "rm /etc/hosts", PLAIN, ["this machine has no /etc/hosts", "sudo touch /etc/hosts"]),
    "no nft": (NAT, NO_NFT, PLAIN, ["hosts.gw: ", "nft is not there", "apt-get install nftables"]),
    "no /proc": (BIG.format(6), "mount -t tmpfs t /proc", PLAIN, ["/proc/", "mount -t proc proc /proc"]),
}


@pytest.fixture(params=USERS)
def nw(request: pytest.FixtureRequest, no_leak: None):
    with Sandbox(etc=True) as box:
        box.run(["touch", "/etc/resolv.conf"])
        nw = Nw(box, request.param)
        box.run([*nw.prefix, "mkdir", "-p", "-m", "700", f"{PLACE}/labs"])
        yield nw


def uid(nw: Nw) -> str:
    return nw.box.run([*nw.prefix, "id", "-u"]).out.strip()


@pytest.mark.parametrize("name", CASES)
def test_there_is_no_more(nw: Nw, name: str):
    lab, setting, start, said = CASES[name]
    path = nw.file("big.lab.yaml", lab)
    nw.box.run(["sh", "-c", setting], env={"UID_OF_USER": uid(nw)})
    done = nw.box.run(["sh", "-c", start, "sh", *nw.argv("up", path)], env=nw.environment)
    assert done.code == 1, done.out + done.err
    assert "Traceback" not in done.err
    assert done.err.startswith(("nw up: ", path)), done.err
    for words in said:
        assert words in done.err
    nw.box.run(["sh", "-c", "while umount /proc; do :; done 2>/dev/null; mount -t proc proc /proc"] if "/proc" in name else ["true"])
    assert set(nw.left()) <= {"fill"}


@pytest.mark.parametrize("setting", ["mount -o remount,bind,ro /", "mount -t tmpfs t /sys", "touch /run/none; mount --bind /run/none $(readlink -f $(which ip))"], ids=["read-only /", "no /sys", "no ip"])
def test_what_a_lab_does_not_need(nw: Nw, setting: str):
    path = nw.file("big.lab.yaml", BIG.format(3))
    assert nw.box.run(["sh", "-c", setting]).code == 0
    nw("up", path)
    nw("exec", "big/h1", "ping", "-c1", "-w30", "h2")
    nw("down")
    assert nw.left() == []


def test_four_hundred_hosts_and_their_rules_at_once(nw: Nw):
    """More than fits into a socket's buffer at once, as an ordinary user may have them."""
    rules = "policy:\n" + "".join(f"  - {{ from: h{at}, to: s, deny: [tcp/22, udp/53, tcp/8000-8010] }}\n" for at in range(1, 21))
    nw("up", nw.file("big.lab.yaml", BIG.format(400) + rules), timeout=180)
    assert nw("exec", "big/h1", "nft", "list", "ruleset").count("8000-8010") >= 1
    nw("exec", "big/h400", "ping", "-c1", "-w30", "h1")
    nw("down")
    assert nw.left() == []


# -- the kernel says no in the middle of a change ---------------------------------------------------------------------------

REFUSED = Path(__file__).with_name("inside") / "refused.py"
WORDS = {
    "vlan": "this kernel lacks CONFIG_VLAN_8021Q",
    "dummy": "this kernel lacks CONFIG_DUMMY",
    "ipvlan": "this kernel lacks CONFIG_IPVLAN",
    "netem": "this kernel lacks CONFIG_NET_SCH_NETEM",
    "filtering": "this kernel lacks CONFIG_BRIDGE_VLAN_FILTERING",
    "unknown sysctl": "sysctl -qw net.ipv4.nothing=1: this kernel has no such setting: net.ipv4.nothing",
    "wrong sysctl": 'net.ipv4.ip_default_ttl does not take "banana"',
    "wrong sysctl of a new host": 'net.ipv4.ip_forward does not take "banana"',
}


@pytest.mark.parametrize("kind", ["held", "attached"])
@pytest.mark.parametrize("user", USERS)
def test_a_change_that_is_refused_in_the_middle_leaves_the_whole_kernel_as_it_was(sandbox: Sandbox, user: str, kind: str):
    nw = Nw(sandbox, user)
    done = sandbox.run([*nw.prefix, nw.python, str(REFUSED), kind], env={**nw.environment, "PYTHONPATH": PATHS}, timeout=180)
    assert done.code == 0, done.err
    answers = json.loads(done.out)
    assert answers.pop("back") == []
    assert set(answers) == set(WORDS)
    wrong = {name: answer for name, answer in answers.items() if answer != "the kernel can do it" and WORDS[name] not in answer}
    assert wrong == {}
