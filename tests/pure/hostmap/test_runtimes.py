"""What runtimes write down and answer, as names of containers; whatever else it may be is no name, and no failure."""

import json
from pathlib import Path

import pytest

from netwright.hostmap import runtimes
from netwright.hostmap.model import Owner, Problem
from netwright.hostmap.runtimes import docker_names, netns_of, pod_name, podman_names, unchunked

ID = "0123456789abcdef" * 4


def test_docker() -> None:
    listed = [
        {"Id": ID, "Names": ["/web"], "Labels": {"com.docker.compose.project": "shop"}},
        {"Id": "ab" * 32, "Names": ["/db"], "Labels": None},
        {"Id": "cd" * 32, "Names": None},
    ]
    assert docker_names(listed) == {ID: ("web", "shop"), "ab" * 32: ("db", ""), "cd" * 32: ("cdcdcdcdcdcd", "")}


def test_podman() -> None:
    assert podman_names([{"id": ID, "names": ["web", "other"]}, {"id": "x"}, 7]) == {ID: ("web", "")}
    config = {"linux": {"namespaces": [{"type": "pid"}, {"type": "network", "path": "/run/netns/netns-1"}]}}
    assert netns_of(config) == "/run/netns/netns-1"


def test_kubernetes() -> None:
    assert pod_name({"annotations": {"io.kubernetes.cri.sandbox-name": "dns", "io.kubernetes.cri.sandbox-namespace": "kube-system"}}) == ("dns", "kube-system")
    assert pod_name({"annotations": {"io.kubernetes.pod.name": "dns", "io.kubernetes.pod.namespace": "kube-system"}}) == ("dns", "kube-system")


@pytest.mark.parametrize("document", [None, 7, [], {}, {"annotations": None}, {"annotations": 7}, {"linux": 7}, {"linux": {"namespaces": [7, {"type": "network"}]}}])
def test_what_says_nothing(document: object) -> None:
    assert (pod_name(document), netns_of(document), podman_names(document)) == (None, "", {})


@pytest.mark.parametrize("body", [b"[]", b"", json.dumps([ID]).encode() * 100])
def test_bodies_in_chunks(body: bytes) -> None:
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:50], body[50:]) if part) + b"0\r\n\r\n"
    assert unchunked(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", chunks) == body
    assert unchunked(b"HTTP/1.0 200 OK", body) == body


@pytest.fixture
def dockerd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Two containers, one of them without a namespace of its own; what was asked."""
    (tmp_path / "docker.sock").touch()
    answers = {
        "/containers/json": [{"Id": ID, "Names": ["/web"]}, {"Id": "ab" * 32, "Names": ["/host"]}],
        f"/containers/{ID}/json": {"NetworkSettings": {"SandboxKey": "/var/run/docker/netns/0123456789ab"}},
        f"/containers/{'ab' * 32}/json": {"NetworkSettings": {"SandboxKey": ""}},
    }
    asked: list[str] = []

    def answer(path: str, target: str) -> object:
        assert path == str(tmp_path / "docker.sock")
        asked.append(target)
        return answers[target]

    monkeypatch.setattr(runtimes, "DOCKER_SOCKETS", (str(tmp_path / "none.sock"), str(tmp_path / "docker.sock")))
    monkeypatch.setattr(runtimes, "_asked", answer)
    return asked


@pytest.mark.parametrize(("wanted", "sandboxes", "questions"), [({"0123456789ab"}, {"0123456789ab": ID}, 3), (set(), {}, 1)])
def test_docker_is_asked_for_namespaces_only_where_there_are_some(dockerd: list[str], wanted: set[str], sandboxes: dict[str, str], questions: int) -> None:
    names: dict[str, tuple[str, str]] = {}
    found: dict[str, str] = {}
    problems: list[Problem] = []
    runtimes._docker(names, found, wanted, problems)
    assert (names, found, problems) == ({ID: ("web", ""), "ab" * 32: ("host", "")}, sandboxes, [])
    assert len(dockerd) == questions


@pytest.mark.parametrize(("error", "why"), [(PermissionError(13, "Permission denied"), "group docker"), (ValueError("no HTTP"), "no HTTP"), (KeyError("Id"), "Id")])
def test_a_docker_that_does_not_answer_is_told(dockerd: list[str], monkeypatch: pytest.MonkeyPatch, error: Exception, why: str) -> None:
    def refuse(path: str, target: str) -> object:
        raise error

    monkeypatch.setattr(runtimes, "_asked", refuse)
    problems: list[Problem] = []
    runtimes._docker({}, {}, {"x"}, problems)
    assert [problem.kind for problem in problems] == ["names"]
    assert why in problems[0].why


def test_where_there_is_no_docker_nothing_is_told(dockerd: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes, "DOCKER_SOCKETS", ("/nowhere/docker.sock",))
    problems: list[Problem] = []
    runtimes._docker({}, {}, {"x"}, problems)
    assert (problems, dockerd) == ([], [])


def test_tasks_of_containerd_by_whose_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pod = {"annotations": {"io.kubernetes.cri.sandbox-name": "web-0", "io.kubernetes.cri.sandbox-namespace": "shop"}}
    for pid, (group, id, config) in enumerate([("moby", ID, pod), ("k8s.io", "c1", pod), ("k8s.io", "c2", {}), ("default", "c3", pod)], 100):
        place = tmp_path / group / id
        place.mkdir(parents=True)
        (place / "init.pid").write_text(f"{pid}\n")
        (place / "config.json").write_text(json.dumps(config))
    (tmp_path / "default" / "half made").mkdir()
    monkeypatch.setattr(runtimes, "_TASKS", ("/nowhere", str(tmp_path)))
    assert dict(runtimes._tasks()) == {
        100: Owner("docker", ID[:12], ID),
        101: Owner("kubernetes", "web-0", "c1", "shop"),
        102: Owner("containerd", "c2", "c2", "k8s.io"),
        103: Owner("containerd", "c3", "c3", "default"),
    }
    assert runtimes._kubernetes("c1") == ("web-0", "shop")
    assert runtimes._kubernetes("c2") is None
