"""What breaks: kill -9 at every step, another boot, a flush, lost files, a full disk, a clock that moves. Nothing may be left half-made."""

from collections.abc import Callable

import pytest
from networks_host import PACKAGES, PYTHON, Host
from sandbox import Sandbox
from traffic import until
from users import PRELUDE, Snippets

PORTS = ("-p", "8080:80", "-p", "*:9000-9003:90-93", "-p", "8053:53/udp")


@pytest.fixture
def host(sandbox: Sandbox) -> Host:
    return Host(sandbox)


def at_every_step(host: Host, *words: str, after: Callable[[bool], None]) -> int:
    """Run the command, killed at its first step, its second … until it comes to its end; `after` puts things back."""
    for step in range(1, 200):
        done = host.tried(*words, kill=step)
        assert done.code in (0, -9), (step, done.err)
        try:
            after(done.code == 0)
        except AssertionError as error:
            raise AssertionError(f"{' '.join(words)} killed at its step {step}: {error}") from error
        if done.code == 0:
            return step
    raise AssertionError("it never came to its end")


def test_create_killed(host: Host):
    before = host.traces()
    host.nw("network create shop --no-dns --subnet 10.7.0.0/24")
    made = host.traces()
    host.nw("network rm shop")

    def after(whole: bool) -> None:
        there = host.nw("network ls -q").out
        if not whole and there:
            host.nw("network reload")
            assert host.traces() == made, "reloaded"
        host.nw("network create shop --no-dns --subnet 10.7.0.0/24")
        assert host.traces() == made, "created again"
        host.nw("network rm shop")
        assert host.traces() == before

    assert at_every_step(host, "network", "create", "shop", "--no-dns", "--subnet", "10.7.0.0/24", after=after) > 4


def test_rm_killed(host: Host):
    before = host.traces()

    def make() -> None:
        host.nw("network create shop --no-dns --subnet 10.7.0.0/24 --no-ipv6")
        host.nw("connect shop a -p 8080:80")

    make()

    def after(whole: bool) -> None:
        host.nw("network ls")  # any command at all
        if host.tried("network inspect shop").code == 0:
            host.nw("network rm -f shop")
        assert host.traces() == before
        make()

    assert at_every_step(host, "network", "rm", "-f", "shop", after=after) > 4


@pytest.mark.parametrize("way", ["reload", "again", "leave"])
def test_connect_killed(host: Host, way: str):
    host.nw("network create shop --subnet 10.7.0.0/24")
    made = host.traces()
    host.nw("connect", "shop", "a", *PORTS)
    there = host.traces()
    host.nw("disconnect shop a")

    def after(whole: bool) -> None:
        if way == "reload":
            host.nw("network reload")
            assert host.traces() in (made, there)
        elif way == "again":
            host.nw("connect", "shop", "a", *PORTS)
            assert host.traces() == there
        host.nw("disconnect --force shop a")
        assert host.traces() == made
        assert "eth0" not in host.box.ip("-br link", netns="a")

    assert at_every_step(host, "connect", "shop", "a", *PORTS, after=after) > 4


def test_disconnect_killed(host: Host):
    host.nw("network create shop --subnet 10.7.0.0/24")
    host.nw("network create next --no-ipv6 --no-dns")
    host.nw("connect next b")
    made = host.traces()
    for network in ("shop", "next"):
        host.nw("connect", network, "a", *(PORTS if network == "shop" else ()))
    both = host.traces()

    def after(whole: bool) -> None:
        host.nw("network reload")
        if not whole:
            host.nw("disconnect --force shop a")
        ways = host.box.ip("route", netns="a")
        assert ways.count("default") == 1
        assert "default via 10.64.0.1 dev eth1" in ways, "it moved on"
        host.nw("disconnect --force next a")
        assert host.traces() == made
        host.nw("connect", "shop", "a", *PORTS)
        host.nw("connect next a")
        assert host.traces() == both

    assert at_every_step(host, "disconnect", "shop", "a", after=after) > 4


@pytest.mark.parametrize("verb", ["add", "del"])
def test_publish_killed(host: Host, verb: str):
    host.nw("network create shop --subnet 10.7.0.0/24 --no-dns")
    host.nw("connect shop a")
    without = host.traces()
    words = ("8080:80", "*:9000-9003:90-93", "8053:53/udp")
    host.nw("publish", "add", "a", *words)
    published = host.traces()
    if verb == "add":
        host.nw("publish", "del", "a", *words)

    def after(whole: bool) -> None:
        host.nw("network reload")
        now = host.traces()
        assert now in (without, published)
        if verb == "add" and now == published:
            host.nw("publish", "del", "a", *words)
            assert host.traces() == without
        if verb == "del":
            host.nw("publish", "add", "a", *words)
            assert host.traces() == published

    assert at_every_step(host, "publish", verb, "a", *words, after=after) > 4


def test_macvlan_killed(host: Host):
    host.nw("network create lan -d macvlan --parent up0 --subnet 192.0.2.0/24 --gateway 192.0.2.9 --range 192.0.2.32/28")
    made = host.traces()

    def after(whole: bool) -> None:
        host.nw("disconnect --force lan a")
        assert host.traces() == made
        assert "eth0" not in host.box.ip("-br link", netns="a")

    assert at_every_step(host, "connect", "lan", "a", after=after) > 4
    before = "the address of somebody else's device"
    host.box.ip("link add eth0 type bridge", netns="a")
    assert "eth0" in host.refused("connect lan a --interface eth0"), before
    assert "eth0" in host.box.ip("-br link", netns="a"), "what is not ours stays"
    assert host.traces() == made


# -- the host changes ----------------------------------------------------------------------------------------------------------


def test_another_boot(host: Host):
    """Nothing of the last boot is there any more but the networks and who had which address."""
    host.nw("network create shop --subnet 10.7.0.0/24")
    before = host.traces()
    for name in "ab":
        host.nw("connect", "shop", name, *(PORTS if name == "a" else ()))
    b = host.address("b", "shop")
    for words in ("link del nw-shop", "netns del a", "netns del b"):
        host.box.ip(words)
    until(lambda: host.box.ip("-br link show type veth").count("\n") == 1)
    host.box.run(["nft", "flush", "ruleset"])
    host.box.write("/run/boot", "01234567-89ab-cdef-0123-456789abcdef\n")
    assert host.box.run(["mount", "--bind", "/run/boot", "/proc/sys/kernel/random/boot_id"]).code == 0
    for name in "abc":
        if name != "c":
            host.container(name)
    said = host.nw("network reload").out
    assert "shop" in said
    assert host.traces() == before
    host.nw("connect shop c")
    host.nw("connect shop b")
    assert host.address("b", "shop") == b, "addresses stay with their names"
    assert host.pings("c", b)
    assert host.nw("publish ls -q").out == ""


def test_everything_below_run_is_wiped_while_containers_run(host: Host):
    host.nw("network create shop --subnet 10.7.0.0/24 --no-ipv6")
    made = host.traces()
    for name in "ab":
        host.nw("connect", "shop", name, *(("-p", "*:8080:80") if name == "a" else ()))
    there = host.traces()
    host.serve("a", "tcp/80")
    assert host.box.run(["rm", "-rf", "/run/netwright"]).code == 0
    assert host.ask("out", "192.0.2.1", 8080) == "192.0.2.9", "what is made goes on"
    host.nw("network reload")
    assert host.traces() == there
    assert host.ask("out", "192.0.2.1", 8080) == "192.0.2.9"
    gateway = host.inspect("shop")["subnets"][0]["gateway"]
    code = "import sys; sys.path[:0] = [sys.argv[1]]; import dns.resolver as r; x = r.Resolver(configure=False); x.nameservers = [sys.argv[2]];"
    code += " print(x.resolve('a.', 'A', lifetime=60)[0])"
    assert host.box.run([*PYTHON, code, PACKAGES, gateway], netns="b").out.strip() == host.address("a", "shop"), "and names"
    for name in "ab":
        host.nw(f"disconnect shop {name}")
    assert host.traces() == made
    host.nw("network rm shop")
    assert "nw-shop" not in host.box.ip("-br link")


def test_the_bridge_is_deleted_by_somebody(host: Host):
    host.nw("network create shop --subnet 10.7.0.0/24")
    for name in "ab":
        host.nw(f"connect shop {name}")
    there = host.traces()
    host.box.ip("link del nw-shop")
    assert host.silent("a", host.address("b", "shop"))
    host.nw("network reload")
    assert host.pings("a", host.address("b", "shop"))
    assert host.traces() == there


@pytest.mark.parametrize("how", ["gone", "damaged", "empty"])
def test_the_database_is_lost(host: Host, how: str):
    host.nw("network create shop --subnet 10.7.0.0/24 --no-dns")
    host.nw("connect", "shop", "a", *PORTS)
    there = host.traces()
    script = {"gone": "rm -r /run/state", "damaged": "head -c 20000 /dev/urandom >/run/state/networks.db", "empty": ": >/run/state/networks.db"}[how]
    host.box.run(["sh", "-c", script])
    assert "networks.db" in host.nw("network ls").err, "it is told"
    assert host.traces() == there
    host.nw("network reload")
    assert host.traces() == there
    host.nw("network rm -f shop")
    assert "nw-shop" not in host.box.ip("-br link")


def test_a_full_disk(host: Host):
    host.nw("network create shop --subnet 10.7.0.0/24 --no-dns")
    host.nw("connect shop a")
    there = host.traces()
    host.box.run(["sh", "-c", "mkdir /run/full; cp -a /run/state/. /run/full; mount -t tmpfs -o size=160k none /run/state; cp -a /run/full/. /run/state"])
    host.box.run(["sh", "-c", "head -c 1000000 /dev/zero >/run/state/filler"])
    for words in ("network create x --no-dns", "connect shop b", "publish add a 8080:80"):
        said = host.refused(words)
        assert "make room" in said, said
    host.box.run(["rm", "/run/state/filler"])
    assert host.traces() == there, "and nothing was done"
    host.nw("connect shop b")


@pytest.mark.parametrize("days", [1, -1])
def test_the_clock_moves(host: Host, days: int):
    host.nw("network create shop --subnet 10.7.0.0/29 --no-dns")
    host.nw("connect shop a")
    first = host.address("a", "shop")
    host.nw("disconnect shop a", days=days)
    host.nw("connect shop b", days=days)
    host.nw("connect shop a")
    assert host.address("a", "shop") == first
    assert host.address("b", "shop") != first
    assert host.nw("network reload", days=-days).out.startswith("nothing to do")


def test_a_container_ends_without_a_word(host: Host):
    host.nw("network create shop --subnet 10.7.0.0/24")
    made = host.traces()
    host.nw("connect", "shop", "a", *PORTS)
    host.box.ip("netns del a")
    until(lambda: host.box.ip("-br link show type veth").count("\n") == 1)
    assert "a is gone" in host.nw("network reload").out
    assert host.traces() == made


def test_what_is_somebody_elses_stays(host: Host):
    host.box.run(["nft", "add table inet other; add chain inet other c { type filter hook forward priority 5; policy accept; }; add rule inet other c counter"])
    for words in ("link add nw-shop type bridge", "link add nw0 type bridge", "link set nw0 up", "addr add 10.99.0.1/24 dev nw0"):
        host.box.ip(words)
    before = [line for line in host.traces() if "counter" not in line]
    host.nw("network create shop --no-dns")
    assert host.inspect("shop")["device"] != "nw-shop", "that name is another's"
    assert "there is a device nw-shop already" in host.refused("network create x --device nw-shop")
    host.nw("connect shop a -p 8080:80")
    host.nw("network reload")
    host.nw("network rm -f shop")
    host.nw("network prune")
    assert [line for line in host.traces() if "counter" not in line] == before


# -- other users ---------------------------------------------------------------------------------------------------------------


def test_without_root_it_says_what_to_do(sandbox: Sandbox):
    ordinary = Snippets(sandbox, "ordinary")
    code = "from netwright.cli.main import main; sys.exit(main(['nw', *sys.argv[1:]]))"
    for words in (["network", "create", "shop"], ["network", "ls"], ["connect", "shop", "a"], ["publish", "ls"]):
        done = ordinary.result(code, *words)
        assert done.code == 1, (words, done)
        assert "Traceback" not in done.err
        assert "nw rootless" in done.err, done.err


def test_in_nw_rootless_everything_works(sandbox: Sandbox):
    ordinary = Snippets(sandbox, "ordinary")
    code = f"""
sys.path.append({PACKAGES!r})
from netwright.cli.main import main
def nw(*words):
    code = main(["nw", *words])
    assert code == 0, (words, code)
for name in "ab":
    subprocess.run(["ip", "netns", "add", name], check=True)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
nw("network", "create", "shop")
nw("connect", "shop", "a", "-p", "8080:80")
nw("connect", "shop", "b")
nw("publish", "add", "a", "8081:81")
nw("publish", "ls", "-q")
subprocess.run(["ip", "netns", "exec", "b", "ping", "-c1", "-w30", "10.64.0.2"], check=True, stdout=subprocess.DEVNULL)
nw("network", "rm", "-f", "shop")
print("done")
"""
    argv = ["nw", "rootless", "/usr/bin/python3", "-c", PRELUDE + code]
    done = ordinary.result(f"from netwright.cli.main import main; sys.exit(main({argv!r}))")
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == "shop"
    assert done.out.splitlines()[-1] == "done"


def test_without_nft_nothing_is_made(host: Host):
    before = host.traces()
    nft = host.box.run(["sh", "-c", "readlink -f $(command -v nft)"]).out.strip()
    assert host.box.run(["mount", "--bind", "/dev/null", nft]).code == 0
    said = host.refused("network create shop")
    assert host.box.run(["umount", nft]).code == 0
    assert "nft" in said
    assert host.traces() == before
