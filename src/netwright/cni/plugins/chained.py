"""What plugins that come after another one in a list have in common: the result they get, where on the host it leads, and what they
ask of the ports that another one made.

A record says that in its data: "options" what every port of the container on a bridge has for it, "before" what they had.
"""

import os

from ...engine.narrow import Spots, look_at
from ...model.value import replace
from ...networks import records, standard
from ...networks.wiring import HOST
from ...plan import ops
from ..protocol.errors import INVALID_CONFIG, CniError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...model.state import Device, Namespace
    from ...networks.records import Record
    from ...networks.values import Leg
    from ..protocol.call import Call
    from ..protocol.result import Result


def before(call: "Call", name: str) -> "Result":
    """The result of the plugin before. CniError 7 where there is none."""
    found = call.config.prev_result
    call.config.settle()
    if found is None:
        raise CniError(INVALID_CONFIG, f"{name} must be called as chained plugin", "put it behind bridge, ptp or another in the list of plugins")
    return found


def legs(call: "Call", result: "Result") -> "tuple[Leg, ...]":
    """The container's addresses: those of its interfaces, or of none in particular."""
    from .common import legs as as_legs

    def inside(at: "int | None") -> bool:
        return at is None or (at < len(result.interfaces) and bool(result.interfaces[at].sandbox))

    return as_legs(a for a in result.addresses if inside(a.interface))


def toward(address: str) -> str:
    """The host's device that leads to an address, as the kernel itself would send; "" where nothing does."""
    from ...errors import KernelError
    from ...kernel import rtnl

    family, length = (10, 128) if ":" in address else (2, 32)
    with Spots({HOST: None}) as place:
        session = place.session(HOST)
        try:
            found = rtnl.get(session.netlink, rtnl.GETROUTE, {"family": family, "dst_len": length}, {"dst": address})
        except KernelError:
            return ""
        link = session.link_at(found.get("oif", 0))
    return str(link["ifname"]) if link is not None else ""


def bridge_below(device: str, ports: "list[str]") -> str:
    """The bridge of these ports, where the device that leads to them is the gateway of a VLAN and not the bridge itself."""
    there = seen(device, ports).devices
    if device in there and there[device].kind == "bridge":
        return device
    return next((there[port].master for port in ports if port in there and there[port].master), device)


def host_ports(result: "Result", bridge: str) -> "list[str]":
    """The host's ends of the container's cables."""
    return [one.name for one in result.interfaces if not one.sandbox and one.name != bridge and one.name]


def inside_if_there(netns: str) -> "int | None":
    """The container's namespace as an open file, for DEL; None when it is no more."""
    try:
        fd = os.open(netns, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    from ..identity import is_network_namespace

    # Where the mount is gone and the file is not, it is an empty file of some other file system.
    if is_network_namespace(fd):
        return fd
    os.close(fd)
    return None


# -- ports of a bridge -------------------------------------------------------------------------------------------------------------

HAIRPIN, ISOLATED = "mode", "isolated"  # in the kernel's words
PORTMAP, FIREWALL = ("@portmap", "portmap"), ("@firewall", "firewall")  # where their records are, and the end of their owners' names


def seen(bridge: str, ports: "list[str]") -> "Namespace":
    """What there is of a bridge and these ports."""
    with Spots({HOST: None}) as place:
        return look_at(place, {HOST: (bridge, *ports)}).namespaces[HOST]


def with_option(there: "Namespace", bridge: str, option: str) -> "dict[str, Device]":
    """Those that are ports of the bridge, with the option on; none where it is no bridge."""
    if bridge not in there.devices or there.devices[bridge].kind != "bridge":
        return {}
    return {name: replace(device, port=((option, 1),)) for name, device in there.devices.items() if device.master == bridge}


def data_of(record: "Record", there: "Namespace", ports: "dict[str, Device]", option: str) -> "dict[str, object]":
    """For the record: what is asked of the ports, and what to lead them back to."""
    known = records.get(record.device, record.owner)
    before = list(known.data.get("before", ())) if known is not None else []
    mine = [[name, option, 0] for name in ports if not dict(there.devices[name].port).get(option)]
    return {"options": [option], "before": before + [one for one in mine if one not in before]}


def put_back(record: "Record") -> None:
    """Options of ports as they were before; of those that are still there."""
    from ...engine.enact import enact

    def change(option: str, number: int) -> "dict[str, object]":
        return {"linkinfo": {"kind": "bridge_slave", "slave_kind": "bridge", "slave_data": {option: number}}}

    with Spots({HOST: None}) as place:
        there = [one for one in record.data.get("before", ()) if place.session(HOST).link(one[0]) is not None]
        enact([ops.SetLink({"index": port}, change(option, number), HOST) for port, option, number in there], place)


def asked_of(owner: str) -> "frozenset[str]":
    """What plugins behind ask of the ports of an attachment."""
    found = (record for device, part in (PORTMAP, FIREWALL) if (record := records.get(device, f"{owner}/{part}")) is not None)
    return frozenset(str(option) for record in found for option in record.data.get("options", ()))


def say(text: str) -> None:
    """A word to the runtime's log: standard error is free text. Nothing fails where nobody listens."""
    standard.say("netwright", text)
