"""The plugin portmap behind ours and Go's plugins: published ports from everywhere, and nothing left of them."""

import json

import pytest
from cni_host import BOTH, EVERYWHERE, OURS, CniHost, go, ipam
from sandbox import Sandbox


@pytest.fixture
def host(sandbox: Sandbox) -> CniHost:
    found = CniHost(sandbox)
    sandbox.run(["sysctl", "-qw", "net.bridge.bridge-nf-call-iptables=0", "net.bridge.bridge-nf-call-ip6tables=0"])
    return found


def mapped(*ports: dict, version: str = "1.0.0", **more: object) -> dict:
    return {"cniVersion": version, "name": "n", "type": "portmap", "runtimeConfig": {"portMappings": list(ports)}, **more}


def port(host_port: int = 8080, container_port: int = 80, protocol: str = "tcp", **more: str) -> dict:
    return {"hostPort": host_port, "containerPort": container_port, "protocol": protocol, **more}


def below(kind: str = "bridge", version: str = "1.0.0", **more: object) -> dict:
    bridge = {"bridge": "br0", "isGateway": True} if kind == "bridge" else {}
    return {"cniVersion": version, "name": "n", "type": kind, "ipMasq": True, **bridge, "ipam": ipam(ranges=BOTH, routes=EVERYWHERE), **more}


def chain(*ports: dict, kind: str = "bridge", version: str = "1.0.0") -> list[dict]:
    return [below(kind, version), mapped(*ports, version=version)]


@pytest.mark.parametrize("kind", ["bridge", "ptp"])
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_published_ports_from_everywhere(host: CniHost, kind: str, protocol: str):
    before = host.traces()
    ports = [port(protocol=protocol), port(8081, protocol=protocol, hostIP="127.0.0.1"), port(8082, protocol=protocol, hostIP="192.0.2.1")]
    said = host.chain(chain(*ports, kind=kind))
    host.chain(chain(kind=kind), "ADD", "b")
    for name in "ab":
        host.serve(name, 80, f"{name} ")
    via = "10.1.0.1", "fd01::1"
    assert host.ask("192.0.2.1", 8080, "out", protocol) == "a 192.0.2.9", "the client's address is kept"
    assert host.ask("fd99::1", 8080, "out", protocol) == "a fd99::9"
    for address in ("127.0.0.1", "::1", "192.0.2.1", "fd99::1", *via):
        assert host.ask(address, 8080, None, protocol).startswith("a "), address
    for container in ("a", "b"):
        for address in ("192.0.2.1", "fd99::1"):
            assert host.ask(address, 8080, container, protocol).startswith("a "), (container, address)
    assert host.ask("127.0.0.1", 8081, None, protocol).startswith("a ")
    assert host.ask("192.0.2.1", 8082, "out", protocol) == "a 192.0.2.9"
    for address, number in (("192.0.2.1", 8081), ("fd99::1", 8082)):
        assert host.ask(address, number, "out", protocol, seconds=0.3) in ("ConnectionRefusedError", "TimeoutError")
    host.chain(chain(*ports, kind=kind), "CHECK", result=said)
    for name, words in (("a", ports), ("b", [])):
        host.chain(chain(*words, kind=kind), "DEL", name)
    assert host.traces() == before


@pytest.mark.parametrize("lost", ["runtimeConfig", "prevResult", "records", "namespace"])
def test_row_3_a_port_ends_with_its_container_whatever_is_not_said(host: CniHost, lost: str):
    """Upstream's DEL without runtimeConfig leaves chain and rules for ever, and they shadow the next user of the port."""
    before = host.traces()
    said = host.chain(chain(port()))
    plain = mapped(port())
    if lost == "runtimeConfig":
        del plain["runtimeConfig"]
    if lost == "records":
        host.box.run(["rm", "-rf", "/run/netwright/.attached/@portmap"])
    result = {} if lost == "prevResult" else {"prevResult": said}
    for plugin in (plain, below()):
        host.ok(plugin | result, "DEL", CNI_NETNS="" if lost == "namespace" else "/run/netns/a")
    assert host.traces() == before
    said = host.chain(chain(port()), "ADD", "b")
    host.serve("b", 80, "b ")
    assert host.ask("192.0.2.1", 8080, "out") == "b 192.0.2.9"


def test_row_8_check_of_ports(host: CniHost):
    """Upstream 1.1.1 looks for IPv4's rules among those of IPv6, and always fails."""
    said = host.chain(chain(port()))
    host.ok(mapped(port()) | {"prevResult": said}, "CHECK")
    host.box.run(["nft", "flush", "map", "inet", "netwright", "publish4"])
    error = host.refused(mapped(port()) | {"prevResult": said}, "CHECK")
    assert (error["code"], "tcp . 8080" in error["details"]) == (102, True), error


def test_a_taken_port_names_its_owner(host: CniHost):
    host.chain(chain(port()))
    said = host.ok(below(), "ADD", "b")
    before = host.traces()
    error = host.refused(mapped(port(9000), port()) | {"prevResult": said}, "ADD", "b")
    assert error["code"] == 102
    assert (error["msg"], error["details"]) == ("port tcp 8080 is taken", "it is published for cni/n/a/eth0/portmap; choose another, or remove that one")
    assert host.traces() == before
    error = host.refused(mapped(port(9000), port(8080, hostIP="192.0.2.9")) | {"prevResult": said}, "ADD", "b")
    assert error["msg"] == "port 192.0.2.9 tcp 8080 is taken"
    assert error["details"] == "it is published at every IPv4 address for cni/n/a/eth0/portmap; choose another, or remove that one"
    assert host.traces() == before
    host.ok(mapped(port(9000), port(protocol="udp")) | {"prevResult": said}, "ADD", "b")


def test_a_listening_program_is_named_and_a_client_is_none(host: CniHost):
    host.serve(None, 8080)
    said = host.ok(below())
    before = host.traces()
    for protocol in ("tcp", "udp"):
        error = host.refused(mapped(port(protocol=protocol)) | {"prevResult": said})
        assert error["code"] == 102
        assert error["msg"].startswith(f"port 8080/{protocol} is taken by process "), error
    assert host.traces() == before
    host.serve("out", 53)
    client = "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 8053)); s.connect(('192.0.2.9', 53)); print('up', flush=True); input()"
    host.box.popen(["sh", "-c", f'tail -f /dev/null | python3 -c "{client}"'], out="/run/client")
    host.box.run(["sh", "-c", "until [ -s /run/client ]; do :; done"])
    host.ok(mapped(port(8053, protocol="udp")) | {"prevResult": said})


def test_an_add_again_is_no_conflict_with_itself(host: CniHost):
    said = host.chain(chain(port()))
    before = host.traces()
    host.ok(mapped(port()) | {"prevResult": said})
    assert host.traces() == before


def test_udp_flows_end_with_the_port(host: CniHost):
    """A client that goes on sending from one socket reaches the new owner of the port, not the old one's address."""
    udp = port(protocol="udp")
    host.chain(chain(udp))
    other = host.ok(below(), "ADD", "b")
    host.serve("a", 80, "a ")
    host.serve("b", 80, "b ")
    assert host.ask("192.0.2.1", 8080, "out", "udp", local=5555) == "a 192.0.2.9"
    host.ok(mapped(udp), "DEL")
    host.ok(mapped(udp) | {"prevResult": other}, "ADD", "b")
    assert host.ask("192.0.2.1", 8080, "out", "udp", local=5555) == "b 192.0.2.9"


@pytest.mark.parametrize("said", [{"HostPort": 8080, "ContainerPort": 80, "Protocol": "tcp", "HostIP": ""}, {"hostPort": 8080, "containerPort": 80}])
def test_words_of_containerd_and_of_podman(host: CniHost, said: dict):
    host.chain(chain(said))
    host.serve("a", 80)
    assert host.ask("192.0.2.1", 8080, "out") == "192.0.2.9"


def test_what_is_not_published_and_nothing_at_all(host: CniHost):
    before_ports = host.chain([below()])
    rules = host.rules()
    host.ok(mapped(port(0)) | {"prevResult": before_ports})
    host.ok(mapped() | {"prevResult": before_ports})
    assert host.rules() == rules


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"conditionsV4": ["-o", "up0"]}, 2),
        ({"backend": "ipvs"}, 7),
        ({"runtimeConfig": {"portMappings": [port(70000)]}}, 7),
        ({"runtimeConfig": {"portMappings": [port(protocol="icmp")]}}, 7),
        ({"runtimeConfig": {"portMappings": [port(hostIP="x")]}}, 7),
        ({"runtimeConfig": {"portMappings": [port(container_port=0)]}}, 7),
        ({"runtimeConfig": {"portMappings": 7}}, 7),
    ],
)
def test_wrong_words_are_refused_and_leave_nothing(host: CniHost, more: dict, code: int):
    said = host.ok(below())
    before = host.traces()
    assert host.refused(mapped(port()) | more | {"prevResult": said})["code"] == code
    assert host.traces() == before


def test_words_without_effect_are_told(host: CniHost):
    said = host.ok(below())
    for more in ({"snat": False}, {"markMasqBit": 5}, {"externalSetMarkChain": "X"}, {"masqAll": True}):
        done = host.call(mapped(port(), **more) | {"prevResult": said})
        assert done.code == 0, done.out
        assert next(iter(more)) in done.err
    done = host.call(mapped(port(), backend="iptables") | {"prevResult": said})
    assert (done.code, done.err) == (0, "")


def test_it_has_to_come_after_another(host: CniHost):
    assert host.refused(mapped(port()))["code"] == 7


def test_garbage_is_collected_and_status_is_told(host: CniHost):
    latest = chain(port(), version="1.1.0")
    host.chain(latest)
    before = host.traces()
    host.chain(chain(port(9000), version="1.1.0"), "ADD", "b")
    for plugin in latest:
        host.ok(plugin, "STATUS")
        host.ok(plugin | {"cni.dev/valid-attachments": [{"containerID": "a", "ifname": "eth0"}]}, "GC")
    assert host.traces() == before


def test_behind_gos_bridge(host: CniHost):
    """Ours may be chained behind somebody else's plugin; what is left of the host then is as it was."""
    theirs = go("bridge", "host-local")
    host.place = theirs
    said = host.ok(below())
    before = host.traces()
    host.place = OURS
    host.ok(mapped(port()) | {"prevResult": said})
    host.serve("a", 80)
    assert host.ask("192.0.2.1", 8080, "out") == "192.0.2.9"
    assert host.ask("127.0.0.1", 8080)
    assert host.ask("::1", 8080)
    assert host.ask("192.0.2.1", 8080, "a")
    host.ok(mapped(port()) | {"prevResult": said}, "DEL")
    # The bridge goes on answering to 127.0.0.1 and ::1, as with upstream's portmap: others on it may need that.
    host.box.run(["ip", "-6", "route", "delete", "local", "::1", "dev", "br0", "table", "local"])
    assert host.traces() == before


def test_somebodys_flush_is_mended_by_the_next(host: CniHost):
    host.chain(chain(port()))
    host.serve("a", 80)
    host.box.run(["nft", "flush", "ruleset"])
    host.chain(chain(port(9000)), "ADD", "b")
    assert host.ask("192.0.2.1", 8080, "out") == "192.0.2.9"


MATCHES = [
    (["-s", "192.0.2.0/24"], ["-s", "fd99::/64"], {"out", "host"}),
    (["!", "-s", "192.0.2.9"], ["!", "-s", "fd99::9"], {"host"}),
    (["-d", "192.0.2.1", "-i", "up+"], ["-d", "fd99::1", "-i", "up0"], {"out"}),
    (["!", "-i", "up0", "-m", "comment", "--comment", "x"], ["!", "-i", "up+"], {"host"}),
    (["-m", "mark", "--mark", "0x7/0xf"], ["-m", "mark", "--mark", "7"], set()),
    (["-m", "addrtype", "!", "--src-type", "LOCAL"], ["-m", "addrtype", "!", "--src-type", "LOCAL"], {"out"}),
    (["-s", "10.0.0.0/8,192.0.2.9"], ["-s", "fd99::9,fd98::/16"], {"out"}),
]


@pytest.mark.parametrize(("v4", "v6", "reached"), MATCHES)
def test_conditions(host: CniHost, v4: list[str], v6: list[str], reached: set[str]):
    before = host.traces()
    plugins = [below(version="1.1.0"), mapped(port(), port(hostIP="192.0.2.1", host_port=8081), version="1.1.0", conditionsV4=v4, conditionsV6=v6)]
    said = host.chain(plugins)
    host.serve("a", 80)

    def answers() -> list[set[str]]:
        asked = [("192.0.2.1", 8080), ("fd99::1", 8080), ("192.0.2.1", 8081)]
        return [{name for name in ("out", "host") if "Error" not in host.ask(*where, None if name == "host" else name)} for where in asked]

    assert answers() == [reached] * 3
    host.ok(plugins[1] | {"prevResult": said})
    host.ok(plugins[1] | {"prevResult": said}, "CHECK")
    if len(reached) == 2:
        host.box.run(["nft", "flush", "ruleset"])
        assert host.refused(plugins[1] | {"prevResult": said}, "CHECK")["code"] == 102
        host.chain(chain(port(9000), version="1.1.0"), "ADD", "b")
        assert answers() == [reached] * 3, "there again with the next one"
        host.ok(plugins[1] | {"prevResult": said}, "CHECK")
        host.chain(chain(port(9000), version="1.1.0"), "DEL", "b")
        host.ok(plugins[1] | {"cni.dev/valid-attachments": []}, "GC")
        assert "netwright-" not in host.rules()
    elif not reached:
        host.ok(mapped(port(), version="1.1.0") | {"prevResult": said})
        assert answers()[:2] == [{"out", "host"}] * 2, "an ADD again without conditions"
        assert "netwright-" not in host.rules()
    elif "-d" in v4:
        host.box.run(["rm", "-rf", "/run/netwright/.attached/@portmap"])
    host.chain(plugins, "DEL", result=said)
    assert host.traces() == before


def test_a_condition_goes_before_a_port_without_one(host: CniHost):
    host.chain(chain(port()), "ADD", "b")
    host.chain([below(), mapped(port(), conditionsV4=["!", "-i", "up0"], conditionsV6=["-s", "fd99::9"])])
    host.serve("a", 80, "a ")
    host.serve("b", 80, "b ")
    assert host.ask("192.0.2.1", 8080, "out") == "b 192.0.2.9"
    assert host.ask("192.0.2.1", 8080).startswith("a ")
    assert host.ask("fd99::1", 8080, "out") == "a fd99::9"
    assert host.ask("fd99::1", 8080).startswith("b ")


@pytest.mark.parametrize("change", ["delete rule {} handle {}", "insert rule {} accept", "replace rule {} handle {} accept", "flush chain {}", ""])
def test_check_compares_each_rule_of_the_conditions(host: CniHost, change: str):
    host.chain(chain(port(9000)), "ADD", "b")
    plugins = [below(), mapped(port(), port(host_port=8081), conditionsV4=["-s", "192.0.2.0/24"])]
    said = host.chain(plugins)
    plugin = plugins[1] | {"prevResult": said}
    host.ok(plugin, "CHECK")
    (name,) = [line.split()[2] for line in host.box.run(["nft", "list", "tables"]).lines if "netwright-" in line]
    listed = host.box.run(["nft", "-a", "list", "table", "inet", name]).lines
    handle = next(line.rpartition(" ")[2] for line in listed if "dport 8081" in line)
    words = change.format(f"inet {name} prerouting", handle)
    if change:
        assert host.box.run(["nft", *words.split()]).code == 0, words
    else:  # killed in the middle of an ADD with other conditions
        path = host.box.run(["sh", "-c", "ls /run/netwright/.attached/@portmap/*%2Fa%2F*"]).out.strip()
        host.box.write(path, host.box.read(path).replace("192.0.2.0/24", "192.0.2.0/25"))
        plugin = plugin | {"conditionsV4": ["-s", "192.0.2.0/25"]}
    error = host.refused(plugin, "CHECK")
    assert (error["code"], f"in the table inet {name} of its published ports prerouting " in error["details"]) == (102, True), error
    host.ok(plugin)
    host.ok(plugin, "CHECK")


def test_conditions_that_are_refused(host: CniHost):
    said = host.ok(below())
    before = host.traces()
    for words, code, text in ((["--dport", "80"], 2, "conditionsV4: --dport is not among"), (["-s", "x"], 7, 'conditionsV4: "x" is no IPv4 address')):
        error = host.refused(mapped(port(), conditionsV4=words) | {"prevResult": said})
        assert (error["code"], error["msg"].startswith(text)) == (code, True), error
    assert host.traces() == before


@pytest.mark.parametrize("verb", ["ADD", "DEL"])
def test_killed_at_every_message_to_the_kernel(host: CniHost, verb: str):
    said = host.ok(below(version="1.1.0"))
    ports = mapped(port(), port(9000, protocol="udp"), version="1.1.0", prevResult=said)
    host.ok(ports)
    host.ok(ports, "DEL")
    before = host.traces()
    for n in range(1, 60):
        if verb == "DEL":
            host.quickly(ports)
        inject = f"strace -f -qq -o /dev/null -e trace=sendto,sendmsg -e inject=sendto,sendmsg:signal=KILL:when={n}"
        finished = host.call(ports, verb, before=inject).code == 0
        if n % 2:
            host.quickly(ports, "DEL")
        else:
            host.quickly(ports | {"cni.dev/valid-attachments": []}, "GC")
        assert host.traces() == before, n
        if finished:
            break
    assert 3 < n < 59


def test_the_same_ports_as_with_gos_plugin(sandbox: Sandbox):
    """From outside, from the host's 127.0.0.1, from the container itself. (Go's cannot do ::1.)"""
    answers = []
    for place in (go("bridge", "portmap", "host-local"), OURS):
        with Sandbox() as box:
            host = CniHost(box, place=place)
            ports = port(), port(8081, hostIP="192.0.2.1"), port(8082, hostIP="fd99::1"), port(8083, hostIP="0.0.0.0")
            host.chain([below(hairpinMode=True), mapped(*ports)])
            host.serve("a", 80)
            asked = [(a, n) for n in (8080, 8081, 8082, 8083) for a in ("192.0.2.1", "fd99::1")]
            outside = {f"{a} {n}": host.ask(a, n, "out") for a, n in asked}
            inside = {f"{n}": "Error" not in host.ask("127.0.0.1", n) for n in (8080, 8083)}
            answers.append(json.dumps([outside, inside, host.ask("192.0.2.1", 8080, "a")]))
    assert answers[0] == answers[1]
