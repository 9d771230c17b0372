"""A Topology as a lab file in YAML, as somebody would write it: what is not said is left out, short forms where there are some."""

from __future__ import annotations

from .build import KIND_WORDS
from .phrases import check_text, publish_text
from .quoting import block
from .topology import Cable, Check, Host, Link, Policy, Route, Switch, Topology

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Out = dict[str, Any]

_RATES = (("tbit", 10**12), ("gbit", 10**9), ("mbit", 10**6), ("kbit", 10**3), ("bit", 1))
_TIMES = (("s", 10**6), ("ms", 10**3), ("us", 1))
_HOST_LEVEL = ("switch", "address", "mtu", "mac", "rate", "delay", "loss")


def dumped(topology: Topology) -> str:
    """The text; `loads` makes the same Topology of it."""
    cabled = {end for cable in topology.cables for end in cable.ends}
    out: Out = {"lab": topology.name}
    if topology.pool:
        out["pool"] = _one(topology.pool)
    out |= _set(uplink=topology.uplink, routing="" if topology.routing == "static" else topology.routing)
    out |= _set(publish=[publish_text(item) for item in topology.publish])
    out |= _set(hosts={name: _host(name, host, cabled) or None for name, host in topology.hosts.items()})
    out |= _set(switches={name: _switch(switch) or None for name, switch in topology.switches.items()})
    out |= _set(cables=[_cable(cable) for cable in topology.cables], policy=[_policy(policy) for policy in topology.policy])
    zones = {name: list(members) for name, members in topology.zones.items()}
    if zones:  # a zone that only a host names must be listed as soon as one is
        zones |= {host.zone: [] for host in topology.hosts.values() if host.zone and host.zone not in zones}
    out |= _set(zones=zones, checks=[_check(check) for check in topology.checks])
    return "\n".join(block(out)) + "\n"


def _set(**fields: Any) -> Out:
    """The fields that say anything."""
    return {key: value for key, value in fields.items() if value not in (None, "", 0, False, (), [], {})}


def _one(items: tuple[str, ...]) -> Any:
    return items[0] if len(items) == 1 else list(items)


def _networks(key: str, items: tuple[str, ...] | None, otherwise: Any = None) -> Out:
    """Addresses or subnets: `none` for none at all, nothing for those that are handed out."""
    if items == otherwise:
        return {}
    return {key: "auto" if items is None else _one(items) if items else "none"}


def _unit(number: int, units: tuple[tuple[str, int], ...]) -> str:
    return next(f"{number // size}{name}" for name, size in units if number % size == 0) if number else ""


def _percent(loss: float) -> str:
    from decimal import Decimal

    return f"{Decimal(repr(loss)):f}".removesuffix(".0") + "%" if loss else ""


def _quality(item: Link | Cable) -> Out:
    return _set(rate=_unit(item.rate, _RATES), delay=_unit(item.delay, _TIMES), loss=_percent(item.loss))


# -- hosts -----------------------------------------------------------------------------------------------------------------


def _host(name: str, host: Host, cabled: set[tuple[str, str]]) -> Out:
    links = {device: _link(link) for device, link in host.links.items()}
    links = {device: link for device, link in links.items() if link or (name, device) not in cabled}
    return {
        **_links(links),
        **_set(router=host.router, nat=list(host.nat), publish=[publish_text(item) for item in host.publish]),
        **_set(route=_routes(host.routes, host.default_route), sysctl={key: _number(value) for key, value in host.sysctls.items()}),
        **_set(dns=list(host.dns), search=list(host.search), alias=list(host.aliases), zone=host.zone),
    }


def _links(links: Mapping[str, Out]) -> Out:
    """eth0 alone, with nothing that only a link can say, stands in the host itself."""
    if list(links) == ["eth0"] and all(key in _HOST_LEVEL for key in links["eth0"]):
        return links["eth0"]
    return {"links": {name: link["switch"] if list(link) == ["switch"] else link for name, link in links.items()}} if links else {}


def _link(link: Link) -> Out:
    veth = link.kind == "veth"
    words = {key: value for key, value in link.options if key in KIND_WORDS}
    return {
        **_set(switch=link.switch, kind="" if veth else link.kind, parent=link.parent, master=link.master),
        **_networks("address", link.addresses, None if veth else ()),
        **_set(mtu=link.mtu, mac=link.mac),
        **({} if link.up else {"up": False}),
        **words,
        **_set(options={key: _plain(value) for key, value in link.options if key not in KIND_WORDS}),
        **_quality(link),
        **_set(vlan=link.vlan, trunk=list(link.trunk), isolated=link.isolated, hairpin=link.hairpin),
    }


def _number(text: str) -> str | int:
    """A text that is exactly a number needs no quotes."""
    return int(text) if text.isascii() and text.isdecimal() and str(int(text)) == text else text


def _plain(value: Any) -> Any:
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _routes(routes: tuple[Route, ...], default: bool) -> Any:
    targets = [route.to for route in routes] + ([] if default else ["default"])
    if len(set(targets)) < len(targets):  # a mapping has each key once
        return [{"to": route.to, **_route(route)} for route in routes] + ([] if default else [{"to": "default", "type": "none"}])
    out = {route.to: _short(_route(route)) for route in routes}
    return out if default else {**out, "default": "none"}


def _route(route: Route) -> Out:
    kind = "" if route.type == "unicast" else route.type
    return _set(via=route.via, link=route.link, metric=route.metric, type=kind)


def _short(route: Out) -> Any:
    return next(iter(route.values())) if list(route) in (["via"], ["type"]) else route


# -- the others ------------------------------------------------------------------------------------------------------------


def _switch(switch: Switch) -> Out:
    return {
        **_networks("subnet", switch.subnets),
        **_set(mtu=switch.mtu, stp=switch.stp, vlans=switch.vlans),
        **_networks("address", switch.addresses, ()),
        **_set(options={key: _plain(value) for key, value in switch.options}),
    }


def _cable(cable: Cable) -> Out:
    ends = [f"{host}:{device}" if device else host for host, device in cable.ends]
    addresses = {} if cable.addresses == (None, None) else {"addresses": [_end(given) for given in cable.addresses]}
    return {"ends": ends, **_networks("subnet", cable.subnets), **addresses, **_set(mtu=cable.mtu), **_quality(cable)}


def _end(addresses: tuple[str, ...] | None) -> Any:
    return "auto" if addresses is None else _one(addresses) if addresses else "none"


def _policy(policy: Policy) -> Out:
    words = _set(allow=list(policy.allow), deny="all" if policy.deny == ("all",) else list(policy.deny))
    return {"from": policy.source, "to": policy.target, **words}


def _check(check: Check) -> Any:
    if check.text == check_text(check):
        return check.text
    words = {"from": check.source, "to": check.target, "expect": check.kind, **_set(port=check.port)}
    return {**words, **({} if check.protocol == "tcp" else {"protocol": check.protocol}), "text": check.text}
