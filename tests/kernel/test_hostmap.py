"""The map of a host: every way of holding a namespace, every cable; and what hostile or hasty neighbours cannot break."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sandbox import SOURCE, Sandbox, missing

from json_schema import wrong
from netwright.hostmap.schema import described

INSIDE = Path(__file__).parent / "inside"
TAKE = """
import json, sys
from netwright.hostmap.plain import to_plain
from netwright.hostmap.take import take
print(json.dumps(to_plain(take(sys.argv[1:]))))
"""


def taken(box: Sandbox, *detail: str, before: str = "") -> dict:
    """The map, as its JSON says it."""
    done = box.python(before + TAKE, *detail, timeout=180.0)
    assert done.code == 0, done.err
    return json.loads(done.out)


def started(box: Sandbox, name: str, truth: str = "/run/truth", *words: str) -> int:
    """A program of inside/, and its first file is there."""
    pid = box.popen([sys.executable, str(INSIDE / name), truth, *words], env={"PYTHONPATH": str(SOURCE)}, err="/run/err")
    waiting = f"while [ ! -e {truth} ] && kill -0 {pid} 2>/dev/null; do sleep 0.02; done; cat {truth}"
    done = box.run(["sh", "-c", waiting], timeout=180.0)
    assert done.code == 0, box.read("/run/err")
    return pid


@pytest.fixture(scope="module")
def host50() -> Iterator[tuple[Sandbox, dict]]:
    with Sandbox(pids=True) as box:
        started(box, "host50.py")
        yield box, json.loads(box.read("/run/truth"))


@pytest.fixture(scope="module")
def seen(host50: tuple[Sandbox, dict]) -> dict:
    return taken(host50[0], "routes", "neighbours", "nft", "sockets")


@pytest.fixture
def box(no_leak: None) -> Iterator[Sandbox]:
    """With processes of its own: the map shows everybody's, and nobody else's belong into a test."""
    with Sandbox(pids=True) as made:
        yield made


def by_inode(document: dict) -> dict[int, dict]:
    return {space["inode"]: space for space in document["namespaces"] if "inode" in space}


def cables(document: dict) -> set[frozenset[tuple[str, str]]]:
    return {frozenset((tuple(one["one"]), tuple(one["other"]))) for one in document["cables"]}


def test_all_fifty_are_found_by_whatever_holds_them(host50: tuple[Sandbox, dict], seen: dict) -> None:
    _, truth = host50
    found = by_inode(seen)
    assert len(truth["spaces"]) == 50
    assert {key for key, one in truth["spaces"].items() if one["inode"] not in found} == set()
    wrong = {key: found[one["inode"]].get("held") for key, one in truth["spaces"].items() if one["held"] not in dict(found[one["inode"]]["held"])}
    assert wrong == {}
    assert {space["name"]: space.get("why") for space in seen["namespaces"] if space.get("state", "ok") != "ok"} == {}


def test_all_cables_are_paired_though_indices_and_addresses_repeat(host50: tuple[Sandbox, dict], seen: dict) -> None:
    _, truth = host50
    inode = {key: str(one["inode"]) for key, one in truth["spaces"].items()}
    wanted = {frozenset((inode[key], device) for key, device in pair) for pair in truth["cables"]}
    assert cables(seen) == wanted
    assert len(wanted) == 44
    links = {(space["id"], link["name"]): link for space in seen["namespaces"] for link in space["links"]}
    assert all(tuple(links[one]["peer"]) == other for pair in wanted for one, other in [tuple(pair), tuple(pair)[::-1]])
    assert [link for link in links.values() if link.get("lost")] == []


def test_lower_devices_are_found_across_namespaces(host50: tuple[Sandbox, dict], seen: dict) -> None:
    _, truth = host50
    inode = {key: str(one["inode"]) for key, one in truth["spaces"].items()}
    links = {(space["id"], link["name"]): link for space in seen["namespaces"] for link in space["links"]}
    for place, (key, device) in truth["lower"].items():
        where, name = place.split()
        assert links[inode[where], name]["lower"] == [inode[key], device]


def test_names_are_those_that_people_know(host50: tuple[Sandbox, dict], seen: dict) -> None:
    _, truth = host50
    found = by_inode(seen)
    names = {key: (one["name"], found[one["inode"]]["name"].partition("#")[0]) for key, one in truth["spaces"].items()}
    assert {key: pair for key, pair in names.items() if pair[0] != pair[1]} == {}
    assert len({space["name"] for space in seen["namespaces"]}) == len(seen["namespaces"])


def test_addresses_and_routes_are_there(seen: dict) -> None:
    one = next(space for space in seen["namespaces"] if space["name"] == "c7")
    assert "172.17.0.8/16" in [address["address"] for address in one["addresses"]]
    assert {"to": "default", "via": "172.17.0.1", "link": "eth0"}.items() <= next(r for r in one["routes"] if r["to"] == "default").items()


def test_the_document_is_as_its_schema_says(seen: dict) -> None:
    assert wrong(seen, described(), described()) == []
    assert {"routes", "neighbours", "links", "holders"} <= {field for space in seen["namespaces"] for field in space}


def test_without_privilege_it_shows_what_may_be_seen_and_says_what_may_not(host50: tuple[Sandbox, dict]) -> None:
    box, truth = host50
    own = str(truth["spaces"]["host"]["inode"])
    # Once before: what is imported late may lie where only root can read.
    drop = f"import os\n{TAKE.replace('print', 'str')}\nos.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
    found = taken(box, "routes", "nft", "sockets", before=drop)
    here = next(space for space in found["namespaces"] if space["id"] == found["here"])
    assert here["id"] == own
    assert {"docker0", "uplink0", "veth1"} <= {link["name"] for link in here["links"]}
    # Names are for everybody, and so are numbers: where a cable leads is known without entering it.
    lost = {link["name"]: link["lost"] for link in here["links"] if link.get("lost")}
    assert lost["veth3"] == "device 2 in c3, which could not be read"
    assert {"unreadable", "unentered"} <= {problem["kind"] for problem in found["problems"]}
    assert all(problem["fix"] for problem in found["problems"] if problem["kind"] in ("unreadable", "unentered"))
    assert all(space.get("why") for space in found["namespaces"] if space.get("state") == "unseen")


IN_FLIGHT = """
import array, json, os, socket
from netwright.hostmap import unseen
from netwright.kernel import net_list, nsfs, scan
from netwright.kernel.netlink import my_namespace
from netwright.kernel.spaces import run_apart
from netwright.kernel.syscalls import CLONE_NEWNET, unshare

def made():
    unshare(CLONE_NEWNET)
    return my_namespace()

fd = run_apart(made)
inode, number = os.fstat(fd).st_ino, nsfs.cookie(fd)
one, other = socket.socketpair()
one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
os.close(fd)
problems = []
listed = unseen.listed(problems)
found = scan.Scan().everything()
seen = inode in found.holds
unseen.compare(found, listed, problems)
own = os.stat("/proc/self/ns/net").st_ino
kinds = [hold.kind for hold in found.holds.get(inode, ())]
opened = nsfs.same(scan.opened(inode, found.holds[inode]), inode) if kinds else False
print(json.dumps({"reason": [p.why for p in problems if p.kind == "no-list"], "outermost": unseen._is_outermost(), "cookies": bool(number),
    "own": own in listed, "right": listed.get(inode) == number, "seen": seen, "kinds": kinds, "opened": opened}))
"""


def test_what_only_the_kernel_knows_is_found_by_its_own_list(sandbox: Sandbox) -> None:
    done = sandbox.python(IN_FLIGHT)
    assert done.code == 0, done.err
    found = json.loads(done.out)
    if found["reason"]:
        missing(f"no list of the kernel's: {found['reason'][0]}")
    if not found["cookies"]:
        missing("this kernel has no numbers for namespaces (6.18)")
    assert (found["own"], found["right"], found["seen"]) == (True, True, False)
    if not found["outermost"]:
        missing("not the machine's own pid namespace: what is hidden is only counted")
    assert (found["kinds"], found["opened"]) == (["kernel"], True)


def test_containers_of_docker_are_called_by_their_names_even_without_a_process(box: Sandbox) -> None:
    pid = started(box, "docker_api.py", "/run/answers")
    bind = "mkdir -p /run/docker/netns; for n in abcdef012345 ffffffffffff; do touch /run/docker/netns/$n; unshare -n mount --bind /proc/self/ns/net /run/docker/netns/$n; done"
    box.run(["sh", "-ec", bind])
    owners = {space["name"]: space["owners"][0] for space in taken(box)["namespaces"]}
    assert owners["web"] == {"kind": "docker", "name": "web", "id": "0123456789abcdef" * 4, "group": "shop"}
    assert owners["ffffffffffff"]["kind"] == "docker"
    box.kill(pid)
    box.run(["rm", "/run/docker.sock"])
    found = taken(box)
    assert "abcdef012345" in [space["name"] for space in found["namespaces"]]


LAB = """
lab: shop
hosts:
  web: { switch: lan }
  db: { switch: lan }
switches:
  lan: { subnet: 10.7.1.0/24 }
"""


def test_labs_and_container_networks_are_called_by_their_names(box: Sandbox) -> None:
    box.write("/run/shop.lab.yaml", LAB)
    env = {"PYTHONPATH": str(SOURCE), "NETWRIGHT_STATE_DIR": "/run/state"}
    nw(box, "up", "/run/shop.lab.yaml")
    nw(box, "network", "create", "front", state="/run/state")
    box.popen([sys.executable, "-c", NW, "run", "--name", "c1", "--network", "front", "sh", "-c", "touch /run/runs; exec sleep 100"], env=env)
    box.run(["sh", "-c", "while [ ! -e /run/runs ]; do sleep 0.02; done"])
    found = json.loads(nw(box, "map", "--json"))
    names = {space["name"]: space["owners"][0]["kind"] for space in found["namespaces"] if "owners" in space}
    assert {"host": "host", "shop/@": "lab", "shop/web": "lab", "shop/db": "lab", "c1": "container"}.items() <= names.items()
    assert [link["lost"] for space in found["namespaces"] for link in space["links"] if link.get("lost")] == []
    nw(box, "stop", "c1", state="/run/state")
    nw(box, "down", "shop")


def test_stale_names_and_covered_mounts_are_problems(box: Sandbox) -> None:
    box.ip("netns add red")
    box.run(["sh", "-ec", "touch -d '2 days ago' /run/netns/stale; echo x > /run/netns/stale; ln -s /nowhere /run/netns/dangling"])
    box.run(["sh", "-ec", "touch /run/twice; for i in 1 2; do unshare -n mount --bind /proc/self/ns/net /run/twice; done"])
    found = taken(box)
    problems = {(problem["kind"], problem.get("where")) for problem in found["problems"]}
    assert {("stale-name", "/run/netns/stale"), ("over-mounted", "/run/twice")} <= problems
    assert not any(where == "/run/netns/red" for _, where in problems)


# -- hasty and hostile neighbours ------------------------------------------------------------------------------------------


def test_namespaces_that_die_while_they_are_read(box: Sandbox) -> None:
    box.ip("netns add stays")
    box.ip("link add v0 type veth peer name eth0 netns stays")
    churn = "i=0; while :; do i=$((i+1)); ip netns add x$i; ip link add y$i type veth peer name eth0 netns x$i; ip netns del x$i; done"
    pids = [box.popen(["sh", "-c", churn.replace("x$i", f"{name}$i").replace("y$i", f"h{name}$i")]) for name in "ab"]
    for _ in range(8):
        found = taken(box)
        assert frozenset({(found["here"], "v0"), (_id(found, "stays"), "eth0")}) in cables(found)
        links = {(space["id"], link["name"]): link for space in found["namespaces"] for link in space.get("links", ())}
        for pair in cables(found):
            one, other = pair
            assert links[one]["peer"] == list(other)
            assert links[other]["peer"] == list(one)
            assert {one[1], other[1]} == {"v0", "eth0"} or one[1].lstrip("hab") != other[1]
    for pid in pids:
        box.kill(pid, 9)


def _id(document: dict, name: str) -> str:
    return next(space["id"] for space in document["namespaces"] if space["name"] == name)


ROAMING = """
import os, sys, threading
from netwright.kernel.syscalls import CLONE_NEWNET, setns
fds = [os.open(f"/run/netns/n{n}", os.O_RDONLY) for n in range(4)]
def roam():
    while True:
        for fd in fds:
            setns(fd, CLONE_NEWNET)
threads = [threading.Thread(target=roam) for _ in range(3)]
[t.start() for t in threads]
open(sys.argv[1], "w").close()
roam()
"""


def test_a_process_that_changes_namespaces_all_the_time(box: Sandbox) -> None:
    for number in range(4):
        box.ip(f"netns add n{number}")
        box.ip(f"link add v{number} type veth peer name eth0 netns n{number}")
    pid = box.popen([sys.executable, "-c", ROAMING, "/run/roams"], env={"PYTHONPATH": str(SOURCE)})
    box.run(["sh", "-c", "while [ ! -e /run/roams ]; do sleep 0.02; done"])
    for _ in range(5):
        found = taken(box)
        wanted = {frozenset({(found["here"], f"v{n}"), (_id(found, f"n{n}"), "eth0")}) for n in range(4)}
        assert wanted <= cables(found)
    box.kill(pid, 9)


BAD = "a\\x1b[31m<b>"


def test_names_with_control_characters_and_markup(box: Sandbox) -> None:
    box.run(["ip", "netns", "add", "<script>\x1b[2J"])
    code = f"""
from netwright.engine.session import Session
from netwright.kernel import rtnl
with Session() as session:
    session.netlink.request(rtnl.LINK.request(rtnl.NEWLINK, 0x600, {{}}, {{"ifname": "{BAD}", "linkinfo": {{"kind": "bridge"}}}}))
    session.netlink.request(rtnl.LINK.request(rtnl.SETLINK, 0, {{}}, {{"ifname": "{BAD}", "ifalias": "<img src=x>\\x07"}}))
open("/proc/self/comm", "w").write("e\\x1b]0;x\\x07")
"""
    found = taken(box, before=code)
    assert "<script>\x1b[2J" in [space["name"] for space in found["namespaces"]]
    here = next(space for space in found["namespaces"] if space["id"] == found["here"])
    link = next(link for link in here["links"] if link["name"] == "a\x1b[31m<b>")
    assert link["alias"] == "<img src=x>\x07"


MANY = """
from netwright.kernel import rtnl
from netwright.kernel.netlink import Netlink
with Netlink() as netlink:
    requests = []
    for number in range(5000):
        info = {"kind": "veth", "data": {"peer": {"ifname": f"b{number}"}}}
        requests.append(rtnl.LINK.request(rtnl.NEWLINK, 0x600, {}, {"ifname": f"a{number}", "linkinfo": info}))
    errors = [error for error in netlink.transact(requests) if error]
    assert not errors, errors[0]
"""


def test_ten_thousand_links_in_one_namespace(box: Sandbox) -> None:
    box.ip("netns add many")
    done = box.python(MANY, netns="many", timeout=300.0)
    assert done.code == 0, done.err
    found = taken(box)
    one = next(space for space in found["namespaces"] if space["name"] == "many")
    assert len(one["links"]) == 10_001
    assert cables(found) == {frozenset({(one["id"], f"a{n}"), (one["id"], f"b{n}")}) for n in range(5000)}


# -- the commands ----------------------------------------------------------------------------------------------------------

NW = "import sys; from netwright.cli.main import main; sys.exit(main(['nw', *sys.argv[1:]]))"


def nw(box: Sandbox, *words: str, code: int = 0, state: str = "/nowhere") -> str:
    """What a command prints on stdout."""
    done = box.python(NW, *words, timeout=180.0, env={"NETWRIGHT_STATE_DIR": state})
    assert done.code == code, done.err
    return done.out


def test_nw_map_folds_what_is_alike_and_names_both_ends(host50: tuple[Sandbox, dict]) -> None:
    text = nw(host50[0], "map")
    assert "veth1…veth20 ── c1…c20 eth0 172.17.0.2…172.17.0.21/16 (20)" in text
    assert "uplink0 203.0.113.10/24 ── inet eth0 203.0.113.1/24" in text
    assert "r2-r3 down ── r3 r3-r2" in text
    assert len(text.splitlines()) < 40


def test_nw_map_as_json_and_back(host50: tuple[Sandbox, dict]) -> None:
    box, _ = host50
    box.write("/run/before.json", nw(box, "map", "--json"))
    assert nw(box, "map", "--from", "/run/before.json", "--namespace", "c3").splitlines() == ["c3", "└─ eth0 172.17.0.4/16 ── host veth3"]
    box.ip("-n c3 address add 192.0.2.77/32 dev eth0")
    assert nw(box, "map", "--diff", "/run/before.json", code=1).splitlines() == ["+ address c3 192.0.2.77/32 on eth0"]
    box.ip("-n c3 address del 192.0.2.77/32 dev eth0")
    assert nw(box, "map", "--diff", "/run/before.json") == ""


def test_nw_who(host50: tuple[Sandbox, dict]) -> None:
    box, _ = host50
    assert "other end:  c3 eth0 172.17.0.4/16" in nw(box, "who", "veth3")
    assert "way out:    c3 eth0 → host veth3 in docker0 → uplink0 → inet eth0" in nw(box, "who", "172.17.0.4")
    assert "held by:    1 bind" in nw(box, "who", "abc2")
    assert "Gone" not in nw(box, "who", "nobody", code=1)


def test_published_ports_and_listeners_are_found(host50: tuple[Sandbox, dict]) -> None:
    box, _ = host50
    table = "table ip nat {\nchain PREROUTING {\ntype nat hook prerouting priority dstnat;\ntcp dport 8080 dnat to 172.17.0.2:80\n}\n}\n"
    done = box.run(["nft", "-f", "-"], stdin=table)
    assert done.code == 0, done.err
    assert "tcp 8080 → c1 172.17.0.2:80 (ip nat PREROUTING)" in nw(box, "map")
    assert "leads to:   172.17.0.2:80 c1 eth0" in nw(box, "who", ":8080")
    listens = "import socket, signal\ns = socket.create_server(('172.17.0.9', 8088))\nopen('/run/listens', 'w').close()\nsignal.pause()"
    pid = box.popen([sys.executable, "-c", listens], netns="c8")
    box.run(["sh", "-c", "while [ ! -e /run/listens ]; do sleep 0.02; done"])
    assert f"(pid {pid})" in nw(box, "who", "tcp:8088")
    box.kill(pid)


def test_what_a_terminal_would_obey_is_written_out(box: Sandbox) -> None:
    box.run(["ip", "netns", "add", "<script>\x1b[2J"])
    text = nw(box, "map")
    assert "<script>\\x1b[2J" in text
    assert "\x1b" not in text
