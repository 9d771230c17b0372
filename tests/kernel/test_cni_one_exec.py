"""The plugin netwright: bridge, addresses, ports, limits, isolation and names by one exec. As a runtime calls it."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest
from cni_host import OURS, CniHost, go, ipam
from sandbox import SOURCE, Sandbox, missing
from traffic import until

SITE = str(Path(importlib.util.find_spec("dns").origin).parents[1])
PROGRAM = f"#!{sys.executable} -IS\nimport sys\n\nsys.path += [{str(SOURCE)!r}, {SITE!r}]\nfrom netwright.cni.main import main\n\nsys.exit(main(sys.argv))\n"
BOTH = {"subnet": "10.1.0.0/16", "subnets": ["fd01::/64"]}
HTTP = {"hostPort": 8080, "containerPort": 80, "protocol": "tcp"}
LOOK_UP = """
import socket, struct, sys
server, name = sys.argv[1:]
s = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
for _ in range(15):  # one may be lost
    s.sendto(struct.pack(">HHHHHH", 7, 256, 1, 0, 0, 0) + labels + b"\\0" + struct.pack(">HH", 1, 1), (server, 53))
    try:
        answer = s.recv(1500)
        break
    except TimeoutError:
        pass
count = struct.unpack(">H", answer[6:8])[0]
print(answer[3] & 15, *(socket.inet_ntoa(answer[len(answer) - 16 * n + 12 : len(answer) - 16 * n + 16]) for n in range(count, 0, -1)))
"""


class Host(CniHost):
    """With names: a responder of its own."""

    def __init__(self, box: Sandbox, containers: str = "a b") -> None:
        super().__init__(box, containers)
        assert box.run(["mount", "-t", "tmpfs", "none", "/var/lib"]).code == 0
        box.write(f"{OURS}/netwright-cni", PROGRAM)

    def look_up(self, netns: str, name: str, server: str = "10.1.0.1") -> list[str]:
        """What the responder says: rcode (0: good, 3: no such name), addresses."""
        return self.box.run([sys.executable, "-ISc", LOOK_UP, server, name], netns=netns).out.split()

    def has_responder(self) -> bool:
        return self.box.run(["test", "-e", "/run/netwright/.dns/responder.sock"]).code == 0

    def traces(self) -> list[object]:
        """Without the responder's own files: it ends some seconds after the last network."""
        *others, files = super().traces()
        return [*others, [name for name in files if "/responder." not in name]]


@pytest.fixture
def host(sandbox: Sandbox) -> Host:
    return Host(sandbox)


def config(version: str = "1.1.0", **more: object) -> dict:
    return {"cniVersion": version, "name": "n", "type": "netwright", **BOTH, **more}


def quiet(**more: object) -> dict:
    """Without names."""
    return config(dns=False, **more)


def runtime(*ports: dict, **more: object) -> dict:
    """What a runtime says."""
    return {"runtimeConfig": {**({"portMappings": list(ports)} if ports else {}), **more}}


def test_the_least_configuration_gives_everything(host: Host):
    before = host.traces()
    least = {"cniVersion": "1.1.0", "name": "n", "type": "netwright", "subnet": "10.1.0.0/16"}
    said = host.ok(least, "ADD", "a", CNI_ARGS="K8S_POD_NAME=web")
    host.ok(least, "ADD", "b")
    assert [i["name"] for i in said["interfaces"]][::2] == ["cni-n", "eth0"]
    assert (said["ips"], said["routes"]) == ([{"interface": 2, "address": "10.1.0.2/16", "gateway": "10.1.0.1"}], [{"dst": "0.0.0.0/0", "gw": "10.1.0.1"}])
    assert said["dns"] == {"nameservers": ["10.1.0.1"]}
    for address in ("10.1.0.1", "192.0.2.9"):
        assert host.ping(address, "a"), address
    assert host.look_up("b", "web") == ["0", "10.1.0.2"]
    host.ok({**least, "prevResult": said}, "CHECK")
    for name in ("a", "b", "a"):
        host.ok(least, "DEL", name)
    assert host.traces() == before
    until(lambda: not host.has_responder())


def test_the_result_is_that_of_bridge(host: Host):
    gateway = {"isGateway": True, "isDefaultGateway": True, "ipMasq": True}
    ranges = ipam(ranges=[[{"subnet": "10.1.0.0/16"}], [{"subnet": "fd01::/64"}]])
    theirs = {"cniVersion": "1.0.0", "name": "m", "type": "bridge", "bridge": "br1", **gateway, "ipam": ranges}
    bridge = host.ok(theirs)
    host.ok(theirs, "DEL")
    ours = host.ok(config("1.0.0"))
    for key in ("ips", "routes", "cniVersion"):
        assert ours[key] == bridge[key], key
    assert [sorted(one) for one in ours["interfaces"]] == [sorted(one) for one in bridge["interfaces"]]


@pytest.mark.parametrize("version", ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"])
def test_every_version(host: Host, version: str):
    said = host.ok(quiet() | {"cniVersion": version})
    assert said["cniVersion"] == version
    if version < "0.3.0":
        assert (said["ip4"]["ip"], said["ip6"]["gateway"]) == ("10.1.0.2/16", "fd01::1")
    else:
        assert [ip["address"] for ip in said["ips"]] == ["10.1.0.2/16", "fd01::2/64"]
    host.ok(quiet() | {"cniVersion": version}, "DEL")


# -- ports -----------------------------------------------------------------------------------------------------------------------


def test_a_published_port_is_reached_from_everywhere(host: Host):
    # As containerd writes it: capitals, and an address that is none.
    ports = [{"HostPort": 8080, "ContainerPort": 80, "Protocol": "TCP", "HostIP": ""}, {"hostPort": 8053, "containerPort": 80, "protocol": "udp"}]
    host.ok(config(**runtime(*ports)))
    host.ok(config(), "ADD", "b")
    host.box.run(["sysctl", "-qw", "net.bridge.bridge-nf-call-ip6tables=0"])
    host.serve("a")
    places = {None: ("127.0.0.1", "192.0.2.1", "fd99::1", "::1"), "out": ("192.0.2.1", "fd99::1"), "a": ("192.0.2.1", "fd99::1"), "b": ("192.0.2.1", "10.1.0.1")}
    for netns, addresses in places.items():
        for address in addresses:
            assert "Error" not in host.ask(address, 8080, netns), (netns, address)
            assert "Error" not in host.ask(address, 8053, netns, "udp"), (netns, address)
    assert host.ask("192.0.2.1", 8080, "out") == "192.0.2.9", "the client's address is kept"
    host.ok(config(), "DEL")
    assert "Error" in host.ask("192.0.2.1", 8080, "out", seconds=0.3)


def test_a_port_of_one_address_is_not_reached_by_others(host: Host):
    host.ok(quiet(**runtime({**HTTP, "hostIP": "127.0.0.1"}, {"hostPort": 8081, "containerPort": 80, "hostIP": "192.0.2.1"})))
    host.serve("a")
    assert "Error" not in host.ask("127.0.0.1", 8080)
    assert "Error" in host.ask("192.0.2.1", 8080, "out", seconds=0.3)
    assert host.ask("192.0.2.1", 8081, "out") == "192.0.2.9"


def test_a_taken_port_is_an_error_that_names_the_owner_and_leaves_nothing(host: Host):
    host.ok(quiet(**runtime(HTTP)))
    before = host.traces()
    said = host.refused(quiet(**runtime(HTTP)), "ADD", "b")
    assert (said["code"], "cni/n/a/eth0" in said["details"] + said["msg"]) == (102, True), said
    assert host.traces() == before
    host.serve(None, 9090)
    said = host.refused(quiet(**runtime({"hostPort": 9090, "containerPort": 80})), "ADD", "b")
    assert (said["code"], "python" in said["msg"]) == (102, True), said
    assert host.traces() == before


def test_one_container_on_two_networks_hands_its_ports_on(host: Host):
    """podman says a container's ports for each of its networks."""
    before = host.traces()
    other = quiet(**runtime(HTTP)) | {"name": "m", "subnet": "10.2.0.0/16", "subnets": []}
    host.ok(quiet(**runtime(HTTP)))
    host.serve("a")
    host.ok(other, "ADD", "a", "eth1")
    assert "10.1.0.2 . 80" in host.elements("publish4")
    assert host.ask("192.0.2.1", 8080, "out") == "192.0.2.9"
    host.ok(quiet(), "DEL")
    assert "10.2.0.2 . 80" in host.elements("publish4")
    assert "10.1.0.2" not in host.rules()
    host.ok(other, "DEL", "a", "eth1")
    assert host.traces() == before


# -- who may talk to whom ----------------------------------------------------------------------------------------------------------


def second(**more: object) -> dict:
    return {"cniVersion": "1.1.0", "name": "m", "type": "netwright", "subnet": "10.2.0.0/16", "dns": False, **more}


@pytest.mark.parametrize(
    ("one", "other", "passes"),
    [
        ({}, {}, (False, False)),
        ({"ingressPolicy": "open"}, {}, (True, True)),
        ({"allow": ["cni-m"]}, {}, (False, True)),
        ({"allow": ["cni-m"]}, {"allow": ["cni-n"]}, (True, True)),
    ],
    ids=["apart", "one is open", "one allows", "both allow"],
)
def test_networks_are_kept_apart_but_for_what_is_allowed(host: Host, one: dict, other: dict, passes: tuple[bool, bool]):
    before = host.traces()
    host.ok(quiet(**one))
    host.ok(second(**other), "ADD", "b")
    assert tuple(host.reaches(to, by, wanted=wanted) for to, by, wanted in (("10.2.0.2", "a", passes[0]), ("10.1.0.2", "b", passes[1]))) == passes
    host.ok(quiet(), "DEL")
    host.ok(second(), "DEL", "b")
    assert host.traces() == before


def test_an_isolated_container_is_reached_by_published_ports_only(host: Host):
    isolated = quiet(ingressPolicy="isolated", **runtime(HTTP))
    host.ok(isolated)
    host.ok(quiet(ingressPolicy="isolated"), "ADD", "b")
    host.serve("a")
    assert host.silent("10.1.0.2", "b")
    assert host.ping("192.0.2.9", "b")
    assert host.ask("192.0.2.1", 8080, "out") == "192.0.2.9"


def test_the_rules_of_a_bridge_stay_until_its_last_container(host: Host):
    host.ok(quiet())
    host.ok(second(), "ADD", "b")
    host.container("c")
    host.ok(quiet(), "ADD", "c")
    host.ok(quiet(), "DEL")
    assert host.silent("10.2.0.2", "c")
    host.ok(quiet(), "DEL", "c")
    assert '"cni-n"' not in host.rules()
    assert '"cni-m"' in host.elements("bridges")


# -- limits ------------------------------------------------------------------------------------------------------------------------


def test_bandwidth_comes_with_the_cable_and_goes_with_it(host: Host):
    before = host.traces()
    # As containerd says it.
    limits = {"IngressRate": 10_000_000, "IngressBurst": 4294967295, "EgressRate": 20_000_000, "EgressBurst": 4294967295}
    asked = quiet(**runtime(bandwidth=limits))
    said = host.ok(asked)
    rates = sorted(line.split()[line.split().index("rate") + 1] for line in host.box.run(["tc", "qdisc"]).out.splitlines() if " tbf " in line)
    assert rates == ["10Mbit", "20Mbit"]
    host.ok({**asked, "prevResult": said}, "CHECK")
    host.box.run(["tc", "qdisc", "delete", "dev", said["interfaces"][1]["name"], "root"])
    assert host.refused({**asked, "prevResult": said}, "CHECK")["code"] == 102
    host.ok(quiet(), "DEL")
    assert host.traces() == before


# -- names -------------------------------------------------------------------------------------------------------------------------


def test_names_are_the_pods_the_aliases_and_the_id(host: Host):
    """podman says {NETWORK: [alias, …]}; others a list."""
    host.ok(config(**runtime(aliases={"n": ["shop"], "m": ["elsewhere"]})), "ADD", "a", CNI_ARGS="IgnoreUnknown=1;K8S_POD_NAME=web")
    host.ok(config(**runtime(aliases=["db", "no name"])), "ADD", "b")
    for name in ("web", "shop", "a", "WEB"):
        assert host.look_up("b", name) == ["0", "10.1.0.2"], name
    assert host.look_up("a", "db") == ["0", "10.1.0.3"]
    assert host.look_up("a", "elsewhere")[:1] != ["0"]
    host.ok(config(), "DEL")
    assert host.look_up("b", "web")[:1] != ["0"]


def test_a_second_interface_on_the_same_network_keeps_the_names(host: Host):
    before = host.traces()
    host.ok(config())
    host.ok(config(), "ADD", "b")
    host.ok(config(), "ADD", "a", "eth1")
    assert sorted(host.look_up("b", "a")) == ["0", "10.1.0.2", "10.1.0.4"]
    said = {"ips": [{"address": "10.1.0.4/16"}]}
    host.ok(config(prevResult=said), "DEL", "a", "eth1")
    assert host.look_up("b", "a") == ["0", "10.1.0.2"]
    for name in "ab":
        host.ok(config(), "DEL", name)
    assert host.traces() == before


def test_without_names_nobody_answers(host: Host):
    said = host.ok(quiet())
    assert said["dns"] == {}
    assert not host.has_responder()
    told = host.refused(config(dns=True, isGateway=False), "ADD", "b")
    assert (told["code"], "isGateway" in told["msg"]) == (7, True)


def test_what_the_configuration_and_the_runtime_say_of_names(host: Host):
    wish = {"domain": "corp.example", "search": ["corp.example"], "nameservers": ["192.0.2.9"]}
    said = host.ok(config(dns=wish, **runtime(dns={"options": ["ndots:2"]})))
    assert said["dns"] == {"nameservers": ["10.1.0.1", "fd01::1"], "domain": "corp.example", "search": ["corp.example"], "options": ["ndots:2"]}
    zone = json.loads(host.box.read("/run/netwright/.dns/cni:n.json"))
    assert (zone["servers"], zone["domain"], zone["listen"]) == (["192.0.2.9"], "corp.example", ["10.1.0.1", "fd01::1"])
    assert host.look_up("a", "a.corp.example") == ["0", "10.1.0.2"]


def test_port_53_of_somebody_else_is_an_error_and_leaves_nothing(host: Host):
    host.serve(None, 53)
    before = host.traces()
    said = host.refused(config())
    assert (said["code"], '"dns": false' in said["details"]) == (102, True), said
    assert host.traces() == before
    host.ok(quiet())


def test_check_asks_for_names_too(host: Host):
    said = host.ok(config())
    host.box.run(["rm", "/run/netwright/.dns/cni:n@a.host"])
    told = host.refused(config(prevResult=said), "CHECK")
    assert (told["code"], "names" in told["msg"]) == (102, True)


# -- whatever is gone --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", ["no netns said", "netns deleted", "device deleted", "rules flushed", "bridge deleted"])
def test_del_leaves_nothing_whatever_is_gone(host: Host, gone: str):
    """With neither the result of ADD nor what the runtime said then."""
    before = host.traces()
    everything = config(**runtime(HTTP, bandwidth={"egressRate": 10**7, "egressBurst": 10**7}))
    host.ok(everything)
    if gone == "netns deleted":
        host.box.ip("netns delete a")
    if gone == "device deleted":
        host.box.ip("link delete eth0", netns="a")
    if gone == "rules flushed":
        host.box.run(["nft", "flush", "ruleset"])
    if gone == "bridge deleted":
        host.box.ip("link delete cni-n")
    for _ in range(2):
        host.ok(config(), "DEL", **({"CNI_NETNS": ""} if gone == "no netns said" else {}))
    assert host.traces() == before


def test_garbage_is_collected_with_its_ports_limits_and_names(host: Host):
    host.ok(config())
    before = host.traces()
    host.ok(config(**runtime(HTTP, bandwidth={"egressRate": 10**7, "egressBurst": 10**7}, aliases=["shop"])), "ADD", "b")
    host.box.ip("netns delete b")
    host.ok(config(**{"cni.dev/valid-attachments": [{"containerID": "a", "ifname": "eth0"}]}), "GC")
    assert host.traces() == before
    assert host.look_up("a", "shop")[:1] != ["0"]
    assert host.look_up("a", "a") == ["0", "10.1.0.2"]


def test_somebodys_flush_is_mended_by_the_next_add(host: Host):
    host.ok(quiet(**runtime(HTTP)))
    host.serve("a")
    host.box.run(["nft", "flush", "ruleset"])
    host.ok(quiet(), "ADD", "b")
    assert host.ask("192.0.2.1", 8080, "out") == "192.0.2.9"
    assert host.ping("192.0.2.9", "a")


@pytest.mark.parametrize("mend", ["DEL", "GC"])
@pytest.mark.parametrize("verb", ["ADD", "DEL"])
def test_killed_at_every_step(host: Host, verb: str, mend: str):
    if host.box.run(["strace", "-V"]).code:
        missing("strace is not installed")
    everything = config(**runtime(HTTP, bandwidth={"egressRate": 10**7, "egressBurst": 10**7}, aliases=["shop"]))
    host.container("standing")
    host.ok(config(), "ADD", "standing")
    before = host.traces()
    keep = {"cni.dev/valid-attachments": [{"containerID": "standing", "ifname": "eth0"}]}
    for syscalls, most in (("sendto,sendmsg", 90), ("rename,unlink,rmdir", 40)):
        for n in range(1, most):
            if verb == "DEL":
                host.quickly(everything)
            inject = f"strace -f -qq -o /dev/null -e trace={syscalls} -e inject={syscalls}:signal=KILL:when={n}"
            finished = host.call(everything, verb, before=inject).code == 0
            host.quickly(*((everything, "DEL") if mend == "DEL" else (everything | keep, "GC")))
            assert host.traces() == before, (syscalls, n)
            if finished:
                break
        assert 3 < n < most - 1


@pytest.mark.parametrize("syscalls", ["sendto,sendmsg", "rename", "bind"])
def test_refused_at_every_step_add_leaves_nothing(host: Host, syscalls: str):
    """Without DEL: an ADD that fails is as if it had not been."""
    if host.box.run(["strace", "-V"]).code:
        missing("strace is not installed")
    everything = config(**runtime(HTTP, bandwidth={"egressRate": 10**7, "egressBurst": 10**7}, aliases=["shop"]))
    host.container("standing")
    host.ok(config(), "ADD", "standing")
    before = host.traces()
    for n in range(1, 90):
        inject = f"strace -f -qq -o /run/strace -e trace={syscalls} -e inject={syscalls}:error=ENOMEM:when={n}"
        done = host.call(everything, before=inject)
        assert "Traceback" not in done.err, (n, done.err)
        if done.code == 0:
            host.quickly(everything, "DEL")
        else:
            assert json.loads(done.out)["code"] != 999, (n, done.out)
        assert host.traces() == before, n
        assert len(host.json("link", netns="a")) == 1, n
        if "INJECTED" not in host.box.read("/run/strace"):
            break
    assert 1 < n < 89


# -- many, and others ------------------------------------------------------------------------------------------------------------


def test_many_at_once_get_different_addresses_and_leave_nothing(sandbox: Sandbox):
    many = [f"c{n}" for n in range(32)]
    host = Host(sandbox, " ".join(many))
    before = host.traces()
    host.box.write("/run/conf", json.dumps(config()))
    common = f"CNI_IFNAME=eth0 CNI_PATH={OURS}"
    each = "CNI_CONTAINERID={0} CNI_NETNS=/run/netns/{0} " + common + " CNI_COMMAND={1} " + OURS + "/netwright </run/conf >/run/said.{0}.{1} &"
    done = host.box.run(["sh", "-c", "\n".join(each.format(name, "ADD") for name in many) + "\nwait"], timeout=120)
    assert done.err == ""
    said = [json.loads(host.box.read(f"/run/said.{name}.ADD")) for name in many]
    assert len({ip["address"] for one in said for ip in one["ips"]}) == 64, said
    assert host.look_up("c0", "c31")[:1] == ["0"]
    done = host.box.run(["sh", "-c", "\n".join(each.format(name, "DEL") for name in many) + "\nwait"], timeout=120)
    assert done.err == ""
    assert host.traces() == before


def test_beside_gos_bridge_on_one_bridge_and_one_directory_of_addresses(host: Host):
    go("bridge", "host-local")
    ranges = ipam(ranges=[[{"subnet": "10.1.0.0/16"}]])
    ours = {"cniVersion": "1.0.0", "name": "n", "type": "netwright", "bridge": "br0", "ipam": ranges, "dns": False}
    theirs = {"cniVersion": "1.0.0", "name": "n", "type": "bridge", "bridge": "br0", "isGateway": True, "ipam": ranges}
    host.ok(ours)
    place, host.place = host.place, "/usr/lib/cni"
    said = host.ok(theirs, "ADD", "b")
    host.place = place
    assert said["ips"][0]["address"] == "10.1.0.3/16"
    assert host.ping("10.1.0.3", "a")
    host.ok(ours, "DEL")
    assert host.ping("10.1.0.1", "b"), "a bridge that somebody else uses stays"


# -- what is wrong -----------------------------------------------------------------------------------------------------------------


WRONG = [
    {"subnet": "10.1.0.1/16"},
    {"subnet": "x"},
    {"subnet": 7},
    {"subnets": "10.1.0.0/16"},
    {"ipam": {"type": "host-local", "subnet": "10.3.0.0/16"}},
    {"ingressPolicy": "none"},
    {"allow": "cni-m"},
    {"dns": 7},
    {"dns": {"nameservers": 7}},
    {"bridge": "../x"},
    {"bridge": "x" * 16},
    {"mtu": -1},
    {"runtimeConfig": []},
    {"runtimeConfig": {"portMappings": {}}},
    {"runtimeConfig": {"portMappings": [{"hostPort": 70000, "containerPort": 80}]}},
    {"runtimeConfig": {"portMappings": [{"hostPort": 80}]}},
    {"runtimeConfig": {"portMappings": [{"hostPort": 80, "containerPort": 80, "protocol": 'tcp" drop'}]}},
    {"runtimeConfig": {"portMappings": [{"hostPort": 80, "containerPort": 80, "hostIP": "1.2.3.4; drop"}]}},
    {"runtimeConfig": {"bandwidth": {"ingressRate": 1000}}},
    {"runtimeConfig": {"bandwidth": 7}},
    {"runtimeConfig": {"aliases": 7}},
    {"runtimeConfig": {"aliases": {"n": 7}}},
    {"runtimeConfig": {"mac": "x"}},
    {"runtimeConfig": {"ips": ["10.9.0.1/16"]}},
]  # fmt: skip


def test_what_is_wrong_is_refused_by_its_name_and_leaves_nothing(host: Host):
    before = host.traces()
    for words in WRONG:
        done = host.call(config() | words)
        assert (done.code, done.err) == (1, ""), words
        said = json.loads(done.out)
        assert (said["code"], len(said["msg"]) < 400) == (7, True), (words, said)
    assert host.traces() == before


def test_hostile_words_in_allowed_bridges_reach_no_rule(host: Host):
    before = host.traces()
    said = host.refused(quiet(allow=['x" ; drop']))
    assert said["code"] == 7, said
    assert host.traces() == before
