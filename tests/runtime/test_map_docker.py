"""Containers of a real dockerd are on the map under their own names, with their cables at both ends and their published ports; podman's beside them."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import image as made
import plugins
import pytest
from docker import Docker
from host import Container, Host
from podman import Podman
from sandbox import missing

NW = "import sys; from netwright.cli.main import main; sys.exit(main(['nw', *sys.argv[1:]]))"


@pytest.fixture(scope="module")
def docker(clients: None, image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Docker]:
    for program in ("dockerd", "docker"):
        if shutil.which(program) is None:
            missing(f"{program} is not installed (Debian: docker.io)")
    layer = tmp_path_factory.mktemp("docker") / "files.tar"
    layer.write_bytes(made.files())
    with Host() as host:
        client = Docker(host, layer)
        net = client.network("shop", "--subnet", "10.92.1.0/24")
        client.run("web", "--network", net, "-p", "8080:80", command=made.WEB)
        client.run("db", "--network", net)
        client.run("plain")
        client.run("shared", "--network", "container:web")
        client.run("apart", "--cgroup-parent", f"/{host.name}/batch")
        client.run("hosted", "--network", "host")
        client.run("bare", "--network", "none")
        yield client
        client.clear()


def nw(host: Host, *words: str) -> str:
    done = host.box.python(NW, *words, timeout=60.0)
    assert done.code == 0, done.err
    return done.out


def on_the_map(host: Host) -> dict[str, dict]:
    """Namespaces by the name that the map gives them."""
    return {space["name"]: space for space in json.loads(nw(host, "map", "--json"))["namespaces"]}


def far_end(space: dict, device: str = "eth0") -> list:
    return next(link for link in space["links"] if link["name"] == device)["peer"]


@pytest.mark.parametrize("name", ["web", "db", "plain", "apart", "bare"])
def test_by_its_name(docker: Docker, name: str):
    found = on_the_map(docker.host)
    assert name in found, sorted(found)
    owner = found[name]["owners"][0]
    assert (owner["kind"], owner["name"], owner["id"]) == ("docker", name, docker.inspect(name)["Id"])


def test_containers_that_share_a_network(docker: Docker):
    found = on_the_map(docker.host)
    assert [owner["name"] for owner in found["web"]["owners"] if owner["kind"] == "docker"] == ["web", "shared"]
    assert "hosted" in [owner["name"] for owner in found["host"]["owners"]]
    assert "namespace web" in nw(docker.host, "who", "shared")
    assert "namespace host" in nw(docker.host, "who", "hosted")


def test_both_ends_of_each_cable(docker: Docker):
    found = on_the_map(docker.host)
    host = found["host"]
    links = {link["name"]: link for link in host["links"]}
    bridge = f"br-{docker.host.must(['docker', 'network', 'inspect', '-f', '{{.Id}}', 'shop'])[:12]}"
    for name, switch in {"web": bridge, "db": bridge, "plain": "docker0", "apart": "docker0"}.items():
        where, device = far_end(found[name])
        assert where == host["id"], name
        assert links[device]["peer"] == [found[name]["id"], "eth0"]
        assert links[device]["master"] == switch
        container = Container(docker.host, name, int(docker.inspect(name)["State"]["Pid"]))
        assert container.device()["link_index"] == links[device]["index"], "as the kernel says"


def test_published_ports(docker: Docker):
    found = on_the_map(docker.host)
    address = next(a["address"].partition("/")[0] for a in found["web"]["addresses"] if a["link"] == "eth0" and ":" not in a["address"])
    assert "published" not in found["web"], "Docker's name server, which only listens inside"
    assert (8080, address, 80) in [(p["port"], p["to_address"], p.get("to_port", 0)) for p in found["host"]["published"]]


def test_nothing_is_lost_and_nobody_complains(docker: Docker):
    found = json.loads(nw(docker.host, "map", "--json"))
    assert [link["lost"] for space in found["namespaces"] for link in space.get("links", ()) if link.get("lost")] == []
    assert [problem for problem in found["problems"] if problem["kind"] == "names"] == []


def test_the_tree_and_who(docker: Docker):
    tree = nw(docker.host, "map")
    assert "8080 → web" in tree
    device = far_end(on_the_map(docker.host)["db"])[1]
    assert "db" in nw(docker.host, "who", device)
    assert "web" in nw(docker.host, "who", ":8080")


INODE = ("readlink", "/proc/self/ns/net")


@pytest.mark.parametrize("name", ["docker:web", "web", "shared", "docker:hosted", "docker:apart"])
def test_a_program_in_its_network(docker: Docker, name: str):
    pid = docker.inspect(name.removeprefix("docker:"))["State"]["Pid"]
    wanted = docker.host.must(["readlink", f"/proc/{pid}/ns/net"])
    assert nw(docker.host, "run", "--network", f"container:{name}", *INODE).strip() == wanted.strip()
    scheme = name if ":" in name else f"docker:{name}"
    assert nw(docker.host, "netns", "exec", scheme, *INODE).strip() == wanted.strip()


def test_a_container_that_there_is_not(docker: Docker):
    done = docker.host.box.python(NW, "run", "--network", "container:docker:wbe", "true", timeout=60.0)
    assert done.code == 1
    assert 'there is no container "wbe" of docker that runs' in done.err
    assert 'did you mean "web"?' in done.err


def test_podman_beside_it(docker: Docker, image: Path):
    if shutil.which("podman") is None:
        missing("podman is not installed")
    client = Podman(docker.host, "netavark", plugins.netavark(docker.host, plugins.OURS), image)
    client.run("cache", "--network", client.network("net", "--subnet", "10.91.1.0/24"), "-p", "8081:80")
    found = on_the_map(docker.host)
    inode = nw(docker.host, "run", "--network", "container:podman:cache", *INODE)
    client.clear()
    assert inode.strip() == f"net:[{found['cache']['inode']}]"
    assert {name: found[name]["owners"][0]["kind"] for name in ("cache", "web")} == {"cache": "podman", "web": "docker"}
    assert far_end(found["cache"])[0] == far_end(found["web"])[0] == found["host"]["id"]
    assert {8080, 8081} <= {published["port"] for published in found["host"]["published"]}
