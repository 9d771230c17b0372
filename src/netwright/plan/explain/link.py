"""Operations on links as `ip link` commands."""

from ...model.ifinfo import ADDRESS_MODES, LINK_MODES, STATES, SWITCHES, UP
from ...model.names import is_device_name
from .. import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    LinkOp = ops.AddLink | ops.SetLink | ops.DeleteLink | ops.AddAltname | ops.DeleteAltname


def words(op: "LinkOp") -> list[str]:
    """["link", "add", "name", "veth0", "type", "veth", "peer", "name", "veth1"] and its relatives."""
    if isinstance(op, (ops.AddAltname, ops.DeleteAltname)):
        return _property(op)
    verb = op.verb if isinstance(op, ops.AddLink) else "set" if isinstance(op, ops.SetLink) else "delete"
    creating = isinstance(op, ops.AddLink)
    return ["link", verb, *_names(op.header, op.settings, creating), *_all(op.header, op.settings), *_type(op, creating)]


def _property(op: "ops.AddAltname | ops.DeleteAltname") -> list[str]:
    verb = "add" if isinstance(op, ops.AddAltname) else "del"
    names = [word for name in op.settings["prop_list"] for word in ("altname", name)]
    return ["link", "property", verb, "dev", device(op.header["index"]), *names]


def device(reference: "str | int") -> str:
    """A device as a word: its name, or `if7` for the one with index 7."""
    return f"if{reference}" if isinstance(reference, int) else reference


def _names(header: "dict[str, Any]", settings: "dict[str, Any]", creating: bool) -> list[str]:
    """What the command is about: a new name; a device and maybe its new name; or a whole group."""
    name = settings.get("ifname")
    if creating:
        # `name` takes only what the kernel takes too; a name behind `dev` is left to the kernel.
        new = [] if name is None else ["name" if is_device_name(name) else "dev", name]
        return new + (["index", str(header["index"])] if header.get("index") else [])
    if not header["index"]:
        return ["group", str(settings["group"])]
    return ["dev", device(header["index"]), *([] if name is None else ["name", name])]


def _all(header: "dict[str, Any]", settings: "dict[str, Any]") -> list[str]:
    """The words of all settings up to `type`, flags last."""
    whole_group = "group" in settings and not header.get("index") and "ifname" not in settings
    found = []
    for name, value in settings.items():
        if name in _SETTINGS and not (name == "group" and whole_group):
            found += _SETTINGS[name](value)
    return found + _flags(header)


def _flags(header: "dict[str, Any]") -> list[str]:
    flags, change = header.get("flags", 0), header.get("change", 0)
    found = []
    for word, (bit, when_on) in SWITCHES.items():
        if change & bit:
            found += [word, "on" if bool(flags & bit) == when_on else "off"]
    return found + ([("up" if flags & UP else "down")] if change & UP else [])


def _type(op: "ops.AddLink | ops.SetLink | ops.DeleteLink", creating: bool) -> list[str]:
    if "linkinfo" not in op.settings:
        return []
    from .link_kinds import kind_words

    return kind_words(op.settings["linkinfo"], creating)


def peer_words(peer: "dict[str, Any]", creating: bool) -> list[str]:
    """The other end of a cable, in the words that stand behind `peer`."""
    return [*_names({"index": 0, **peer}, peer, creating), *_all(peer, peer)]


# -- one setting -----------------------------------------------------------------------------------------------------------


def _plain(word: str) -> "Callable[[Any], list[str]]":
    return lambda value: [word, str(value)]


def _signed(word: str) -> "Callable[[Any], list[str]]":
    # ip reads these as signed numbers and sends 32 bits.
    return lambda value: [word, str(value - (1 << 32) if value >> 31 else value)]


def _switch(word: str) -> "Callable[[Any], list[str]]":
    return lambda value: [word, "on" if value else "off"]


def _one_of(word: str, names: tuple[str, ...]) -> "Callable[[Any], list[str]]":
    return lambda value: [word, names[value]]


def hardware(value: "str | bytes") -> str:
    """A hardware address as a word."""
    return value.hex(":") if isinstance(value, bytes) else value


def _link_netns(value: "str | int") -> list[str]:
    return ["link-netns" if isinstance(value, str) else "link-netnsid", str(value)]


def _reason(value: "dict[str, int]") -> list[str]:
    return ["protodown_reason", str(value["mask"].bit_length() - 1), "on" if value["value"] else "off"]


_SETTINGS: "dict[str, Callable[[Any], list[str]]]" = {
    "link": lambda value: ["link", device(value)],
    "parent_dev_name": _plain("parentdev"),
    "address": lambda value: ["address", hardware(value)],
    "broadcast": lambda value: ["broadcast", hardware(value)],
    "mtu": _signed("mtu"),
    "txqlen": _signed("txqueuelen"),
    "num_tx_queues": _signed("numtxqueues"),
    "num_rx_queues": _signed("numrxqueues"),
    "gso_max_size": _plain("gso_max_size"),
    "gso_max_segs": _plain("gso_max_segs"),
    "gro_max_size": _plain("gro_max_size"),
    "group": _plain("group"),
    "ifalias": _plain("alias"),
    "master": lambda value: ["master", device(value)] if value else ["nomaster"],
    "linkmode": _one_of("mode", LINK_MODES),
    "operstate": _one_of("state", STATES),
    "af_spec": lambda value: ["addrgenmode", ADDRESS_MODES[value["inet6"]["addr_gen_mode"]]],
    "carrier": _switch("carrier"),
    "proto_down": _switch("protodown"),
    "proto_down_reason": _reason,
    "link_netnsid": _link_netns,
    "net_ns_fd": _plain("netns"),
    "net_ns_pid": _signed("netns"),
    "new_ifindex": _plain("index"),
}
