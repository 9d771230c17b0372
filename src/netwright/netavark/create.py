"""`netavark create`: a network as podman's user asks for it -> the same with all that was left open: bridge, subnets, gateways.

    {"network": {…}, "used": {"interfaces", "names", "subnets"}, "options": {"subnet_pools", "default_interface_name", "check_used_subnets"}}

What the host knows besides (names of devices) is asked for by `create`; `network` is pure.
"""

from ..errors import Conflict, Invalid
from ..model.addressing import Net, around, split, text_of
from ..model.names import why_not_device_name
from ..model.value import value
from . import protocol, settings
from .reading import Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    Document = dict[str, Any]

_DOCKER = {"com.docker.network.driver.mtu": "mtu"}
_DOCKER_BRIDGE = "com.docker.network.bridge.name"
_HEX = frozenset("0123456789abcdefABCDEF")
_MOST_TRIES = 65536


@value
class Context:
    """What others have. `pools` are (network, prefix length) of the subnets to take from; `links` the host's devices."""

    interfaces: "frozenset[str]" = frozenset()
    names: "frozenset[str]" = frozenset()
    nets: "tuple[Net, ...]" = ()
    pools: "tuple[tuple[Net, int], ...]" = ()
    prefix: str = ""
    check: bool = False
    links: "frozenset[str]" = frozenset()
    seed: bytes = bytes(7)


def create(text: bytes, plugins: "tuple[str, ...]" = ()) -> "Document":
    """The network for podman to keep. Invalid with every mistake; Conflict when no subnet is left."""
    from datetime import UTC, datetime
    from os import urandom

    from ..model.jsontext import read

    try:
        document = read(text)
    except ValueError as error:
        raise Invalid(f"failed to load network options: {error}") from None
    found = network(document, _links(), urandom(7))
    if found["driver"] not in settings.KNOWN:
        from . import plugins as programs

        found = {**found, **programs.call(programs.find(found["driver"], plugins), ["create"], found)}
    now = datetime.now(UTC)
    return {**found, "created": now.isoformat().replace("+00:00", "Z")}


def _links() -> "frozenset[str]":
    from ..engine import observe
    from ..engine.narrow import Spots
    from ..networks.wiring import HOST

    with Spots({HOST: None}) as place:
        return frozenset(link.name for link in observe.links(place.session(HOST)))


# -- pure ------------------------------------------------------------------------------------------------------------------------


def network(document: "Any", links: "frozenset[str]" = frozenset(), seed: bytes = bytes(7)) -> "Document":
    """The network, complete but for the time. `seed`: seven bytes for a subnet of IPv6."""
    mistakes: list[str] = []
    top = Reader(document, "", mistakes)
    asked = top.section("network")
    known = _context(top, links, seed)
    out: Document = dict(asked.data)
    out |= {flag: asked.flag(flag) for flag in ("dns_enabled", "internal", "ipv6_enabled")}
    out |= {name: asked.pairs(name) for name in ("options", "ipam_options") if out.get(name) is not None}
    out |= {"network_interface": asked.text("network_interface")} if out.get("network_interface") is not None else {}
    _check_names(asked, known)
    out["driver"] = asked.text("driver") or "bridge"
    _check_ipam(asked)
    if out["driver"] == "bridge":
        _bridge(out, asked, known)
    elif out["driver"] in settings.KNOWN:
        _on_parent(out, asked, known)
    out["dns_enabled"] = out["dns_enabled"] and _ipam(out) != "none"
    if asked.texts("network_dns_servers") and not out["dns_enabled"]:
        mistakes.append("cannot set NetworkDNSServers if DNS is not enabled for the network")
    _settle(mistakes)
    _subnets(out, known)
    read = Reader(out, "", mistakes)
    protocol.network(read, out["name"])
    _settle(mistakes)
    return out


def _settle(mistakes: "list[str]") -> None:
    if mistakes:
        raise Invalid("; ".join(dict.fromkeys(mistakes)))


def _context(top: Reader, links: "frozenset[str]", seed: bytes) -> Context:
    used, options = top.section("used"), top.section("options")
    nets = []
    for text in used.texts("subnets"):
        try:
            nets.append(around(*split(text)))
        except ValueError as error:
            used.wrong("subnets", f"invalid IP address syntax ({error})")
    pools = [(base, one.number("size", 128)) for one in options.sections("subnet_pools") if (base := one.net("base")) is not None]
    prefix, check = options.text("default_interface_name"), options.flag("check_used_subnets")
    names = frozenset(used.pairs("names"))
    return Context(frozenset(used.texts("interfaces")), names, tuple(nets), tuple(pools), prefix, check, links, seed)


def _check_names(asked: Reader, known: Context) -> None:
    name, id, mistakes = asked.text("name"), asked.text("id"), asked.mistakes
    if not name:
        mistakes.append("Network name must be supplied")
    elif protocol.why_no_name(name):
        mistakes.append(f'Invalid characters in network name "{name}": must match [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most 100 of them')
    elif name in known.names:
        mistakes.append(f"network already exists {name}")
    if not id:
        mistakes.append("Network id must be supplied")
    elif len(id) != 64 or not set(id) <= _HEX:
        mistakes.append(f'Network id must be a hexadecimal string of 64 characters "{id}"')
    interface = asked.text("network_interface")
    if interface and (why := why_not_device_name(interface)):
        mistakes.append(f"network_interface {interface!r}: {why}")


def _ipam(out: "Document") -> str:
    return str((out.get("ipam_options") or {}).get("driver") or "")


def _check_ipam(asked: Reader) -> None:
    driver = asked.pairs("ipam_options").get("driver", "")
    if driver not in ("", *protocol.IPAM):
        asked.mistakes.append(f"Unsupported ipam driver: {driver}")
    if driver == "none" and asked.items("subnets"):
        asked.mistakes.append("None ipam driver is set but subnets are given")


def _check_options(out: "Document", asked: Reader) -> settings.Settings:
    driver, options = out["driver"], out.get("options") or {}
    asked.mistakes += [f"unsupported {driver} network option: {name}" for name in settings.unknown(driver, options)]
    return settings.settings(driver, options, {}, asked.mistakes)


def _bridge(out: "Document", asked: Reader, known: Context) -> None:
    options = {_DOCKER.get(name, name): text for name, text in asked.pairs("options").items()}
    if _DOCKER_BRIDGE in options:
        out["network_interface"] = options.pop(_DOCKER_BRIDGE)
    if "options" in out:
        out["options"] = options
    found = _check_options(out, asked)
    alone = found.managed and not found.vlan
    name = out.get("network_interface") or ""
    if not name:
        out["network_interface"] = _free_name(known, asked)
    elif alone and name in known.interfaces:
        asked.mistakes.append(f"bridge name {name} already in use")
    out["_check"] = alone and known.check
    if _ipam(out) in ("", "host-local"):
        out["ipam_options"] = {**asked.pairs("ipam_options"), "driver": "host-local"}
        out["_families"] = (4, 6) if out["ipv6_enabled"] else ()


def _free_name(known: Context, asked: Reader) -> str:
    if not known.prefix:
        asked.mistakes.append("default interface name is not set")
        return ""
    taken = known.links | known.interfaces | known.names
    return next(name for n in range(1, 1_000_000) if (name := f"{known.prefix}{n}") not in taken)


def _on_parent(out: "Document", asked: Reader, known: Context) -> None:
    driver, mistakes, subnets = out["driver"], asked.mistakes, asked.items("subnets")
    parent = asked.text("network_interface")
    if parent and parent not in known.links:
        mistakes.append(f"parent interface {parent} does not exist")
    out["dns_enabled"] = False
    ipam = _ipam(out) or ("host-local" if subnets else "dhcp")
    out["ipam_options"] = {**asked.pairs("ipam_options"), "driver": ipam}
    if ipam == "dhcp" and driver == "ipvlan":
        mistakes.append("ipam driver dhcp is not supported with ipvlan")
    if ipam == "dhcp" and subnets:
        mistakes.append("ipam driver dhcp set but subnets are set")
    if ipam == "host-local" and not subnets:
        mistakes.append(f"{driver} driver needs at least one subnet specified when the host-local ipam driver is set")
    found = _check_options(out, asked)
    if found.bclim is not None and driver == "ipvlan":
        mistakes.append("unsupported ipvlan network option bclim")


# -- subnets -----------------------------------------------------------------------------------------------------------------------


def _subnets(out: "Document", known: Context) -> None:
    """Those that are asked for, checked and with their gateways, and those that are missing."""
    check, families = out.pop("_check", False), out.pop("_families", None)
    mistakes: list[str] = []
    given = [dict(one.data) for one in Reader(out, "", mistakes).sections("subnets") if one.text("subnet", needed=True)]
    _settle(mistakes)
    found = list(given)
    if families is not None:
        there = {6 if ":" in one["subnet"] else 4 for one in found}
        found += _missing([f for f in families if f not in there] if families else ([] if there else [4]), found, known, check)
    if not found:
        return
    add = not out["internal"] or out["dns_enabled"]
    out["subnets"] = [_complete(one, add, known.nets if check and one in given else (), mistakes) for one in found]
    out["ipv6_enabled"] = out["ipv6_enabled"] or any(":" in one["subnet"] for one in found)
    _settle(mistakes)


def _missing(families: "list[int]", given: "list[Document]", known: Context, check: bool) -> "Iterator[Document]":
    own = [around(*split(one["subnet"])) for one in given if _is_net(one["subnet"])]
    for family in families:
        # Two networks of one container must not meet, even where used ones are not looked at.
        taken = [*own, *(known.nets if check or family == 6 else ())]
        yield {"subnet": str(_free4(known.pools, taken) if family == 4 else _free6(known.seed, taken))}


def _is_net(text: str) -> bool:
    try:
        return bool(split(text))
    except ValueError:
        return False


def _free4(pools: "Iterable[tuple[Net, int]]", taken: "list[Net]") -> Net:
    for pool, length in pools:
        if pool.family != 4 or not pool.length <= length <= 32:
            continue
        found = around(pool.base, 4, length)
        while pool.holds(found.base, 4):
            met = next((one for one in taken if one.overlaps(found)), None)
            if met is None:
                return found
            # Past what it meets at once: a pool may hold millions of small ones.
            found = Net(4, max(found.last, around(met.last, 4, length).last) + 1, length)
    raise Conflict("could not find free subnet from subnet pools", why="all of them are in use", fix="podman network rm one that is not needed, or say which: --subnet")


def _free6(seed: bytes, taken: "list[Net]") -> Net:
    """RFC 4193: fd, and 56 bits by chance for a /64."""
    start = int.from_bytes(seed[:7])
    for n in range(_MOST_TRIES):
        found = Net(6, (0xFD << 56 | (start + n) % (1 << 56)) << 64, 64)
        if not any(one.overlaps(found) for one in taken):
            return found
    raise Conflict("failed to get random ipv6 subnet", fix="say which: --subnet")


def _complete(one: "Document", add: bool, used: "tuple[Net, ...]", mistakes: "list[str]") -> "Document":
    """A subnet with its gateway; what is wrong with it is noted."""
    read = Reader(one, "", mistakes)
    found, gateway = read.net("subnet"), read.address("gateway")
    if found is None:
        return one
    if any(other.overlaps(found) for other in used):
        mistakes.append(f"subnet {one['subnet']} is already used on the host or by another config")
    leased = read.section("lease_range")
    bounds = [(key, leased.address(key)) for key in ("start_ip", "end_ip")]
    for words, address in [("gateway", gateway), *((f"lease range {key}", text) for key, text in bounds)]:
        if address and not _holds(found, address):
            mistakes.append(f"{words} {address} not in subnet {found}")
    if all(text for _, text in bounds) and split(bounds[0][1])[0] > split(bounds[1][1])[0]:
        mistakes.append(f"lease range start_ip {bounds[0][1]} must be less than or equal to end_ip {bounds[1][1]}")
    if gateway or not add:
        return {**one, "subnet": str(found)}
    if found.size < (4 if found.family == 4 else 2):
        most = 31 if found.family == 4 else 128
        mistakes.append(f"could not create gateway for subnet {found} because it has a {most} or greater subnet prefix")
    return {**one, "subnet": str(found), "gateway": text_of(found.base + 1, found.family)}


def _holds(net: Net, address: str) -> bool:
    number, family, _ = split(address)
    return net.holds(number, family)
