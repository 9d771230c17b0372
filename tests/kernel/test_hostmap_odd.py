"""The map of odd hosts: what is named by a link, seen from another root, on its way elsewhere, or behind another /proc."""

import json
import sys
from collections.abc import Iterator

import pytest
from sandbox import SOURCE, Sandbox, missing

TAKE = """
import json, sys
from netwright.hostmap.plain import to_plain
from netwright.hostmap.take import take
print(json.dumps(to_plain(take(sys.argv[1:]))))
"""
# Once before: what is imported late may lie where only root can read.
DROP = f"import os\n{TAKE.replace('print', 'str')}\nos.setgroups([]); os.setgid(65534); os.setuid(65534)\n"


@pytest.fixture
def box(no_leak: None) -> Iterator[Sandbox]:
    with Sandbox(pids=True) as made:
        yield made


def taken(box: Sandbox, before: str = "", *detail: str) -> dict:
    done = box.python(before + TAKE, *detail, timeout=180.0)
    assert done.code == 0, done.err
    return json.loads(done.out)


def named(document: dict, name: str) -> dict:
    return next(space for space in document["namespaces"] if space["name"] == name)


def waits(box: Sandbox, *words: str) -> int:
    """A process of these words is there, and has said so by making /run/there."""
    pid = box.popen([*words, "sh", "-c", "touch /run/there; exec sleep 1000"], env={"PYTHONPATH": str(SOURCE)})
    box.run(["sh", "-c", f'while [ ! -e /run/there ] || [ "$(cat /proc/{pid}/comm)" != sleep ]; do sleep 0.02; done; rm /run/there'])
    return pid


def test_a_link_in_the_directory_of_names_is_a_name(box: Sandbox) -> None:
    pid = waits(box, "unshare", "-n")
    box.run(["sh", "-ec", f"mkdir -p /run/netns; ln -s /proc/{pid}/ns/net /run/netns/web"])
    space = named(taken(box), "web")
    assert (space["names"], space["held"]) == (["web"], [["process", 1]])
    # Who may not look at the process cannot tell what the link leads to: that is no stale name.
    for words in ("true", "mount -o remount,hidepid=2 /proc"):
        assert box.run(["sh", "-c", words]).code == 0
        assert [problem for problem in taken(box, DROP)["problems"] if problem["kind"] == "stale-name"] == []


TUN = """
import fcntl, json, os, signal, struct
from netwright.kernel.spaces import run_apart
from netwright.kernel.syscalls import CLONE_NEWNET, unshare

def made(device):
    unshare(CLONE_NEWNET)
    fd = os.open("/dev/net/tun", os.O_RDWR)
    if device:
        fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH22x", device.encode(), 0x1002))  # TUNSETIFF: IFF_TAP, IFF_NO_PI
    return os.stat("/proc/thread-self/ns/net").st_ino, fd, os.open("/proc/thread-self/ns/net", os.O_RDONLY)

(bare, _, one), (full, _, two), (moved, _, three) = (run_apart(lambda: made(device)) for device in ("", "tap0", "tap1"))
os.system(f"ip netns add there; nsenter --net=/proc/{os.getpid()}/fd/{three} ip link set tap1 netns there")
for fd in (one, two, three):
    os.close(fd)
print(json.dumps({"bare": bare, "full": full, "moved": moved}), flush=True)
signal.pause()
"""


def test_a_tun_file_holds_the_namespace_that_it_was_opened_in(box: Sandbox) -> None:
    """With a device there, without any, or with one that has moved elsewhere."""
    if box.run(["test", "-c", "/dev/net/tun"]).code:
        missing("no /dev/net/tun")
    box.popen([sys.executable, "-c", TUN], env={"PYTHONPATH": str(SOURCE)}, out="/run/tun", err="/run/err")
    done = box.run(["sh", "-c", "while [ ! -s /run/tun ] && [ ! -s /run/err ]; do sleep 0.02; done; cat /run/tun"])
    assert done.out, box.read("/run/err")
    truth = json.loads(done.out)
    spaces = {space.get("inode"): space for space in taken(box)["namespaces"]}
    assert {key: spaces[inode]["held"] for key, inode in truth.items()} == {key: [["tun", 1]] for key in truth}
    assert [link["name"] for link in spaces[truth["full"]]["links"]] == ["lo", "tap0"]
    there = next(space for space in spaces.values() if space["name"] == "there")
    assert "tap1" in [link["name"] for link in there["links"]]


CONFINED = "import os, signal; os.mkdir('/run/small'); os.chroot('/run/small'); print('ready', flush=True); signal.pause()"
MOUNTED = """
(while [ ! -s /run/confined ]; do sleep 0.02; done
touch /run/bind; unshare -n mount --bind /proc/self/ns/net /run/bind; touch /run/there; exec sleep 1000) &
exec "$0" -c "$1" > /run/confined
"""


def test_mounts_outside_of_the_root_of_the_first_process_are_seen(box: Sandbox) -> None:
    """The first process of that mount namespace sees only what is below its root."""
    box.popen(["unshare", "-m", "sh", "-ec", MOUNTED, sys.executable, CONFINED])
    box.run(["sh", "-c", "while [ ! -e /run/there ]; do sleep 0.02; done"])
    found = taken(box)
    binds = [holder for space in found["namespaces"] for holder in space["holders"] if holder["kind"] == "bind"]
    assert [(holder["path"], holder["elsewhere"]) for holder in binds] == [("/run/bind", True)]
    assert {space.get("state", "ok") for space in found["namespaces"]} == {"ok"}


LATE = """
import subprocess
from netwright.hostmap import take as taking
def late(visits, own, detail, read=taking.read_all):
    read([visit for visit in visits if visit is not own], None, detail)
    subprocess.run(["ip", "-n", "a", "link", "set", "e1", "netns", "b"], check=True)
    read([own], own, detail)
taking.read_all = late
"""


def test_a_device_that_moves_between_two_looks_makes_no_namespace_of_its_own(box: Sandbox) -> None:
    for name in "ab":
        box.ip(f"netns add {name}")
    box.ip("link add v0 type veth peer name e0 netns b")
    box.ip("link add v1 type veth peer name e1 netns a")
    # All but ours are read; the device moves; then ours is read, and tells a number of b, which was without it.
    found = taken(box, LATE)
    here = next(space for space in found["namespaces"] if space["id"] == found["here"])
    links = {link["name"]: link for link in here["links"]}
    assert links["v0"]["peer"] == [named(found, "b")["id"], "e0"]
    assert links["v1"]["lost"].endswith("in b, which was not there at that moment")
    assert not [space for space in found["namespaces"] if "/" in space["id"]]


ENDING = """
from netwright.kernel import scan
reads = open
def ends(path, *words):
    if str(path).endswith("mountinfo") and "self" not in str(path):
        raise OSError(22, "Invalid argument")
    return reads(path, *words)
scan.open = ends
"""


def test_a_process_that_ends_while_its_mounts_are_read(box: Sandbox) -> None:
    pid = waits(box, "unshare", "-nm")
    assert f"sleep:{pid}" in [space["name"] for space in taken(box, ENDING)["namespaces"]]


def test_without_privilege_a_closed_directory_is_no_covered_mount(box: Sandbox) -> None:
    box.run(["sh", "-ec", "mkdir -m 700 /run/closed; touch /run/closed/one; unshare -n mount --bind /proc/self/ns/net /run/closed/one"])
    found = taken(box, DROP)
    assert "over-mounted" not in [problem["kind"] for problem in found["problems"]]
    assert [space["why"] for space in found["namespaces"] if space.get("state")] == ["its file cannot be opened: Permission denied"]


def test_proc_of_another_pid_namespace_is_said(box: Sandbox) -> None:
    box.popen([sys.executable, "-c", "import socket, signal; one = socket.socket(); open('/run/there', 'w').close(); signal.pause()"])
    box.run(["sh", "-c", "while [ ! -e /run/there ]; do sleep 0.02; done"])
    done = box.run(["unshare", "-pf", sys.executable, "-c", TAKE], env={"PYTHONPATH": str(SOURCE)})
    assert done.code == 0, done.err
    problems = json.loads(done.out)["problems"]
    assert [problem["why"] for problem in problems if problem["kind"] == "hidden" and problem.get("where") == "/proc"]


HOLDS = """
import os, signal, socket, subprocess, sys
from netwright.kernel.spaces import run_inside
fds = [os.open(f"/run/netns/u{n}", os.O_RDONLY) for n in range(3)]
kept = [run_inside(fd, socket.socket) for fd in fds]
for n, fd in enumerate(fds):
    os.close(fd)
    subprocess.run(["ip", "netns", "del", f"u{n}"], check=True)
open("/run/there", "w").close()
signal.pause()
"""


def test_hidden_namespaces_that_look_the_same_are_told_apart(box: Sandbox) -> None:
    """a and b lead to one each, c, d and e to a third one; all their devices have the same numbers and addresses."""
    cables = {"a": ("u0", 0), "b": ("u1", 0), "c": ("u2", 0), "d": ("u2", 1), "e": ("u2", 2)}
    for name in (*cables, "u0", "u1", "u2"):
        box.ip(f"netns add {name}")
    for name, (hidden, number) in cables.items():
        box.ip(f"-n {name} link add v index 7 type veth peer name e{number} index {20 + number} address 02:00:00:00:00:0{number} netns {hidden}")
    box.popen([sys.executable, "-c", HOLDS], env={"PYTHONPATH": str(SOURCE)})
    box.run(["sh", "-c", "while [ ! -e /run/there ]; do sleep 0.02; done"])
    found = json.loads(box.python(TAKE.replace("take(sys.argv[1:])", "take(sockets=False)")).out)
    hidden = {space["id"]: [link["name"] for link in space["links"]] for space in found["namespaces"] if space.get("state") == "unseen"}
    assert sorted(hidden.values()) == [["lo", "e0"], ["lo", "e0"], ["lo", "e0", "e1", "e2"]]
    ends = {tuple(end): tuple(other) for cable in found["cables"] for end, other in ((cable["one"], cable["other"]), (cable["other"], cable["one"]))}
    there = {name: ends[named(found, name)["id"], "v"] for name in cables}
    assert len({id for id, _ in there.values()}) == 3
    assert {there[name][0] for name in "cde"} == {id for id, links in hidden.items() if len(links) > 2}
    assert {name: end[1] for name, end in there.items()} == {"a": "e0", "b": "e0", "c": "e0", "d": "e1", "e": "e2"}


OWNED = """
import os
from netwright.kernel.syscalls import CLONE_NEWNET, CLONE_NEWUSER, unshare
unshare(CLONE_NEWUSER | CLONE_NEWNET)
"""


def test_a_namespace_of_one_s_own_making_is_not_called_the_machine_s(box: Sandbox) -> None:
    found = taken(box, DROP + OWNED)
    here = next(space for space in found["namespaces"] if space["id"] == found["here"])
    assert [owner["kind"] for owner in here["owners"]] == ["process"]


COVER = """
import ctypes, os
from netwright.kernel.syscalls import CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWUSER, MS_PRIVATE, MS_REC, mount, unshare
ctypes.CDLL(None).prctl(4, 1)  # PR_SET_DUMPABLE: who was root once may not write the files below otherwise
unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS)
for name, text in (("setgroups", "deny"), ("uid_map", "0 65534 1"), ("gid_map", "0 65534 1")):
    open(f"/proc/self/{name}", "w").write(text)
mount(None, "/", None, MS_REC | MS_PRIVATE)
mount("none", "/run", "tmpfs", 0)
assert os.system("ip netns add under && ip link add v1 type veth peer name e1 netns under") == 0
mount("none", "/run", "tmpfs", 0)
"""


def test_what_lies_under_a_mount_has_neither_ended_nor_is_it_the_machine(box: Sandbox) -> None:
    """In a user namespace, where the machine's own namespace is not known: neither is what only a cable leads to, and it has no inode."""
    box.ip("netns add beside")
    found = taken(box, DROP + COVER)
    assert [space["name"] for space in found["namespaces"] if space["name"] == "host"] == []
    names = {space["name"]: space for space in found["namespaces"]}
    assert names["beside"]["state"] == "unseen"
    assert names["beside"]["why"] == "what holds it lies under another mount"


DEAF = """
from netwright.errors import kernel_error
from netwright.kernel import sockdiag
def listening():
    raise kernel_error(2, subject="tcp sockets")
sockdiag.listening = listening
"""


def test_a_detail_that_cannot_be_read_costs_no_device(box: Sandbox) -> None:
    """A kernel without inet_diag, or whose module may not be loaded from here."""
    box.ip("netns add red")
    found = taken(box, DEAF, "routes", "sockets")
    assert [space["name"] for space in found["namespaces"] if space.get("state")] == []
    (problem,) = [problem for problem in found["problems"] if problem["kind"] == "unreadable"]
    assert problem["what"].endswith("and 2 more could be read")
    assert problem["why"] == "tcp sockets: No such file or directory"


def test_mounts_outside_of_our_own_root_are_seen(box: Sandbox) -> None:
    box.run(["sh", "-ec", "mkdir /run/c; mount --rbind / /run/c; touch /run/x; unshare -n mount --bind /proc/self/ns/net /run/x"])
    done = box.run(["chroot", "/run/c", sys.executable, "-c", TAKE], env={"PYTHONPATH": str(SOURCE)}, timeout=180.0)
    assert done.code == 0, done.err
    spaces = [space for space in json.loads(done.out)["namespaces"] if any(holder.get("path") == "/run/x" for holder in space["holders"])]
    assert [space.get("state", "ok") for space in spaces] == ["ok"]


# kind -> the words after it; whatever of these this kernel can make is compared.
KINDS = {
    "bond": ("mode active-backup", "mode 802.3ad miimon 100", "mode balance-alb"), "macvlan": ("mode bridge", "mode private", "mode passthru nopromisc", "mode source"),
    "macvtap": ("mode vepa", "mode private"), "ipvlan": ("mode l2", "mode l3 private", "mode l3s vepa"), "vlan": ("id 7", "id 8 protocol 802.1ad"),
    "vxlan": ("id 5 dstport 4789", "id 6 dstport 4790 nolearning", "external dstport 4791"), "bridge": ("stp_state 1", "vlan_filtering 1"),
    "geneve": ("id 5 remote 192.0.2.1",), "gretap": ("remote 192.0.2.1 local 192.0.2.2",), "vrf": ("table 10",), "ifb": ("",), "dummy": ("",),
}  # fmt: skip
# Where the kernel's name is not the one in ip's JSON.
CALLED = {"collect_metadata": "external", "num_queues": "numqueues", "num_disabled_queues": "numdisabled"}
MAKE = """
n=0
while read -r kind words; do
    n=$((n+1)); on=
    case $kind in macvlan|macvtap|ipvlan|vlan) ip link add v$n type veth peer name w$n; on="link v$n";; esac
    ip link add k$n $on type $kind $words 2>/dev/null || :
done
ip tuntap add t0 mode tap; ip tuntap add t1 mode tun multi_queue
"""


def test_settings_are_told_as_ip_tells_them(box: Sandbox) -> None:
    lines = "".join(f"{kind} {words}\n" for kind, rows in KINDS.items() for words in rows)
    box.run(["sh", "-c", MAKE], stdin=lines)
    document = taken(box)
    links = {link["name"]: link for space in document["namespaces"] if space["id"] == document["here"] for link in space["links"]}
    # Some kernels put a device of theirs (tunl0, gre0, sit0) into every namespace: only what was made here is compared.
    made = {"t0", "t1", *(f"{letter}{n}" for letter in "kvw" for n in range(1, len(lines.splitlines()) + 1))}
    told = {one["ifname"]: one["linkinfo"].get("info_data", {}) for one in json.loads(box.ip("-d", "-j", "link")) if one["ifname"] in made and "linkinfo" in one}
    # Of a tun device ip says the user's name, which may be any.
    pairs = [(name, key, found, said.get(CALLED.get(key, key))) for name, said in told.items() for key, found in links[name].get("options", []) if key != "owner"]
    assert [pair for pair in pairs if pair[2] != pair[3]] == []
    # These two every kernel here can make; a mode that is not told would not be wrong above.
    assert dict(links["t0"]["options"])["type"] == "tap"
    assert {link.get("kind") for link in links.values()} >= {"bridge", "tun"}
    modes = {name: said["mode"] for name, said in told.items() if "mode" in said}
    assert {name: dict(links[name]["options"]).get("mode") for name in modes} == modes
