"""What runtimes write down and answer, as names of containers; whatever else it may be is no name, and no failure."""

import json

import pytest

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
