"""What stands behind `type` in an `ip link` command: IFLA_LINKINFO as words.

Most kinds have their words as a table in model/kinds/; the others have a function here.
"""

from importlib import import_module

from ...model.kinds import MODULES
from ...model.kinds.options import PROTOCOLS, Options
from .link import device, hardware, peer_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Data = dict[str, Any]


def kind_words(linkinfo: "Data", creating: bool) -> list[str]:
    """["type", "bridge", "stp_state", "1"]"""
    kind = linkinfo["kind"]
    return ["type", kind, *_options(kind, linkinfo, creating)]


def _options(kind: str, linkinfo: "Data", creating: bool) -> list[str]:
    if "slave_data" in linkinfo:
        return table_words(_module(kind.removesuffix("_slave")).SLAVE_OPTIONS, linkinfo["slave_data"])
    data = linkinfo.get("data")
    if data is None:
        return []
    if kind in _KINDS:
        return _KINDS[kind](data, creating)
    return table_words(_module(kind).OPTIONS, _folded(data))


def _module(kind: str) -> "Any":
    return import_module(f"netwright.model.kinds.{MODULES[kind]}")


# -- tables ----------------------------------------------------------------------------------------------------------------


def _folded(data: "Data") -> "Data":
    """Fields that share one word, under the name that the table has: group6 is a group. `external` comes first, for
    it decides about learning, and a tunnel that is external has no number."""
    order = sorted(data, key=lambda name: name != "collect_metadata")
    external = bool(data.get("collect_metadata"))
    found: Data = {}
    for name in order:
        if name == "ttl_inherit":
            found["ttl"] = "inherit"
        elif not (name == "id" and external) and not (name == "ttl" and "ttl_inherit" in data):
            found[name.removesuffix("6") if name in ("group6", "local6", "remote6") else name] = data[name]
    return found


def table_words(options: Options, values: "Data") -> list[str]:
    """The fields in the words of the table."""
    found = []
    for field, value in values.items():
        rows = [row for row in options.rows if row[1] == field]
        form = rows[0][2].split(" ")[0]
        if form in ("bit", "switch"):
            found += _bits(rows, value)
        elif exact := next((row[0] for row in rows if row[2] == f"={value}"), ""):
            found.append(exact)
        elif form == "choice":
            found += [rows[0][0], options.choices[field][value]]
        else:
            row = next(row for row in rows if row[2][0] != "=")
            found += _FORMS.get(form, _number)(row[0], value)
    return found


def _bits(rows: list[tuple[str, str, str]], pair: dict[str, int]) -> list[str]:
    found = []
    for word, _, form in rows:
        name, bit = form.split(" ")
        if pair["mask"] >> int(bit) & 1:
            on = pair["value"] >> int(bit) & 1
            found += [word, str(on) if name == "bit" else ("off", "on")[on]]
    return found


def _number(word: str, value: "Any") -> list[str]:
    return [word, str(value)]


def _address(word: str, value: str) -> list[str]:
    multicast = value.startswith("ff") if ":" in value else 224 <= int(value.split(".")[0]) <= 239
    return ["group" if multicast else "remote", value]


def _proto(word: str, value: int) -> list[str]:
    return [word, next((name for name, number in PROTOCOLS.items() if number == value), hex(value))]


def _list(word: str, value: list[str]) -> list[str]:
    return [word, ",".join(value)]


def _tos(word: str, value: int) -> list[str]:
    # ip reads a TOS as a hex number; 1 means that of the packet inside.
    return [word, "inherit" if value == 1 else hex(value)]


_FORMS: "dict[str, Callable[[str, Any], list[str]]]" = {
    "flag": lambda word, value: [word],
    "onoff": lambda word, value: [word, "on" if value else "off"],
    "mac": lambda word, value: [word, hardware(value)],
    "proto": _proto,
    "device": lambda word, value: [word, device(value)],
    "dev": lambda word, value: [word, device(value)],
    "ips": _list,
    "ip6s": _list,
    "map": lambda word, value: [word, *(f"{pair['from']}:{pair['to']}" for pair in value)],
    "tos": _tos,
    "df": lambda word, value: [word, ("unset", "set", "inherit")[value]],
    "group": _address,
    "ttl": lambda word, value: [word, "auto" if value == 0 else str(value)],
    "range": lambda word, value: [word, str(value["low"]), str(value["high"])],
    "external": lambda word, value: [word],
}

# -- kinds without a table ---------------------------------------------------------------------------------------------------


def _veth(data: "Data", creating: bool) -> list[str]:
    return ["peer", *peer_words(data["peer"], creating)]


def _netkit(data: "Data", creating: bool) -> list[str]:
    from ...model.kinds.netkit import MODES, POLICIES

    names = {number: name for name, number in POLICIES.items()}
    found = ["mode", MODES[data["mode"]]] if "mode" in data else []
    found += [names[data["policy"]]] if "policy" in data else []
    if "peer_info" in data or "peer_policy" in data:
        found += ["peer", *([names[data["peer_policy"]]] if "peer_policy" in data else [])]
    return found + (peer_words(data["peer_info"], creating) if "peer_info" in data else [])


def _macvlan(data: "Data", creating: bool) -> list[str]:
    from ...model.kinds.macvlan import FLAGS, MACADDR, MODES

    found = _named("mode", MODES, data.get("mode"))
    if "flags" in data:
        flags = [name for name, bit in FLAGS.items() if data["flags"] & bit] or ["null"]
        found += [word for flag in flags for word in ("flag", flag)]
    if "macaddr_mode" in data:
        found += _named("macaddr", MACADDR, data["macaddr_mode"])
        found += [data["macaddr"]] if "macaddr" in data else data.get("macaddr_data", [])
    return found + (["bcqueuelen", str(data["bc_queue_len"])] if "bc_queue_len" in data else [])


def _named(word: str, names: dict[str, int], value: int | None) -> list[str]:
    return [] if value is None else [word, next(name for name, number in names.items() if number == value)]


def _ipvlan(data: "Data", creating: bool) -> list[str]:
    from ...model.kinds.ipvlan import FLAGS, MODES

    flag = next(name for name, number in FLAGS.items() if number == data.get("flags", 0))
    return (["mode", MODES[data["mode"]]] if "mode" in data else []) + [flag]


def _gre_bits(data: "Data") -> list[str]:
    """Keys, sequence numbers and checksums of both directions, in full: a change starts from what the tunnel is."""
    from ...model.kinds.gre import CSUM, KEY, SEQ

    found = []
    for way, flags, key in (("i", data["iflags"], data["ikey"]), ("o", data["oflags"], data["okey"])):
        found += [f"{way}key", str(key)] if flags & KEY else [f"no{way}key"]
        found += [f"{'' if flags & bit else 'no'}{way}{name}" for name, bit in (("seq", SEQ), ("csum", CSUM))]
    return found


def _gre_encapsulation(data: "Data") -> list[str]:
    from ...model.kinds.gre import ENCAP_FLAGS, ENCAPSULATIONS

    found = ["encap", ENCAPSULATIONS[data["encap_type"]], "encap-sport", str(data["encap_sport"])]
    found += ["encap-dport", str(data["encap_dport"])]
    return found + [word if data["encap_flags"] & bit else f"no{word}" for word, bit in ENCAP_FLAGS.items()]


def _gre_ends(data: "Data") -> list[str]:
    found = [word for name in ("remote", "local") if name in data for word in (name, data[name])]
    return found + (["dev", device(data["link"])] if "link" in data else [])


def _gre(data: "Data", creating: bool) -> list[str]:
    if "collect_metadata" in data:
        return ["external"]
    found = _gre_ends(data) + _gre_bits(data)
    found.append("pmtudisc" if data["pmtudisc"] else "nopmtudisc")
    if "ignore_df" in data:
        found.append("ignore-df" if data["ignore_df"] else "noignore-df")
    found += ["ttl", str(data["ttl"] or "inherit"), *_tos("tos", data["tos"]), "fwmark", str(data["fwmark"])]
    return found + _gre_encapsulation(data)


def _ip6gre(data: "Data", creating: bool) -> list[str]:
    from ...model.kinds import gre

    if "collect_metadata" in data:
        return ["external"]
    flags, flow = data["flags"], data["flowinfo"]
    found = _gre_ends(data) + _gre_bits(data) + ["hoplimit", str(data["ttl"])]
    found += ["encaplimit", str(data["encap_limit"])] + (["encaplimit", "none"] if flags & gre.IGN_ENCAP_LIMIT else [])
    found += ["tclass", "inherit" if flags & gre.USE_ORIG_TCLASS else hex((flow & gre.TCLASS) >> 20)]
    found += ["flowlabel", "inherit" if flags & gre.USE_ORIG_FLOWLABEL else hex(flow & gre.FLOWLABEL)]
    found += ["dscp", "inherit"] if flags & gre.RCV_DSCP_COPY else []
    found += ["fwmark", "inherit" if flags & gre.USE_ORIG_FWMARK else str(data["fwmark"])]
    found += ["allow-localremote" if flags & gre.ALLOW_LOCAL_REMOTE else "noallow-localremote"]
    return found + _gre_encapsulation(data)


_KINDS: "dict[str, Callable[[Data, bool], list[str]]]" = {
    "veth": _veth, "netkit": _netkit, "macvlan": _macvlan, "macvtap": _macvlan, "ipvlan": _ipvlan, "ipvtap": _ipvlan,
    "gre": _gre, "gretap": _gre, "ip6gre": _ip6gre, "ip6gretap": _ip6gre,
}  # fmt: skip
