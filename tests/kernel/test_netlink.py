"""The netlink core on the real kernel: errors in the middle, offending attributes, overruns, sockets elsewhere."""

SETUP = """
import os, threading
from netwright.errors import Exists, KernelError, Missing, Refused
from netwright.kernel import rtnl, namespaces
from netwright.kernel.netlink import CREATE, EXCL, Netlink, Overrun
namespaces.create("red")
fd = namespaces.open_namespace("red")
mine = os.readlink("/proc/thread-self/ns/net")
net = Netlink(inside=fd)
def pair(name, peer, **more):
    data = {"kind": "veth", "data": {"peer": {"ifname": peer}}}
    return rtnl.LINK.request(rtnl.NEWLINK, CREATE | EXCL, {}, {"ifname": name, **more, "linkinfo": data}, subject=name)
"""


def check(box, code: str) -> None:
    result = box.python(SETUP + code)
    assert result.code == 0, result.err


def test_errors_in_the_middle(sandbox):
    check(
        sandbox,
        """
wanted = [pair(f"a{n if n % 3 else 1}", f"b{n}") for n in range(300)]
results = net.transact(wanted)
assert [isinstance(r, Exists) for r in results] == [n % 3 == 0 and n > 0 or n == 1 for n in range(300)], results[:6]
assert len(rtnl.dump(net, rtnl.GETLINK)) == 401
assert net.transact([]) == []
""",
    )


def test_offending_attribute_and_policy(sandbox):
    check(
        sandbox,
        """
net.request(pair("a", "b"))
error, = net.transact([rtnl.LINK.request(rtnl.NEWLINK, 0, {}, {"ifname": "a" * 40})])
assert error.attribute == "ifname" and "string" in error.policy, (error, error.policy)
nested = {"kind": "veth", "data": {"peer": {"ifname": "x" * 40}}}
error, = net.transact([rtnl.LINK.request(rtnl.NEWLINK, CREATE, {}, {"ifname": "x", "linkinfo": nested})])
assert error.attribute.startswith("linkinfo.data.peer"), error.attribute
nested = {"kind": "bridge", "data": {"vlan_filtering": 1, "group_addr": "01:02:03:04:05:06"}}
error, = net.transact([rtnl.LINK.request(rtnl.NEWLINK, CREATE, {}, {"ifname": "x", "linkinfo": nested})])
assert error is not None, "a group address of the wrong range"
print(error.attribute)
error, = net.transact([rtnl.ROUTE.request(rtnl.NEWROUTE, CREATE, {"family": 2, "type": 1, "table": 254}, {"gateway": "172.31.0.1"})])
assert isinstance(error, Refused) and "gateway" in error.message
error, = net.transact([rtnl.LINK.request(rtnl.NEWLINK, 0, {"index": 9999, "flags": 1, "change": 1}, {}, subject="SetLink red 9999")])
assert isinstance(error, Missing) and str(error).startswith("SetLink red 9999: ")
""",
    )


def test_dump_while_links_come_and_go(sandbox):
    check(
        sandbox,
        """
net.transact([pair(f"k{n}", f"l{n}") for n in range(100)])
done = threading.Event()
def churn():
    with Netlink(inside=fd) as own:
        for n in range(15):
            own.transact([pair(f"c{n}", f"d{n}")])
            own.transact([rtnl.LINK.request(rtnl.DELLINK, 0, {}, {"ifname": f"c{n}"})])
    done.set()
thread = threading.Thread(target=churn); thread.start()
rounds = 0
while not done.is_set() or not rounds:
    names = {m["ifname"] for m in rtnl.dump(net, rtnl.GETLINK)}
    assert {f"k{n}" for n in range(100)} <= names
    rounds += 1
thread.join()
""",
    )


def test_overrun_is_told_and_survived(sandbox):
    check(
        sandbox,
        """
events = Netlink(inside=fd, groups=[rtnl.GROUPS["link"]])
events.socket.setsockopt(1, 8, 2048)
net.transact([pair(f"k{n}", f"l{n}") for n in range(50)])
lost = 0
events.socket.setblocking(False)
while True:
    try:
        events.receive()
    except Overrun:
        lost += 1
    except BlockingIOError:
        break
assert lost
events.socket.setsockopt(1, 8, 1 << 17)
net.request(pair("late", "later"))
assert any(m.get("ifname") in ("late", "later") for m in rtnl.decoded(events.receive()))
""",
    )


def test_a_socket_elsewhere_does_not_move_the_caller(sandbox):
    check(
        sandbox,
        """
net.request(pair("a", "b"))
with Netlink() as here:
    assert len(rtnl.dump(here, rtnl.GETLINK)) == 1
assert len(rtnl.dump(net, rtnl.GETLINK)) == 3
assert os.readlink("/proc/thread-self/ns/net") == mine
before = len(os.listdir("/proc/self/fd"))
for _ in range(50):
    Netlink(inside=fd).close()
assert len(os.listdir("/proc/self/fd")) == before
try:
    Netlink(inside=os.open("/dev/null", 0))
except OSError as error:
    assert error.errno == 22
else:
    raise AssertionError
""",
    )
