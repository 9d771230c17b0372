"""Names of containers, as their runtimes have them: Docker over its socket, podman and containerd from what they leave on disk.

Nothing is asked of a runtime of which no trace was found. One that does not answer is a problem of the map, and its containers
are shown by their ids.
"""

from __future__ import annotations

import os

from .model import Problem
from .names import Book, of_cgroup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .names import Facts

DOCKER_SOCKETS = ("/run/docker.sock", "/var/run/docker.sock")
_STORAGE = "/var/lib/containers/storage/overlay-containers/containers.json"
_TASKS = ("/run/containerd/io.containerd.runtime.v2.task", "/run/k3s/containerd/io.containerd.runtime.v2.task")
_PATIENCE = 1.0


def book(gathered: Iterable[Facts]) -> tuple[Book, list[Problem]]:
    """What the runtimes know, of which these facts show a trace."""
    kinds: dict[str, set[str]] = {}
    sandboxes = set()
    for facts in gathered:
        if found := of_cgroup(facts.cgroup):
            kinds.setdefault(found[0], set()).add(found[1])
        sandboxes |= {os.path.basename(path) for path in facts.binds if "/run/docker/netns/" in path} - {"default"}
    containers: dict[str, tuple[str, str]] = {}
    by_sandbox: dict[str, str] = {}
    problems: list[Problem] = []
    if "docker" in kinds or sandboxes:
        _docker(containers, by_sandbox, sandboxes, problems)
    if "podman" in kinds:
        containers |= podman_names(_json(_STORAGE))
    for id in sorted(kinds.get("kubernetes", ())):
        if name := _kubernetes(id):
            containers[id] = name
    return Book(containers, by_sandbox), problems


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


def _kubernetes(id: str) -> tuple[str, str] | None:
    for top in _TASKS:
        if found := pod_name(_json(f"{top}/k8s.io/{id}/config.json")):
            return found
    return None


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
