"""`type gre` and `type gretap`: GRE over IPv4. A change sends all that the tunnel was, with what the words change."""

from ....model.kinds.gre import KEY
from ...exits import LOCAL, Exit, wrong
from ...prefix import address
from ...words import unsigned
from . import tunnel, udp
from .ip import INET, is_multicast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...words import Words
    from ..command import Command

_FRESH = {
    "ikey": 0, "okey": 0, "iflags": 0, "oflags": 0, "pmtudisc": 1, "tos": 0, "ttl": 0, "fwmark": 0, "encap_type": 0,
    "encap_flags": 0, "encap_sport": 0, "encap_dport": 0,
}  # fmt: skip
_KEPT = ("local", "remote", "link", "ignore_df", "collect_metadata")


def read(kind: str, words: "Words", command: "Command") -> "dict[str, Any]":
    """The attributes of a GRE tunnel over IPv4."""
    values = tunnel.started(command, _FRESH, _KEPT)
    while words.more:
        if not _take(values, words, command):
            raise tunnel.unknown(kind, words.peek)
    return _finished(values)


def _take(values: "dict[str, Any]", words: "Words", command: "Command") -> bool:
    return (
        tunnel.take_key_or_bit(values, words)
        or _take_path(values, words)
        or tunnel.take_device(values, words, command)
        or _take_header(values, words)
        or tunnel.take_encapsulation(values, words)
        or tunnel.take_external(values, words)
        or _take_fragments(values, words)
        or tunnel.take_mark(values, words)
    )


def _take_path(values: "dict[str, Any]", words: "Words") -> bool:
    if words.take_prefix("nopmtudisc"):
        values["pmtudisc"] = 0
    elif words.take_prefix("pmtudisc"):
        values["pmtudisc"] = 1
    elif words.take_prefix("remote"):
        values["remote"] = address(words.next(), INET).text
    elif words.take_prefix("local"):
        values["local"] = address(words.next(), INET).text
    else:
        return False
    return True


def _take_header(values: "dict[str, Any]", words: "Words") -> bool:
    if words.take_prefix("ttl", "hoplimit", "hlim"):
        text = words.next()
        found = 0 if text == "inherit" else unsigned(text, bits=8)
        if found is None:
            raise wrong(text, "invalid TTL", why="a number from 1 to 255 or inherit belongs here")
        values["ttl"] = found
    elif words.take_prefix("tos", "tclass", "dsfield"):
        values["tos"] = udp.type_of_service(words.next())
    else:
        return False
    return True


def _take_fragments(values: "dict[str, Any]", words: "Words") -> bool:
    if words.take("ignore-df"):
        values["ignore_df"] = 1
    elif words.take("noignore-df"):
        values["ignore_df"] = 0
    else:
        return False
    return True


def _finished(values: "dict[str, Any]") -> "dict[str, Any]":
    _address_as_key(values)
    return tunnel.finished(values)


def _address_as_key(values: "dict[str, Any]") -> None:
    """A tunnel to a multicast group has the group's address for a key, unless the words give one."""
    remote = values.get("remote", "")
    if not remote or not is_multicast(remote):
        return
    for field, flags in (("ikey", "iflags"), ("okey", "oflags")):
        if not values[field]:
            values[field] = tunnel.key(field, remote)
            values[flags] |= KEY
    if not tunnel.is_set(values.get("local", "")):
        raise Exit(LOCAL, "A broadcast tunnel requires a source address.", fix="add: local ADDRESS")
