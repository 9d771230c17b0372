"""What the devices of a cable say by themselves: as little as can be, and where the container's addresses are.

A bridge hands a broadcast to every port: with 500 containers one packet is 0.8 ms of work, and a device with a link-local address
sends eight of them in its first ten seconds (multicast reports, duplicate address detection, router solicitations).

How it works. IFLA_INET6_ADDR_GEN_MODE "none" before the device comes up: no link-local address, nothing to say. The host's end
needs none: what arrives at a port is the bridge's. (With one, each port also has three routes, and the kernel looks through the
routes of all whenever a device comes, goes, or gets its carrier.)

A neighbour that knew the address by an older device goes on sending there for some eight seconds. The kernel says where it is
(arp_notify, ndisc_notify) when a device comes up, which is before it has addresses and before the bridge's port forwards, or when
its hardware address is set, to the same one too: so that is done last.
"""

from errno import EAFNOSUPPORT, EOPNOTSUPP

from ..engine.apply import apply
from ..kernel.netconf import ARP_NOTIFY
from ..plan import ops
from .wiring import BOX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..engine.place import Place
    from ..model.state import End, State

_NO_ADDRESS = 1  # IN6_ADDR_GEN_MODE_NONE
_WITHOUT = (EAFNOSUPPORT, EOPNOTSUPP)  # a kernel without IPv6


def quieten(place: "Place", ends: "Iterable[End]") -> None:
    """`ip link set DEVICE addrgenmode none`, while it has no carrier yet."""
    for namespace, name in ends:
        op = ops.SetLink({"index": name}, {"af_spec": {"inet6": {"addr_gen_mode": _NO_ADDRESS}}}, namespace)
        for error in apply([op], place.session(namespace)):
            if error and error.errno not in _WITHOUT:
                raise error


def announce(place: "Place", names: "Iterable[str]", seen: "State") -> None:
    """Neighbours are told the addresses of these devices of the container."""
    session = place.session(BOX)
    for name in names:
        index = session.index(name)
        notify = ops.SetLink({"index": index}, {"af_spec": {"inet": {"conf": {ARP_NOTIFY: 1}}}}, BOX)
        again = ops.SetLink({"index": index}, {"address": seen.namespaces[BOX].devices[name].address}, BOX)
        for error in apply([notify, again], session):
            if error:
                raise error
