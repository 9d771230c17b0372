"""`nw publish` on the real kernel: every form of a port, from where it is reached, and from where it must not be."""

import json

import pytest
from networks_host import PYTHON, Host
from sandbox import Sandbox
from traffic import until

# A datagram for an address of the host's own loopback, sent by a neighbour through the cable: DEVICE MAC SOURCE TARGET PORT WORD.
CRAFTED = """
import socket, struct, sys
device, mac, source, target, port, word = sys.argv[1:]
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((device, 0))
body = word.encode()
six = ":" in target
if six:
    a, b = (socket.inet_pton(socket.AF_INET6, x) for x in (source, target))
    udp = struct.pack("!HHHH", 4000, int(port), 8 + len(body), 0) + body
    total = a + b + struct.pack("!IBBBB", len(udp), 0, 0, 0, 17) + udp
else:
    a, b = (socket.inet_aton(x) for x in (source, target))
    udp = struct.pack("!HHHH", 4000, int(port), 8 + len(body), 0) + body
def checksum(data):
    data += b"\\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
if six:
    udp = udp[:6] + struct.pack("!H", checksum(total)) + body
    ip = struct.pack("!IHBB", 6 << 28, len(udp), 17, 64) + a + b
else:
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0, a, b)
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
frame = bytes.fromhex(mac.replace(":", "")) + s.getsockname()[4] + struct.pack("!H", 0x86DD if six else 0x0800) + ip + udp
for _ in range(3):
    s.send(frame)
"""


@pytest.fixture
def host(sandbox: Sandbox) -> Host:
    return Host(sandbox)


@pytest.fixture
def shop(host: Host) -> Host:
    """A network on which `a` serves tcp/80 to 84 and udp/53."""
    host.nw("network create shop --no-dns")
    host.nw("connect shop a")
    host.serve("a", *(f"tcp/{port}" for port in range(80, 85)), "udp/53")
    return host


def test_from_everywhere(shop: Host):
    shop.nw("network create other --no-dns")
    shop.nw("connect other b")
    before = shop.traces()
    assert shop.nw("publish", "add", "a", "*:8080:80", "8081:81").out.splitlines() == ["*:8080->80/tcp", "127.0.0.1:8081->81/tcp", "[::1]:8081->81/tcp"]
    a, b = shop.address("a", "shop"), shop.address("b", "other")
    assert shop.ask("out", "192.0.2.1", 8080) == "192.0.2.9", "the client's address is kept"
    assert shop.ask("out", "fd99::1", 8080) == "fd99::9"
    for address in ("127.0.0.1", "::1", "192.0.2.1", "fd99::1", "127.8.9.1"):
        assert "Error" not in shop.ask(None, address, 8080), address
    for address in ("127.0.0.1", "::1"):
        assert "Error" not in shop.ask(None, address, 8081), address
    for netns, address in (("out", "192.0.2.1"), ("out", "fd99::1"), (None, "192.0.2.1"), ("b", "192.0.2.1"), ("a", "10.64.0.1")):
        assert shop.ask(netns, address, 8081) == "ConnectionRefusedError", "on this machine's own addresses alone"
    assert shop.ask("a", "192.0.2.1", 8080) == "10.64.0.1", "hairpin: by way of the host, and so from it"
    assert "Error" not in shop.ask("a", "fd99::1", 8080)
    assert shop.ask("b", "192.0.2.1", 8080) == b, "a published port is for other networks too"
    assert shop.never("b", a, 80), "the container's own port is not"
    assert shop.never("out", a, 80)
    assert shop.nw("publish del a 80 81").out.count("\n") == 3
    assert shop.traces() == before, "hairpin and all"
    assert shop.ask("out", "192.0.2.1", 8080) == "ConnectionRefusedError"


@pytest.mark.parametrize(
    ("words", "port", "reached"),
    [
        ("192.0.2.1:8080:80", 8080, {"192.0.2.1"}),
        ("0.0.0.0:8080:80", 8080, {"192.0.2.1", "127.0.0.1"}),
        ("[::]:8080:80", 8080, {"fd99::1", "::1"}),
        ("[::1]:8080:80/tcp", 8080, {"::1"}),
        ("[fd99::1]::80", 0, {"fd99::1"}),
        ("*:7000-7004:80-84", 7004, {"192.0.2.1", "127.0.0.1", "fd99::1", "::1"}),
        ("*:7000-7009:80", 7000, {"192.0.2.1", "127.0.0.1", "fd99::1", "::1"}),
        ("localhost:8080:80", 8080, {"127.0.0.1", "::1"}),
        ("80", 0, {"127.0.0.1", "::1"}),
        ("8053:53/udp", 8053, {"127.0.0.1", "::1"}),
    ],
)  # fmt: skip
def test_forms(shop: Host, words: str, port: int, reached: set[str]):
    protocol = "udp" if words.endswith("udp") else "tcp"
    got = shop.nw("publish", "add", "a", words).out.splitlines()
    port = port or int(got[0].partition("->")[0].rpartition(":")[2])
    found = {a for a in ("127.0.0.1", "::1", "192.0.2.1", "fd99::1") if shop.answers(None, a, port, protocol, wanted=a in reached)}
    assert found == reached
    said = {address for row in shop.json("publish ls --json") for address in row["host"]}
    assert {a.rpartition(":")[0].strip("[]") for a in said} == reached, "and ls says so"
    outside = {a.rpartition(":")[0].strip("[]") for row in shop.json("publish ls --json") for a in row["outside"]}
    assert outside == {a for a in ("192.0.2.1", "fd99::1") if shop.answers("out", a, port, protocol, wanted=a in outside)}


def test_a_taken_port_names_its_owner(shop: Host):
    shop.nw("connect shop b -p *:9000-9003:90-93")
    pid, _ = shop.serve(None, "tcp/8080/127.0.0.1", "udp/5300", "tcp/8090")
    before = shop.traces()
    for words, said in (
        ("9002:80", "is taken by b:eth0 (*:9000-9003->90-93/tcp)"),
        ("8080:80", f"taken by process {pid} (python"),
        ("*:8080:80", f"taken by process {pid} (python"),
        ("0.0.0.0:5300:53/udp", f"taken by process {pid}"),
        ("192.0.2.1:8090:80", f"taken by process {pid}"),
    ):
        assert said in shop.refused("publish", "add", "a", words), words
        assert said in shop.refused("connect", "shop", "c", "-p", words), words
    both = shop.refused("publish add a 9002:1 8080:2 1000:3")
    assert "b:eth0" in both
    assert f"process {pid}" in both
    assert shop.traces() == before, "all or none"
    assert "eth0" not in shop.box.ip("-br link", netns="c")
    shop.nw("publish", "add", "a", "192.0.2.1:8080:80"), "the program has another address"
    assert shop.nw("publish add a 9000-9009:80").out.startswith("127.0.0.1:9004->80")


def test_again_is_nothing_new(shop: Host):
    first = shop.nw("publish add a 8080:80").out
    there = shop.traces()
    assert shop.nw("publish add a 8080:80").out == first
    assert shop.traces() == there
    assert "does not publish 8081:81" in shop.refused("publish del a 8080:80 8081:81")
    assert shop.traces() == there, "all or none"
    shop.nw("publish del a 127.0.0.1:8080:80")
    assert shop.nw("publish ls -q").out == "[::1]:8080->80/tcp\n"
    assert "is on no network" in shop.refused("publish add c 80")


def test_a_port_goes_with_its_container_and_is_there_again_after_a_flush(shop: Host):
    shop.nw("connect shop b -p *:8080:80")
    shop.serve("b", "tcp/80")
    shop.box.run(["nft", "flush", "ruleset"])
    assert shop.never("out", "192.0.2.1", 8080)
    shop.nw("network reload")
    assert shop.ask("out", "192.0.2.1", 8080) == "192.0.2.9"
    shop.nw("disconnect shop b")
    assert shop.never("out", "192.0.2.1", 8080)
    shop.nw("publish", "add", "a", "*:8080:80")
    assert shop.ask("out", "192.0.2.1", 8080) == "192.0.2.9", "it is free for the next"


def test_nobody_speaks_to_the_hosts_own_loopback(shop: Host):
    """route_localnet is on for bridges, so that answers find back to 127.0.0.1; it must not let anything else in."""
    _, heard = shop.serve(None, "udp/5300/127.0.0.1")
    _, inside = shop.serve("a", "udp/54")
    shop.nw("publish", "add", "a", "5400:54/udp")
    macs = {device: json.loads(shop.box.ip(f"-j link show {device}"))[0]["address"] for device in ("up0", "nw-shop")}
    a = shop.address("a", "shop")
    for netns, device, mac, source in (("out", "eth0", macs["up0"], "192.0.2.9"), ("a", "eth0", macs["nw-shop"], a)):
        for target, port in (("127.0.0.1", 5300), ("127.0.0.1", 5400), ("::1", 5400)):
            sender = source if ":" not in target else "fd99::9" if netns == "out" else shop.address("a", "shop", 6)
            done = shop.box.run([*PYTHON, CRAFTED, device, mac, sender, target, str(port), "crafted"], netns=netns)
            assert done.code == 0, done.err
    done = shop.box.run([*PYTHON, CRAFTED, "eth0", macs["up0"], "192.0.2.9", "192.0.2.1", "5301", "crafted"], netns="out")
    assert done.code == 0, done.err
    # The same frames do arrive where they may: what follows comes after them.
    shop.nw("publish", "add", "a", "192.0.2.1:5401:54/udp")
    until(lambda: shop.box.run([*PYTHON, CRAFTED, "eth0", macs["up0"], "192.0.2.9", "192.0.2.1", "5401", "allowed"], netns="out").code or "allowed" in shop.box.read(inside))
    assert set(shop.box.read(inside).split()) == {"up", "allowed"}
    assert shop.ask(None, "127.0.0.1", 5300, "udp") == "127.0.0.1"
    assert set(shop.box.read(heard).split()) == {"up", "hello"}


def test_what_leaves_by_loopback_keeps_its_address(shop: Host):
    shop.serve(None, "tcp/7070")
    for address in ("127.0.0.1", "192.0.2.1"):
        assert shop.ask(None, address, 7070) == address
    assert shop.ask("a", "10.64.0.1", 7070) == shop.address("a", "shop"), "nor is what a container says to its host"


def test_what_is_in_the_way_is_told(shop: Host):
    shop.nw("publish", "add", "a", "*:8080:80", "10.1.2.3:8081:80")
    rows = {row["port"]: row for row in shop.json("publish ls --json")}
    assert rows["10.1.2.3:8081->80/tcp"]["problems"] == ["no device of the host has the address 10.1.2.3"]
    shop.box.run(["nft", "add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }"])
    rows = {row["port"]: row for row in shop.json("publish ls --json")}
    assert "FORWARD of the table ip filter drops" in rows["*:8080->80/tcp"]["problems"][0]
    assert rows["*:8080->80/tcp"]["outside"] == ["[fd99::1]:8080"], "that table is IPv4's"
    assert shop.never("out", "192.0.2.1", 8080)
    assert "FORWARD" in shop.nw("network create third --no-dns").err
    assert "policy drop" in shop.box.run(["nft", "list", "table", "ip", "filter"]).out, "and left as it is"
    for way in "io":
        shop.box.run(["nft", f"add rule ip filter FORWARD {way}ifname nw-shop counter accept"])
    rows = {row["port"]: row for row in shop.json("publish ls --json")}
    assert rows["*:8080->80/tcp"]["problems"] == [], "what was advised helps"
    assert "192.0.2.1:8080" in rows["*:8080->80/tcp"]["outside"]


def test_the_bind_of_a_network(host: Host):
    host.nw("network create wide --bind 0.0.0.0 --no-dns --no-ipv6")
    assert host.nw("connect wide a -p 8080:80").code == 0
    host.nw("publish add a 8081:81")
    assert host.nw("publish ls -q").out == "0.0.0.0:8080->80/tcp\n0.0.0.0:8081->81/tcp\n"
    host.serve("a", "tcp/80")
    assert host.ask("out", "192.0.2.1", 8080) == "192.0.2.9"


def test_chains_by_message_are_those_that_nft_lists(host: Host):
    rules = """
    table ip filter { chain FORWARD { type filter hook forward priority 0; policy drop; }; chain DOCKER-USER { }; chain INPUT { type filter hook input priority 0; }; }
    table inet x { chain a { type nat hook postrouting priority 100; }; chain b { type filter hook prerouting priority -300; policy drop; }; }
    table ip6 x { chain f { type filter hook forward priority 5; policy accept; }; }
    table bridge y { chain f { type filter hook forward priority 5; policy drop; }; }
    """
    assert host.box.run(["nft", "-f", "-"], stdin=rules).code == 0
    code = """
import os
from netwright.kernel import nft
fd = os.open("/proc/self/ns/net", os.O_RDONLY)
def told(tables, families):
    return {(key, name, chain.hook, chain.policy) for key, table in tables.items() if key[0] in families for name, chain in table.chains.items()}
layer3 = ("ip", "ip6", "inet")
assert told(nft.hooks(fd), layer3) == told(nft.read(fd), layer3), nft.hooks(fd)
assert not any(hook for _, _, hook, _ in told(nft.hooks(fd), ("bridge",)))
print(len(told(nft.hooks(fd), layer3)))
"""
    done = host.box.python(code)
    assert done.out == "6\n", done.err


def test_a_flow_of_udp_ends_with_its_port(shop: Host):
    """Without that a client that keeps its port would be sent to a container that has left, for as long as it asks."""
    shop.nw("connect shop b")
    shop.serve("b", "udp/53")
    shop.nw("publish", "add", "a", "*:5300:53/udp")
    other = "*:5301:53/udp"
    shop.nw("publish", "add", "b", other)
    for port, local in ((5300, 7000), (5301, 7001)):
        assert shop.ask("out", "192.0.2.1", port, "udp", local=local) == "192.0.2.9"

    def flows() -> list[str]:
        found = shop.box.run(["cat", "/proc/net/nf_conntrack"])
        if found.code:
            return []  # the kernel is built without that file
        return sorted(word for line in found.out.splitlines() for word in line.split() if word in ("sport=7000", "sport=7001"))

    before = flows()
    shop.nw("publish del a 5300:53/udp")
    shop.nw("publish", "add", "b", "*:5300:53/udp")
    if before:
        assert flows() == ["sport=7001"]
    a_heard = shop.address("a", "shop")
    shop.box.run(["ip", "link", "set", "eth0", "down"], netns="a")
    assert shop.ask("out", "192.0.2.1", 5300, "udp", local=7000) == "192.0.2.9", f"to b, and not to {a_heard}"


def test_an_address_that_no_device_has_is_worth_a_word(shop: Host):
    done = shop.nw("publish add a 198.51.100.7:9000:80")
    assert done.out == "198.51.100.7:9000->80/tcp\n"
    assert done.err == "nw publish: no device of this host has the address 198.51.100.7: nobody reaches what is published there\n"
    assert shop.nw("publish add a 192.0.2.1:9001:80 9002:80 0.0.0.0:9003:80").err == ""


def test_who_has_no_ports_of_his_own(shop: Host):
    for verb in ("add", "del"):
        assert 'there is no container and no network namespace "nobody"' in shop.refused(f"publish {verb} nobody 80")
    assert "nw connect NETWORK b" in shop.refused("publish add b 80")
