"""Whose a namespace is, by texts of /proc and paths as runtimes write them."""

import pytest

from netwright.hostmap.model import Owner
from netwright.hostmap.names import Book, Facts, called, of_bind, of_cgroup, owners, unique

ID = "0123456789abcdef" * 4
POD = "11111111-2222-3333-4444-555555555555"

CGROUPS = [
    (f"0::/system.slice/docker-{ID}.scope", ("docker", ID, "")),
    (f"0::/docker/{ID}", ("docker", ID, "")),
    (f"12:memory:/docker/{ID}\n0::/", ("docker", ID, "")),
    (f"0::/user.slice/user-1000.slice/user@1000.service/app.slice/docker-{ID}.scope", ("docker", ID, "")),
    (f"0::/machine.slice/libpod-{ID}.scope/container", ("podman", ID, "")),
    (f"0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{ID}.scope/container", ("podman", ID, "")),
    (f"0::/machine.slice/libpod-payload-{ID}", ("podman", ID, "")),
    (f"1:name=systemd:/libpod_parent/libpod-{ID}", ("podman", ID, "")),
    (f"0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod{POD.replace('-', '_')}.slice/cri-containerd-{ID}.scope", ("kubernetes", ID, POD)),
    (f"0::/kubepods/besteffort/pod{POD}/{ID}", ("kubernetes", ID, POD)),
    (f"0::/kubepods.slice/kubepods-pod{POD.replace('-', '_')}.slice/crio-{ID}.scope/container", ("kubernetes", ID, POD)),
    (f"0::/system.slice/containerd.service/kubepods-pod{POD.replace('-', '_')}.slice:cri-containerd:{ID}", ("kubernetes", ID, POD)),
    ("0::/lxc.payload.web1/init.scope", ("lxc", "web1", "")),
    ("4:devices:/lxc/web1", ("lxc", "web1", "")),
    ("0::/machine.slice/machine-debian.scope/payload", ("machine", "debian", "")),
    ("0::/default/redis", ("containerd", "redis", "")),
    ("0::/system.slice/nginx.service", ("systemd", "nginx.service", "")),
    ("0::/system.slice/system-openvpn.slice/openvpn@a.service", ("systemd", "openvpn@a.service", "")),
    ("0::/user.slice/user-1000.slice/session-2.scope", None),
    ("0::/", None),
    ("", None),
    ("0::/system.slice/docker-<script>.scope", None),
]


@pytest.mark.parametrize(("text", "found"), CGROUPS)
def test_cgroups(text: str, found: object) -> None:
    assert of_cgroup(text) == found


OTHER = "b" * 64
BOOK = Book({ID: ("web", "shop")}, {"abcdef012345": ID}, {"/x/net": Owner("network", "web", group="front")}, {99: Owner("containerd", "redis", "redis", "default")})
BINDS = [
    ("/run/docker/netns/abcdef012345", Owner("docker", "web", ID, "shop")),
    ("/var/run/docker/netns/abcdef012345", Owner("docker", "web", ID, "shop")),
    ("/run/docker/netns/ffffffffffff", Owner("docker", "ffffffffffff", "ffffffffffff")),
    ("/run/docker/netns/default", Owner("docker", "host network")),
    ("/run/docker/netns/1-abcdefghij", Owner("docker", "overlay abcdefghij", "1-abcdefghij")),
    (f"/run/netns/cni-{POD}", Owner("cni", f"cni-{POD}")),
    (f"/run/netns/netns-{POD}", Owner("podman", f"netns-{POD}")),
    (f"/run/user/1000/netns/netns-{POD}", Owner("podman", f"netns-{POD}", group="uid 1000")),
    ("/run/netns/red", Owner("name", "red")),
    ("/run/netns/a b\n<i>", Owner("name", "a b\n<i>")),
    ("/mnt/x", Owner("bind", "/mnt/x")),
]


@pytest.mark.parametrize(("path", "owner"), BINDS)
def test_binds(path: str, owner: Owner) -> None:
    assert of_bind(path, BOOK) == owner


FACTS = [
    (Facts(host="vm", pid=1, comm="systemd", cgroup="0::/init.scope"), [Owner("host", "vm")], "host"),
    (Facts(pid=7, comm="sleep"), [Owner("process", "sleep", "7")], "sleep:7"),
    (Facts(pid=7, comm="sleep", hostname="box"), [Owner("process", "box", "7")], "box:7"),
    (Facts(keeper=(9, "python3")), [Owner("process", "python3", "9")], "python3:9"),
    (Facts(binds=("/run/netns/red",), pid=7, comm="sh"), [Owner("name", "red"), Owner("process", "sh", "7")], "red"),
    (Facts(binds=("/run/netns/red",), pid=7, comm="sh", cgroup="0::/system.slice/ssh.service"), [Owner("name", "red"), Owner("systemd", "ssh.service", "ssh.service"), Owner("process", "sh", "7")], "red"),
    (Facts(pid=7, comm="nginx", cgroup=f"0::/system.slice/docker-{ID}.scope", binds=("/run/docker/netns/abcdef012345",)), [Owner("docker", "web", ID, "shop"), Owner("process", "nginx", "7")], "web"),
    (Facts(registered=(Owner("lab", "shop/web1", group="shop"),), pid=7, comm="sh"), [Owner("lab", "shop/web1", group="shop"), Owner("process", "sh", "7")], "shop/web1"),
    (Facts(binds=("/x/net",)), [Owner("network", "web", group="front"), Owner("bind", "/x/net")], "web"),
    (Facts(registered=(Owner("cni", "default-redis", "default-redis", "net"),), pid=99, comm="redis-server"), [Owner("containerd", "redis", "redis", "default"), Owner("cni", "default-redis", "default-redis", "net"), Owner("process", "redis-server", "99")], "redis"),
    (Facts(host="vm", pid=1, others=("0::/init.scope", f"0::/system.slice/docker-{ID}.scope")), [Owner("host", "vm"), Owner("docker", "web", ID, "shop")], "host"),
    (Facts(pid=7, comm="nginx", cgroup=f"0::/docker/{ID}", others=(f"0::/docker/{ID}", f"0::/docker/{OTHER}")), [Owner("docker", "web", ID, "shop"), Owner("docker", "b" * 12, OTHER), Owner("process", "nginx", "7")], "web"),
    (Facts(pid=7, comm="sh", others=("0::/system.slice/ssh.service", f"0::/kubepods/pod{POD}/{OTHER}")), [Owner("process", "sh", "7")], "sh:7"),
    (Facts(), [], "net:[42]"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "found", "name"), FACTS)
def test_owners_and_names(facts: Facts, found: list[Owner], name: str) -> None:
    assert owners(facts, BOOK) == tuple(found)
    assert called(owners(facts, BOOK), "42") == name


def test_a_pod_is_called_by_its_name_and_not_by_its_file() -> None:
    facts = Facts(binds=(f"/run/netns/cni-{POD}",), pid=7, comm="pause", cgroup=f"0::/kubepods/pod{POD}/{ID}")
    book = Book({ID: ("coredns", "kube-system")})
    assert called(owners(facts, book), "42") == "kube-system/coredns"


def test_names_are_unique_and_do_not_depend_on_the_order() -> None:
    wanted = [("12", "web"), ("9", "web"), ("3", "web#2"), ("100", "web")]
    assert unique(wanted) == unique(reversed(wanted)) == {"3": "web#2", "9": "web", "12": "web#3", "100": "web#4"}
