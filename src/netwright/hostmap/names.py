"""Whose a namespace is and how it is called, from what was gathered about it: texts of /proc, paths, what runtimes write down.

Best known first: the machine itself; labs and networks of ours; containers by their runtime's name; names in /run/netns; system
units; and at last the process that is in it. Everything here is pure; facts.py gathers.
"""

from __future__ import annotations

import re

from ..model.value import value
from .model import Owner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HEX = "[0-9a-f]{64}"
_ID = "([0-9a-f]{12,64})"
# A path of cgroup(7) -> the kind of its owner; the first that fits, so the inner runtime comes before the pod that it is in.
_CGROUPS = (
    ("docker", re.compile(rf"(?:/docker[/-]|^/docker/|/system\.slice/docker-)({_HEX})")),
    ("podman", re.compile(rf"/libpod-(?:payload-)?({_HEX})")),
    ("podman", re.compile(rf"/libpod_parent/(?:libpod-)?({_HEX})")),
    ("kubernetes", re.compile(rf"/(?:cri-containerd|crio|cri-o)-({_HEX})")),
    ("kubernetes", re.compile(rf"/kubepods[^:]*/({_HEX})")),
    ("kubernetes", re.compile(rf":cri-containerd:({_HEX})")),
    ("lxc", re.compile(r"/(?:lxc\.payload\.|lxc\.payload/|lxc/)([^/]+)")),
    ("machine", re.compile(r"/machine\.slice/(?:machine-)?([^/]+?)\.(?:scope|service)")),
    ("containerd", re.compile(r"^/(?:default|moby|buildkit|nerdctl)/([^/]+)")),
    ("systemd", re.compile(r"/system\.slice/(?:[^/]+/)*?([^/]+\.service)")),
)
_POD = re.compile(r"pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})")
_DOCKER_BIND = re.compile(r"^(?:/var)?/run/docker/netns/([^/]+)$")
_CNI_BIND = re.compile(r"^(?:/var)?/run/netns/(cni-[0-9a-f-]{36})$")
_PODMAN_BIND = re.compile(r"^(?:/var)?/run/(?:netns|user/(\d+)/netns)/(netns-[0-9a-f-]{36})$")
_NAME_BIND = re.compile(r"^(?:/var)?/run/netns/([^/]+)$")


@value
class Book:
    """What runtimes have written down, by the ids that cgroups and paths show: `containers` are id -> (name, group), ids in full;
    `sandboxes` are docker's sandbox ids (the file in /run/docker/netns) -> id of the container, `paths` of a namespace -> owner, `pids` of the first
    process of a container -> owner."""

    containers: Mapping[str, tuple[str, str]] = {}
    sandboxes: Mapping[str, str] = {}
    paths: Mapping[str, Owner] = {}
    pids: Mapping[int, Owner] = {}


@value
class Facts:
    """What is known of one namespace. `binds` are its paths as seen in our mount namespace or the one that they are in, ours
    first; `names` those of /run/netns; `cgroup` the text of /proc/PID/cgroup of `pid`, which is in it (`comm`, `hostname`: ""
    for the machine's own); `others` those of the other processes in it, each text once: a container may share the network of
    another one, or of the machine; `keeper` a process that is elsewhere and holds it by a file, a socket or a thread (`pid` is 0 then)."""

    host: str = ""
    registered: tuple[Owner, ...] = ()
    binds: tuple[str, ...] = ()
    pid: int = 0
    comm: str = ""
    hostname: str = ""
    cgroup: str = ""
    others: tuple[str, ...] = ()
    keeper: tuple[int, str] | None = None


def owners(facts: Facts, book: Book) -> tuple[Owner, ...]:
    """Everybody whose it is, best known first; () when nothing is known but its number."""
    found: list[Owner] = [Owner("host", facts.host)] if facts.host else []
    found += [owner for owner in facts.registered if owner.kind != "cni"]
    contained = _of_cgroup(facts.cgroup, book) if facts.cgroup and not facts.host else None
    found += [book.paths[path] for path in facts.binds if path in book.paths]
    binds = [owner for path in facts.binds if (owner := of_bind(path, book))]
    weak = [owner for owner in (contained,) if owner and owner.kind == "systemd"]
    found += [owner for owner in (contained,) if owner and owner.kind != "systemd"]
    found += [book.pids[facts.pid]] if facts.pid in book.pids and not facts.host else []
    found += [owner for owner in facts.registered if owner.kind == "cni"]  # a CNI plugin knows an id, the runtime a name
    found += [owner for owner in binds if owner.kind != "bind"] + _sharing(facts.others, book) + weak
    if facts.pid and not facts.host:
        found.append(Owner("process", facts.hostname or facts.comm, str(facts.pid)))
    elif facts.keeper:
        found.append(Owner("process", facts.keeper[1], str(facts.keeper[0])))
    return _without_doubles(found + [owner for owner in binds if owner.kind == "bind"])  # any path: it says the least


def _sharing(cgroups: Iterable[str], book: Book) -> list[Owner]:
    """Containers beside the first one. Of a pod's, which are not called by their own names, only the pod is told."""
    found = [owner for text in cgroups if (owner := _of_cgroup(text, book))]
    return [owner for owner in found if owner.id in book.containers or owner.kind in ("docker", "podman")]


def _without_doubles(found: list[Owner]) -> tuple[Owner, ...]:
    """Each once. A container's unnamed bind says less than its cgroup did."""
    out: list[Owner] = []
    for owner in found:
        same = [known for known in out if known.kind == owner.kind]
        nameless = owner.name.startswith("netns-") and not owner.id
        if not any(known.name == owner.name or known.id[:12] == owner.id[:12] != "" or nameless for known in same):
            out.append(owner)
    return tuple(out)


def of_cgroup(text: str) -> tuple[str, str, str] | None:
    """(kind, id, pod) by the text of /proc/PID/cgroup; None for a process that is in no container and no unit."""
    for line in text.splitlines():
        path = line.split(":", 2)[-1]
        for kind, pattern in _CGROUPS:
            if found := pattern.search(path):
                pod = _POD.search(path)
                kind = "kubernetes" if kind == "containerd" and pod else kind
                return kind, found[1], pod[1].replace("_", "-") if pod else ""
    return None


def _of_cgroup(text: str, book: Book) -> Owner | None:
    found = of_cgroup(text)
    if found is None:
        return None
    kind, id, pod = found
    name, group = book.containers.get(id, ("", ""))
    if kind == "docker" and pod:
        kind = "kubernetes"
    return Owner(kind, name or (id[:12] if re.fullmatch(_HEX, id) else id), id, group or pod)


def of_bind(path: str, book: Book) -> Owner | None:
    """Who made the bind mount at this path; None for a place that says nothing."""
    if found := _DOCKER_BIND.match(path):
        return _of_sandbox(found[1], book)
    if found := _CNI_BIND.match(path):
        return Owner("cni", found[1])
    if found := _PODMAN_BIND.match(path):
        return Owner("podman", found[2], group=f"uid {found[1]}" if found[1] else "")
    if found := _NAME_BIND.match(path):
        return Owner("name", found[1])
    return Owner("bind", path)


def _of_sandbox(sandbox: str, book: Book) -> Owner:
    """Docker's files: default (the host's), ingress_sbox, N-NETWORK of an overlay, lb_…, and 12 digits of a container's sandbox."""
    if sandbox == "default":
        return Owner("docker", "host network")
    id = book.sandboxes.get(sandbox, "")
    if id:
        name, group = book.containers.get(id, ("", ""))
        return Owner("docker", name or id[:12], id, group)
    number, dash, network = sandbox.partition("-")
    if dash and number.isdigit():
        return Owner("docker", f"overlay {network}", sandbox)
    return Owner("docker", sandbox, sandbox)


# -- one name for each -----------------------------------------------------------------------------------------------------


def called(owners: tuple[Owner, ...], id: str) -> str:
    """How a namespace is called on the map."""
    if not owners:
        return f"net:[{id}]" if id.isdigit() else f"? {id}"
    best = owners[0]
    if best.kind == "host":
        return "host"
    if best.kind == "process":
        return f"{best.name}:{best.id}"
    if best.kind in ("cni", "systemd") and len(owners) > 1 and owners[1].kind == "kubernetes":
        best = owners[1]
    return f"{best.group}/{best.name}" if best.kind == "kubernetes" and best.group else best.name


def unique(wanted: Iterable[tuple[str, str]]) -> dict[str, str]:
    """id -> name for (id, name wanted): where several want the same one, a number is put behind, in the order of ids."""
    taken: dict[str, str] = {}
    out: dict[str, str] = {}
    for id, name in sorted(wanted, key=lambda one: (len(one[0]), one[0])):
        number, free = 1, name
        while free in taken:
            number += 1
            free = f"{name}#{number}"
        taken[free] = id
        out[id] = free
    return out
