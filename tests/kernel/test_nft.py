"""nftables on the real kernel: tables there and back, elements by message, errors; nft(8) is the oracle."""

import json
import shutil

import pytest
from sandbox import Sandbox, missing

from netwright.model.nft import Chain, Set, Table
from netwright.model.nft_text import parsed
from netwright.plan.explain.nft import shell
from netwright.plan.ops import AddElements, DeleteElements, DeleteTable, PutTable

SETUP = """
import errno, os, time
from netwright.errors import CallFailed, Exists, Invalid, KernelError, Missing, NotPermitted, NotSupported
from netwright.kernel import namespaces, nfnetlink, nft
from netwright.kernel.nfnetlink import Nfnetlink
from netwright.model.nft import Chain, Set, Table
if not os.path.exists("/run/netns/red"):
    namespaces.create("red")
fd = namespaces.open_namespace("red")
mine = os.readlink("/proc/thread-self/ns/net")
"""


@pytest.fixture(autouse=True)
def nft_is_there() -> None:
    if shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin:/bin") is None:
        missing("nft(8) is not installed")


def check(box: Sandbox, code: str) -> None:
    result = box.python(SETUP + code)
    assert result.code == 0, result.err


def listed(box: Sandbox) -> dict[tuple[str, str], Table]:
    return parsed(box.run(["nft", "-s", "list", "ruleset"], netns="red").out)


def of(*elements: str) -> frozenset[str]:
    return frozenset(elements)


CASES = {
    "empty": Table("inet", "nothing"),
    "policy": Table("inet", "policies", {"web": Set("inet_service", elements=of("80", "443"))}, {
        "in": Chain(('iifname "lo" accept', "ct state vmap { invalid : drop, established : accept, related : accept }", "tcp dport @web accept", "jump other"), "filter", "input", "filter", "drop"),
        "other": Chain(("icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept", "reject", 'log prefix "in: { " limit rate 5/minute burst 3 packets', "tcp dport 1 reject with tcp reset", "reject with icmpx admin-prohibited")),
        "out": Chain((), "route", "output", "mangle"),
    }),
    "masquerade": Table("ip", "nat", {}, {
        "post": Chain(('oifname "eth0" masquerade', 'ip saddr 10.0.0.0/24 oifname != "eth1" snat to 192.0.2.1', 'oifname "eth2" masquerade random,persistent'), "nat", "postrouting", "srcnat"),
        "pre": Chain(("tcp dport 8080 dnat to 10.0.0.2:80", "udp dport 5000-5010 dnat to 10.0.0.3", "tcp dport 81 redirect to :80"), "nat", "prerouting", "dstnat"),
        "early": Chain((), "nat", "prerouting", "dstnat - 5"),
    }),
    "dnat maps": Table("ip", "published", {
        "ports": Set("inet_service", "ipv4_addr . inet_service", elements=of("8080 : 10.0.0.2 . 80", "8443 : 10.0.0.2 . 443")),
        "both": Set("inet_proto . inet_service", "ipv4_addr . inet_service", elements=of("tcp . 80 : 10.0.0.1 . 8080", "udp . 53 : 10.0.0.2 . 53")),
        "net": Set("ipv4_addr", "ipv4_addr", ("interval",), of("10.0.0.0/8 : 192.0.2.1", "11.0.0.0-11.0.0.5 : 192.0.2.2")),
    }, {"pre": Chain(("dnat ip to tcp dport map @ports", "dnat ip to meta l4proto . th dport map @both", "dnat to ip daddr map @net"), "nat", "prerouting", "dstnat - 10")}),
    "dnat inet": Table("inet", "nat", {"p": Set("inet_service", "ipv4_addr", elements=of("80 : 10.0.0.1"))}, {"pre": Chain(("dnat ip to tcp dport map @p", "tcp dport 81 dnat ip6 to [fd00::1]:80"), "nat", "prerouting", "dstnat")}),
    "intervals": Table("inet", "zones", {
        "four": Set("ipv4_addr", "", ("interval",), of("10.0.0.0/24", "10.1.0.0-10.1.0.77", "192.0.2.7")),
        "six": Set("ipv6_addr", "", ("interval",), of("fd00::/16", "fd01::1-fd01::9")),
        "ports": Set("inet_service", "", ("interval",), of("1-1024", "8080")),
        "pairs": Set("ipv4_addr . inet_service", "", ("interval",), of("10.0.0.0/24 . 80-90", "10.1.0.0-10.1.0.77 . 8")),
        "fixed": Set("ipv4_addr", "", ("constant", "interval"), of("10.9.0.0/16")),
    }, {"c": Chain(("ip saddr @four accept", "ip6 daddr @six accept", "ip saddr . tcp dport @pairs drop", "ip daddr @fixed accept"))}),
    "sets": Table("inet", "sets", {
        "four": Set("ipv4_addr", elements=of(*(f"10.0.0.{n}" for n in range(1, 60)))),
        "six": Set("ipv6_addr", elements=of("fd00::1", "fd00::2", "::ffff:1.2.3.4")),
        "mac": Set("ether_addr", elements=of("02:00:00:00:00:01", "02:00:00:00:00:02")),
        "names": Set("ifname", elements=of('"eth0"', '"veth.1"')),
        "marks": Set("mark", elements=of("0x00000001", "0x00000007")),
        "states": Set("ct_state", elements=of("established", "new")),
        "protocols": Set("inet_proto", elements=of("tcp", "udp", "99")),
        "typed": Set("typeof ip saddr . tcp dport", elements=of("10.0.0.1 . 80")),
        "three": Set("ifname . ipv4_addr . inet_service", elements=of('"eth0" . 10.0.0.1 . 80', '"eth1" . 10.0.0.1 . 81')),
        "learned": Set("ipv4_addr", "", ("dynamic", "timeout"), of("10.0.0.7 timeout 5m", '10.0.0.8 comment "a, } b"')),
        "none": Set("ipv4_addr"),
    }, {"c": Chain(("add @learned { ip saddr timeout 5m }", "update @learned { ip saddr limit rate 10/second }", "iifname . ip saddr . tcp dport @three accept"))}),
    "verdict maps": Table("inet", "zones2", {
        "ports": Set("inet_service", "verdict", elements=of("80 : jump web", "81 : drop", "82 : goto web", "83 : continue", "84 : accept", "85 : return")),
        "ways": Set("ifname . ifname", "verdict", elements=of('"eth0" . "eth1" : accept', '"eth1" . "eth0" : drop')),
        "from": Set("ipv4_addr", "verdict", ("interval",), of("10.0.0.0/8 : jump web")),
    }, {
        "every": Chain(("tcp dport vmap @ports", "iifname . oifname vmap @ways", "ip saddr vmap @from", "meta l4proto vmap { tcp : jump web, udp : drop }")),
        "web": Chain(("counter accept",)),
    }),
    "words": Table("inet", "words", {}, {"c": Chain((
        'tcp dport { 80, 443, 8080, 8081, 8082, 8083, 8084, 8085, 8086, 8087 } accept comment "a { ; # b"',
        "ip saddr { 10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4, 10.0.0.5 } counter accept",
        "ip saddr . tcp dport { 10.0.0.1 . 80, 10.0.0.2 . 80, 10.0.0.3 . 443 } drop",
        'iifname { "a", "b" } oifname "c*" return',
        "meta mark set 0x00000010 ct mark set meta mark",
        "ip daddr != 10.0.0.0/8 tcp sport 1024-65535 accept",
        "tcp flags syn / syn,ack ct status dnat accept",
        "ip dscp af11 ip ttl 1 ip length 4-9 accept",
        "ct state established,related accept",
        "meta skuid 0 accept",
        "fib daddr type local accept",
        "tcp option maxseg size set rt mtu",
        "quota over 10 mbytes drop",
        "meta nfproto ipv6 accept",
    ))}),
    "bridge": Table("bridge", "b", {"macs": Set("ether_addr", elements=of("02:00:00:00:00:01"))}, {"f": Chain(("ether saddr @macs drop", "ether type arp accept", 'iifname "p1" oifname "p2" drop'), "filter", "forward", "filter")}),
    "netdev": Table("netdev", "n", {}, {"one": Chain(("ip protocol icmp drop",), "filter", "ingress", "filter", device="lo"), "two": Chain((), "filter", "ingress", "20", device="lo red0")}),
    "arp": Table("arp", "a", {}, {"c": Chain(("arp operation request accept",), "filter", "input", "filter", "drop")}),
    "six": Table("ip6", "s", {}, {"c": Chain(("ip6 saddr fd00::/8 masquerade",), "nat", "postrouting", "srcnat")}),
}  # fmt: skip


def test_every_case_is_read_as_it_was_put(sandbox):
    """Each by itself, each over another one, and all together."""
    check(
        sandbox,
        f"""
from netwright.model.nft_text import parsed
import subprocess
subprocess.run(["ip", "-n", "red", "link", "add", "red0", "type", "veth", "peer", "red1"], check=True)
assert nft.read(fd) == {{}}
cases = {CASES!r}
for name, table in cases.items():
    key = table.family, table.name
    nft.put(fd, table)
    assert nft.read(fd) == {{key: table}}, (name, nft.read(fd)[key], table)
    nft.put(fd, Table(*key, {{"old": Set("ipv4_addr")}}, {{"old": Chain(("accept",))}}))
    nft.put(fd, table)
    assert nft.read(fd) == {{key: table}}, name
    nft.delete(fd, *key)
    assert nft.read(fd) == {{}}, name
for table in cases.values():
    nft.put(fd, table)
wanted = {{(t.family, t.name): t for t in cases.values()}}
assert nft.read(fd) == wanted
with Nfnetlink(fd) as netlink:
    assert sorted(nfnetlink.tables(netlink)) == sorted(wanted)
assert os.readlink("/proc/thread-self/ns/net") == mine
""",
    )
    assert listed(sandbox) == {(t.family, t.name): t for t in CASES.values()}
    assert sandbox.run(["nft", "list", "ruleset"]).out == ""


def test_the_shell_commands_do_the_same(sandbox):
    sandbox.ip("netns add red")
    gate = Table("inet", "gate", {"web": Set("inet_service", elements=of("80"))}, {"c": Chain(('tcp dport @web accept comment "EOF $x `y`"',))})
    for op in (
        PutTable(gate, "red"),
        PutTable(gate, "red"),
        PutTable(Table("ip", "x"), "red"),
        AddElements("inet", "gate", "web", ("81", "82"), "red"),
        DeleteElements("inet", "gate", "web", ("80", "81"), "red"),
        AddElements("inet", "gate", "web", tuple(map(str, range(10000, 10500))), "red"),
        DeleteTable("ip", "x", "red"),
    ):
        result = sandbox.run(["sh", "-ec", shell(op)])
        assert result.code == 0, (shell(op), result.err)
    web = Set("inet_service", elements=of("82", *map(str, range(10000, 10500))))
    assert listed(sandbox) == {("inet", "gate"): Table("inet", "gate", {"web": web}, gate.chains)}


ELEMENTS = {
    "four": ("ipv4_addr", "", ["10.0.0.1", "192.0.2.255"]),
    "six": ("ipv6_addr", "", ["fd00::1", "::ffff:1.2.3.4"]),
    "mac": ("ether_addr", "", ["02:00:00:00:00:01"]),
    "proto": ("inet_proto", "", ["tcp", "udp", "icmp", "ipv6-icmp", "99"]),
    "port": ("inet_service", "", ["80", "65535"]),
    "marks": ("mark", "", ["0x00000001", "0x0000ff00"]),
    "name": ("ifname", "", ['"eth0"', '"fifteen-letters"']),
    "two": ("ipv4_addr . inet_service", "", ["10.0.0.1 . 80"]),
    "five": ("ifname . mark . inet_proto . ether_addr . inet_service", "", ['"eth0" . 0x00000102 . tcp . 02:00:00:00:00:01 . 80']),
    "mp": ("inet_service", "ipv4_addr", ["80 : 10.0.0.1", "81 : 10.0.0.2"]),
    "mc": ("inet_proto . inet_service", "ipv4_addr . inet_service", ["tcp . 80 : 10.0.0.1 . 8080", "udp . 53 : 10.0.0.2 . 53"]),
    "said": ("ipv4_addr", "", ['10.0.0.1 comment "a, } b"']),
    "mm": ("ipv4_addr", "mark", ["10.0.0.1 : 0x00000007"]),
    "m6": ("ipv6_addr . inet_service", "ipv6_addr", ["fd00::1 . 80 : fd00::2"]),
    "vm": ("ifname . ifname", "verdict", ['"a" . "b" : accept', '"a" . "c" : jump c', '"a" . "d" : goto c', '"a" . "e" : drop', '"a" . "f" : continue', '"a" . "g" : return']),
}  # fmt: skip
# These nft itself must read.
BY_TEXT = {
    "state": ("ct_state", "", ["new", "established"]),
    "pings": ("icmp_type", "", ["echo-request"]),
}


def test_elements_by_message_are_what_nft_prints(sandbox):
    both = {**ELEMENTS, **BY_TEXT}
    check(
        sandbox,
        f"""
from netwright.kernel.nft_elements import encoded
messages, texts = {ELEMENTS!r}, {BY_TEXT!r}
both = {{**messages, **texts}}
nft.put(fd, Table("inet", "t", {{name: Set(kind, data) for name, (kind, data, _) in both.items()}}, {{"c": Chain()}}))
def now():
    return {{name: what.elements for name, what in nft.read(fd)["inet", "t"].sets.items()}}
with Nfnetlink(fd) as netlink:
    for name, (_, _, elements) in both.items():
        known = encoded(nfnetlink.set_definition(netlink, "inet", "t", name), elements) is not None
        assert known == (name in messages), name
for name, (_, _, elements) in both.items():
    nft.add_elements(fd, "inet", "t", name, elements)
    nft.add_elements(fd, "inet", "t", name, elements)
    assert now()[name] == set(elements), (now()[name], elements)
    nft.delete_elements(fd, "inet", "t", name, elements[:1])
    if name in messages:
        nft.delete_elements(fd, "inet", "t", name, elements[:1])
    assert now()[name] == set(elements[1:]), name
    nft.change_elements(fd, "inet", "t", name, add=elements[:1], delete=elements[1:])
    assert now()[name] == set(elements[:1]), name
""",
    )
    sets = listed(sandbox)["inet", "t"].sets
    assert {name: set(what.elements) for name, what in sets.items()} == {name: set(case[2][:1]) for name, case in both.items()}


def test_a_map_changes_a_value_in_one_transaction_and_all_or_nothing(sandbox):
    check(
        sandbox,
        """
nft.put(fd, Table("ip", "t", {"m": Set("inet_service", "ipv4_addr", (), frozenset({"80 : 10.0.0.1"})), "s": Set("inet_service")}))
def now(name="m"):
    return nft.read(fd)["ip", "t"].sets[name].elements
nft.change_elements(fd, "ip", "t", "m", add=["80 : 10.0.0.2"], delete=["80 : 10.0.0.1"])
assert now() == {"80 : 10.0.0.2"}
try:
    nft.change_elements(fd, "ip", "t", "m", add=["81 : 10.0.0.1", "80 : 10.0.0.3"])
except Exists as error:
    assert "add element ip t m" in str(error)
else:
    raise AssertionError("another value for the same key")
assert now() == {"80 : 10.0.0.2"}
nft.change_elements(fd, "ip", "t", "m")
for wrong in ("80 : 10.0.0.1 }", "80 : a b;", ""):
    try:
        nft.add_elements(fd, "ip", "t", "m", [wrong])
    except Invalid:
        pass
    else:
        raise AssertionError(wrong)
many = [str(n) for n in range(1, 30001)]
nft.add_elements(fd, "ip", "t", "s", many)
assert now("s") == set(many)
nft.delete_elements(fd, "ip", "t", "s", [*many[1:], "40000"])
assert now("s") == {"1"}
""",
    )


def test_where_a_socket_is_small_many_elements_go_in_several_transactions(sandbox):
    """As without root: the socket's buffer is what net.core.wmem_max allows."""
    check(
        sandbox,
        """
def small(self):
    self.socket.setsockopt(1, 7, 200000)
    return False
Nfnetlink._size_buffers = small
nft.put(fd, Table("ip", "t", {"s": Set("inet_service")}))
many = [str(n) for n in range(1, 40001)]
nft.add_elements(fd, "ip", "t", "s", many)
assert nft.read(fd)["ip", "t"].sets["s"].elements == set(many)
nft.delete_elements(fd, "ip", "t", "s", many[1:])
assert nft.read(fd)["ip", "t"].sets["s"].elements == {"1"}
""",
    )


def test_the_generation_tells_that_nothing_was_touched(sandbox):
    check(
        sandbox,
        """
with Nfnetlink(fd) as netlink:
    seen = [nfnetlink.generation(netlink)]
    assert nfnetlink.tables(netlink) == []
    for act in (
        lambda: nft.put(fd, Table("ip", "t", {"s": Set("inet_service")})),
        lambda: nft.add_elements(fd, "ip", "t", "s", ["80"]),
        lambda: nft.delete_elements(fd, "ip", "t", "s", ["80"]),
        lambda: nft.load(fd, "add chain ip t c"),
        lambda: nft.delete(fd, "ip", "t"),
    ):
        act()
        seen.append(nfnetlink.generation(netlink))
        nft.read(fd)
        assert nfnetlink.generation(netlink) == seen[-1]
assert len(set(seen)) == len(seen), seen
with Nfnetlink() as here:
    assert nfnetlink.tables(here) == []
""",
    )


ERRORS = {
    "words": ('nft.load(fd, "table ip t { chain c { bogus; }; }")', "Invalid", 0, ["syntax error", "^"]),
    "no chain": ('nft.put(fd, Table("ip", "t", {}, {"c": Chain(("accept", "jump nowhere"))}))', "Missing", 2, ["jump nowhere", "^^^^^^^"]),
    "no set": ('nft.put(fd, Table("ip", "t", {}, {"c": Chain(("ip saddr @no accept",))}))', "Missing", 2, ["@no"]),
    "no object": ('nft.load(fd, "table ip t { chain c { counter name x; }; }")', "Missing", 2, ["counter name x"]),
    "no table": ('nft.delete(fd, "ip", "none")', "Missing", 2, ["delete table ip none"]),
    "no set to change": ('nft.add_elements(fd, "ip", "none", "s", ["80"])', "Missing", 2, ["set ip none s"]),
    "there already": ('nft.load(fd, "create table ip old")', "Exists", 17, ["create table ip old"]),
    "injection": ('nft.put(fd, Table("ip", "t", {}, {"c": Chain(("accept; }",))}))', "Invalid", 0, ["not one rule"]),
    "no namespace": ("nft.load(os.open('/dev/null', 0), '')", "OSError", 22, []),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors_have_nfts_own_words_and_change_nothing(sandbox, name: str):
    code, kind, number, words = ERRORS[name]
    check(
        sandbox,
        f"""
nft.load(fd, "add table ip old")
before = len(os.listdir("/proc/self/fd"))
try:
    {code}
except {kind} as error:
    assert getattr(error, "errno", 0) == {number}, error
    for word in {words!r}:
        assert word in str(error), str(error)
else:
    raise AssertionError("no error")
assert list(nft.read(fd)) == [("ip", "old")]
assert len(os.listdir("/proc/self/fd")) == before + {int(name == "no namespace")}
""",
    )


def test_what_the_kernel_lacks_is_named(sandbox):
    """Whether this kernel has queue or not: the text either loads, or the error names the option."""
    check(
        sandbox,
        """
lacking = {"queue num 1": "NFT_QUEUE", "numgen inc mod 2 vmap { 0 : accept }": "NFT_NUMGEN", "meta ibrname \\"a\\" accept": "NFT_BRIDGE_META"}
for rule, option in lacking.items():
    family = "bridge" if "ibrname" in rule else "ip"
    try:
        nft.put(fd, Table(family, "t", {}, {"c": Chain((rule,))}))
    except NotSupported as error:
        assert error.fix == f"this kernel lacks CONFIG_{option}", error.fix
        assert rule in str(error)
""",
    )


def test_without_nft_and_without_rights_the_error_says_what_to_do(sandbox):
    check(
        sandbox,
        """
nft.load(fd, "add table ip old")
nft.find_program, kept = lambda name, but_not: "", nft.find_program
try:
    nft.read(fd)
except CallFailed as error:
    assert error.errno == errno.ENOENT and error.fix == "apt-get install nftables"
else:
    raise AssertionError
nft.find_program = kept
os.environ["PATH"] = "/nowhere"
assert list(nft.read(fd)) == [("ip", "old")]
""",
    )
    result = sandbox.python(
        SETUP
        + """
import ctypes
# Without CAP_NET_ADMIN (12) in the bounding set and with no way to get it back; entering asks for CAP_SYS_ADMIN alone.
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(24, 12, 0, 0, 0)
os.execv("/proc/self/exe", ["python", "-c", os.environ["AGAIN"]])
""",
        env={"AGAIN": SETUP + "for act in (lambda: nft.load(fd, 'add table ip t'), lambda: nft.read(fd), lambda: nft.delete(fd, 'ip', 'old')):\n    try:\n        act()\n    except NotPermitted as error:\n        print(type(error).__name__, bool(error.fix))\n"},
    )
    assert result.out == "NotPermitted True\n" * 3, (result.out, result.err)


def test_a_thousand_elements_by_message_take_less_than_by_nft(sandbox):
    """A ratio in one run: message against `nft -f -`."""
    result = sandbox.python(
        SETUP
        + """
import json
from netwright.model.nft_text import element_text
nft.put(fd, Table("ip", "t", {"m": Set("inet_service", "ipv4_addr . inet_service")}))
elements = [f"{n} : 10.0.0.1 . 80" for n in range(1, 1001)]
def took(act):
    start = time.perf_counter(); act(); return time.perf_counter() - start
ours, theirs = [], []
for _ in range(5):
    ours.append(took(lambda: nft.add_elements(fd, "ip", "t", "m", elements)))
    nft.delete_elements(fd, "ip", "t", "m", elements)
    theirs.append(took(lambda: nft.load(fd, element_text("add", "ip", "t", "m", elements))))
    assert len(nft.read(fd)["ip", "t"].sets["m"].elements) == 1000
    nft.delete_elements(fd, "ip", "t", "m", elements)
print(json.dumps([min(ours), min(theirs)]))
"""
    )
    assert result.code == 0, result.err
    ours, theirs = json.loads(result.out)
    assert ours < theirs, (ours, theirs)
