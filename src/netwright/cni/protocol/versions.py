"""The versions of CNI: what each can say of a result, reading one and printing one.

    0.1.0 0.2.0          ip4 and ip6, one address of each family, its routes inside
    0.3.0 0.3.1 0.4.0    interfaces, ips (each with version "4" or "6"), routes
    1.0.0                ips without version
    1.1.0                interfaces have mtu, socketPath, pciID; routes mtu, advmss, priority, table, scope
"""

from .result import Address, Dns, Interface, Result, Route
from .section import Section
from .spec import NEWEST, OLDEST, VERBS, VERSIONS, at_least

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["NEWEST", "OLDEST", "VERBS", "VERSIONS", "at_least", "printed", "read", "read_dns", "read_route"]

# (the name in JSON, the field)
_INTERFACE = (("name", "name"), ("mac", "mac"), ("sandbox", "sandbox"))
_INTERFACE_MORE = (("mtu", "mtu"), ("socketPath", "socket_path"), ("pciID", "pci_id"))
_ROUTE = (("dst", "to"), ("gw", "via"))
_ROUTE_MORE = (("mtu", "mtu"), ("advmss", "advmss"), ("priority", "priority"), ("table", "table"), ("scope", "scope"))


# -- printing --------------------------------------------------------------------------------------------------------------


def printed(result: Result, version: str) -> "dict[str, Any]":
    """The document of a result in a version that we know. What the version cannot say is left out."""
    if not at_least(version, "0.3.0"):
        return _old(result, version)
    more = at_least(version, "1.1.0")
    document: dict[str, Any] = {"cniVersion": version}
    if result.interfaces:
        fields = _INTERFACE + (_INTERFACE_MORE if more else ())
        document["interfaces"] = [_said(interface, fields) for interface in result.interfaces]
    if result.addresses:
        document["ips"] = [_address(one, not at_least(version, "1.0.0")) for one in result.addresses]
    if result.routes:
        document["routes"] = [_said(route, _ROUTE + (_ROUTE_MORE if more else ())) for route in result.routes]
    return document | {"dns": _dns(result.dns)}


def _said(this: "Any", fields: "tuple[tuple[str, str], ...]") -> "dict[str, Any]":
    found = ((name, getattr(this, field)) for name, field in fields)
    return {name: item for name, item in found if item not in ("", None) and (item != 0 or name in ("table", "scope"))}


def _address(one: Address, numbered: bool) -> "dict[str, Any]":
    out: dict[str, Any] = {"version": str(one.family)} if numbered else {}
    if one.interface is not None:
        out["interface"] = one.interface
    return out | {"address": one.address} | ({"gateway": one.gateway} if one.gateway else {})


def _dns(dns: Dns) -> "dict[str, Any]":
    out = {"nameservers": dns.nameservers, "domain": dns.domain, "search": dns.search, "options": dns.options}
    return {name: list(item) if isinstance(item, tuple) else item for name, item in out.items() if item}


def _old(result: Result, version: str) -> "dict[str, Any]":
    document: dict[str, Any] = {"cniVersion": version}
    for family in (4, 6):
        one = next((a for a in result.addresses if a.family == family), None)
        if one is None:
            continue
        ip: dict[str, Any] = {"ip": one.address} | ({"gateway": one.gateway} if one.gateway else {})
        routes = [_said(route, _ROUTE) for route in result.routes if route.family == family]
        document[f"ip{family}"] = ip | ({"routes": routes} if routes else {})
    return document | {"dns": _dns(result.dns)}


# -- reading ---------------------------------------------------------------------------------------------------------------


def read(document: Section) -> Result:
    """A result of any version; its shape tells which. Mistakes go into the section's list."""
    addresses: list[Address] = []
    routes = [read_route(route) for route in document.sections("routes")]
    for name in ("ip4", "ip6"):
        if name in document:
            old = document.section(name)
            addresses.append(Address(old.prefixed("ip", needed=True), old.address("gateway")))
            routes += [read_route(route) for route in old.sections("routes")]
    interfaces = tuple(_interface(one) for one in document.sections("interfaces"))
    addresses += [_read_address(one, len(interfaces)) for one in document.sections("ips")]
    known = tuple(one for one in addresses if one.address)
    return Result(interfaces, known, tuple(r for r in routes if r.to), read_dns(document.section("dns")))


def _interface(one: Section) -> Interface:
    words = {field: one.text(name) for name, field in _INTERFACE + _INTERFACE_MORE if field != "mtu"}
    return Interface(**words, mtu=one.number("mtu"))


def _read_address(one: Section, interfaces: int) -> Address:
    place = one.number("interface", most=max(interfaces - 1, 0)) if "interface" in one else None
    return Address(one.prefixed("address", needed=True), one.address("gateway"), place)


def read_route(one: Section) -> Route:
    """A route, of a result as of an IPAM configuration: {"dst", "gw", "mtu", "advmss", "priority", "table", "scope"}."""
    numbers = {name: one.number(name) for name in ("mtu", "advmss", "priority")}
    table, scope = (one.number(name) if name in one else None for name in ("table", "scope"))
    return Route(one.prefixed("dst", needed=True), one.address("gw"), table=table, scope=scope, **numbers)


def read_dns(one: Section) -> Dns:
    """The "dns" of a result, and of a configuration."""
    return Dns(one.texts("nameservers"), one.text("domain"), one.texts("search"), one.texts("options"))
