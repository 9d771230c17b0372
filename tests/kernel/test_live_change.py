"""A lab that runs is changed: only what differs is touched, no packet of the others is lost, and it ends as if it had been made so."""

import json
from pathlib import Path

import pytest
from labs import PATHS, Nw
from sandbox import Sandbox
from users import USERS

LIVE = Path(__file__).with_name("inside") / "live.py"
FULL = """\
lab: shop
hosts:
  a: { switch: s, address: 10.1.0.1/24 }
  b: { switch: s, address: 10.1.0.2/24 }
  c: { links: { eth0: { switch: s, address: 10.1.0.3/24, mtu: 1400 } }, sysctls: { net.ipv4.ip_default_ttl: 32 } }
  gw: { router: true, links: { eth0: { switch: s, address: 10.1.0.4/24 }, eth1: { switch: t } }, nat: [eth1], dns: [10.1.0.53] }
  d: { links: { eth0: { switch: t, rate: 8mbit } } }
switches:
  s: { subnet: 10.1.0.0/24 }
  t: { subnet: 10.2.0.0/24, mtu: 1400 }
policy:
  - { from: d, to: c, deny: all }
"""
CHANGES = [
    ("a host comes", {"switches:": "  e: { switch: s }\nswitches:"}, {"e", "@"}),
    ("a host goes", {"  d: { links: { eth0: { switch: t, rate: 8mbit } } }\n": "", "policy:\n  - { from: d, to: c, deny: all }\n": ""}, {"d", "@"}),
    ("another address", {"10.1.0.3/24": "10.1.0.33/24"}, {"c", "d"}),
    ("a mtu less", {", mtu: 1400 } }, sysctls": " } }, sysctls"}, {"c", "@"}),
    ("a sysctl less", {", sysctls: { net.ipv4.ip_default_ttl: 32 }": ""}, {"c"}),
    ("a policy less", {"policy:\n  - { from: d, to: c, deny: all }\n": ""}, {"d"}),
    ("no translation", {", nat: [eth1]": ""}, {"gw"}),
    ("no router", {"router: true, ": "", ", nat: [eth1]": ""}, {"gw", "a", "b", "c", "d"}),
    ("no rate", {"links: { eth0: { switch: t, rate: 8mbit } }": "switch: t"}, {"d", "@"}),
    ("no name server", {", dns: [10.1.0.53]": ""}, {"gw"}),
    ("a switch of another size", {"10.2.0.0/24, mtu: 1400": "10.2.0.0/24"}, {"d", "gw", "@"}),
]
STATE = """
for n in @ a b c d e gw; do [ -e /run/netns/$n ] || continue; echo "== $n"; nsenter --net=/run/netns/$n sh -c '
ip -o link | sed "s/link-netns.*//; s/@if[0-9]*//; s/^[0-9]*: //" | sort; ip -o address | grep -v fe80 | sed "s/^[0-9]*: //" | sort; ip route | sort; ip rule; tc qdisc | sed "s/ refcnt.*//" | sort; nft -s list ruleset
cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding'; done; cat /etc/hosts; find /run/nw-lab -type f | sort
"""


def changed(words: dict[str, str]) -> str:
    text = FULL
    for before, after in words.items():
        assert before in text
        text = text.replace(before, after, 1)
    return text


@pytest.mark.parametrize("user", USERS)
def test_changes_touch_only_what_differs_lose_no_packet_and_end_as_if_made_anew(sandbox: Sandbox, user: str):
    nw = Nw(sandbox, user)
    texts = {name: changed(words) for name, words, _ in (CHANGES if user == "root" else CHANGES[::5])}
    order = json.dumps({"texts": texts, "full": FULL, "state": STATE, "touched": {name: sorted(touched) for name, _, touched in CHANGES}})
    done = nw.box.run([*nw.prefix, nw.python, str(LIVE)], stdin=order, env={**nw.environment, "PYTHONPATH": PATHS}, timeout=180)
    assert done.code == 0, done.err
    answer = json.loads(done.out)
    assert answer["wrong"] == []
    sent, lost = answer["ping"]
    assert (sent > 50, lost) == (True, [])
