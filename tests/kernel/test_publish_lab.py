"""Ports of the machine that lead to hosts of a detached lab: TCP and UDP, IPv4 and IPv6; taken ones are told with their owner."""

import pytest
from labs import PLACE, Nw
from machine import wait_for
from sandbox import Sandbox
from users import USERS

LAB = """\
lab: shop
pool: [10.7.0.0/16, "fd07::/48"]
hosts:
  web: { switch: s }
  other: { switch: s }
switches:
  s: {}
publish: ["18080:web:80", "15300:web:5300/udp"]
"""
SERVE = """
import selectors, socket
sel = selectors.DefaultSelector()
for family, any in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
    for kind, port in ((socket.SOCK_STREAM, 80), (socket.SOCK_DGRAM, 5300)):
        s = socket.socket(family, kind)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        s.bind((any, port))
        if kind == socket.SOCK_STREAM:
            s.listen()
        sel.register(s, 1)
print("ready", flush=True)
while True:
    for key, _ in sel.select():
        if key.fileobj.type == socket.SOCK_STREAM:
            c, _ = key.fileobj.accept()
            c.sendall(b"hello " + c.recv(99)); c.close()
        else:
            data, peer = key.fileobj.recvfrom(99)
            key.fileobj.sendto(b"hello " + data, peer)
"""
ASK = """
import socket, sys
ways = [(address, *what) for address in ("127.0.0.1", "::1") for what in ((socket.SOCK_STREAM, 18080), (socket.SOCK_DGRAM, 15300))]
def answer(s):
    for _ in range(15):  # a datagram may be lost once
        s.send(b"you")
        try:
            return s.recv(99).decode()
        except TimeoutError:
            if s.type == socket.SOCK_STREAM:
                raise
for address, kind, port in ways[: int(sys.argv[1])]:
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    s.settimeout(2 if kind == socket.SOCK_DGRAM else 30)
    try:
        s.connect((address, port)); print(answer(s))
    except OSError as error:
        print(type(error).__name__)
"""


@pytest.fixture(params=USERS)
def nw(request: pytest.FixtureRequest, sandbox: Sandbox) -> Nw:
    sandbox.ip("link set lo up")
    return Nw(sandbox, request.param)


def asked(nw: Nw, ways: int = 4) -> list[str]:
    """What is said by TCP and UDP at 127.0.0.1, then at ::1."""
    return nw.box.run(["python3", "-c", ASK, str(ways)]).lines


def test_every_way_through(nw: Nw):
    path = nw.file("shop.lab.yaml", LAB)
    nw("up", path)
    nw.start("exec", "shop/web", "python3", "-uc", SERVE, out=f"{PLACE}/server")
    wait_for(nw.box, f"{PLACE}/server")
    assert asked(nw) == ["hello you"] * 4
    assert nw("up", path).startswith("nothing to do")
    assert asked(nw) == ["hello you"] * 4
    # another address inside: the relay follows
    nw.file("shop.lab.yaml", LAB.replace("web: { switch: s }", "web: { switch: s, address: [10.7.0.77/24] }"))
    nw("up", path)
    assert asked(nw, 2) == ["hello you"] * 2
    nw.file("shop.lab.yaml", LAB.replace("publish", "x-publish").partition("x-publish")[0])
    nw("up", path)
    assert asked(nw, 1) == ["ConnectionRefusedError"]
    nw.file("shop.lab.yaml", LAB)
    nw("up", path)
    assert asked(nw) == ["hello you"] * 4
    nw("down")
    assert asked(nw, 1) == ["ConnectionRefusedError"]
    assert nw.left() == []


def test_a_port_that_is_taken_names_its_owner(nw: Nw):
    nw.box.popen([*nw.prefix, nw.python, "-ISuc", "import socket; s = socket.create_server(('127.0.0.1', 18080)); print(1); s.accept()"], out=f"{PLACE}/taken")
    wait_for(nw.box, f"{PLACE}/taken")
    path = nw.file("shop.lab.yaml", LAB)
    done = nw.result("up", path)
    assert done.code == 1
    assert "127.0.0.1:18080/tcp is taken by process " in done.err
    assert "(python" in done.err
    assert nw.left() == []


def test_two_labs_cannot_publish_the_same_port(nw: Nw):
    path = nw.file("shop.lab.yaml", LAB)
    nw("up", path)
    done = nw.result("up", path, "--name", "other")
    assert (done.code, "18080/tcp is taken by process" in done.err, "15300/udp is taken by process" in done.err) == (1, True, True)
    assert nw("ls", "-q") == "shop\n"
    assert nw("plan", path).startswith("nothing to do")
    nw("down")


def test_a_port_that_is_taken_in_a_change_leaves_everything_as_it_was(nw: Nw):
    plain = LAB.partition("publish")[0]
    path = nw.file("shop.lab.yaml", plain)
    nw("up", path)
    nw.box.popen([*nw.prefix, nw.python, "-ISuc", "import socket; s = socket.create_server(('127.0.0.1', 18080)); print(1); s.accept()"], out=f"{PLACE}/taken")
    wait_for(nw.box, f"{PLACE}/taken")
    nw.file("shop.lab.yaml", LAB.replace("  other: { switch: s }\n", ""))
    assert nw.result("up", path).code == 1
    nw.file("shop.lab.yaml", plain)
    assert nw("plan", path).startswith("nothing to do")
    nw("down")
