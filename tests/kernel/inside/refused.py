"""A lab that runs is to become what the kernel refuses, in many ways: afterwards everything is as it was before. Answers as JSON.

python refused.py held|attached
"""

import json
import os
import re
import sys
from difflib import unified_diff

from netwright.errors import NetwrightError, NotSupported
from netwright.lab.held import Held
from netwright.lab.inside import inside
from netwright.lab.lab import Lab
from netwright.lab.topology import Host, Link, Policy, Switch, Topology
from netwright.model.value import replace

HERE = """
ip -o link | sed 's/link-netns.*//; s/@[a-z0-9]*//; s/^[0-9]*: //' | sort; bridge -d link | sed 's/^[0-9]*: //; s/@if[0-9]*//' | sort
ip -o address | grep -v fe80 | sed 's/^[0-9]*: //' | sort; ip route; ip -6 route | grep -v fe80 | sort; ip rule; tc qdisc | sort; nft -s list ruleset
head -n 9 /proc/sys/net/ipv4/ip_default_ttl /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/*/rp_filter /proc/sys/net/ipv6/conf/all/forwarding
cat /etc/hosts /etc/resolv.conf
"""
A, B = Host({"eth0": Link(switch="s")}, dns=("10.1.0.9",)), Host({"eth0": Link(switch="s", mtu=1400)}, sysctls={"net.ipv4.ip_default_ttl": "32"})
BASE = Topology("shop", ("10.1.0.0/16",), {"a": A, "b": B}, {"s": Switch()}, policy=(Policy("a", "b", deny=("tcp/22",)),))
# What is done before it is refused: a host more, another MTU, a table where there was none, another name server, sysctls.
BEFORE = {
    "a": replace(A, dns=("10.1.0.8",), sysctls={"net.ipv4.conf.eth0.rp_filter": "2", "net.ipv4.ip_default_ttl": "7"}),
    "b": replace(B, links={"eth0": Link(switch="s", mtu=1300)}, sysctls={}),
    "c": Host({"eth0": Link(switch="s")}, dns=("10.1.0.7",)),
}


def tried(switch: Switch | None = None, **links: Link) -> Topology:
    more = Host({"eth0": Link(switch="s"), **links})
    policy = (Policy("b", "a", deny=("all",)),)
    return replace(BASE, hosts={**BEFORE, "d": more}, switches={"s": switch or Switch(), "t": Switch()}, policy=policy)


def with_sysctl(host: str, key: str, value: str) -> Topology:
    whole = tried()
    spec = whole.hosts[host]
    return replace(whole, hosts={**whole.hosts, host: replace(spec, sysctls={**spec.sysctls, key: value})})


REFUSED = {
    "vlan": tried(v1=Link("vlan", parent="eth0", addresses=(), options=(("id", 7),))),
    "dummy": tried(d0=Link("dummy", addresses=())),
    "ipvlan": tried(i0=Link("ipvlan", parent="eth0", addresses=())),
    "netem": tried(eth1=Link(switch="t", delay=10000)),
    "filtering": tried(Switch(vlans=True)),
    "unknown sysctl": with_sysctl("a", "net.ipv4.nothing", "1"),
    "wrong sysctl": with_sysctl("b", "net.ipv4.ip_default_ttl", "banana"),
    "wrong sysctl of a new host": with_sysctl("d", "net.ipv4.ip_forward", "banana"),
}


def shown(text: str) -> str:
    # Numbers of namespaces are given by the kernel when a message needs one, whenever that is.
    return re.sub(r"(ifindex|fwmark) \S+| \(id: \d+\)", "", text)


class OfHolder:
    """A lab that is held."""

    def __init__(self) -> None:
        self.held = Held("shop")

    def up(self, topology: Topology) -> None:
        self.held.up(topology)

    def down(self) -> None:
        self.held.down()

    def state(self) -> str:
        import subprocess

        def work(_):
            from netwright.engine.place import Names
            from netwright.kernel.spawn import Where, run
            from netwright.kernel.views import HeldViews

            out = []
            with Names() as place:
                for name in sorted(place.names()):
                    where = Where(place.fd(name), HeldViews().mounts(name))
                    out.append(f"== {name}\n" + run(where, ["sh", "-c", HERE]).stdout)
            return "\n".join([*out, *sorted(os.listdir("/run/nw-lab")), subprocess.run(["ip", "netns"], stdout=-1, text=True, check=True).stdout])

        return shown(inside(self.held.holder(), work))


class OfProcess:
    """A lab of this process."""

    def __init__(self) -> None:
        self.lab = Lab(topology=BASE)

    def up(self, topology: Topology) -> None:
        self.lab.topology = topology
        try:
            self.lab.up()
        except BaseException:
            self.lab.topology = self.lab._reached or BASE
            raise

    def down(self) -> None:
        self.lab.down()

    def state(self) -> str:
        names = sorted(self.lab._place.names())
        return shown("\n".join([" ".join(names), *(f"== {name}\n" + self.lab[name].run(["sh", "-c", HERE]).stdout for name in names)]))


def main(kind: str) -> dict[str, object]:
    lab = OfHolder() if kind == "held" else OfProcess()
    lab.up(BASE)
    before, answers = lab.state(), {}
    for name, topology in REFUSED.items():
        try:
            lab.up(topology)
            answers[name] = "the kernel can do it"
            lab.up(BASE)
        except NotSupported:
            raise
        except NetwrightError as error:
            answers[name] = str(error)
        lines = [line for line in unified_diff(before.splitlines(), lab.state().splitlines(), "before", name, n=0, lineterm="") if line[:2] != "@@"]
        if lines:
            answers[name] = lines
    lab.up(tried())
    lab.up(BASE)
    answers["back"] = [line for line in unified_diff(before.splitlines(), lab.state().splitlines(), "before", "back", n=0, lineterm="") if line[:2] != "@@"]
    lab.down()
    return answers


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
