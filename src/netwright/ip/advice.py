"""What to say after a refusal: why, and the command that mends it. Imported only when something went wrong and is read.

The kernel has one errno for many causes; here the cause is looked for (is the name taken, is the device down, is there an
address in that subnet) and told with its fix.
"""

import errno

from ..errors import KernelError, NetwrightError
from ..kernel import rtnl
from ..model.names import why_not_device_name
from ..plan import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..kernel.rtnl import Message
    from ..plan.ops import Op
    from .context import Context

Advice = tuple[str, str]
NOTHING: Advice = "", ""


def advise(context: "Context", error: KernelError, op: "Op | None") -> Advice:
    """(why, fix) for an operation that the kernel refused; empty strings where there is nothing to add."""
    if error.errno in (errno.EPERM, errno.EACCES):
        return _not_permitted()
    try:
        found = _BY_OP[type(op)](context, error, op) if type(op) in _BY_OP else NOTHING
    except NetwrightError:
        found = NOTHING
    if found != NOTHING or not error.attribute:
        return found if found != NOTHING else ("", error.fix)
    return f"the kernel means {error.attribute}" + (f": {error.policy}" if error.policy else ""), error.fix


def _not_permitted() -> Advice:
    why = "needs CAP_NET_ADMIN in the user namespace that owns this network namespace"
    return why, "run it with sudo, or in namespaces of your own: unshare -Urnm"


# -- links -----------------------------------------------------------------------------------------------------------------


def _add_link(context: "Context", error: KernelError, op: "Any") -> Advice:
    settings = op.settings
    names = [settings.get("ifname", ""), _peer_name(settings)]
    for name in filter(None, names):
        if why := why_not_device_name(name):
            return f"{name}: {why}", ""
    if error.errno == errno.EEXIST:
        return _name_taken(context, names, settings)
    kind = settings.get("linkinfo", {}).get("kind", "")
    if "nknown device type" in error.message or error.errno == errno.EOPNOTSUPP:
        from ..kernel.kinds import why_not

        return why_not(kind), ""
    return _link_values(context, error, settings, kind)


def _peer_name(settings: "dict[str, Any]") -> str:
    data = settings.get("linkinfo", {}).get("data", {})
    peer = data.get("peer", {}) if isinstance(data, dict) else {}
    return str(peer.get("ifname", "")) if isinstance(peer, dict) else ""


def _name_taken(context: "Context", names: list[str], settings: "dict[str, Any]") -> Advice:
    for name in filter(None, names):
        link = context.session.link(name)
        if link is not None:
            return f"{name} is there already: {_described(link)}", f"choose another name, or: nw link delete {name}"
    where = settings.get("net_ns_fd", "")
    return (f"{names[0]} is there already in {where}", f"see: nw -n {where} link") if where else NOTHING


def _described(link: "Message") -> str:
    info = link.get("linkinfo")
    kind = info.get("kind") if info else None
    up = "up" if link["flags"] & 1 else "down"
    return f"device {link['index']}, {'a ' + kind if kind else 'a device'}, {up}"


def _link_values(context: "Context", error: KernelError, settings: "dict[str, Any]", kind: str, link: "Message | None" = None) -> Advice:
    if "mtu" in settings and error.errno in (errno.EINVAL, errno.ERANGE):
        low, high = (link.get("min_mtu", 68), link.get("max_mtu", 65535)) if link else (68, 65535)
        return f"mtu {settings['mtu']} is not in {low}..{high or 4294967295}" + (f" ({kind})" if kind else ""), ""
    if "address" in settings and error.errno == errno.EADDRNOTAVAIL:
        why = f"{settings['address']} is no address of one device: its first byte is odd (multicast), or all is 0"
        return why, "take one whose first byte is even, such as 02:…"
    return NOTHING


def _set_link(context: "Context", error: KernelError, op: "Any") -> Advice:
    name, settings = op.header.get("index"), op.settings
    link = context.session.link(name) if isinstance(name, str) else None
    info = link.get("linkinfo") if link else None
    kind = info.get("kind", "") if info else ""
    if why := why_not_device_name(settings.get("ifname", "x")):
        return f"{settings['ifname']}: {why}", ""
    if "net_ns_fd" in settings or "net_ns_pid" in settings:
        return _move(error, name, kind, settings)
    if error.errno == errno.EEXIST and "ifname" in settings:
        return _name_taken(context, [settings["ifname"]], {})
    if error.errno == errno.EBUSY and "ifname" in settings:
        return f"{name} is up", f"nw link set {name} down"
    if "master" in settings and error.errno == errno.EINVAL:
        return f"{name} cannot be a port of {settings['master']}: a loopback device or a bridge is none", ""
    return _link_values(context, error, settings, kind, link)


def _move(error: KernelError, name: "Any", kind: str, settings: "dict[str, Any]") -> Advice:
    target = settings.get("net_ns_fd", settings.get("net_ns_pid"))
    if error.errno == errno.ESRCH:
        return f"there is no namespace called {target}, and no process of that number", "see: nw netns list, and ps -e"
    if "immutable" in error.message or (error.errno == errno.EINVAL and (name == "lo" or kind == "bridge")):
        why = f"{name} belongs to its namespace for life: every namespace has its own lo, and a bridge stays where it was made"
        return why, f"make one there: nw -n {target} link add …" if name != "lo" else ""
    if error.errno == errno.EEXIST or "same name" in error.message:
        return f"{target} has a device of that name", f"give it another on the way: nw link set {name} netns {target} name NEW"
    return NOTHING


# -- addresses and routes ----------------------------------------------------------------------------------------------------


def _add_address(context: "Context", error: KernelError, op: "Any") -> Advice:
    name = op.header.get("index")
    if error.errno == errno.EEXIST:
        return f"{name} has that address already", f"change it with: nw address replace … dev {name}"
    return NOTHING


def _delete_address(context: "Context", error: KernelError, op: "Any") -> Advice:
    name = op.header.get("index")
    if error.errno != errno.EADDRNOTAVAIL:
        return NOTHING
    have = ", ".join(_addresses(context, name)) or "no address"
    return f"{name} has {have}", ""


def _addresses(context: "Context", name: "Any") -> list[str]:
    index = context.session.index(name) if isinstance(name, str) else name
    found = rtnl.dump(context.netlink, rtnl.GETADDR)
    return [f"{m.get('local', m.get('address'))}/{m['prefixlen']}" for m in found if m["index"] == index]


def _add_route(context: "Context", error: KernelError, op: "Any") -> Advice:
    settings = op.settings
    if error.errno == errno.EEXIST:
        where = f"a route to {_destination(op)} is there already"
        return where, "take its place with: nw route replace …, or give this one another metric"
    if "nvalid prefix" in error.message:
        return _masked(op)
    gateway = settings.get("gateway")
    if gateway and ("gateway" in error.message.lower() or error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH)):
        return _no_way_to(context, gateway, settings.get("oif"))
    if error.errno == errno.ENETDOWN:
        return f"{settings.get('oif')} is down", f"nw link set {settings.get('oif')} up"
    return NOTHING


def _destination(op: "Any") -> str:
    return f"{op.settings['dst']}/{op.header.get('dst_len', 0)}" if "dst" in op.settings else "default"


def _masked(op: "Any") -> Advice:
    import ipaddress

    written = _destination(op)
    right = ipaddress.ip_network(written, strict=False)
    return f"{written} is a host's address in {right}", f"nw route add {right} …"


def _no_way_to(context: "Context", gateway: str, device: "Any") -> Advice:
    """The gateway is not on any subnet of a device that is up: say which of the three causes it is."""
    import ipaddress

    far = ipaddress.ip_address(gateway)
    for message in rtnl.dump(context.netlink, rtnl.GETADDR):
        net = ipaddress.ip_network(f"{message.get('local', message.get('address'))}/{message['prefixlen']}", strict=False)
        if net.version != far.version or far not in net:
            continue
        name = context.links.name(message["index"])
        if not context.links.flags(message["index"]) & 1:
            return f"{gateway} is reached through {name}, which is down", f"nw link set {name} up"
        if device and name != device:
            return f"{gateway} is on {name} ({net}), not on {device}", f"nw route add … via {gateway} dev {name}"
    guess = ipaddress.ip_network(f"{gateway}/{24 if far.version == 4 else 64}", strict=False)
    on = device if device else "DEVICE"
    return f"no device here has an address in {gateway}'s subnet", f"add one with: nw address add ADDRESS/{guess.prefixlen} dev {on} (in {guess})"


def _delete_route(context: "Context", error: KernelError, op: "Any") -> Advice:
    if error.errno != errno.ESRCH:
        return NOTHING
    return f"there is no route to {_destination(op)} like that", "see: nw route show table all"


def _delete_other(context: "Context", error: KernelError, op: "Any") -> Advice:
    if error.errno in (errno.ENOENT, errno.ESRCH, errno.ENXIO):
        what = "rule" if isinstance(op, ops.DeleteRule) else "neighbour"
        return f"there is no {what} like that", f"see: nw {what} show"
    return NOTHING


def _add_neighbour(context: "Context", error: KernelError, op: "Any") -> Advice:
    if error.errno == errno.EEXIST:
        return f"{op.settings.get('dst')} has an entry already", "take its place with: nw neighbour replace …"
    if "lladdr" not in op.settings and error.errno == errno.EINVAL:
        return "a permanent entry needs a hardware address", "add: lladdr aa:bb:cc:dd:ee:ff"
    return NOTHING


def _set_nsid(context: "Context", error: KernelError, op: "Any") -> Advice:
    if error.errno == errno.EEXIST:
        return f"a number, once given, stays: {op.name} has one here, or {op.nsid} is another's", "see: nw netns list-id"
    if error.errno == errno.EINVAL:
        return f"{op.name} is dead: no network namespace is mounted on it", f"remove it with: nw netns delete {op.name}"
    return NOTHING


_BY_OP: "dict[type, Callable[[Context, KernelError, Any], Advice]]" = {
    ops.AddLink: _add_link,
    ops.SetLink: _set_link,
    ops.AddAddress: _add_address,
    ops.DeleteAddress: _delete_address,
    ops.AddRoute: _add_route,
    ops.DeleteRoute: _delete_route,
    ops.AddNeighbour: _add_neighbour,
    ops.DeleteNeighbour: _delete_other,
    ops.DeleteRule: _delete_other,
    ops.SetNsid: _set_nsid,
}


# -- a device that is not here -----------------------------------------------------------------------------------------------


def about_text(context: "Context", text: str) -> Advice:
    """For `Cannot find device "X"` and `Device "X" does not exist.`: where X is, or what it is called."""
    if not text.startswith(('Cannot find device "', 'Device "')):
        return NOTHING
    name = text.split('"')[1]
    try:
        return where_is(context, name)
    except (NetwrightError, OSError):
        return NOTHING


def where_is(context: "Context", name: str) -> Advice:
    """Look for a device in every named namespace, then for one with a similar name here."""
    from ..kernel.names_everywhere import namespaces_with_link

    found = namespaces_with_link(name)
    if found:
        return f"{name} is in {', '.join(found)}", f"try: nw -n {found[0]} …"
    from ..model.meant import did_you_mean

    here = [link["ifname"] for link in rtnl.dump(context.netlink, rtnl.GETLINK) if "ifname" in link]
    if question := did_you_mean(name, here):
        return "", question
    return f"there is no {name} here nor in any named namespace", f"here are: {', '.join(here[:8])}{' …' if len(here) > 8 else ''}"
