"""Operations on routes as `ip route` commands."""

from ...model import routing
from .. import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_AF_INET, _AF_INET6 = 2, 10
_FAMILY_OPTIONS = {_AF_INET6: "-6", 28: "-M"}
_FAMILIES = {_AF_INET: "inet", _AF_INET6: "inet6", 17: "link"}
_BITS = {_AF_INET: 32, _AF_INET6: 128}
_TYPES = (
    "", "unicast", "local", "broadcast", "anycast", "multicast", "blackhole", "unreachable", "prohibit", "throw", "nat",
    "xresolve",
)  # fmt: skip
_TABLES = {253: "default", 254: "main", 255: "local"}
_SCOPES = {0: "global", 200: "site", 253: "link", 254: "host", 255: "nowhere"}
_PROTOCOLS = {1: "redirect", 2: "kernel", 3: "boot", 4: "static"}
_PREFERENCES = {number: name for name, number in routing.PREFERENCES.items()}
# Settings with a number or an address behind a keyword.
_PLAIN = {"prefsrc": "src", "priority": "metric", "nh_id": "nhid", "expires": "expires"}
_METRICS = {"cc_algo": "congctl"}


def words(op: "ops.AddRoute | ops.DeleteRoute") -> list[str]:
    """["route", "add", "10.0.0.0/8", "via", "10.1.1.1", "dev", "eth0", …]"""
    verb = op.verb if isinstance(op, ops.AddRoute) else "delete"
    header, settings = op.header, op.settings
    family: int = header["family"]
    option = [_FAMILY_OPTIONS[family]] if family in _FAMILY_OPTIONS else []
    out = [*option, "route", verb, *_type(op), _prefix(header, settings, "dst")]
    if "src" in settings or header["src_len"]:
        out += ["from", _prefix(header, settings, "src")]
    out += _way(settings) + _device(settings, "oif") + _origin(op)
    for name, keyword in _PLAIN.items():
        if name in settings:
            out += [keyword, _text(settings[name])]
    out += _rest(header, settings)
    for hop in settings.get("multipath", []):
        out += _nexthop(hop)
    return out


def _type(op: "ops.AddRoute | ops.DeleteRoute") -> list[str]:
    kind: int = op.header["type"]
    if kind == (routing.UNICAST if isinstance(op, ops.AddRoute) else routing.UNSPEC):
        return []
    # A bare number would be read as the destination.
    return [_TYPES[kind] if 0 < kind < len(_TYPES) else f"+{kind}"]


def _prefix(header: "dict[str, Any]", settings: "dict[str, Any]", name: str) -> str:
    length, bits = header[f"{name}_len"], _BITS.get(header["family"], 0)
    if name not in settings:
        nothing = "::" if header["family"] == _AF_INET6 else "0.0.0.0"
        return f"{nothing}/{length}" if length else "default"
    return _text(settings[name]) + (f"/{length}" if length != bits else "")


def _text(value: "int | str | bytes") -> str:
    """An address or a number; no address at all is `any`."""
    if isinstance(value, bytes):
        return value.hex(":") or "any"
    return str(value)


def _way(settings: "dict[str, Any]") -> list[str]:
    if "gateway" in settings:
        return ["via", _text(settings["gateway"])]
    if "via" in settings:
        via = settings["via"]
        return ["via", _FAMILIES.get(via["family"], "inet"), _text(via["host"])]
    return []


def _device(settings: "dict[str, Any]", name: str) -> list[str]:
    device = settings.get(name)
    if not device:
        return []
    return ["dev", device if isinstance(device, str) else f"if{device}"]


def _origin(op: "ops.AddRoute | ops.DeleteRoute") -> list[str]:
    """Table, protocol and scope, where they are not what goes without saying."""
    header, settings, delete = op.header, op.settings, isinstance(op, ops.DeleteRoute)
    out = []
    table = int(settings["table"] if "table" in settings else header["table"])
    if table != routing.usual_table(header["type"]):
        out += ["table", _TABLES.get(table, str(table))]
    if header["protocol"] != (routing.PROTOCOL_UNSPEC if delete else routing.PROTOCOL_BOOT):
        out += ["proto", _PROTOCOLS.get(header["protocol"], str(header["protocol"]))]
    gateway = bool({"gateway", "via", "multipath"} & set(settings) or settings.get("nh_id"))
    if header["scope"] != routing.usual_scope(header["family"], header["type"], delete=delete, gateway=gateway):
        out += ["scope", _SCOPES.get(header["scope"], str(header["scope"]))]
    return out


def _rest(header: "dict[str, Any]", settings: "dict[str, Any]") -> list[str]:
    out = ["tos", f"0x{header['tos']:02x}"] if header["tos"] else []
    if "pref" in settings:
        out += ["pref", _PREFERENCES.get(int(settings["pref"]), str(settings["pref"]))]
    if "ttl_propagate" in settings:
        out += ["ttl-propagate", "enabled" if settings["ttl_propagate"] else "disabled"]
    out += ["onlink"] if header["flags"] & routing.ONLINK else []
    return out + _realms(settings) + _metrics(settings.get("metrics", {}))


def _realms(settings: "dict[str, Any]") -> list[str]:
    """`realms FROM/TO`; numbers that do not fit there as one."""
    flow = settings.get("flow")
    if flow is None:
        return []
    source, destination = flow >> 16, flow & 0xFFFF
    if source and source <= 255 and destination <= 255:
        return ["realms", f"{source}/{destination}"]
    return ["realms", str(flow)]


def _metrics(metrics: "dict[str, Any]") -> list[str]:
    out = []
    locked = metrics.get("lock", 0)
    for name, value in metrics.items():
        if name == "lock":
            continue
        lock = bool(locked & routing.lock_bit(name)) and name != "rto_min"
        out += [_METRICS.get(name, name), *(["lock"] if lock else []), _metric(name, value)]
    return out


def _metric(name: str, value: "int | str") -> str:
    """rtt and rttvar stand in the kernel's own parts of a millisecond, as a number without a unit does."""
    if name == "features":
        return "ecn"
    return f"{value}ms" if name == "rto_min" else str(value)


def _nexthop(hop: "dict[str, Any]") -> list[str]:
    out = ["nexthop", *_way(hop.get("attributes", {})), *_device(hop, "ifindex")]
    if hop.get("hops"):
        out += ["weight", str(hop["hops"] + 1)]
    out += ["onlink"] if hop.get("flags", 0) & routing.ONLINK else []
    return out + _realms(hop.get("attributes", {}))
