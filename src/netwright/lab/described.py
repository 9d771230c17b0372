"""A namespace as lines of text, one for each thing, in the words of ip(8): what `nw diff` compares."""

from __future__ import annotations

from ..model.state import Device, Namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..model.neighbour import Neighbour
    from ..model.nft import Table
    from ..model.qdisc import Qdisc
    from ..model.route import Route
    from ..model.rule import Rule


def described(namespace: Namespace) -> list[str]:
    """Devices with their addresses, then routes, rules, neighbours, queues, sysctls, tables: in an order of their own."""
    lines: list[str] = []
    for name in sorted(namespace.devices):
        lines += _device(name, namespace.devices[name])
        lines += sorted(f"  address {a.address}{f' peer {a.peer}' if a.peer else ''}{_flags(a.flags)}" for a in namespace.addresses if a.link == name)
        lines += sorted(_queue(queue) for queue in namespace.qdiscs if queue.link == name)
    lines += sorted(_route(route) for route in namespace.routes)
    lines += sorted(_rule(rule) for rule in namespace.rules)
    lines += sorted(_neighbour(neighbour) for neighbour in namespace.neighbours)
    lines += [f"sysctl {key} = {value}" for key, value in sorted(namespace.sysctls.items())]
    for table in sorted(namespace.tables.values(), key=lambda table: (table.family, table.name)):
        lines += _table(table)
    return lines + ([f"files {namespace.view}"] if namespace.view else [])


def _flags(flags: Any) -> str:
    return "".join(f" {flag}" for flag in flags)


def _said(name: str, what: object) -> str:
    return f" {name} {what}" if what not in ("", None, 0, ()) else ""


def _device(name: str, device: Device) -> Iterator[str]:
    peer = f" peer {device.peer[0]}:{device.peer[1]}" if device.peer else ""
    lower = f" on {device.lower[1]}" if device.lower else ""
    yield f"link {name}{_said('type', device.kind)}{peer}{lower} {'up' if device.up else 'down'}{_said('mtu', device.mtu)}{_said('master', device.master)}"
    for label, found in (("address", device.address), ("alias", device.alias), ("txqueuelen", device.txqueuelen)):
        if found:
            yield f"  {label if label != 'address' else 'lladdr'} {found}"
    yield from (f"  option {key} {value}" for key, value in device.options)
    yield from (f"  port {key} {value}" for key, value in device.port)
    yield from (f"  vlan {vid}{' ' + flags if flags else ''}" for vid, flags in device.vlans)


def _queue(queue: Qdisc) -> str:
    options = "".join(f" {key} {value}" for key, value in queue.options)
    return f"  {'class' if queue.leaf_class else 'qdisc'} {queue.kind} {queue.handle} {queue.parent}{options}"


def _route(route: Route) -> str:
    kind = "" if route.type == "unicast" else f"{route.type} "
    hops = "".join(f" nexthop{_said('via', hop.via)}{_said('dev', hop.link)} weight {hop.weight}" for hop in route.nexthops)
    table = _said("table", route.table if route.table != 254 else 0)
    more = _said("src", route.source) + _said("metric", route.metric) + "".join(f" {k} {v}" for k, v in route.metrics)
    return f"route {kind}{route.to}{' inet6' if route.family == 6 and route.to == 'default' else ''}{_said('via', route.via)}{_said('dev', route.link)}{hops}{table}{more}{_flags(route.flags)}"


def _rule(rule: Rule) -> str:
    fields = {name: getattr(rule, name) for name in rule.__slots__}  # type: ignore[attr-defined]
    return f"rule {fields.pop('priority')}:" + "".join(_said(name, found) for name, found in fields.items())


def _neighbour(neighbour: Neighbour) -> str:
    fields = {name: getattr(neighbour, name) for name in neighbour.__slots__}  # type: ignore[attr-defined]
    kind = "fdb" if fields["family"] == 7 else "neighbour"
    return kind + "".join(_said(name, " ".join(found) if isinstance(found, tuple) else found) for name, found in fields.items() if name not in ("family", "state"))


def _table(table: Table) -> list[str]:
    from ..model.nft_text import rendered

    return rendered(table).rstrip("\n").splitlines()


# -- the difference ----------------------------------------------------------------------------------------------------------


def differences(now: dict[str, list[str]], want: dict[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    """For each name whose lines differ: the name, and a unified diff (without the two lines of names in front)."""
    from difflib import unified_diff

    for name in [*want, *(name for name in now if name not in want)]:
        is_, written = now.get(name, []), want.get(name, [])
        if is_ != written:
            yield name, list(unified_diff(is_, written, lineterm="", n=2))[2:]
