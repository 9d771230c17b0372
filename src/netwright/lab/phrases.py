"""The longer texts of a lab file: published ports, "8080:web1:80/tcp", and checks, "client -> web1:80"."""

from __future__ import annotations

import re

from .nodes import Wrong
from .topology import Check, Publish
from .words import known_host, near, plain_address, port_range

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .words import Names

_PUBLISH = re.compile(
    r"(?:(?P<address>\[[^\]]*\]|[0-9.]+):(?=[0-9-]+:))?(?P<ports>[0-9-]+):(?P<host>[^:/]+)(?::(?P<target>[0-9-]+))?(?:/(?P<protocol>[A-Za-z0-9]+))?"
)
_PUBLISH_LIKE = "write it like 8080:web1:80/tcp or 127.0.0.1:8080:web1:80"
_CHECK = re.compile(r"(\S+)\s+(->|-x|ping|noping|-x\s+ping)\s+(\S+)")
_CHECK_LIKE = 'write it like "a -> b:80", "a -x b:53/udp", "a ping b", "a noping b"'
_TARGET = re.compile(r"(?P<host>\[[^\]]*\]|[^:/\s]+):(?P<port>[0-9]+)(?:/(?P<protocol>[A-Za-z0-9]+))?")
_SIGNS = {"->": "connect", "-x": "refuse", "ping": "ping", "noping": "noping"}
KINDS = tuple(_SIGNS.values())
PROTOCOLS = ("tcp", "udp")


def publish(text: str, names: Names) -> Publish:
    """[ADDRESS:]PORT[-LAST]:HOST[:PORT[-LAST]][/PROTOCOL]"""
    found = _PUBLISH.fullmatch(text)
    if not found:
        raise Wrong(f"{text!r} publishes nothing", _PUBLISH_LIKE)
    port, last = port_range(found["ports"])
    target, target_last = port_range(found["target"] or found["ports"])
    if (last or port) - port != (target_last or target) - target:
        raise Wrong(f"{text!r}: the two ranges of ports are not equally long")
    protocol = protocol_of(found["protocol"] or "tcp", text)
    address = plain_address(found["address"].strip("[]"), names) if found["address"] else ""
    return Publish(port, known_host(found["host"], names), target, last, protocol, address)


def publish_text(item: Publish) -> str:
    """The text of which `publish` makes the item."""
    address = f"[{item.address}]:" if ":" in item.address else f"{item.address}:" if item.address else ""
    ports, target = f"{item.port}", f"{item.target_port}"
    if item.last:
        ports, target = f"{item.port}-{item.last}", f"{item.target_port}-{item.target_port + item.last - item.port}"
    return f"{address}{ports}:{item.host}:{target}/{item.protocol}"


def protocol_of(word: str, text: str) -> str:
    """tcp or udp."""
    if word in PROTOCOLS:
        return word
    raise Wrong(f"{text!r}: {word!r} is no protocol with ports", near(word, PROTOCOLS))


def check(text: str, names: Names) -> Check:
    """FROM -> TARGET:PORT[/PROTOCOL] and its kin."""
    found = _CHECK.fullmatch(text)
    if not found:
        raise Wrong(f"{text!r} is no check", _CHECK_LIKE)
    kind = "noping" if found[2].endswith("ping") and found[2] != "ping" else _SIGNS[found[2]]
    source = known_host(found[1], names)
    if kind in ("ping", "noping"):
        item = Check(source, kind, target(found[3].strip("[]"), names))
    else:
        item = _with_port(source, kind, found[3], text, names)
    return Check(item.source, item.kind, item.target, item.port, item.protocol, check_text(item))


def _with_port(source: str, kind: str, words: str, text: str, names: Names) -> Check:
    found = _TARGET.fullmatch(words)
    if not found:
        like = words if ":" not in words else f"[{words.rpartition(':')[0]}]" if words.count(":") > 1 else words.partition(":")[0]
        raise Wrong(f"{text!r} does not say which port", f"write {like}:80")
    protocol = protocol_of(found["protocol"] or "tcp", text)
    port, _ = port_range(found["port"])
    return Check(source, kind, target(found["host"].strip("[]"), names), port, protocol)


def target(text: str, names: Names) -> str:
    """A host, one of its further names, or an address."""
    if text in names.hosts or text in names.aliases:
        return text
    if re.fullmatch(r"[0-9.]+|[0-9a-fA-F]*:[0-9a-fA-F:.]*", text):
        return plain_address(text, names)
    raise Wrong(f"there is no host {text!r}", near(text, {*names.hosts, *names.aliases}))


def check_text(item: Check) -> str:
    """The text of which `check` makes the item."""
    signs = {kind: sign for sign, kind in _SIGNS.items()}
    where = item.target
    if item.kind in ("connect", "refuse"):
        where = f"[{where}]" if ":" in where else where
        where += f":{item.port}" + ("" if item.protocol == "tcp" else f"/{item.protocol}")
    return f"{item.source} {signs[item.kind]} {where}"
