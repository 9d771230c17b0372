"""Tests of a service on three nodes, with the plugin: pytest examples/test_raft.py (no root, no Docker; -n4 works)."""

import asyncio
import subprocess
import sys
import urllib.request

import pytest

NODES = ("n1", "n2", "n3")
SERVER = """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Keys(BaseHTTPRequestHandler):
    kept = {}

    def do_GET(self):
        self.answer(200 if self.path in self.kept else 404, self.kept.get(self.path, b""))

    def do_PUT(self):
        self.kept[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200, b"")

    def answer(self, code, body):
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

server = ThreadingHTTPServer(("", 7000), Keys)
print("ready", flush=True)
server.serve_forever()
"""


@pytest.fixture
def net(lab):
    """The lab with a server on each node. Everything ends with the test, the servers included."""
    net = lab("raft.lab.yaml")
    for name in NODES:
        server = net[name].popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert server.stdout.readline() == b"ready\n"
    return net


def put(url: str, data: bytes) -> int:
    return urllib.request.urlopen(urllib.request.Request(url, data=data, method="PUT"), timeout=5).status


def test_a_client_reads_what_it_wrote(net):
    with net["client"]:  # this thread now lives in the client; names are those of the lab
        assert put("http://n1:7000/k", b"v") == 200
        assert urllib.request.urlopen("http://n1:7000/k", timeout=5).read() == b"v"
    with net["n2"]:  # and now on a node
        assert urllib.request.urlopen("http://n1:7000/k", timeout=5).read() == b"v"


def test_the_lab_is_what_its_file_promises(net):
    assert [result.check.text for result in net.check() if not result] == []


def test_a_node_that_is_cut_off(net):
    assert net["client"].run(["ping", "-c1", "n2"]).returncode == 0
    net["n2"].run(["ip", "link", "set", "eth0", "down"], check=True)
    assert not net["client"].ping("n2", timeout=0.2)
    assert net["client"].can_connect("n1", 7000)


def test_an_asyncio_program_talks_to_all_at_once(net):
    async def status(name: str) -> bytes:
        reader, writer = await net["client"].open_connection(name, 7000)  # a socket in the client; nobody moves
        writer.write(b"GET /nothing HTTP/1.0\r\n\r\n")
        line = await reader.readline()
        writer.close()
        return line.split()[1]

    async def everybody() -> list[bytes]:
        return await asyncio.gather(*map(status, NODES))

    assert asyncio.run(everybody()) == [b"404"] * 3
