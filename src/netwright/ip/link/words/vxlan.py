"""`type vxlan`: its table is in model/kinds/vxlan.py; here is what one option means for another."""

from ....model.kinds.vxlan import OPTIONS
from ...exits import LOCAL, SYNTAX, Exit, duplicate_or_garbage, wrong
from ...prefix import address
from ...words import unsigned
from ..devices import as_setting
from . import udp
from .ip import INET, INET6, is_multicast
from .options import read as read_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...words import Words
    from ..command import Command
    from .options import One

_GPE_PORT = 4790
_NO_PORT = """vxlan: destination port not specified
Will use Linux kernel default (non-standard value)
Use 'dstport 4789' to get the IANA assigned value
Use 'dstport 0' to get default and quiet this message
"""


def read(kind: str, words: "Words", command: "Command") -> "dict[str, Any]":
    """The attributes of a vxlan. Exit 1 when options contradict each other or one is missing."""
    values = read_options(kind, OPTIONS, words, command, _FORMS)
    _check(values, command)
    _choose_port(values, command)
    _choose_learning(values, command)
    _place_addresses(values, command)
    return values


def _check(values: "dict[str, Any]", command: "Command") -> None:
    external, filtering = values.get("collect_metadata"), values.get("vnifilter")
    if filtering and not external:
        raise Exit(LOCAL, "vxlan: vnifilter is valid only when 'external' is set")
    if external and "id" in values:
        raise Exit(LOCAL, "vxlan: both 'external' and vni cannot be specified")
    if not external and "id" not in values and command.verb != "set":
        raise Exit(LOCAL, "vxlan: missing virtual network identifier", fix="add: id NUMBER (0 to 16777215)")
    if "group" in values and is_multicast(values["group"]) and "link" not in values:
        raise Exit(LOCAL, "vxlan: 'group' requires 'dev' to be specified", fix="add: dev DEVICE, which the group is on")


def _choose_port(values: "dict[str, Any]", command: "Command") -> None:
    if "port" not in values and "gpe" in values:
        values["port"] = _GPE_PORT
    elif "port" not in values and command.verb != "set":
        command.warnings.append(_NO_PORT)
    elif values.get("port") == 0:
        del values["port"]


def _choose_learning(values: "dict[str, Any]", command: "Command") -> None:
    """A device that is made always hears about learning; `external` turns it off, unless `learning` comes behind it."""
    if command.verb == "set" and "learning" not in values:
        return
    order = list(values)
    off = values.get("collect_metadata") == 1
    if off and "learning" in values:
        off = order.index("collect_metadata") > order.index("learning")
    values["learning"] = 0 if off else values.get("learning", 1)


def _place_addresses(values: "dict[str, Any]", command: "Command") -> None:
    """IPv6 addresses have attributes of their own; `-4` and `-6` alone mean the address of all zeros."""
    chosen = "group" in values or "local" in values
    for field in ("group", "local"):
        if ":" in values.get(field, ""):
            values[f"{field}6"] = values.pop(field)
    if not chosen and command.family in (INET, INET6):
        field, zeros = ("group", "0.0.0.0") if command.family == INET else ("group6", "::")
        values[field] = zeros


# -- forms --------------------------------------------------------------------------------------------------------------


def _group(one: "One") -> None:
    """`group` (a multicast address) and `remote` (any other) are one attribute."""
    multicast = one.word == "group"
    before = one.values.get("group")
    if before and is_multicast(before) != multicast:
        raise Exit(LOCAL, "vxlan: both group and remote cannot be specified")
    text = one.words.next()
    if before:
        raise duplicate_or_garbage(one.word, text)
    found = _address(one, text, "local")
    if not found or is_multicast(found) != multicast:
        why = "a multicast address is 224.0.0.0/4 or ff00::/8" if multicast else "for a multicast address, say group"
        raise wrong(text, f"invalid {one.word} address", why=why)
    one.values["group"] = found


def _local(one: "One") -> None:
    text = one.words.next()
    found = _address(one, text, "group")
    if not found or is_multicast(found):
        raise wrong(text, "invalid local address")
    one.values["local"] = found


def _address(one: "One", text: str, other: str) -> str:
    """An address of the family that its counterpart has."""
    there = one.values.get(other, "")
    family = (INET6 if ":" in there else INET) if there else 0
    return address(text, family).text or {INET: "0.0.0.0", INET6: "::"}.get(family, "")


def _device(one: "One") -> None:
    name = one.words.next()
    found = one.command.links.index(name)
    if not found:
        raise Exit(SYNTAX, f'Cannot find device "{name}"')
    one.values["link"] = as_setting(name, found)


def _ttl(one: "One") -> None:
    text = one.words.next()
    if text == "inherit":
        one.values["ttl_inherit"] = True
    else:
        one.values["ttl"] = 0 if text == "auto" else udp.hops(text)


def _seconds(one: "One") -> None:
    one.values["ageing"] = _number_or(one, "none", "ageing timer")


def _limit(one: "One") -> None:
    one.values["limit"] = _number_or(one, "unlimited", "max addresses")


def _number_or(one: "One", zero: str, message: str) -> int:
    text = one.words.next()
    found = 0 if text == zero else unsigned(text)
    if found is None:
        raise wrong(text, message, why=f"a number or {zero} belongs here")
    return found


def _range(one: "One") -> None:
    low, high = (_port(one.words.next(), message) for message in ("min port", "max port"))
    if low or high:
        one.values["port_range"] = {"low": low, "high": high}


def _port(text: str, message: str) -> int:
    found = unsigned(text, bits=16)
    if found is None:
        raise wrong(text, message, why="a port is a number from 0 to 65535")
    return found


def _destination(one: "One") -> None:
    one.values["port"] = _port(one.words.next(), "dst port")


_FORMS = {
    "vni": udp.vni, "group": _group, "local": _local, "dev": _device, "ttl": _ttl, "tos": udp.tos,
    "df": udp.df, "label": udp.label, "seconds": _seconds, "limit": _limit, "range": _range, "port": _destination,
}  # fmt: skip
