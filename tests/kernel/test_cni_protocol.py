"""Our executable against the Go plugins, whole: the same answers, the same files on disk, and what a kill leaves.

Each call is a process of its own, as a runtime starts it. The reference is Debian's containernetworking-plugins.
"""

import json
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sandbox import SOURCE, Result, Sandbox, missing

from netwright.cni.protocol.versions import VERSIONS

GO = Path("/usr/lib/cni")
OURS = "/run/ours"
STRACE = Path("/usr/bin/strace")
PROGRAM = f"#!{sys.executable} -IS\nimport sys\n\nsys.path.append({str(SOURCE)!r})\nfrom netwright.cni.main import main\n\nsys.exit(main(sys.argv))\n"


@pytest.fixture
def box(sandbox: Sandbox) -> Sandbox:
    return prepared(sandbox)


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    """One for all calls that are refused before anything is done."""
    with Sandbox() as made:
        yield prepared(made)


def prepared(sandbox: Sandbox) -> Sandbox:
    """A sandbox with our executable under the names of plugins, and a namespace a."""
    sandbox.write(f"{OURS}/netwright-cni", PROGRAM)
    names = ("static", "host-local", "bridge", "netwright")
    links = " && ".join(f"ln -s netwright-cni {OURS}/{name}" for name in names)
    done = sandbox.run(["sh", "-ec", f"chmod 755 {OURS}/netwright-cni && {links} && ip netns add a"])
    assert done.code == 0, done.err
    return sandbox


@pytest.fixture
def go() -> str:
    """The directory of the Go plugins."""
    if not (GO / "host-local").exists():
        missing("containernetworking-plugins are not installed")
    return str(GO)


def environment(command: str, container: str = "c1", ifname: str = "eth0", **more: str) -> dict[str, str]:
    netns = {"CNI_NETNS": "/run/netns/a"}
    return {"CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_IFNAME": ifname, "CNI_PATH": f"{OURS}:{GO}", **netns, **more}


def call(box: Sandbox, place: str, name: str, config: dict, command: str = "ADD", *words: str, **more: str) -> Result:
    return box.run([f"{place}/{name}"], env=environment(command, *words, **more), stdin=json.dumps(config))


def answer(result: Result) -> object:
    """What is said, without what Go says besides (empty lists, nulls)."""
    document = json.loads(result.out) if result.out.strip() else None
    return {name: item for name, item in document.items() if item not in (None, [])} if isinstance(document, dict) else document


def static(version: str, **ipam: object) -> dict:
    return {"cniVersion": version, "name": "n", "type": "static", "ipam": {"type": "static", **ipam}}


def pool(version: str = "1.0.0", **ipam: object) -> dict:
    ranges = {"subnet": "10.1.0.0/24"} if not {"subnet", "ranges"} & set(ipam) else {}
    return {"cniVersion": version, "name": "n", "type": "host-local", "ipam": {"type": "host-local", "dataDir": "/run/data", **ranges, **ipam}}


def leases(box: Sandbox) -> dict[str, str]:
    """Every reservation, as "CONTAINER INTERFACE"."""
    code = "import os, json; d = '/run/data/n/'; print(json.dumps({f: open(d + f, newline='').read() for f in os.listdir(d) if f[0].isdigit() or ':' in f}))"
    return {name: text.replace("\r\n", " ") for name, text in json.loads(box.python(code).out).items()}


ADDRESSES = {"addresses": [{"address": "10.1.0.2/24", "gateway": "10.1.0.1"}, {"address": "fd00::2/64", "gateway": "fd00::1"}]}
MORE = {"routes": [{"dst": "0.0.0.0/0", "gw": "10.1.0.9"}, {"dst": "fd01::/16"}], "dns": {"nameservers": ["10.1.0.53"], "search": ["a.example"]}}
CASES = [
    ("static", static("", **ADDRESSES, **MORE), {}),
    ("static", static("", **ADDRESSES), {"CNI_ARGS": "IP=10.9.0.3/24,fd09::3/64;GATEWAY=10.9.0.1;IgnoreUnknown=1;X=y"}),
    ("static", static("") | {"args": {"cni": {"ips": ["10.2.0.3/24"]}}}, {}),
    ("static", static("", **ADDRESSES) | {"runtimeConfig": {"ips": ["10.3.0.3/24"]}, "args": {"cni": {"ips": ["10.2.0.3/24"]}}}, {}),
    ("host-local", pool("", routes=[{"dst": "0.0.0.0/0"}, {"dst": "10.9.0.0/16", "gw": "10.1.0.7"}]), {}),
    ("host-local", pool("", ranges=[[{"subnet": "10.1.0.0/24", "rangeStart": "10.1.0.40", "gateway": "10.1.0.3"}], [{"subnet": "fd00::/64"}]]), {}),
    ("host-local", pool("", ranges=[[{"SUBNET": "10.1.0.0/30", "gateway": "10.1.0.2"}]]), {"CNI_ARGS": "IP=10.1.0.1"}),
    ("host-local", pool("") | {"runtimeConfig": {"ips": ["10.1.0.77/24"], "ipRanges": [[{"subnet": "fd02::/120"}]]}}, {}),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(CASES)))
def test_results_are_those_of_go_in_every_version(box: Sandbox, go: str, case: int):
    name, config, more = CASES[case]
    for version in VERSIONS[:-1]:
        config["cniVersion"] = version
        theirs = call(box, go, name, config, "ADD", **more)
        call(box, go, name, config, "DEL", **more)
        box.run(["rm", "-rf", "/run/data"])
        ours = call(box, OURS, name, config, "ADD", **more)
        call(box, OURS, name, config, "DEL", **more)
        box.run(["rm", "-rf", "/run/data"])
        assert (theirs.code, ours.err) == (ours.code, ""), (version, theirs.out, ours.out)
        if ours.code:  # what the version cannot do: Go's 999 means nothing
            assert json.loads(theirs.out)["msg"] in json.loads(ours.out)["msg"]
        else:
            assert answer(ours) == answer(theirs), version


WRONG = [
    ({}, {"CNI_CONTAINERID": ""}),
    ({}, {"CNI_IFNAME": "", "CNI_PATH": ""}),
    ({}, {"CNI_COMMAND": "NOPE"}),
    ({}, {"CNI_CONTAINERID": "a/b"}),
    ({}, {"CNI_IFNAME": "a:b"}),
    ({}, {"CNI_IFNAME": "x" * 16}),
    ({}, {"CNI_ARGS": "x"}),
    ({}, {"CNI_ARGS": "X=y"}),
    ({"name": ""}, {}),
    ({"name": "a/b"}, {}),
    ({"cniVersion": "0.9.9"}, {}),
    ({"cniVersion": "0.3.1"}, {"CNI_COMMAND": "CHECK"}),
    ({"ipam": {"type": "static", "addresses": [{"address": "10.0.0.1"}]}}, {}),
    ({"ipam": {"type": "static", "addresses": [{"address": "10.0.0.1/24"}] * 2}, "cniVersion": "0.2.0"}, {}),
    ([], {}),
]  # fmt: skip


@pytest.mark.parametrize(("config", "more"), WRONG)
def test_what_go_refuses_is_refused_with_its_code_or_a_better_one(shared: Sandbox, go: str, config: dict, more: dict[str, str]):
    box = shared
    document = static("0.4.0", **ADDRESSES) | config if isinstance(config, dict) else config
    theirs = box.run([f"{go}/static"], env=environment("ADD") | more, stdin=json.dumps(document))
    ours = box.run([f"{OURS}/static"], env=environment("ADD") | more, stdin=json.dumps(document))
    assert (theirs.code != 0, ours.code) == (True, 1)
    said, ours_said = json.loads(theirs.out), json.loads(ours.out)
    assert ours_said["code"] == said["code"] or said["code"] == 999
    assert ours_said["code"] != 999
    if said["code"] in (4, 1):
        assert ours_said["msg"] == said["msg"]


# -- one directory, two implementations ----------------------------------------------------------------------------------------


def test_one_can_switch_between_go_and_ours_at_any_time(box: Sandbox, go: str):
    config = pool(ranges=[[{"subnet": "10.1.0.0/28"}], [{"subnet": "fd00::/64"}]])
    places = [go, OURS, OURS, go, go, OURS]
    given = [answer(call(box, place, "host-local", config, "ADD", f"c{n}"))["ips"] for n, place in enumerate(places)]
    assert [ips[0]["address"] for ips in given] == [f"10.1.0.{n}/28" for n in range(2, 8)]
    assert len(leases(box)) == 12
    for n, place in enumerate(reversed(places)):
        assert call(box, place, "host-local", config, "CHECK", f"c{n}").code == 0
        assert call(box, place, "host-local", config, "DEL", f"c{n}").code == 0
    assert leases(box) == {}
    assert answer(call(box, go, "host-local", config, "ADD", "next"))["ips"][0]["address"] == "10.1.0.8/28"
    assert answer(call(box, OURS, "host-local", config, "ADD", "last"))["ips"][0]["address"] == "10.1.0.9/28"


def test_a_go_plugin_calls_our_ipam_and_ours_calls_gos(box: Sandbox, go: str):
    config = {"cniVersion": "1.0.0", "name": "n", "type": "ptp", "ipam": pool()["ipam"]}
    done = box.run([f"{go}/ptp"], env=environment("ADD") | {"CNI_PATH": OURS}, stdin=json.dumps(config))
    assert done.code == 0, done.out
    assert leases(box) == {"10.1.0.2": "c1 eth0"}
    done = box.run([f"{go}/ptp"], env=environment("DEL") | {"CNI_PATH": OURS}, stdin=json.dumps(config))
    assert (done.code, leases(box)) == (0, {})


def test_many_at_once_get_addresses_of_their_own(box: Sandbox):
    box.write("/run/config", json.dumps(pool()))
    script = f"export CNI_COMMAND=ADD CNI_NETNS=/x CNI_IFNAME=eth0 CNI_PATH={OURS}; for n in $(seq 40); do"
    script += f" CNI_CONTAINERID=c$n {OURS}/host-local </run/config >/run/out.$n || echo failed & done; wait"
    done = box.run(["sh", "-c", script], timeout=120)
    assert (done.out, done.err) == ("", "")
    assert len(leases(box)) == 40


def test_again_gives_the_same_address_unless_the_interface_lives(box: Sandbox):
    def added() -> object:
        said = json.loads(call(box, OURS, "host-local", pool()).out)
        return said.get("code") or said["ips"][0]["address"]

    assert [added(), added()] == ["10.1.0.2/24", "10.1.0.2/24"]
    box.ip("-n a link add eth0 type veth peer name other")
    assert added() == 102
    box.ip("netns delete a")
    box.ip("netns add a")
    assert added() == "10.1.0.2/24"
    assert leases(box) == {"10.1.0.2": "c1 eth0"}


# -- killed anywhere -----------------------------------------------------------------------------------------------------------


def _killed(box: Sandbox, command: str, call_name: str, when: int, container: str = "c1") -> bool:
    """Run one call and kill it at the n-th system call of that name; False when it came to its end before."""
    inject = f"inject={call_name}:signal=KILL:when={when}"
    argv = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call_name}", "-e", inject, f"{OURS}/host-local"]
    return box.run(argv, env=environment(command, container), stdin=json.dumps(pool())).code != 0


@pytest.mark.parametrize("call_name", ["flock", "write", "mkdir", "unlink"])
def test_a_kill_leaves_nothing_that_the_next_call_cannot_take_back(box: Sandbox, call_name: str):
    if not STRACE.exists():
        missing("strace is not installed")
    for command in ("ADD", "DEL"):
        for when in count(1):
            box.run(["rm", "-rf", "/run/data"])
            call(box, OURS, "host-local", pool(), "ADD", "other")
            if command == "DEL":
                call(box, OURS, "host-local", pool(), "ADD", "c1")
            if not _killed(box, command, call_name, when):
                break
            again = call(box, OURS, "host-local", pool(), "ADD", "c1")
            assert again.code == 0, (command, call_name, when, again.out)
            assert sorted(leases(box).values()) == ["c1 eth0", "other eth0"], (command, call_name, when)
            _killed(box, command, call_name, when)
            assert call(box, OURS, "host-local", pool(), "DEL", "c1").code == 0
            assert list(leases(box).values()) == ["other eth0"], (command, call_name, when)
        assert when < 40


# -- the executable ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "config"), [("static", static("1.1.0", **ADDRESSES, **MORE)), ("host-local", pool("1.1.0"))])
def test_a_call_imports_next_to_nothing(box: Sandbox, name: str, config: dict):
    argv = [sys.executable, "-IS", "-X", "importtime", f"{OURS}/{name}"]
    done = box.run(argv, env=environment("ADD"), stdin=json.dumps(config))
    assert done.code == 0
    found = {line.rpartition("|")[2].strip() for line in done.err.splitlines()}
    assert "netwright.cni.main" in found
    slow = {"re", "json", "subprocess", "socket", "ipaddress", "typing", "dataclasses", "enum", "argparse", "logging", "pathlib", "hashlib", "ctypes"}
    assert found & slow == set()


def test_a_full_disk(box: Sandbox):
    box.run(["sh", "-ec", "mkdir /run/data && mount -t tmpfs -o size=64k,nr_inodes=12 none /run/data"])
    codes = []
    for n in range(12):
        done = call(box, OURS, "host-local", pool(), "ADD", f"c{n}")
        codes.append(json.loads(done.out).get("code", 0))
    assert set(codes) == {0, 5}
    assert "the disk is full" in done.out
    assert len(leases(box)) >= codes.count(0)
    for n in range(12):
        assert call(box, OURS, "host-local", pool(), "DEL", f"c{n}").code == 0
    assert leases(box) == {}


# -- nw cni --------------------------------------------------------------------------------------------------------------------


def nw(box: Sandbox, *words: str, **more: str) -> Result:
    code = "import sys; from netwright.cli.cni import main; from netwright.errors import NetwrightError\n"
    code += "try: sys.exit(main(sys.argv[1:]))\nexcept NetwrightError as e: sys.exit(str(e))"
    return box.python(code, *words, env={"NETWRIGHT_STATE_DIR": "/run/state", "NETWRIGHT_RUN_DIR": "/run/nw", **more})


PLACES = ("--conf", "/run/net.d", "--path", OURS, "--cache", "/run/results")


def test_a_runtime_on_the_command_line(box: Sandbox):
    box.write("/run/net.d/10-n.conflist", json.dumps({"name": "n", "cniVersion": "1.1.0", "plugins": [pool("1.1.0") | {"capabilities": {"ips": True}}]}))
    assert nw(box, "status", "n", *PLACES).out == "n: ready (host-local)\n"
    added = nw(box, "add", "n", "a", "--id", "c1", "--cap", '{"ips": ["10.1.0.9"]}', *PLACES)
    assert json.loads(added.out)["ips"] == [{"address": "10.1.0.9/24", "gateway": "10.1.0.1"}], added.err
    assert nw(box, "check", "n", "a", "--id", "c1", *PLACES).out == "n: as it was made\n"
    assert nw(box, "ls", "--json", *PLACES).out == '[{"network": "n", "container": "c1", "ifname": "eth0", "netns": "/run/netns/a", "addresses": ["10.1.0.9/24"]}]\n'
    again = nw(box, "add", "n", "a", "--id", "c1", *PLACES)
    assert (again.code, "already: nw cni del n /run/netns/a --id c1" in again.err) == (1, True)
    box.ip("netns delete a")
    assert nw(box, "gc", "n", *PLACES).out == "detached c1 eth0\n"
    assert leases(box) == {}
    assert nw(box, "ls", *PLACES).out == "nothing is attached\n"
    gone = nw(box, "add", "n", "a", *PLACES)
    assert "no network namespace /run/netns/a" in gone.err
    assert "--cap: no plugin of n takes mac" in nw(box, "add", "n", "a", "--cap", '{"mac": 1}', *PLACES).err


def test_the_runtime_drives_upstreams_plugins_with_our_ipam_by_exec(box: Sandbox, go: str):
    plugins = [{"type": "ptp", "ipam": pool()["ipam"]}, {"type": "tuning", "mtu": 1300, "capabilities": {"mac": True}}]
    box.write("/run/net.d/10-n.conflist", json.dumps({"name": "n", "cniVersion": "1.0.0", "plugins": plugins}))
    places = ("--conf", "/run/net.d", "--path", f"{OURS}:{go}", "--cache", "/run/results")
    before = box.ip("-o link")
    added = nw(box, "add", "n", "a", "--cap", '{"mac": "02:00:00:00:00:07"}', *places)
    assert added.code == 0, added.err
    assert json.loads(added.out)["ips"][0]["address"] == "10.1.0.2/24"
    assert all(word in box.ip("-n a link show eth0") for word in ("mtu 1300", "02:00:00:00:00:07"))
    assert nw(box, "check", "n", "a", *places).code == 0
    box.ip("-n a link set eth0 mtu 1400")
    assert "plugin tuning failed (check)" in nw(box, "check", "n", "a", *places).err
    assert nw(box, "del", "n", "a", *places).code == 0
    assert (box.ip("-o link"), leases(box)) == (before, {})


def _made_again(box: Sandbox, held: bool = False) -> None:
    """The namespace a is another one under the same name."""
    if held:
        box.popen(["sleep", "600"], netns="a")
    box.ip("netns delete a")
    box.ip("netns add a")


@pytest.mark.parametrize("held", [False, True])
def test_a_namespace_that_was_made_again_is_attached_anew(box: Sandbox, held: bool):
    plugins = [{"type": "bridge", "bridge": "br-n", "isGateway": True, "ipam": pool()["ipam"]}]
    box.write("/run/net.d/10-n.conflist", json.dumps({"name": "n", "cniVersion": "1.1.0", "plugins": plugins}))
    before = box.ip("-br link")
    words = ("n", "a", "--id", "c1", *PLACES)
    assert nw(box, "add", *words).code == 0
    assert nw(box, "gc", "n", *PLACES).out == "nothing to do: no attachment is stale\n"
    _made_again(box, held)
    again = nw(box, "add", *words)
    assert again.code == 0, again.err
    assert "eth0" in box.ip("-n a -br addr")
    assert list(leases(box).values()) == ["c1 eth0"]
    assert len(box.ip("-br link show master br-n").splitlines()) == 1
    assert nw(box, "check", *words).code == 0
    assert "attached to n by eth0 already" in nw(box, "add", *words).err
    _made_again(box, held)
    assert nw(box, "gc", "n", *PLACES).out == "detached c1 eth0\n"
    assert (leases(box), box.ip("-br link")) == ({}, before)


def test_a_delete_takes_nothing_from_a_namespace_that_was_made_again(box: Sandbox, go: str):
    """Upstream's plugins delete the device of that name, whoever made it."""
    box.write("/run/net.d/10-n.conflist", json.dumps({"name": "n", "cniVersion": "1.0.0", "plugins": [{"type": "ptp", "ipam": pool()["ipam"]}]}))
    places = ("--conf", "/run/net.d", "--path", f"{go}:{OURS}", "--cache", "/run/results")
    assert nw(box, "add", "n", "a", *places).code == 0
    _made_again(box)
    box.ip("-n a link add eth0 type veth peer name other")
    done = nw(box, "del", "n", "a", *places)
    assert (done.code, "eth0" in box.ip("-n a -br link"), leases(box)) == (0, True, {}), done.err
    assert nw(box, "ls", *places).out == "nothing is attached\n"


def test_the_installed_executable_works_and_goes_away(box: Sandbox):
    done = nw(box, "install", "--dir", "/run/bin", "--conf", "/run/etc", "--name", "x", "--subnet", "10.9.0.0/24")
    assert done.code == 0, done.err
    version = box.run(["/run/bin/bridge"], env={"CNI_COMMAND": "VERSION", "CNI_PATH": "/run/bin"}, stdin='{"cniVersion": "1.0.0"}')
    assert json.loads(version.out)["cniVersion"] == "1.0.0"
    assert json.loads(box.read("/run/etc/10-x.conflist"))["name"] == "x"
    assert nw(box, "uninstall").code == 0
    assert box.run(["sh", "-c", "ls -A /run/bin /run/etc"]).out.split() == ["/run/bin:", "/run/etc:"]


def test_a_file_system_that_is_read_only(box: Sandbox):
    box.run(["sh", "-ec", "mkdir /run/data && mount -t tmpfs -o ro none /run/data"])
    said = json.loads(call(box, OURS, "host-local", pool()).out)
    assert said["code"] == 5
    assert said["details"] == "the file system is mounted read-only: set ipam.dataDir to a directory elsewhere"
    assert json.loads(call(box, OURS, "host-local", pool("1.1.0"), "STATUS").out)["code"] == 50


@pytest.mark.parametrize(("path", "words"), [("/run/pipe", "no network namespace"), ("/proc/self/ns/mnt", "no network namespace"), ("/", "no network namespace"), ("/none", "No such file")])
def test_a_namespace_that_is_none(box: Sandbox, path: str, words: str):
    """A pipe would keep us waiting, a namespace of another kind is refused by setns(2) later."""
    config = {"cniVersion": "1.1.0", "name": "n", "type": "bridge", "bridge": "br0"}
    box.run(["mkfifo", "/run/pipe"])
    refused = call(box, OURS, "bridge", config, CNI_NETNS=path)
    assert (refused.code, json.loads(refused.out)["code"], words in refused.out) == (1, 8, True), refused.out
    assert call(box, OURS, "bridge", config, "DEL", CNI_NETNS=path).code == 0
    assert "br0" not in box.ip("link")


BROKEN = "#!/bin/sh\n[ $CNI_COMMAND != ADD ] || exec @place/host-local\necho '{\"code\": 11, \"msg\": \"busy\"}'; exit 1\n"


def test_the_device_goes_also_where_the_ipam_plugin_fails(box: Sandbox):
    """One that needs the device is asked first, and DHCP servers are not always there."""
    box.write(f"{OURS}/broken", BROKEN.replace("@place", OURS))
    box.run(["chmod", "755", f"{OURS}/broken"])
    config = {"cniVersion": "1.1.0", "name": "n", "type": "bridge", "bridge": "br0", "ipam": {"type": "broken", "subnet": "10.1.0.0/24", "dataDir": "/run/data"}}
    assert call(box, OURS, "bridge", config).code == 0
    gone = call(box, OURS, "bridge", config, "DEL")
    assert (gone.code, json.loads(gone.out)["code"]) == (1, 11)
    assert "br0" not in box.ip("link")
    assert call(box, OURS, "bridge", config, "ADD", "c2").code == 0
    collected = call(box, OURS, "bridge", {**config, "cni.dev/valid-attachments": []}, "GC")
    assert (collected.code, json.loads(collected.out)["code"]) == (1, 11)
    assert "br0" not in box.ip("link")


def test_a_roll_back_that_fails_does_not_hide_the_reason(box: Sandbox):
    """The name eth0 is taken in the container, and the IPAM plugin will not take its address back."""
    box.write(f"{OURS}/broken", BROKEN.replace("@place", OURS))
    box.run(["chmod", "755", f"{OURS}/broken"])
    box.ip("-n a link add eth0 type bridge")
    config = {"cniVersion": "1.1.0", "name": "n", "type": "ptp", "ipam": {"type": "broken", "subnet": "10.1.0.0/24", "dataDir": "/run/data"}}
    box.run(["ln", "-s", "netwright-cni", f"{OURS}/ptp"])
    refused = call(box, OURS, "ptp", config)
    assert (refused.code, json.loads(refused.out)["code"]) == (1, 102), refused.out
    assert "not taken back: busy" in refused.err


def test_a_second_add_that_fails_leaves_what_the_first_one_made(box: Sandbox):
    box.write(f"{OURS}/broken", BROKEN.replace("@place", OURS))
    box.run(["chmod", "755", f"{OURS}/broken"])
    config = {"cniVersion": "1.1.0", "name": "n", "type": "bridge", "bridge": "br0", "ipam": {"type": "broken", "subnet": "10.1.0.0/24", "dataDir": "/run/data"}}
    assert call(box, OURS, "bridge", config).code == 0
    assert call(box, OURS, "bridge", config).code == 1
    assert "10.1.0.2/24" in box.ip("-n a address show eth0")
