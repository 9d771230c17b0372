"""A box that plays a machine with a network: eth0, a default route, and "the internet" behind it (a namespace with 192.0.2.1)."""

from sandbox import Sandbox

INTERNET = "192.0.2.1"
ADDRESS = "192.0.2.2"


def connect(box: Sandbox) -> None:
    """Give the box's own namespace its way out. The far end is a mount in /run/internet, not a name in /run/netns."""
    script = f"""
ip link set lo up
touch /run/internet
unshare --net=/run/internet true
ip link add eth0 type veth peer name eth0 netns /run/internet
ip address add {ADDRESS}/24 dev eth0
ip link set eth0 up
ip route add default via {INTERNET}
nsenter --net=/run/internet sh -ec 'ip link set lo up; ip address add {INTERNET}/24 dev eth0; ip link set eth0 up; ip address add 198.51.100.7/32 dev lo'
until ip link show eth0 | grep -q 'state UP'; do sleep 0.01; done
"""
    done = box.run(["sh", "-ec", script])
    assert done.code == 0, done.err


def dump(box: Sandbox) -> str:
    """Everything that the machine of the box has: devices, addresses, routes, rules, tables, forwarding, names, ports."""
    script = """
ip link; ip address; ip route show table all; ip -6 route show table all; ip rule; ip neigh show nud permanent; bridge fdb; nft -s list ruleset
head -n 99 /proc/sys/net/ipv4/conf/*/forwarding /proc/sys/net/ipv6/conf/*/forwarding /proc/sys/net/ipv4/ip_forward
ls -lAi /run/netns; stat -c '%n %d %i' /run/netns/*; ss -Hlntu
"""
    return box.run(["sh", "-c", script]).out


def wait_for(box: Sandbox, path: str) -> None:
    """Until something stands in the file: a program that was started has said that it is ready."""
    done = box.run(["sh", "-c", f"until [ -s {path} ]; do sleep 0.01; done"])
    assert done.code == 0
