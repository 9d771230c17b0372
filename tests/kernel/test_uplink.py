"""`uplink: true` in a box that plays the machine: a host reaches "the internet" by NAT, and afterwards the machine is as it was."""

import pytest
from labs import Nw
from machine import ADDRESS, INTERNET, connect, dump, wait_for
from sandbox import Sandbox, missing
from users import USERS

LAB = "lab: shop\nuplink: true\nhosts:\n  a: { switch: s }\n  b: { switch: s }\nswitches:\n  s: { subnet: 10.1.0.0/24 }\n"
FAR = "198.51.100.7"
SERVER = "import socket; s = socket.create_server(('', 7000)); print('ready', flush=True)\nwhile 1:\n c, a = s.accept(); c.sendall(a[0].encode()); c.close()"
ASK = f"import socket; print(socket.create_connection(('{FAR}', 7000), 60).recv(99).decode())"


def forwarding(box: Sandbox) -> dict[str, str]:
    lines = box.run(["sh", "-c", "cd /proc/sys/net/ipv4/conf; grep -H . */forwarding"]).lines
    return {name.partition("/")[0]: value for name, _, value in (line.partition(":") for line in lines)}


@pytest.fixture
def nw(sandbox: Sandbox) -> Nw:
    sandbox.quiet()
    connect(sandbox)
    return Nw(sandbox, "root")


@pytest.mark.parametrize("user", USERS)
def test_a_host_reaches_the_internet_and_the_answer_comes_back(sandbox: Sandbox, user: str):
    sandbox.quiet()
    connect(sandbox)
    nw = Nw(sandbox, user)
    if user != "root":
        made = sandbox.run(["sh", "-ec", "mknod -m 666 /run/tun c 10 200; mount --bind /run/tun /dev/net/tun"])
        if made.code or sandbox.run(["which", "pasta"]).code:
            missing(f"no pasta, or no tun device that everybody may open: {made.err.strip()}")
    sandbox.popen(["nsenter", "--net=/run/internet", "python3", "-uc", SERVER], out="/run/server")
    wait_for(sandbox, "/run/server")
    before = dump(sandbox)
    nw("up", nw.file("shop.lab.yaml", LAB))
    # What comes back is the address under which the server saw the host: the machine's own.
    assert [nw("exec", f"shop/{host}", "python3", "-c", ASK).strip() for host in "ab"] == [ADDRESS, ADDRESS]
    assert nw("up", f"{nw.environment['HOME']}/shop.lab.yaml").startswith("nothing to do")
    assert nw("exec", "shop/a", "python3", "-c", ASK).strip() == ADDRESS
    nw("down")
    assert dump(sandbox) == before
    assert nw.left() == []


def test_an_uplink_comes_and_goes_with_its_line(nw: Nw):
    path = nw.file("shop.lab.yaml", LAB.replace("uplink: true\n", ""))
    nw("up", path)
    before = dump(nw.box)
    assert nw.result("exec", "shop/a", "ping", "-c1", "-W1", FAR).code != 0
    nw.file("shop.lab.yaml", LAB)
    nw("up", path)
    nw("exec", "shop/a", "ping", "-c1", "-w30", FAR)
    nw.file("shop.lab.yaml", LAB.replace("uplink: true\n", ""))
    nw("up", path)
    assert dump(nw.box) == before
    assert nw("exec", "shop/@", "ip", "-br", "link", "show", "type", "veth").count("uplink") == 0
    nw("down")


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_two_labs_share_the_way_out(nw: Nw, order: tuple[str, str]):
    before = dump(nw.box)
    path = nw.file("shop.lab.yaml", LAB)
    for name in ("one", "two"):
        nw("up", path, "--name", name)
    assert forwarding(nw.box)["eth0"] == "1"
    nw("down", order[0])
    assert forwarding(nw.box)["eth0"] == "1"
    assert nw("exec", f"{order[1]}/a", "ping", "-c1", "-w30", FAR)
    nw("down", order[1])
    assert dump(nw.box) == before


def test_forwarding_that_was_on_stays_on(nw: Nw):
    nw.box.write("/proc/sys/net/ipv4/ip_forward", "1")
    nw("up", nw.file("shop.lab.yaml", LAB))
    nw("down")
    assert set(forwarding(nw.box).values()) == {"1"}


DROPS = 'table ip filter {\n chain FORWARD {\n  type filter hook forward priority filter; policy drop;\n  iifname "docker0" accept\n }\n}\n'


def test_a_firewall_that_drops_is_told_with_the_command_that_mends_it(nw: Nw):
    nw.box.run(["nft", "-f", "-"], stdin=DROPS)
    before = dump(nw.box)
    path = nw.file("shop.lab.yaml", LAB)
    done = nw.result("up", path)
    assert done.code == 1
    assert "nftables chain ip filter FORWARD has policy drop" in done.err
    assert (nw.left(), dump(nw.box)) == ([], before)
    mend = done.err[done.err.index("nft 'insert") :].partition("accept'")[0] + "accept'"
    assert nw.box.run(["sh", "-c", mend]).code == 0
    nw("up", path)
    nw("exec", "shop/a", "ping", "-c1", "-w30", FAR)
    nw("down")
    assert "docker0" in dump(nw.box)


RICH = """
table inet fw {
  counter seen { }
  set bad {
    type ipv4_addr
    flags interval,timeout
    elements = { 192.0.2.128/25 timeout 1h }
  }
  map ports {
    type inet_service : verdict
    elements = { 22 : accept, 23 : drop }
  }
  chain input {
    type filter hook input priority filter - 5; policy drop;
    ct state vmap { established : accept, invalid : drop }
    tcp dport vmap @ports
    meta l4proto { icmp, ipv6-icmp } accept comment "a; b }"
    iifname { "lo", "eth0" } accept
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    counter name "seen" ip saddr @bad drop
  }
}
table bridge b {
  chain c {
    type filter hook forward priority 0; policy drop;
  }
}
table netdev n {
  chain i {
    type filter hook ingress device "eth0" priority 0; policy accept;
  }
}
"""


def test_rules_of_others_are_read_and_left_alone(nw: Nw):
    lost = []
    for text in RICH.split("\ntable ")[1:]:
        done = nw.box.run(["nft", "-f", "-"], stdin=f"table {text}")
        lost += [done.err] if done.code else []  # a kernel without tables for bridges
    assert len(lost) < 3, lost
    before = dump(nw.box)
    nw("up", nw.file("shop.lab.yaml", LAB))
    nw("exec", "shop/a", "ping", "-c1", "-w30", FAR)
    nw("down")
    assert dump(nw.box) == before


def test_a_table_of_that_name_that_is_not_ours_is_told_and_stays(nw: Nw):
    nw.box.run(["nft", "add table ip netwright-shop"])
    before = dump(nw.box)
    done = nw.result("up", nw.file("shop.lab.yaml", LAB))
    assert done.code == 1
    assert "table ip netwright-shop that is not of this lab" in done.err
    assert (nw.left(), dump(nw.box)) == ([], before)


def test_a_machine_without_a_default_route_has_nothing_to_link_to(nw: Nw):
    nw.box.ip("route del default")
    done = nw.result("up", nw.file("shop.lab.yaml", LAB))
    assert "this machine has no IPv4 default route" in done.err
    assert nw.left() == []
    assert INTERNET
