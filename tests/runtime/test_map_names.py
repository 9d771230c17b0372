"""Containers of podman and containerd are on the map under their own names, with their cables and published ports."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import conflists
import plugins
import pytest
from containerd import Containerd, Ctr
from host import Host
from podman import Podman
from sandbox import missing

NW = "import sys; from netwright.cli.main import main; sys.exit(main(['nw', *sys.argv[1:]]))"


def on_the_map(host: Host) -> dict[str, dict]:
    """Namespaces by the name that the map gives them."""
    done = host.box.python(NW, "map", "--json", timeout=60.0)
    assert done.code == 0, done.err
    found = json.loads(done.out)
    assert [link["lost"] for space in found["namespaces"] for link in space.get("links", ()) if link.get("lost")] == []
    return {space["name"]: space for space in found["namespaces"]}


@pytest.fixture
def podman(clients: None, image: Path) -> Iterator[Podman]:
    if shutil.which("podman") is None:
        missing("podman is not installed")
    with Host() as host:
        client = Podman(host, "netavark", plugins.netavark(host, plugins.OURS), image)
        yield client
        client.clear()


def test_podman(podman: Podman) -> None:
    net = podman.network("net", "--subnet", "10.91.1.0/24")
    podman.run("web", "--network", net, "-p", "8080:80")
    podman.run("other", "--network", net)
    found = on_the_map(podman.host)
    assert {name: found[name]["owners"][0]["kind"] for name in ("web", "other")} == {"web": "podman", "other": "podman"}
    eth0 = next(link for link in found["web"]["links"] if link["name"] == "eth0")
    assert eth0["peer"][0] == found["host"]["id"]
    address = next(a["address"].partition("/")[0] for a in found["web"]["addresses"] if a["link"] == "eth0")
    assert (8080, address, 80) in [(p["port"], p["to_address"], p.get("to_port", 0)) for p in found["host"]["published"]]


def test_containerd(clients: None, image: Path) -> None:
    if shutil.which("containerd") is None:
        missing("containerd is not installed")
    with Host() as host:
        host.box.write("/etc/cni/net.d/10-net.conflist", conflists.chain("net", "net0", 6))
        client = Ctr(Containerd(host, plugins.cni(host, plugins.OURS)), image)
        client.run("redis")
        found = on_the_map(host)
        client.clear()
    assert "redis" in found, sorted(found)
    assert next(link for link in found["redis"]["links"] if link["name"] == "eth0")["peer"][0] == found["host"]["id"]


