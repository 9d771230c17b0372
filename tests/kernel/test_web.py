"""`nw web` over a real socket: who gets in, what is told and how soon, many pages, slow pages, hostile names."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox import Sandbox, missing

INSIDE = str(Path(__file__).with_name("inside"))
BEGIN = f"""
import sys
sys.path.insert(0, {INSIDE!r})
import json, os, select, signal, socket, subprocess, time
from live_client import NW, Nw, Stream, Watch, Web, cpu, ip, until
def c1(*words): subprocess.run(["ip", "-n", "c1", *words], check=True)
"""


@pytest.fixture
def box(no_leak: None) -> Iterator[Sandbox]:
    """A host with a switch and two containers on it, and a pair of routers apart."""
    pytest.importorskip("aiohttp")
    with Sandbox(pids=True) as box:
        box.quiet()
        box.ip("link set lo up")
        box.ip("link add br0 type bridge")
        box.ip("link set br0 up")
        for number in (1, 2):
            box.ip(f"netns add c{number}")
            box.ip(f"link add v{number} type veth peer name eth0 netns c{number}")
            box.ip(f"link set v{number} master br0 up")
            box.ip(f"-n c{number} link set eth0 up")
            box.ip(f"-n c{number} addr add 10.0.0.{number}/24 dev eth0")
        yield box


def run(box: Sandbox, code: str, **options: object) -> str:
    result = box.python(BEGIN + code, timeout=300.0, **options)
    assert result.code == 0, result.err
    return result.out


def test_a_token_opens_it_once_then_the_cookie_counts(box: Sandbox):
    run(box, """
web = Web()
assert web.request("map")[0] == 401
assert web.request(web.path + "?token=guess", whole=True)[0] == 401
headers = web.enter()
assert "HttpOnly; SameSite=Strict" in headers["set-cookie"] and f"Path={web.path}" in headers["set-cookie"]
cookie, web.cookie = web.cookie, ""
assert web.request(web.door, whole=True)[0] == 401, "a token is good once"
web.cookie = cookie[:-1] + "x"
assert web.request("map")[0] == 401
web.cookie = cookie
kinds = {"": "text/html", "page.js": "text/javascript", "parts.js": "text/javascript", "map": "application/json", **dict.fromkeys(("page.css", "parts.css", "dark.css"), "text/css")}
for path, kind in kinds.items():
    status, headers, body = web.request(path)
    assert status == 200 and body and headers["content-type"].startswith(kind), (path, headers)
    assert "default-src 'none'" in headers["content-security-policy"] and headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
""")  # fmt: skip


def test_other_hosts_other_sites_and_other_words_are_refused(box: Sandbox):
    run(box, """
web = Web(); web.enter()
for expected, headers in (
    (403, {"Host": "evil.example"}), (403, {"Host": f"evil.example:{web.port}"}), (403, {"Origin": "http://evil.example"}), (403, {"Origin": "null"}),
    (403, {"Sec-Fetch-Site": "cross-site"}), (403, {"Sec-Fetch-Site": "same-site"}),
    (200, {"Host": f"localhost:{web.port}"}), (200, {"Origin": f"http://127.0.0.1:{web.port}"}), (200, {"Sec-Fetch-Site": "same-origin"}),
):
    status, answer, _ = web.request("map", **headers)
    assert status == expected, (headers, status)
    assert "content-security-policy" in answer
for method in ("POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "PATCH"):
    assert web.request("map", method=method)[0] == 405, method
assert web.send({"space": web.id("c1"), "link": "eth0", "up": False})[0] == 404, "without --control"
for path in ("nothing", "control", "index.html", "../gate.py", "%2e%2e/gate.py", "..%2fgate.py", "page.js/..", "style.py", "space?id=../../etc/passwd", "space"):
    assert web.request(path)[0] == 404, path
for path in ("/", "/map", "/etc/passwd", "//evil.example/", web.path[:-2] + "x/map"):
    assert web.request(path, whole=True)[0] in (400, 404), path
with web.connect() as client:
    client.sendall(b"\\xff\\x00 / HTTP/9\\r\\nHost: x\\r\\n\\r\\n" + b"A" * 100000)
with web.connect() as client:
    client.sendall(web.raw("map?open=" + "1," * 3000))
    assert b"HTTP/1.1" in client.recv(100)
assert web.request("map")[0] == 200
""")  # fmt: skip


def test_it_listens_on_loopback_only_and_ends_at_once(box: Sandbox):
    out = run(box, """
web = Web("--port", "8123"); web.enter()
print(*(line.split()[1] for line in open("/proc/net/tcp").read().splitlines()[1:] if line.split()[3] == "0A"))
print(open("/proc/net/tcp6").read().count(" 0A "))
other = Nw("web", "--port", "8123")
print(other.process.wait(60), other.err())
stream = Stream(web)
until(stream.versions)
began = time.monotonic()
print(web.end(), time.monotonic() - began < 20, web.err())
""")  # fmt: skip
    lines = out.splitlines()
    assert lines[:2] == ["0100007F:1FBB", "0"]
    assert lines[2] == "1 nw web: port 8123 of 127.0.0.1 cannot be had: Address already in use"
    assert "0 True " in lines
    assert "Traceback" not in out


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        ("--port 70000", 2, "there is no port 70000"),
        ("--port x", 2, "--port takes a number"),
        ("extra", 2, '"extra" is one word too many'),
        ("--lab nowhere", 1, 'no namespace of the lab "nowhere" is on the map'),
    ],
)
def test_words(box: Sandbox, words: str, code: int, text: str):
    out = run(box, f"done = subprocess.run([*NW, 'web', *{words.split()!r}], capture_output=True, text=True); print(done.returncode, done.stderr)")
    assert out.startswith(f"{code} "), out
    assert text in out


def test_a_device_is_set_down_and_up_where_that_was_asked_for(box: Sandbox):
    out = run(box, """
web = Web("--control"); web.enter()
def up(name): return next(link for link in web.json("space?id=" + web.id("c1"))["links"] if link["name"] == name).get("up", False)
assert web.map()["control"] is True and web.map()["here"] == web.id("host")
order = {"space": web.id("c1"), "link": "eth0", "up": False}
for expected, changes, headers in (
    (403, {}, {"Origin": "http://evil.example"}), (403, {}, {"Origin": ""}), (403, {}, {"Sec-Fetch-Site": "cross-site"}), (401, {}, {"Cookie": "nw=x"}),
    (415, {}, {"Content-Type": "text/plain"}), (404, {"link": "eth9"}, {}), (404, {"link": "eth0 mtu 70"}, {}), (404, {"space": "4"}, {}),
    (400, {"up": "no"}, {}), (400, {"mtu": 70}, {}), (413, {"link": "x" * 5000}, {}), (409, {"space": web.id("host"), "link": "lo"}, {}),
):
    status, answer, body = web.send(order | changes, **headers)
    assert status == expected and body and "content-security-policy" in answer, (changes, headers, status, body)
assert up("eth0") and web.err() == "", web.err()
assert b"the page itself comes through it" in body
for wanted in (False, True, False, False):
    status, _, body = web.send(order | {"up": wanted})
    assert (status, up("eth0")) == (200, wanted), body
until(lambda: 'class="wire down' in web.map()["svg"])
assert web.send({"space": web.id("host"), "link": "v2", "up": False})[0] == 200
print(web.err())
""")  # fmt: skip
    lines = [line.split(" ", 2) for line in out.splitlines() if line]
    commands = [f"ip -n c1 link set dev eth0 {state}" for state in ("down", "up", "down", "down")]
    assert [command for _, _, command in lines] == [*commands, "ip link set dev v2 down"]
    assert all(len(day) == 10 and len(clock) == 12 for day, clock, _ in lines)


def test_a_device_of_a_namespace_without_a_name_and_what_the_kernel_refuses(box: Sandbox):
    out = run(box, """
sleeper = subprocess.Popen(["unshare", "-n", "sleep", "600"])
until(lambda: os.readlink(f"/proc/{sleeper.pid}/ns/net") != os.readlink("/proc/self/ns/net"))
ip("link add vs type veth peer name eth0", f"link set eth0 netns {sleeper.pid}", "link add mv0 link br0 type macvlan mode bridge", "link add mv1 link br0 type macvlan mode bridge")
ip("link set mv0 address 02:00:00:00:00:01", "link set mv1 address 02:00:00:00:00:01", "link set mv0 up")
web = Web("--control"); web.enter()
there = os.readlink(f"/proc/{sleeper.pid}/ns/net")[5:-1]
assert web.send({"space": there, "link": "eth0", "up": True})[0] == 200
status, _, body = web.send({"space": web.id("host"), "link": "mv1", "up": True})
assert (status, body.count(b"mv1")) == (409, 1), (status, body)
sleeper.terminate(); sleeper.wait()
print(web.err().replace(str(sleeper.pid), "PID"))
""")  # fmt: skip
    first, second = out.splitlines()[:2]
    assert first.endswith("nsenter --net=/proc/PID/ns/net ip link set dev eth0 up")
    assert "ip link set dev mv1 up  # refused: " in second


def test_the_map_and_every_detail_of_a_namespace(box: Sandbox):
    out = run(box, """
keep = socket.socket(); keep.bind(("127.0.0.1", 4444)); keep.listen()
subprocess.run(["nft", "-f", "-"], input="table ip nat { chain p { type nat hook prerouting priority -100; tcp dport 8080 dnat to 10.0.0.1:80; }; }", text=True, check=True)
c1("route", "add", "default", "via", "10.0.0.9"); c1("rule", "add", "from", "10.0.0.0/24", "lookup", "7")
web = Web(); web.enter()
print(json.dumps([web.map(), web.json("space?id=" + web.id("c1")), web.json("space?id=" + web.id("host"))]))
""")  # fmt: skip
    view, c1, host = json.loads(out)
    assert view["limits"] == []
    assert view["title"].endswith("· 2 cables")
    assert sorted(tuple(sorted((cable[1], cable[3]))) for line in view["lines"] for cable in line["cables"]) == [("eth0", "v1"), ("eth0", "v2")]
    assert "8080" in view["svg"]
    assert {"to": "default", "via": "10.0.0.9", "link": "eth0"}.items() <= c1["routes"][0].items()
    assert c1["rules"][0]["source"] == "10.0.0.0/24"
    assert c1["names"] == ["c1"]
    assert c1["holders"][0]["kind"] == "name"
    assert host["published"][0]["port"] == 8080
    assert {"protocol": "tcp", "address": "127.0.0.1", "port": 4444}.items() <= next(one for one in host["listeners"] if one["port"] == 4444).items()
    assert next(link for link in c1["links"] if link["name"] == "eth0")["peer"][1] == "v1"


def test_an_event_is_there_at_once(box: Sandbox):
    out = run(box, """
web = Web(); web.enter()
stream = Stream(web)
until(stream.versions)
waits = []
for number in range(10):
    seen = stream.versions()[-1]
    before = sum(event["namespace"] == "c1" for event in stream.changes())
    began = time.monotonic()
    c1("link", "set", "eth0", ("down", "up")[number % 2])
    until(lambda: sum(event["namespace"] == "c1" for event in stream.changes()) > before and stream.versions()[-1] > seen)
    waits.append(time.monotonic() - began)
    if number % 2 == 0:
        assert 'class="wire down' in web.map()["svg"]
    select.select([], [], [], 0.15)
print(min(waits))  # on a busy machine every other one may wait for a processor
""")  # fmt: skip
    assert float(out) < 0.1


def test_namespaces_come_and_go_on_the_page(box: Sandbox):
    run(box, """
web = Web(); web.enter()
stream = Stream(web)
ip("netns add c3", "link add v3 type veth peer name eth0 netns c3", "link set v3 master br0 up")
until(lambda: "c3" in web.map()["names"].values() and sum(len(line["cables"]) for line in web.map()["lines"]) == 3)
ip("netns del c3")
until(lambda: "c3" not in web.map()["names"].values() and sum(len(line["cables"]) for line in web.map()["lines"]) == 2)
assert web.request("space?id=4")[0] == 404
def actions(): return [event["action"] for event in stream.changes() if event["kind"] == "namespace" and event["namespace"] == "c3"]
until(lambda: len(actions()) > 1)
assert actions() == ["new", "gone"], actions()
""")  # fmt: skip


def test_a_port_that_is_published_appears(box: Sandbox):
    run(box, """
web = Web(); web.enter()
stream = Stream(web); until(stream.versions)
subprocess.run(["nft", "-f", "-"], input="table ip nat { chain p { type nat hook prerouting priority -100; tcp dport 8081 dnat to 10.0.0.2:80; }; }", text=True, check=True)
until(lambda: "8081" in web.map()["svg"])
""")  # fmt: skip


def test_a_port_that_is_published_in_another_namespace_appears_and_goes(box: Sandbox):
    """Of a lab's gateway, or a runtime without root: c1 hands 8082 on to c2, and later 8083 instead; its table goes in the end."""
    run(box, """
def nft(text): subprocess.run(["ip", "netns", "exec", "c1", "nft", "-f", "-"], input=text, text=True, check=True)
def table(port): nft("table ip nat { chain p { type nat hook prerouting priority -100; tcp dport %d dnat to 10.0.0.2:80; }; }" % port)
table(8082)
web = Web(); web.enter()
assert "8082" in web.map()["svg"], "as soon as the page is there"
stream = Stream(web); until(stream.versions)
nft("flush table ip nat"); table(8083)
until(lambda: "8083" in web.map()["svg"])
assert "8082" not in web.map()["svg"]
found = [space for space in [json.loads(web.request("space?id=" + str(os.stat("/run/netns/c1").st_ino))[2])]]
assert [one["port"] for one in found[0]["published"]] == [8083]
nft("delete table ip nat")
until(lambda: "8083" not in web.map()["svg"])
""")  # fmt: skip


RULES = """
import subprocess
from netwright.hostmap import take
from netwright.hostmap.live import rules
from netwright.kernel import nft
for name in "abc": subprocess.run(["ip", "netns", "add", name], check=True)
def nft_in(name, text): subprocess.run(["ip", "netns", "exec", name, "nft", "-f", "-"], input=text, text=True, check=True)
for name, port in (("a", 8001), ("b", 8002)):
    nft_in(name, "table ip nat { chain p { type nat hook prerouting priority -100; tcp dport %d dnat to 10.0.0.2:80; }; }" % port)
reads, really = [], nft.read
nft.read = lambda inside: (reads.append(inside), really(inside))[1]
def ports(host): return sorted((space.name, one.port) for space in host.namespaces for one in space.published)
known = rules.Rules()
host = known.told(take.take())
assert ports(host) == [("a", 8001), ("b", 8002)], ports(host)
assert len(reads) == 2
assert not known.changed(host)
assert ports(known.told(take.take())) == ports(host) and len(reads) == 2, "what has not changed is not read again"
nft_in("c", "table ip other { }")
assert known.changed(host)
rules.FEW = 1
assert not known.changed(host), "of many only those that have rules are asked"
nft_in("b", "delete table ip nat")
assert known.changed(host)
host = known.told(take.take())
assert ports(host) == [("a", 8001)], ports(host)
subprocess.run(["ip", "netns", "del", "a"], check=True)
assert known.changed(known.told(take.take())) is False
"""


def test_rules_are_read_again_where_they_have_changed(no_leak: None):
    with Sandbox(pids=True) as box:
        done = box.python(RULES, timeout=180.0)
        assert done.code == 0, done.err


def test_rates_of_cables_while_somebody_looks(box: Sandbox):
    run(box, """
web = Web(); web.enter()
stream = Stream(web)
ip("addr add 10.0.0.254/24 dev br0")
ping = subprocess.Popen(["ip", "netns", "exec", "c1", "ping", "-q", "-i", "0.01", "-s", "1000", "10.0.0.254"], stdout=subprocess.DEVNULL)
def rate():
    found = [row for name, rows in stream.messages() if name == "rates" for row in rows]
    return [row for row in found if row[1] in ("v1", "eth0") and row[2] > 300_000 and row[3] > 300_000]
until(rate)
ping.terminate(); ping.wait()
""")  # fmt: skip


def test_a_hundred_pages_and_some_that_never_read(box: Sandbox):
    out = run(box, """
web = Web(); web.enter()
deaf = [Stream(web, 2048) for _ in range(10)]
pages = [Stream(web) for _ in range(100)]
until(lambda: all(page.versions() for page in pages))
for number in range(200):  # more than the sockets of the deaf ones hold
    ip(*(f"addr {word} 10.7.{number}.{last}/32 dev br0" for last in range(20) for word in ("add", "del")))
c1("link", "set", "eth0", "down")
began = time.monotonic()
def heard(page):
    page.read()
    return b'"c1"' in page.data[-20000:]
until(lambda: all(heard(page) for page in pages))
print(time.monotonic() - began)
assert web.request("map")[0] == 200
status = [line for line in open(f"/proc/{web.pid}/status") if line.startswith("VmRSS")]
print(int(status[0].split()[1]) // 1024)
""")  # fmt: skip
    wait, memory = out.split()
    assert float(wait) < 30, out
    assert int(memory) < 200, out


def test_nobody_looks_nothing_is_done(box: Sandbox):
    out = run(box, """
ip(*(f"netns add n{number}" for number in range(60)))
web = Web(); web.enter()
stream = Stream(web); until(stream.versions); stream.socket.close()
select.select([], [], [], 1)
before = cpu(web.pid)
select.select([], [], [], 3)
print(cpu(web.pid) - before)
""")  # fmt: skip
    assert float(out) <= 0.1, out  # of three seconds: who looks again and again takes more


def test_names_that_are_markup(box: Sandbox):
    out = run(box, """
name = "<img src=x onerror=alert(1)>'\\x1b[1m"
subprocess.run(["ip", "netns", "add", name], check=True)
subprocess.run(["ip", "-n", name, "link", "add", "<b>\\"'&", "type", "bridge"], check=True)
web = Web(); web.enter()
print(json.dumps(web.map()["svg"]))
""")  # fmt: skip
    svg = json.loads(out)
    assert "<img" not in svg
    assert "<b>" not in svg
    assert "\x1b" not in svg
    assert "&lt;img" in svg
    assert "&lt;b&gt;" in svg


def test_one_lab_alone(box: Sandbox):
    box.write("/run/shop.yaml", "lab: shop\nhosts:\n  web: {}\n  db: {}\ncables:\n  - [web, db]\n")
    out = run(box, """
done = subprocess.run([*NW, "up", "/run/shop.yaml"], capture_output=True, text=True)
if done.returncode: print("no lab", done.stderr); sys.exit(0)
web = Web("--lab", "shop"); web.enter()
print(json.dumps(web.map()))
assert web.request("space?id=" + str(os.stat("/run/netns/c1").st_ino))[0] == 404
subprocess.run([*NW, "down", "shop"], check=True)
""")  # fmt: skip
    if out.startswith("no lab"):
        missing(out)
    view = json.loads(out.splitlines()[0])
    assert len(view["names"]) >= 2
    assert [name for name in view["names"].values() if "shop" not in name and name not in ("web", "db")] == []


def test_much_that_comes_and_goes_leaves_the_right_map(box: Sandbox):
    """Namespaces that live for milliseconds, a process that changes its namespace all the time."""
    run(box, """
code = '''
import os, sys
from netwright.kernel.syscalls import CLONE_NEWNET, setns
spaces = [os.open(path, os.O_RDONLY) for path in ("/proc/self/ns/net", "/run/netns/c1", "/run/netns/c2")]
while True:
    for fd in spaces: setns(fd, CLONE_NEWNET)
'''
web = Web(); web.enter(); watch = Watch("--json")
stream = Stream(web); until(stream.versions)
restless = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
for turn in range(12):
    names = [f"t{turn}-{number}" for number in range(8)]
    ip(*(f"netns add {name}" for name in names), *(f"link add v{name} type veth peer name eth0 netns {name}" for name in names), *(f"link set v{name} master br0 up" for name in names))
    ip(*(f"netns del {name}" for name in names[:: 1 + turn % 2]))
    ip(*(f"netns del {name}" for name in names if name not in names[:: 1 + turn % 2]))
restless.kill(); restless.wait()
ip("netns add last", "link add vlast type veth peer name eth0 netns last")
def right():
    view = web.map()
    cables = sorted(tuple(sorted((view["names"][c[0]] + " " + c[1], view["names"][c[2]] + " " + c[3]))) for line in view["lines"] for c in line["cables"])
    return {"host", "c1", "c2", "last"} <= set(view["names"].values()) and not any(name[0] == "t" for name in view["names"].values()) and cables == [
        ("c1 eth0", "host v1"), ("c2 eth0", "host v2"), ("host vlast", "last eth0")]
until(right)
watch.line(lambda line: json.loads(line)["namespace"] == "last")
assert watch.process.poll() is None and web.process.poll() is None
assert "Traceback" not in web.err() + watch.err(), web.err() + watch.err()
""")  # fmt: skip
