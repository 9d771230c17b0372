"""When `up` returns, the first packet arrives: sixty fresh labs, one ping each way and family, with no second try."""

import pytest
from labs import PATHS, Nw
from sandbox import Sandbox
from users import USERS

CODE = """
import os, sys
from netwright.lab.held import Held
from netwright.lab.inside import inside
from netwright.lab.lab import Lab
from netwright.lab.topology import Cable, Host, Link, Switch, Topology

def topology(name):
    hosts = {"a": Host({"eth0": Link(switch="s"), "eth1": Link()}), "b": Host({"eth0": Link(switch="s")}), "c": Host({"eth0": Link()})}
    return Topology(name, ("10.0.0.0/8", "fd00::/48"), hosts, {"s": Switch()}, (Cable((("a", "eth1"), ("c", "eth0"))),))

def pinged(host, address):
    return os.spawnlp(os.P_WAIT, "ping", "ping", "-q", "-c1", "-W20", address) == 0

def addresses(state, host):
    return [a.address.partition("/")[0] for a in state.namespaces[host].addresses]

os.dup2(os.open("/dev/null", os.O_WRONLY), 1)
lost = []
for number in range(30):
    held = Held(f"lab{number}")
    held.up(topology(held.name))
    want = held.wanted()
    def work(_):
        from netwright.kernel.namespaces import enter
        enter("a")
        return [(host, address) for host in "bc" for address in addresses(want, host) if not pinged(host, address)]
    lost += inside(held.holder(), work)
    held.down()
for number in range(30):
    with Lab(topology=topology("mine")) as net:
        lost += [(host, address) for host in "bc" for address in addresses(net.state, host) if net["a"].run(["ping", "-q", "-c1", "-W20", address]).returncode]
sys.stderr.write(repr(lost))
"""


@pytest.mark.parametrize("user", USERS)
def test_the_first_packet_arrives(sandbox: Sandbox, user: str):
    nw = Nw(sandbox, user)
    done = sandbox.run([*nw.prefix, nw.python, "-c", CODE], env={**nw.environment, "PYTHONPATH": PATHS}, timeout=300)
    assert (done.code, done.err) == (0, "[]")


ALONE = """
import subprocess
from netwright.engine.ready import is_up_when_asked
from netwright.kernel import rtnl
from netwright.kernel.netlink import Netlink
with Netlink() as netlink:
    for number in range(20):
        lines = f"link add v{number} type veth peer name w{number}\\nlink set v{number} up\\nlink set w{number} up\\n"
        subprocess.run(["ip", "-batch", "-"], input=lines, text=True, check=True)
        told = {message["ifname"]: raw for raw in netlink.dump(rtnl.LINK.request(rtnl.GETLINK)) if (message := rtnl.decode(raw))}
        assert all(is_up_when_asked(netlink, told[f"{end}{number}"].body) for end in "vw"), number
    subprocess.run(["ip", "link", "set", "w0", "down"], check=True)
    assert not is_up_when_asked(netlink, told["v0"].body)
    subprocess.run(["ip", "link", "del", "v0"], check=True)
    assert not is_up_when_asked(netlink, told["v0"].body)
"""


def test_a_device_that_is_asked_for_alone_is_up_at_once(sandbox: Sandbox):
    """Whatever the kernel's link watch has to look at before: that is for the whole machine."""
    done = sandbox.python(ALONE)
    assert done.code == 0, done.err
