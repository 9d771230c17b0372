"""A port at every address of the host beside the same at one address: refused, whoever published which, with the owner's name."""

import json
import sys

import pytest
from cni_host import OURS, PROGRAM, ipam
from netavark_host import ENVIRONMENT, RUN, asked, net
from netavark_host import port as podman_port
from networks_host import Host
from sandbox import Result, Sandbox

EVERY, ONE = "", "127.0.0.1"
FACES = ("nw", "podman", "portmap", "netwright")
OWNERS = {"nw": "nw0:eth0", "podman": "podman/200000000000/net1", "portmap": "cni/p/portmap0/eth0/portmap", "netwright": "cni/n/netwright0/eth0"}


class Faces:
    """Containers nw0, nw1, podman0 …, each of which publishes by its own tool."""

    def __init__(self, box: Sandbox) -> None:
        self.host = Host(box, " ".join(f"{face}{n}" for face in FACES for n in (0, 1)))
        self.box = box
        self.host.nw("network create shop --no-dns")
        for n in (0, 1):
            self.host.nw("connect", "shop", f"nw{n}")
        box.write(f"{OURS}/netwright-cni", PROGRAM)
        links = " && ".join(f"ln -s netwright-cni {OURS}/{name}" for name in ("bridge", "portmap", "netwright", "host-local"))
        assert box.run(["sh", "-ec", f"chmod 755 {OURS}/netwright-cni && {links}"]).code == 0
        self.before = [self.cni(bridge(), f"portmap{n}") for n in (0, 1)]

    def cni(self, config: dict, container: str, command: str = "ADD") -> Result:
        env = {"CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_IFNAME": "eth0", "CNI_NETNS": f"/run/netns/{container}", "CNI_PATH": OURS}
        return self.box.run([f"{OURS}/{config['type']}"], env=env, stdin=json.dumps(config))

    def publish(self, face: str, n: int, *ports: tuple[str, int], protocol: str = "tcp") -> Result:
        """Publish ports (address, number) for a container; of podman and netwright that is to start it."""
        if face == "nw":
            host = {EVERY: "*", ONE: ONE, "0.0.0.0": "0.0.0.0", "::1": "[::1]"}
            return self.host.tried("publish", "add", f"nw{n}", *(f"{host[address]}:{number}:80/{protocol}" for address, number in ports))
        if face == "podman":
            return self.podman("setup", n, ports, protocol)
        return self.cni(self.config(face, n, ports, protocol), f"{face}{n}")

    def withdraw(self, face: str, n: int, *ports: tuple[str, int]) -> None:
        if face == "nw":
            self.host.nw("publish", "del", f"nw{n}", "80")
        elif face == "podman":
            assert self.podman("teardown", n, ports, "tcp").code == 0
        else:
            assert self.cni(self.config(face, n, ports, "tcp"), f"{face}{n}", "DEL").code == 0

    def podman(self, verb: str, n: int, ports: tuple[tuple[str, int], ...], protocol: str) -> Result:
        given = asked(n + 2, net(1), ports=[podman_port(number, 80, protocol, address) for address, number in ports])
        argv = [sys.executable, "-IS", str(RUN), "0", "-c", "/run/cfg", verb, f"/run/netns/podman{n}"]
        return self.box.run(argv, stdin=json.dumps(given), env=ENVIRONMENT)

    def config(self, face: str, n: int, ports: tuple[tuple[str, int], ...], protocol: str) -> dict:
        mapped = [{"hostPort": number, "containerPort": 80, "protocol": protocol, **({"hostIP": address} if address else {})} for address, number in ports]
        said = {"cniVersion": "1.0.0", "runtimeConfig": {"portMappings": mapped}}
        if face == "netwright":
            return {**said, "name": "n", "type": "netwright", "dns": False, "ipam": {**ipam(), "ranges": [[{"subnet": "10.2.0.0/24"}]], "subnet": None}}
        return {**said, "name": "p", "type": "portmap", "prevResult": json.loads(self.before[n].out)}


def bridge() -> dict:
    return {"cniVersion": "1.0.0", "name": "p", "type": "bridge", "bridge": "br0", "isGateway": True, "ipam": ipam()}


@pytest.fixture
def faces(sandbox: Sandbox) -> Faces:
    return Faces(sandbox)


@pytest.mark.parametrize("first", FACES)
def test_each_other(faces: Faces, first: str):
    held = ((EVERY, 8080), (ONE, 9090), ("0.0.0.0", 7070))
    done = faces.publish(first, 0, *held)
    assert done.code == 0, done.out + done.err
    before = faces.host.traces()
    for face in FACES:
        for wanted in ((ONE, 8080), (EVERY, 9090), (EVERY, 8080)):
            done = faces.publish(face, 1, (EVERY, 6060), wanted)
            said = done.out + done.err
            assert (done.code != 0, OWNERS[first] in said, "Traceback" in said) == (True, True, False), (face, wanted, said)
            if face == "podman":
                faces.podman("teardown", 1, ((EVERY, 6060), wanted), "tcp")
        assert faces.host.traces() == before, face
    other = next(face for face in FACES if face != first)
    done = faces.publish(other, 1, (ONE, 8080), (EVERY, 9090), protocol="udp")
    assert done.code == 0, f"UDP is apart from TCP: {done.out}{done.err}"
    third = next(face for face in FACES if face not in (first, other))
    done = faces.publish(third, 1, ("::1", 7070), ("::1", 9090))
    assert done.code == 0, f"IPv6 is apart from IPv4: {done.out}{done.err}"
    faces.withdraw(first, 0, *held)
    fourth = next(face for face in FACES if face not in (first, other, third))
    done = faces.publish(fourth, 1, (ONE, 8080), (ONE, 7070))
    assert done.code == 0, f"they are free again: {done.out}{done.err}"


def test_a_free_port_is_one_that_nobody_has(faces: Faces):
    """`nw publish add … 80` chooses beside what CNI and podman have."""
    assert faces.publish("portmap", 0, (EVERY, 32768), (ONE, 32769)).code == 0
    assert faces.publish("podman", 0, ("::1", 32770)).code == 0
    assert faces.host.nw("publish add nw0 80").out.splitlines() == ["127.0.0.1:32771->80/tcp", "[::1]:32771->80/tcp"]
    assert faces.host.nw("publish add nw1 0.0.0.0:32768-32771:80").out == "0.0.0.0:32770->80/tcp\n"
    said = faces.host.refused("publish add nw1 0.0.0.0:32768-32769:80")
    assert "all of the ports 32768-32769/tcp are taken" in said
    assert OWNERS["portmap"] in said
    assert f"{OWNERS['portmap']} (0.0.0.0:32768->80/tcp)" in faces.host.refused("publish add nw1 127.0.0.1:32768:80")


def test_one_and_the_same_may_have_both(faces: Faces):
    ports = ((EVERY, 8080), (ONE, 8080))
    for _ in range(2):
        done = faces.publish("portmap", 0, *ports)
        assert done.code == 0, done.out + done.err


def test_of_two_at_once_one_is_refused(faces: Faces):
    """Each looks for what the other puts in."""
    lines = []
    for n, address in enumerate((EVERY, ONE)):
        faces.box.write(f"/run/config{n}", json.dumps(faces.config("portmap", n, tuple((address, number) for number in range(9000, 9040)), "tcp")))
        env = f"CNI_COMMAND=ADD CNI_CONTAINERID=portmap{n} CNI_IFNAME=eth0 CNI_NETNS=/run/netns/portmap{n} CNI_PATH={OURS}"
        lines.append(f"(env {env} {OURS}/portmap < /run/config{n} > /run/said{n}; echo $? > /run/code{n}) &")
    for _ in range(5):
        faces.box.run(["sh", "-c", "\n".join([*lines, "wait"])])
        codes = [faces.box.read(f"/run/code{n}").strip() for n in (0, 1)]
        assert sorted(codes) == ["0", "1"], [faces.box.read(f"/run/said{n}") for n in (0, 1)]
        lost = codes.index("1")
        assert OWNERS["portmap"].replace("portmap0", f"portmap{1 - lost}") in faces.box.read(f"/run/said{lost}")
        winner = faces.config("portmap", 1 - lost, (), "tcp")
        assert faces.cni(winner, f"portmap{1 - lost}", "DEL").code == 0
