"""What the kernel does with one operation, as a pure function: step(state, op) -> state. The test double of the engine.

It knows the silent consequences too: a device that goes takes its peer, what stands on it, its addresses, routes and
neighbours; one that goes down loses routes and IPv6 addresses; a port that is unplugged forgets what it was told as a port.
(Of addresses in one subnet each counts for itself: the kernel lets secondary ones go with their primary, which a plan never
relies upon.) The random walk of tests/kernel/test_walk.py holds it against the real kernel.
"""

import errno

from ..errors import KernelError, kernel_error
from ..model.state import Device, Namespace, State
from ..model.value import replace
from . import ops
from .links import NEW_PORT
from .read_back import address_of, device_of, neighbour_of, route_of, rule_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .ops import Op


def step(state: State, op: "Op") -> State:
    """The state after `op`. KernelError (Exists, Missing, Refused) where the kernel would refuse it."""
    return _STEPS[type(op)](state, op)


def run(state: State, plan: "Iterable[Op]") -> State:
    """The state after all of them."""
    for op in plan:
        state = step(state, op)
    return state


def _no(number: int, subject: str) -> KernelError:
    return kernel_error(number, subject=subject)


# -- parts of a state ----------------------------------------------------------------------------------------------------------


def _namespace(state: State, name: str) -> Namespace:
    if name not in state.namespaces:
        raise _no(errno.ENOENT, f"namespace {name}")
    return state.namespaces[name]


def _with(state: State, name: str, **changes: "Any") -> State:
    namespaces = dict(state.namespaces)
    namespaces[name] = replace(_namespace(state, name), **changes)
    return State(namespaces, state.files)


def _device(state: State, name: str, device: str) -> Device:
    found = _namespace(state, name).devices.get(device)
    if found is None:
        raise _no(errno.ENODEV, f"{name} {device}")
    return found


def _put(state: State, name: str, device: str, what: Device) -> State:
    return _with(state, name, devices={**_namespace(state, name).devices, device: what})


# -- namespaces and devices ----------------------------------------------------------------------------------------------------


def _add_namespace(state: State, op: ops.AddNamespace) -> State:
    if op.name in state.namespaces:
        raise _no(errno.EEXIST, f"namespace {op.name}")
    return State({**state.namespaces, op.name: Namespace()}, state.files)


def _delete_namespace(state: State, op: ops.DeleteNamespace) -> State:
    for device in [d for d in _namespace(state, op.name).devices if d != "lo"]:
        if device in state.namespaces[op.name].devices:
            state = _without(state, op.name, device)
    return State({k: v for k, v in state.namespaces.items() if k != op.name}, state.files)


def _add_link(state: State, op: ops.AddLink) -> State:
    for (name, device), what in device_of(op):
        if device in _namespace(state, name).devices:
            raise _no(errno.EEXIST, f"{name} {device}")
        if what.master and what.master not in _namespace(state, name).devices:
            raise _no(errno.ENODEV, f"{name} {what.master}")
        state = _put(state, name, device, replace(what, port=NEW_PORT) if what.master else what)
    return state


def _delete_link(state: State, op: ops.DeleteLink) -> State:
    _device(state, op.namespace, op.header["index"])
    return _without(state, op.namespace, op.header["index"])


def _without(state: State, name: str, device: str) -> State:
    """Without the device, its peer, what stands on it, and all that belongs to them."""
    gone = _device(state, name, device)
    namespace = _namespace(state, name)
    devices = {}
    for key, other in namespace.devices.items():
        if key != device:
            devices[key] = replace(other, master="", port=(), vlans=()) if other.master == device else other
    state = _with(state, name, **_forgotten(namespace, device), devices=devices)
    dependents = [gone.peer] if gone.peer else []
    dependents += [(n, d) for n, ns in state.namespaces.items() for d, v in ns.devices.items() if v.lower == (name, device)]
    for other_name, other_device in dependents:
        if other_name in state.namespaces and other_device in state.namespaces[other_name].devices:
            state = _without(state, other_name, other_device)
    return state


def _forgotten(namespace: Namespace, device: str) -> "dict[str, Any]":
    return {
        "addresses": frozenset(a for a in namespace.addresses if a.link != device),
        "routes": frozenset(r for r in namespace.routes if r.link != device and all(h.link != device for h in r.nexthops)),
        "neighbours": frozenset(n for n in namespace.neighbours if n.link != device),
        "qdiscs": frozenset(q for q in namespace.qdiscs if q.link != device),
        "filters": frozenset(replace(f, redirect="") if f.redirect == device else f for f in namespace.filters if f.link != device),
    }


_FIELDS = {"mtu": "mtu", "address": "address", "group": "group", "txqlen": "txqueuelen", "ifalias": "alias"}


def _set_link(state: State, op: ops.SetLink) -> State:
    name, key = op.namespace, op.header["index"]
    device = _device(state, name, key)
    settings = op.settings
    changes = {field: settings[attribute] for attribute, field in _FIELDS.items() if attribute in settings}
    if "master" in settings:
        changes |= {"master": settings["master"] or "", "port": NEW_PORT if settings["master"] else (), "vlans": ()}
        state = _with(state, name, neighbours=frozenset(n for n in _namespace(state, name).neighbours if n.family != 7 or n.link != key))
    if changes.get("address", device.address) != device.address:
        state = _with(state, name, neighbours=frozenset(n for n in _namespace(state, name).neighbours if n.family == 7 or n.link != key))
    info = settings.get("linkinfo", {})
    if "data" in info:
        changes["options"] = _merged(device.options, info["data"])
    if "slave_data" in info:
        changes["port"] = _merged(device.port, info["slave_data"])
    if op.header.get("change", 0) & 1:
        changes["up"] = bool(op.header["flags"] & 1)
    state = _put(state, name, key, replace(device, **changes))
    return _gone_down(state, name, key) if device.up and changes.get("up") is False else state


def _merged(old: "tuple[tuple[str, Any], ...]", new: "dict[str, Any]") -> "tuple[tuple[str, Any], ...]":
    from .read_back import frozen

    return tuple(sorted({**dict(old), **{key: frozen(item) for key, item in new.items()}}.items()))


def _gone_down(state: State, name: str, device: str) -> State:
    namespace = _namespace(state, name)
    return _with(
        state,
        name,
        addresses=frozenset(a for a in namespace.addresses if a.link != device or a.family == 4),
        routes=frozenset(r for r in namespace.routes if r.link != device and all(h.link != device for h in r.nexthops)),
        neighbours=frozenset(n for n in namespace.neighbours if n.link != device or n.family == 7),
    )


# -- what belongs to a namespace -----------------------------------------------------------------------------------------------


def _add(field: str, read: "Callable[[Any], Any]", check: "Callable[[Namespace, Any], int]") -> "Callable[[State, Any], State]":
    def add(state: State, op: "Any") -> State:
        namespace, item = _namespace(state, op.namespace), read(op)
        number = errno.EEXIST if item in getattr(namespace, field) else check(namespace, item)
        if number:
            raise _no(number, f"{type(op).__name__} {op.namespace} {item}")
        return _with(state, op.namespace, **{field: getattr(namespace, field) | {item}})

    return add


def _on_a_device(namespace: Namespace, item: "Any") -> int:
    return 0 if item.link in namespace.devices else errno.ENODEV


def _way_is_there(namespace: Namespace, route: "Any") -> int:
    for link, via in [(route.link, route.via), *((hop.link, hop.via) for hop in route.nexthops)]:
        if link and link not in namespace.devices:
            return errno.ENODEV
        if link and not namespace.devices[link].up:
            return errno.ENETDOWN
        if via and "onlink" not in route.flags and not _reached(namespace, via, link):
            return errno.ENETUNREACH
    return 0


def _reached(namespace: Namespace, via: str, link: str) -> bool:
    from ipaddress import ip_address, ip_network

    if ":" in via and via.startswith("fe80"):
        return True
    straight = [r.to for r in namespace.routes if not r.via and r.link == link and r.to != "default"]
    connected = [a.peer if "/" in a.peer else a.address for a in namespace.addresses if a.link == link]
    return any(ip_address(via) in ip_network(net, strict=False) for net in straight + connected)


def _always(_: Namespace, __: "Any") -> int:
    return 0


def _drop(field: str, fits: "Callable[[Any, Any], bool]") -> "Callable[[State, Any], State]":
    def drop(state: State, op: "Any") -> State:
        namespace = _namespace(state, op.namespace)
        found = [item for item in getattr(namespace, field) if fits(op, item)]
        if not found:
            raise _no(errno.ESRCH, f"{type(op).__name__} {op.namespace}")
        return _with(state, op.namespace, **{field: getattr(namespace, field) - {found[0]}})

    return drop


def _same_address(op: "Any", item: "Any") -> bool:
    there = address_of(op)
    return bool((there.address, there.link) == (item.address, item.link))


def _same_route(op: "Any", item: "Any") -> bool:
    there = route_of(op)
    named = ("to", "family", "type", "table", "metric", "from_network", "tos")
    return all(getattr(there, f) == getattr(item, f) for f in named) and (there.via, there.link) in ((item.via, item.link), ("", ""), (item.via, ""), ("", item.link))


def _same_neighbour(op: "Any", item: "Any") -> bool:
    there = neighbour_of(op)
    named = ("address", "link", "family", "vlan") if item.family != 7 else ("address", "link", "family", "lladdr", "vlan")
    return all(getattr(there, f) == getattr(item, f) for f in named)


_drop_address = _drop("addresses", _same_address)


def _delete_address(state: State, op: ops.DeleteAddress) -> State:
    """Routes that start from the address go; with a device's last IPv4 address all its IPv4 routes do."""
    state = _drop_address(state, op)
    namespace, link = _namespace(state, op.namespace), op.header["index"]
    bare = not any(a.family == 4 and a.link == link for a in namespace.addresses)
    routes = frozenset(r for r in namespace.routes if r.source != op.settings["local"] and not (bare and r.family == 4 and r.link == link))
    return _with(state, op.namespace, routes=routes)


# -- the rest ------------------------------------------------------------------------------------------------------------------


def _set_sysctl(state: State, op: ops.SetSysctl) -> State:
    return _with(state, op.namespace, sysctls={**_namespace(state, op.namespace).sysctls, op.key: op.value})


def _delete_qdisc(state: State, op: ops.DeleteQdisc) -> State:
    """What hangs below a root goes with it."""
    namespace, gone = _namespace(state, op.namespace), op.qdisc
    if gone not in namespace.qdiscs:
        raise _no(errno.ENOENT, f"{op.namespace} {gone}")
    whole = gone.parent == "root"
    left = frozenset(q for q in namespace.qdiscs if q != gone and not (whole and q.link == gone.link and q.parent not in ("ingress", "clsact")))
    # A filter hangs at a queue: without one it is gone.
    return _with(state, op.namespace, qdiscs=left, filters=frozenset(f for f in namespace.filters if not _hangs_at(f, gone)))


def _hangs_at(item: "Any", queue: "Any") -> bool:
    entrance = queue.parent in ("ingress", "clsact")
    return bool(item.link == queue.link) and (item.parent in ("ingress", "egress")) == entrance


def _has_queue(namespace: Namespace, item: "Any") -> int:
    return 0 if any(q.link == item.link and _hangs_at(item, q) for q in namespace.qdiscs) else errno.EINVAL


def _vlan(state: State, op: "ops.AddVlan | ops.DeleteVlan") -> State:
    device = _device(state, op.namespace, op.link)
    now = dict(device.vlans)
    if isinstance(op, ops.AddVlan):
        now[op.vid] = op.flags
    elif now.pop(op.vid, None) is None:
        raise _no(errno.ENOENT, f"{op.namespace} {op.link} vid {op.vid}")
    return _put(state, op.namespace, op.link, replace(device, vlans=tuple(sorted(now.items()))))


def _put_table(state: State, op: ops.PutTable) -> State:
    tables = _namespace(state, op.namespace).tables
    return _with(state, op.namespace, tables={**tables, (op.table.family, op.table.name): op.table})


def _delete_table(state: State, op: ops.DeleteTable) -> State:
    tables = dict(_namespace(state, op.namespace).tables)
    if tables.pop((op.family, op.name), None) is None:
        raise _no(errno.ENOENT, f"{op.namespace} table {op.family} {op.name}")
    return _with(state, op.namespace, tables=tables)


def _elements(state: State, op: "ops.AddElements | ops.DeleteElements") -> State:
    tables = _namespace(state, op.namespace).tables
    table = tables.get((op.family, op.table))
    if table is None or op.set not in table.sets:
        raise _no(errno.ENOENT, f"{op.namespace} set {op.family} {op.table} {op.set}")
    old = table.sets[op.set]
    new = old.elements | set(op.elements) if isinstance(op, ops.AddElements) else old.elements - set(op.elements)
    sets = {**table.sets, op.set: replace(old, elements=frozenset(new))}
    return _with(state, op.namespace, tables={**tables, (op.family, op.table): replace(table, sets=sets)})


def _file(state: State, op: "ops.PutFile | ops.RemoveFile") -> State:
    files = {view: dict(paths) for view, paths in state.files.items()}
    if isinstance(op, ops.PutFile):
        files.setdefault(op.view, {})[op.path] = op.text
    else:
        files.get(op.view, {}).pop(op.path, None)
    return State(state.namespaces, {view: paths for view, paths in files.items() if paths})


_STEPS: "dict[type, Callable[[State, Any], State]]" = {
    ops.AddNamespace: _add_namespace,
    ops.DeleteNamespace: _delete_namespace,
    ops.AddLink: _add_link,
    ops.SetLink: _set_link,
    ops.DeleteLink: _delete_link,
    ops.AddAddress: _add("addresses", address_of, _on_a_device),
    ops.DeleteAddress: _delete_address,
    ops.AddRoute: _add("routes", route_of, _way_is_there),
    ops.DeleteRoute: _drop("routes", _same_route),
    ops.AddRule: _add("rules", rule_of, _always),
    ops.DeleteRule: _drop("rules", lambda op, item: rule_of(op) == item),
    ops.AddNeighbour: _add("neighbours", neighbour_of, _on_a_device),
    ops.DeleteNeighbour: _drop("neighbours", _same_neighbour),
    ops.SetSysctl: _set_sysctl,
    ops.AddQdisc: _add("qdiscs", lambda op: op.qdisc, _on_a_device),
    ops.DeleteQdisc: _delete_qdisc,
    ops.AddFilter: _add("filters", lambda op: op.filter, _has_queue),
    ops.DeleteFilter: _drop("filters", lambda op, item: op.filter == item),
    ops.AddVlan: _vlan,
    ops.DeleteVlan: _vlan,
    ops.PutTable: _put_table,
    ops.DeleteTable: _delete_table,
    ops.AddElements: _elements,
    ops.DeleteElements: _elements,
    ops.PutFile: _file,
    ops.RemoveFile: _file,
}
