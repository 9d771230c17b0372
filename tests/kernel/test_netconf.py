"""Settings that are read by message are those of the files."""

import json

from sandbox import Sandbox

CODE = """
import json, os
from netwright.engine.narrow import Spots, _link
from netwright.kernel import netconf, sysctl

KEYS = [
    "net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding", "net.ipv4.conf.v0/1.route_localnet", "net.ipv4.conf.v0/1.arp_notify",
    "net.ipv6.conf.v0/1.accept_ra", "net.ipv4.conf.v0/1.rp_filter", "net.ipv4.conf.v9.arp_notify", "net.ipv4.ip_forward.x", "net.core.somaxconn",
]
out = []
for value in "0", "1", "2":
    with Spots({"box": os.open("/run/netns/red", os.O_RDONLY)}) as place:
        sysctl.write(place.fd("box"), {key: min(value, "1") if "forward" in key else value for key in KEYS[:5]})
        session = place.session("box")
        links = {"v0.1": _link(session, "v0.1").raw}
        out.append([netconf.read(session.netlink, links, KEYS), sysctl.read(place.fd("box"), KEYS[:5])])
print(json.dumps(out))
"""


def test_what_is_told_is_what_is_set(sandbox: Sandbox):
    sandbox.ip("netns add red")
    sandbox.ip("-n red link add v0.1 type veth peer name v1")
    done = sandbox.python(CODE)
    assert done.code == 0, done.err
    for told, read in json.loads(done.out):
        assert told == read
        assert len(told) == 5
