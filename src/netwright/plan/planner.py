"""From what is to what should be: an ordered list of operations, and no I/O.

The order is one that the kernel accepts, and none of its silent consequences is relied upon. What the kernel would drop by
itself (routes of a device that goes down, secondary addresses of a primary that goes) is removed by name before, and made
again after, so that the list reads as what happens:

    1. undo        in namespaces that stay: rules, routes, neighbours, addresses, queues, tables that go or stand in the way
    2. remove      devices, then namespaces
    3. create      namespaces, then devices: masters first, then cables, then what stands on another device
    4. configure   each namespace by itself: settings, devices, VLANs, queues, filters, addresses, neighbours, routes, rules, tables
    5. files

`plan(s, s)` is empty. A cable is made in place: its far end in its own namespace by the same message.
"""

from ..model.state import Device, Namespace, State
from ..model.value import replace
from . import links, ops
from .differences import configure, undo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..model.state import End
    from .ops import Op


def plan(now: State, want: State) -> "list[Op]":
    """The operations that lead from `now` to `want`; [] when there is nothing to do."""
    doomed = _doomed(now, want)
    todo: list[Op] = []
    for name, namespace in now.namespaces.items():
        if name in want.namespaces:
            todo += undo(name, namespace, want.namespaces[name], {d for n, d in doomed if n == name} if doomed else set())
    todo += _remove(now, want, doomed)
    new = [name for name in want.namespaces if name not in now.namespaces]
    todo += map(ops.AddNamespace, new)
    todo += first_settings(new, want)
    created, made = links.create(_missing(now, want, doomed), want)
    todo += created
    for name, namespace in want.namespaces.items():
        have = _left(now.namespaces[name], namespace, name, doomed) if name in now.namespaces else _fresh(namespace)
        todo += configure(name, have, namespace, made)
    todo += _files(now.files, want.files)
    return todo


def first_settings(new: "list[str]", want: State) -> "Iterator[Op]":
    """What `default` says counts for devices that are made afterwards: before there is any."""
    for name in new:
        yield from (ops.SetSysctl(key, setting, name) for key, setting in want.namespaces[name].sysctls.items() if ".conf.default." in key)


# -- what has to go ------------------------------------------------------------------------------------------------------------


def _doomed(now: State, want: State) -> "set[End]":
    """Devices that go: not wanted, another thing under the same name, or hanging on one that goes."""
    doomed = set()
    for name, namespace in now.namespaces.items():
        wanted = want.namespaces[name].devices if name in want.namespaces else {}
        if wanted is namespace.devices:
            continue
        for device, have in namespace.devices.items():
            if device != "lo" and not (device in wanted and links.same(have, wanted[device])):
                doomed.add((name, device))
    return _with_dependents(now, doomed) if doomed else doomed


def _with_dependents(now: State, doomed: "set[End]") -> "set[End]":
    """A veth takes its peer along, and a device everything that stands on it."""
    upper: dict[End, list[End]] = {}
    for name, namespace in now.namespaces.items():
        for device, have in namespace.devices.items():
            for below in (have.peer, have.lower):
                if below:
                    upper.setdefault(below, []).append((name, device))
    waiting = list(doomed)
    while waiting:
        for other in upper.get(waiting.pop(), ()):
            if other not in doomed:
                doomed.add(other)
                waiting.append(other)
    return doomed


def _remove(now: State, want: State, doomed: "set[End]") -> "Iterator[Op]":
    """Each device once: not a veth's second end, not what falls with another, not what dies with its whole namespace."""
    gone: set[End] = set()
    for end in sorted(doomed):
        device = now.namespaces[end[0]].devices[end[1]]
        if end in gone or (device.lower in doomed) or not _matters(end, device, want):
            continue
        if device.peer:
            gone.add(device.peer)
        yield ops.DeleteLink({"index": end[1]}, {}, end[0])
    # Last: the kernel takes a namespace's devices apart after the name has gone, and a veth's other end would still be
    # there when the next operation runs.
    for name in now.namespaces:
        if name not in want.namespaces:
            yield ops.DeleteNamespace(name)


def _matters(end: "End", device: Device, want: State) -> bool:
    """A device of a namespace that goes matters when its other end is in one that stays."""
    return end[0] in want.namespaces or bool(device.peer and device.peer[0] in want.namespaces)


# -- what has to be made -------------------------------------------------------------------------------------------------------


def _missing(now: State, want: State, doomed: "set[End]") -> "list[End]":
    out = []
    for name, namespace in want.namespaces.items():
        have = now.namespaces[name].devices if name in now.namespaces else {}
        if have is namespace.devices and not doomed:
            continue
        out += [(name, d) for d in namespace.devices if d != "lo" and (d not in have or (name, d) in doomed)]
    return out


def _fresh(want: Namespace) -> Namespace:
    """A namespace that was just made."""
    said = {key: setting for key, setting in want.sysctls.items() if ".conf.default." in key}
    return Namespace(sysctls=said) if said else Namespace()


def _left(have: Namespace, want: Namespace, name: str, doomed: "set[End]") -> Namespace:
    """The namespace after steps 1 and 2: what is still there of it."""
    here = {d for n, d in doomed if n == name}
    moved = links.affected(have.devices, want.devices).moved if have.devices != want.devices else frozenset()
    if not (here or moved):
        return have
    devices = {d: _orphan(v, here, d in moved) for d, v in have.devices.items() if d not in here}
    return replace(
        have,
        devices=devices,
        addresses=frozenset(a for a in have.addresses if a.link not in here),
        routes=frozenset(r for r in have.routes if r.link not in here and all(hop.link not in here for hop in r.nexthops)),
        neighbours=frozenset(n for n in have.neighbours if n.link not in here),
        qdiscs=frozenset(q for q in have.qdiscs if q.link not in here),
        filters=frozenset(f for f in have.filters if f.link not in here and f.redirect not in here),
    )


def _orphan(device: Device, gone: set[str], moved: bool) -> Device:
    """A port whose master goes, or that is unplugged, is nobody's port, and forgets what it was told as one."""
    return replace(device, master="", port=(), vlans=()) if moved or device.master in gone else device


def _files(now: "Mapping[str, Mapping[str, str]]", want: "Mapping[str, Mapping[str, str]]") -> "Iterator[Op]":
    for view, files in now.items():
        yield from (ops.RemoveFile(view, path) for path in files if path not in want.get(view, {}))
    for view, files in want.items():
        have = now.get(view, {})
        yield from (ops.PutFile(view, path, text) for path, text in files.items() if have.get(path) != text)
