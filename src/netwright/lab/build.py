"""A validated file as a Topology."""

from __future__ import annotations

from ..model.value import replace
from .phrases import check_text
from .topology import Cable, Check, Host, Link, Policy, Route, Switch, Topology

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .nodes import Fields, Path, Place
    from .schema import CableFile, CheckFile, HostFile, LabFile, LinkFile, PolicyFile, RouteFile, SwitchFile

KIND_WORDS = ("mode", "id", "remote", "local", "port", "group")  # keys of a link that are options of its kind


def all_places(root: Fields) -> dict[Path, Place]:
    """Where everything is, by the paths that compile.py speaks of: a route by its target, subnets also in the singular."""
    from .nodes import Fields, Items, Scalar, places

    found = places(root)
    hosts = root.get("hosts")
    for name, (_, host) in hosts.entries.items() if isinstance(hosts, Fields) else ():
        routes = host.get("routes") if isinstance(host, Fields) else None
        for number, route in enumerate(routes.items if isinstance(routes, Items) else ()):
            to = route.get("to") if isinstance(route, Fields) else None
            if isinstance(to, Scalar):
                found["hosts", name, "routes", to.text] = found["hosts", name, "routes", number]
    for key in ("switches", "cables"):
        for path in [path for path in found if len(path) == 3 and path[0] == key and path[2] == "subnets"]:
            found[(*path[:2], "subnet")] = found.get((*path, 0), found[path])
    return found


def topology(file: LabFile, name: str, places: dict[Path, Place]) -> Topology:
    """The values of a file; `name` is the lab's where the file gives none."""
    cables = tuple(_cable(cable) for cable in file.cables)
    ends = [end for cable in cables for end in cable.ends if end[1]]
    return Topology(
        file.lab or name,
        file.pool,
        _cabled({key: _host(host) for key, host in file.hosts.items()}, ends),
        {key: _switch(switch) for key, switch in file.switches.items()},
        cables,
        tuple(_policy(policy) for policy in file.policy),
        tuple(_check(check) for check in file.checks),
        file.zones,
        file.publish,
        file.uplink,
        file.routing,
        places,
    )


def _cabled(hosts: dict[str, Host], ends: list[tuple[str, str]]) -> dict[str, Host]:
    """The hosts with a link for every end of a cable."""
    new: dict[str, dict[str, Link]] = {}
    for host, device in ends:
        if device not in hosts[host].links:
            new.setdefault(host, {})[device] = Link()
    return hosts | {name: replace(hosts[name], links={**hosts[name].links, **links}) for name, links in new.items()}


def _host(file: HostFile) -> Host:
    none = any(route.type == "none" for route in file.routes)
    return Host(
        {name: _link(link) for name, link in file.links.items()},
        file.router,
        file.nat,
        file.publish,
        tuple(_route(route) for route in file.routes if route.type != "none"),
        not none,
        file.sysctls,
        file.dns,
        file.search,
        file.aliases,
        file.zone,
    )


def _link(file: LinkFile) -> Link:
    options = dict(file.options)
    for word in KIND_WORDS:
        if (given := getattr(file, word)) is not None:
            options[word] = given
    addresses = file.addresses
    if addresses is None and file.kind != "veth" and "addresses" not in file.model_fields_set:
        addresses = ()
    return Link(
        file.kind, file.switch, file.parent, file.master, addresses, file.mtu, file.mac, file.up, _pairs(options),
        file.rate, file.delay, file.loss, file.vlan, _vlans(file.trunk), file.isolated, file.hairpin,
    )  # fmt: skip


def _pairs(options: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(options.items()))


def _vlans(parts: Any) -> tuple[int, ...]:
    return tuple(vlan for part in parts for vlan in part)


def _route(file: RouteFile) -> Route:
    return Route(file.to, file.via, file.link, file.metric, file.type)


def _switch(file: SwitchFile) -> Switch:
    return Switch(file.subnets, file.mtu, file.stp, file.vlans, file.addresses, _pairs(file.options))


def _cable(file: CableFile) -> Cable:
    one, two = file.addresses or (None, None)
    return Cable((file.ends[0], file.ends[1]), file.subnets, (one, two), file.mtu, file.rate, file.delay, file.loss)


def _policy(file: PolicyFile) -> Policy:
    """Allowing nothing is denying all."""
    deny = ("all",) if "allow" in file.model_fields_set and not file.allow else file.deny
    return Policy(file.source, file.target, file.allow, deny)


def _check(file: Check | CheckFile) -> Check:
    if isinstance(file, Check):
        return file
    kind = file.expect or ("connect" if file.port else "ping")
    item = Check(file.source, kind, file.target, file.port, file.protocol)
    return replace(item, text=check_text(item) if file.text is None else file.text)
