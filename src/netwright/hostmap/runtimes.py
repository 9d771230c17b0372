"""Names of containers, as their runtimes have them: Docker over its socket, podman and containerd from what they leave on disk.

Nothing is asked of a runtime of which no trace was found. One that does not answer is a problem of the map, and its containers
are shown by their ids.
"""

from __future__ import annotations

import os

from .model import Owner, Problem
from .names import Book, of_cgroup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from .names import Facts

DOCKER_SOCKETS = ("/run/docker.sock", "/var/run/docker.sock")
# Below both a directory for each storage driver: overlay-containers, vfs-containers …
_STORAGE, _RUNNING = "/var/lib/containers/storage", "/run/containers/storage"
_TASKS = ("/run/containerd/io.containerd.runtime.v2.task", "/run/k3s/containerd/io.containerd.runtime.v2.task")
_PATIENCE = 1.0


def book(gathered: Iterable[Facts]) -> tuple[Book, list[Problem]]:
    """What the runtimes know, of which these facts show a trace."""
    kinds: dict[str, set[str]] = {}
    binds: set[str] = set()
    for facts in gathered:
        binds.update(facts.binds)
        for text in (facts.cgroup, *facts.others):
            if found := of_cgroup(text):
                kinds.setdefault(found[0], set()).add(found[1])
    sandboxes = {os.path.basename(path) for path in binds if "/run/docker/netns/" in path} - {"default"}
    containers: dict[str, tuple[str, str]] = {}
    by_sandbox: dict[str, str] = {}
    problems: list[Problem] = []
    if "docker" in kinds or sandboxes:
        _docker(containers, by_sandbox, sandboxes, problems)
    paths: dict[str, Owner] = {}
    unnamed = [path for path in binds if "/netns/netns-" in path]
    if "podman" in kinds or unnamed:
        for place in _drivers(_STORAGE):
            containers |= podman_names(_json(f"{place}/containers.json"))
        paths = _podman_paths(containers) if unnamed else {}
    for id in sorted(kinds.get("kubernetes", ())):
        if name := _kubernetes(id):
            containers[id] = name
    return Book(containers, by_sandbox, paths, dict(_tasks())), problems


def _json(path: str) -> Any:
    import json

    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def podman_names(document: Any) -> dict[str, tuple[str, str]]:
    """containers.json of containers/storage: id -> (name, "")."""
    out = {}
    for one in document if isinstance(document, list) else ():
        if isinstance(one, dict) and one.get("names"):
            out[str(one.get("id", ""))] = str(one["names"][0]), ""
    return out


def _podman_paths(containers: dict[str, tuple[str, str]]) -> dict[str, Owner]:
    """The namespace's path by the OCI config of each running container: for one whose processes have left the cgroup that tells."""
    out = {}
    for place in _drivers(_RUNNING):
        for id, (name, _) in containers.items():
            if path := netns_of(_json(f"{place}/{id}/userdata/config.json")):
                out[path] = Owner("podman", name, id)
    return out


def _drivers(top: str) -> list[str]:
    return [f"{top}/{name}" for name in _listed(top) if name.endswith("-containers")]


def _listed(path: str) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []


def netns_of(document: Any) -> str:
    """The path of the network namespace in an OCI config; "" when it has none of its own."""
    linux = document.get("linux") if isinstance(document, dict) else None
    spaces = linux.get("namespaces") if isinstance(linux, dict) else None
    for one in spaces if isinstance(spaces, list) else ():
        if isinstance(one, dict) and one.get("type") == "network":
            return str(one.get("path", ""))
    return ""


def _kubernetes(id: str) -> tuple[str, str] | None:
    for top in _TASKS:
        if found := pod_name(_json(f"{top}/k8s.io/{id}/config.json")):
            return found
    return None


def _tasks() -> Iterator[tuple[int, Owner]]:
    """containerd's running tasks: the process of each container, whatever its cgroup is called. `moby` is Docker's."""
    for top in _TASKS:
        for group in _listed(top):
            for id in _listed(f"{top}/{group}"):
                pid = _text(f"{top}/{group}/{id}/init.pid")
                if pid.isdigit():
                    yield int(pid), _task(top, group, id)


def _task(top: str, group: str, id: str) -> Owner:
    if group == "moby":
        return Owner("docker", id[:12], id)
    found = pod_name(_json(f"{top}/{group}/{id}/config.json")) if group == "k8s.io" else None
    return Owner("kubernetes", found[0], id, found[1]) if found else Owner("containerd", id, id, group)


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(100).strip()
    except OSError:
        return ""


def pod_name(document: Any) -> tuple[str, str] | None:
    """(pod, its Kubernetes namespace) by the annotations of an OCI config."""
    notes = document.get("annotations") if isinstance(document, dict) else None
    if not isinstance(notes, dict):
        return None
    name = notes.get("io.kubernetes.cri.sandbox-name") or notes.get("io.kubernetes.pod.name")
    group = notes.get("io.kubernetes.cri.sandbox-namespace") or notes.get("io.kubernetes.pod.namespace")
    return (str(name), str(group or "")) if name else None


# -- Docker's API ----------------------------------------------------------------------------------------------------------


def _docker(containers: dict[str, tuple[str, str]], by_sandbox: dict[str, str], wanted: set[str], problems: list[Problem]) -> None:
    path = next((path for path in DOCKER_SOCKETS if os.path.exists(path)), "")
    try:
        listed = _asked(path, "/containers/json") if path else []
        containers |= docker_names(listed)
        for one in listed if wanted else ():
            found = _asked(path, f"/containers/{one['Id']}/json")
            key = os.path.basename(str(found.get("NetworkSettings", {}).get("SandboxKey", "")))
            if key:
                by_sandbox[key] = str(one["Id"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = "its socket may be read by the group docker only" if isinstance(error, PermissionError) else str(error)
        problems.append(Problem("names", "Docker does not tell the names of its containers", path, why, "run it with sudo" if os.geteuid() else ""))


def docker_names(listed: Any) -> dict[str, tuple[str, str]]:
    """The answer to /containers/json: id -> (name, compose project)."""
    out = {}
    for one in listed:
        names = [str(name).lstrip("/") for name in one.get("Names") or ()]
        project = (one.get("Labels") or {}).get("com.docker.compose.project", "")
        out[str(one["Id"])] = names[0] if names else str(one["Id"])[:12], str(project)
    return out


def _asked(path: str, target: str) -> Any:
    """GET over a unix socket. OSError, ValueError."""
    import json

    from ..kernel.local_socket import connected

    made = connected(path, _PATIENCE)
    try:
        made.sendall(f"GET {target} HTTP/1.0\r\nHost: docker\r\n\r\n".encode())
        parts = []
        while part := made.recv(1 << 16):
            parts.append(part)
    finally:
        made.close()
    head, _, body = b"".join(parts).partition(b"\r\n\r\n")
    status = head.split(b" ", 2)
    if len(status) < 2 or status[1] != b"200":
        raise ValueError(f"it answered {head[:60]!r}")
    return json.loads(unchunked(head, body))


def unchunked(head: bytes, body: bytes) -> bytes:
    """The body of an answer, whichever way it was sent."""
    if b"transfer-encoding: chunked" not in head.lower():
        return body
    out = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        if not length:
            break
        out.append(rest[:length])
        body = rest[length + 2 :]
    return b"".join(out)
