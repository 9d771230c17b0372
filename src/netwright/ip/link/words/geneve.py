"""`type geneve`: its table is in model/kinds/geneve.py; here is what one option means for another."""

from ....model.kinds.geneve import OPTIONS
from ...exits import LOCAL, Exit, wrong
from ...prefix import address
from ...words import unsigned
from . import udp
from .ip import is_multicast
from .options import read as read_options

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...words import Words
    from ..command import Command
    from .options import One


def read(kind: str, words: "Words", command: "Command") -> "dict[str, Any]":
    """The attributes of a geneve. Exit 1 when options contradict each other or one is missing."""
    values = read_options(kind, OPTIONS, words, command, _FORMS)
    _check(values, command)
    values.setdefault("id", 0)
    if ":" in values.get("remote", ""):
        values["remote6"] = values.pop("remote")
    if command.verb != "set":
        for field in ("label", "ttl", "tos"):
            values.setdefault(field, 0)
    elif "ttl_inherit" in values:
        values["ttl"] = 0
    if values.get("port") == 0:
        del values["port"]
    if not values.get("collect_metadata"):
        values.pop("collect_metadata", None)
    return values


def _check(values: "dict[str, Any]", command: "Command") -> None:
    external = values.get("collect_metadata")
    if external and "id" in values:
        raise Exit(LOCAL, "geneve: both 'external' and vni cannot be specified")
    if not external and "id" not in values:
        raise Exit(LOCAL, "geneve: missing virtual network identifier", fix="add: id NUMBER (0 to 16777215)")
    if not external and command.verb != "set" and "remote" not in values:
        raise Exit(LOCAL, "geneve: remote link partner not specified", fix="add: remote ADDRESS")


# -- forms --------------------------------------------------------------------------------------------------------------


def _remote(one: "One") -> None:
    text = one.words.next()
    found = address(text).text
    if not found or is_multicast(found):
        raise wrong(text, "invalid remote address", why="one address of the other end belongs here")
    one.values["remote"] = found


def _ttl(one: "One") -> None:
    text = one.words.next()
    if text == "inherit":
        one.values["ttl_inherit"] = 1
    else:
        one.values["ttl"] = 0 if text == "auto" else udp.hops(text)


def _port(one: "One") -> None:
    text = one.words.next()
    found = unsigned(text, bits=16)
    if found is None:
        raise wrong(text, "dstport", why="a port is a number from 0 to 65535")
    one.values["port"] = found


def _external(one: "One") -> None:
    one.values["collect_metadata"] = True


def _not_external(one: "One") -> None:
    one.values["collect_metadata"] = False


_FORMS = {
    "vni": udp.vni, "remote": _remote, "ttl": _ttl, "tos": udp.tos, "df": udp.df, "label": udp.label, "port": _port,
    "external": _external, "noexternal": _not_external,
}  # fmt: skip
