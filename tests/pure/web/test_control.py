"""What may be changed from the page: which requests are understood, what is looked up, what is refused, and the command that is told."""

import pytest

from netwright.errors import Conflict, Gone, Invalid, NetwrightError
from netwright.hostmap.model import Holder, HostMap, Link, Space
from netwright.plan import ops
from netwright.web.control import Order, action, order, status

LINKS = (Link(1, "lo", flags=("up", "loopback")), Link(2, "eth0", "veth", up=True))
HOST = HostMap(
    here="1",
    namespaces=(
        Space("1", "host", names=("me",), links=LINKS),
        Space("2", "c1", names=("c1",), links=(*LINKS, Link(3, "a b\x1b", "veth"))),
        Space("3", "sleeper", holders=(Holder("bind", 7, path="/x", elsewhere=True), Holder("process", 42)), links=LINKS),
        Space("4", "docker", holders=(Holder("bind", path="/run/docker/netns/a b"),), links=LINKS),
        Space("5", "hidden", holders=(Holder("socket", 9, 3),), links=LINKS),
    ),
)


def test_a_request():
    assert order(b'{"space": "2", "link": "eth0", "up": false}') == Order("2", "eth0", False)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff", b"[]", b"null", b"{}", b"[" * 1000, b'{"space": "2", "link": "eth0"}', b'{"space": 2, "link": "eth0", "up": true}',
        b'{"space": "2", "link": ["eth0"], "up": true}', b'{"space": "2", "link": "eth0", "up": 1}', b'{"space": "2", "link": "eth0", "up": null}',
        b'{"space": "2", "link": "eth0", "up": true, "mtu": 9}', b"space=2&link=eth0&up=1",
    ],
)  # fmt: skip
def test_anything_else_is_refused(body: bytes):
    with pytest.raises(Invalid) as refusal:
        order(body)
    assert status(refusal.value) == 400


@pytest.mark.parametrize(
    ("wanted", "command"),
    [
        (Order("1", "eth0", False), "ip link set dev eth0 down"),
        (Order("2", "eth0", True), "ip -n c1 link set dev eth0 up"),
        (Order("2", "lo", False), "ip -n c1 link set dev lo down"),
        (Order("2", "a b\x1b", True), "ip -n c1 link set dev 'a b\\x1b' up"),
        (Order("3", "eth0", False), "nsenter --net=/proc/42/ns/net ip link set dev eth0 down"),
        (Order("4", "eth0", False), "nsenter '--net=/run/docker/netns/a b' ip link set dev eth0 down"),
        (Order("5", "eth0", False), "ip link set dev eth0 down  # in hidden"),
    ],
)
def test_what_is_done(wanted: Order, command: str):
    found = action(HOST, wanted)
    assert found.space.id == wanted.space
    assert found.op == ops.SetLink({"index": wanted.link, "flags": int(wanted.up), "change": 1}, {}, found.op.namespace)
    assert found.command == command


@pytest.mark.parametrize(
    ("wanted", "kind", "code"),
    [
        (Order("9", "eth0", True), Gone, 404),
        (Order("", "eth0", True), Gone, 404),
        (Order("c1", "eth0", True), Gone, 404),
        (Order("2", "eth1", True), Gone, 404),
        (Order("2", "", True), Gone, 404),
        (Order("2", "eth0 mtu 9", True), Gone, 404),
        (Order("1", "lo", False), Conflict, 409),
        (Order("1", "lo", True), Conflict, 409),
    ],
)
def test_what_is_not(wanted: Order, kind: type[NetwrightError], code: int):
    with pytest.raises(kind) as refusal:
        action(HOST, wanted)
    assert status(refusal.value) == code
