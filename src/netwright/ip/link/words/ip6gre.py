"""`type ip6gre` and `type ip6gretap`: GRE over IPv6. A change sends all that the tunnel was, with what the words change."""

from ....model.kinds.gre import (
    ALLOW_LOCAL_REMOTE,
    FLOWLABEL,
    IGN_ENCAP_LIMIT,
    RCV_DSCP_COPY,
    TCLASS,
    USE_ORIG_FLOWLABEL,
    USE_ORIG_FWMARK,
    USE_ORIG_TCLASS,
)
from ...exits import wrong
from ...prefix import address
from ...words import unsigned
from . import tunnel
from .ip import INET6

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...words import Words
    from ..command import Command

_FRESH = {
    "ikey": 0, "okey": 0, "iflags": 0, "oflags": 0, "ttl": 64, "encap_limit": 4, "flowinfo": 0, "flags": 0, "fwmark": 0,
    "encap_type": 0, "encap_flags": 2, "encap_sport": 0, "encap_dport": 0, "erspan_ver": 1,
}  # fmt: skip
_KEPT = ("local", "remote", "link", "collect_metadata")


def read(kind: str, words: "Words", command: "Command") -> "dict[str, Any]":
    """The attributes of a GRE tunnel over IPv6."""
    values = tunnel.started(command, _FRESH, _KEPT)
    while words.more:
        if not _take(values, words, command):
            raise tunnel.unknown(kind, words.peek)
    return tunnel.finished(values)


def _take(values: "dict[str, Any]", words: "Words", command: "Command") -> bool:
    return (
        tunnel.take_key_or_bit(values, words)
        or _take_path(values, words)
        or tunnel.take_device(values, words, command)
        or _take_header(values, words)
        or _take_dscp(values, words)
        or tunnel.take_encapsulation(values, words)
        or tunnel.take_external(values, words)
        or _take_mark(values, words)
        or _take_limits(values, words)
    )


def _take_path(values: "dict[str, Any]", words: "Words") -> bool:
    if words.take_prefix("remote"):
        values["remote"] = address(words.next(), INET6).text
    elif words.take_prefix("local"):
        values["local"] = address(words.next(), INET6).text
    else:
        return False
    return True


def _take_header(values: "dict[str, Any]", words: "Words") -> bool:
    if words.take_prefix("ttl", "hoplimit", "hlim"):
        text = words.next()
        values["ttl"] = 0 if text == "inherit" else _number(text, "invalid HLIM")
    elif words.take_prefix("tos", "tclass", "dsfield"):
        _flow(values, words.next(), TCLASS, USE_ORIG_TCLASS)
    elif words.take("flowlabel", "fl"):
        _flow(values, words.next(), FLOWLABEL, USE_ORIG_FLOWLABEL)
    else:
        return False
    return True


def _number(text: str, message: str) -> int:
    found = unsigned(text, bits=8)
    if found is None:
        raise wrong(text, message, why="a number from 0 to 255 belongs here")
    return found


def _flow(values: "dict[str, Any]", text: str, mask: int, inherit: int) -> None:
    """The traffic class or the flow label: a number in hex, or inherit."""
    values["flowinfo"] &= ~mask
    if text == "inherit":
        values["flags"] |= inherit
        return
    shift, message = (20, "invalid TClass") if mask == TCLASS else (0, "invalid Flowlabel")
    found = unsigned(text, 16)
    if found is None or found > mask >> shift:
        raise wrong(text, message, why=f"a number in hex from 0 to {mask >> shift:x}, or inherit")
    values["flowinfo"] |= found << shift
    values["flags"] &= ~inherit


def _take_dscp(values: "dict[str, Any]", words: "Words") -> bool:
    if not words.take("dscp"):
        return False
    text = words.next()
    if text != "inherit":
        raise wrong(text, "not inherit")
    values["flags"] |= RCV_DSCP_COPY
    return True


def _take_mark(values: "dict[str, Any]", words: "Words") -> bool:
    if words.peek == "fwmark" and words.rest[1:2] == ["inherit"]:
        words.at += 2
        values["flags"] |= USE_ORIG_FWMARK
        values["fwmark"] = 0
        return True
    if not tunnel.take_mark(values, words):
        return False
    values["flags"] &= ~USE_ORIG_FWMARK
    return True


def _take_limits(values: "dict[str, Any]", words: "Words") -> bool:
    if words.take("allow-localremote"):
        values["flags"] |= ALLOW_LOCAL_REMOTE
    elif words.take("noallow-localremote"):
        values["flags"] &= ~ALLOW_LOCAL_REMOTE
    elif words.take("encaplimit"):
        text = words.next()
        if text == "none":
            values["flags"] |= IGN_ENCAP_LIMIT
        else:
            values["encap_limit"] = _number(text, "invalid ELIM")
            values["flags"] &= ~IGN_ENCAP_LIMIT
    else:
        return False
    return True
