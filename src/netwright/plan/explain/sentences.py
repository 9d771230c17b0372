"""An operation as one English sentence: `In web1, give eth0 the address 10.7.1.2/24.`

Devices, links and namespaces here; addresses, routes, rules and neighbours in sentences_net.py.
"""

from importlib import import_module

from .. import ops
from .tc import percent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ...model.filter import Filter
    from ...model.qdisc import Qdisc
    from ..ops import Op


def sentence(op: "Op") -> str:
    """One sentence, with its full stop; it begins with the namespace where there is one."""
    if type(op) in _SENTENCES:
        text = _SENTENCES[type(op)](op)
    else:
        text = import_module(f"{__package__}.sentences_net").text(op)
    namespace = getattr(op, "namespace", "")
    return (f"In {namespace}, {text}" if namespace else text[0].upper() + text[1:]) + "."


def device(reference: "str | int") -> str:
    """A device as a word."""
    return reference if isinstance(reference, str) else f"the device with the index {reference}"


def listed(parts: "Iterable[str]") -> str:
    """`a`, `a and b`, `a, b and c`."""
    many = list(parts)
    return many[0] if len(many) == 1 else ", ".join(many[:-1]) + " and " + many[-1] if many else ""


def counted(number: int, thing: str) -> str:
    """`1 rule`, `3 rules`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def a(thing: str) -> str:
    """With its article."""
    return f"{'an' if thing[:1] in 'aeio' else 'a'} {thing}"


# -- namespaces ----------------------------------------------------------------------------------------------------------


def _set_nsid(op: ops.SetNsid) -> str:
    number = "a free number" if op.nsid < 0 else f"the number {op.nsid}"
    return f"give the namespace {op.name} {number}"


# -- links ---------------------------------------------------------------------------------------------------------------

_UP = 1
_PLAIN = {
    "mtu": "an MTU of {} bytes", "address": "the hardware address {}", "group": "the link group {}", "txqlen": "a queue of {} packets",
    "ifalias": 'the alias "{}"', "broadcast": "the broadcast address {}",
}  # fmt: skip


def _add_link(op: ops.AddLink) -> str:
    settings = op.settings
    info = settings.get("linkinfo", {})
    data = dict(info.get("data") or {}) if not isinstance(info.get("data"), bytes) else {}
    peer = data.pop("peer", None)
    make = {"add": "make", "change": "change", "replace": "make or change"}[op.verb]
    text = f"{make} {a(info.get('kind', 'device'))} called {settings['ifname']}" if "ifname" in settings else f"{make} {a(info.get('kind', 'device'))}"
    text += f" on {device(settings['link'])}" if "link" in settings else ""
    text += f" in the namespace {settings['net_ns_fd']}" if "net_ns_fd" in settings else ""
    text += f" as a port of {device(settings['master'])}" if settings.get("master") else ""
    more = _given(settings) + [f"{name} {_said(value)}" for name, value in data.items()]
    text += ", up" if op.header.get("flags", 0) & _UP else ""
    text += f", with {listed(more)}" if more else ""
    return text + (_peer(peer, op.namespace) if peer else "")


def _peer(peer: "dict[str, Any]", here: str) -> str:
    where = peer.get("net_ns_fd")
    text = f"; its other end is {peer.get('ifname', 'a device')}" + (f" in {where}" if where and where != here else "")
    more = _given(peer)
    return text + (f", with {listed(more)}" if more else "")


def _given(settings: "dict[str, Any]") -> list[str]:
    return [form.format(_said(settings[name])) for name, form in _PLAIN.items() if settings.get(name)]


def _said(value: "Any") -> str:
    if isinstance(value, bytes):
        return value.hex(":")
    if isinstance(value, dict):
        return "/".join(_said(inner) for inner in value.values())
    return listed(map(_said, value)) if isinstance(value, (list, tuple)) else str(value)


def _set_link(op: ops.SetLink) -> str:
    settings, header = op.settings, op.header
    whole = not header["index"]
    what = f"every device of the link group {settings['group']}" if whole else device(header["index"])
    parts = [f"give {what} {form.format(_said(settings[n]))}" for n, form in _PLAIN.items() if n in settings and not (whole and n == "group")]
    parts += _set_words(op, what)
    info = settings.get("linkinfo", {})
    for name, value in (info.get("slave_data") or info.get("data") or {}).items():
        parts.append(f"set {name} of {what} to {_said(value)}")
    known = {*_PLAIN, "linkinfo", "master", "ifname", "net_ns_fd", "net_ns_pid"}
    parts += [f"set {name} of {what} to {_said(value)}" for name, value in settings.items() if name not in known]
    return listed(parts) or f"change nothing about {what}"


def _set_words(op: ops.SetLink, what: str) -> list[str]:
    settings, header = op.settings, op.header
    parts = [f"call {what} {settings['ifname']}"] if "ifname" in settings and header["index"] else []
    if "master" in settings:
        parts.append(f"make {what} a port of {device(settings['master'])}" if settings["master"] else f"take {what} from its master")
    for name in ("net_ns_fd", "net_ns_pid"):
        if name in settings:
            parts.append(f"move {what} to the namespace {'of process ' if name == 'net_ns_pid' else ''}{settings[name]}")
    change, flags = header.get("change", 0), header.get("flags", 0)
    if change & _UP:
        parts.append(f"bring {what} up" if flags & _UP else f"take {what} down")
    if change & ~_UP:
        parts.append(f"set the flags {change & ~_UP:#x} of {what} to {flags & change & ~_UP:#x}")
    return parts


def _delete_link(op: ops.DeleteLink) -> str:
    if op.header["index"]:
        return f"delete {device(op.header['index'])}"
    return f"delete every device of the link group {op.settings['group']}"


def _altname(op: "ops.AddAltname | ops.DeleteAltname") -> str:
    names = listed(op.settings["prop_list"])
    what = device(op.header["index"])
    return f"let {what} be known as {names} too" if isinstance(op, ops.AddAltname) else f"let {what} be known as {names} no more"


# -- VLANs and queues ----------------------------------------------------------------------------------------------------


def _add_vlan(op: ops.AddVlan) -> str:
    flags = {"pvid": "as the one of untagged frames that come in", "untagged": "without a tag on the way out"}
    how = listed(flags[word] for word in op.flags.split())
    return f"let VLAN {op.vid} through at {'the bridge ' if op.own else ''}{op.link}{', ' + how if how else ''}"


def rate(number: int) -> str:
    """Bytes per second as people say it: `10 Mbit/s`."""
    bits = number * 8
    for unit, size in (("Gbit/s", 10**9), ("Mbit/s", 10**6), ("kbit/s", 1000)):
        if bits >= size:
            return f"{bits / size:.6g} {unit}"
    return f"{bits} bit/s"


def _queue(qdisc: "Qdisc") -> str:
    given = dict(qdisc.options)
    most = given.get("ceil") or given.get("peakrate")
    parts = [f"at most {rate(most)}"] if most else []
    if given.get("rate"):
        parts.insert(0, rate(given["rate"]))
    parts += [f"a delay of {given['delay']} µs"] if given.get("delay") else []
    for name, word in (("loss", "loss"), ("duplicate", "duplicates"), ("corrupt", "corruption"), ("reorder", "reordering")):
        parts += [f"{percent(given[name])} % {word}"] if given.get(name) else []
    parts += [f"{given['limit']} {'packets' if qdisc.kind in ('pfifo', 'netem') else 'bytes'} at most waiting"] if given.get("limit") else []
    return f" with {listed(parts)}" if parts else ""


def _where(qdisc: "Qdisc") -> str:
    if qdisc.parent in ("root", "ingress", "clsact"):
        return f"at {qdisc.link}" if qdisc.parent == "root" else f"at the entrance of {qdisc.link}"
    return f"at {qdisc.link} below {qdisc.parent}"


def _add_qdisc(op: ops.AddQdisc) -> str:
    qdisc = op.qdisc
    verb = "put" if op.verb == "add" else "put (or change)"
    what = f"the class {qdisc.handle} of the queue {qdisc.kind}" if qdisc.leaf_class else f"the queue {qdisc.kind}"
    return f"{verb} {what} {_where(qdisc)}{_queue(qdisc)}"


def _delete_qdisc(op: ops.DeleteQdisc) -> str:
    qdisc = op.qdisc
    what = f"the class {qdisc.handle}" if qdisc.leaf_class else f"the queue {qdisc.kind}"
    return f"remove {what} {_where(qdisc)}, and what hangs below it"


def _filter(filter: "Filter") -> str:
    parts = [f"{word} {network}" for word, network in (("from", filter.source), ("to", filter.destination)) if network]
    what = f"what {listed(parts)} passes" if parts else "everything"
    place = {"ingress": f"at the entrance of {filter.link}", "egress": f"at the exit of {filter.link}"}.get(filter.parent, f"at {filter.link}")
    way = f"out of {filter.redirect} instead" if filter.redirect else f"into the class {filter.into}"
    return f"{what} {place} {way}"


# -- settings, tables, files ---------------------------------------------------------------------------------------------


def _put_table(op: ops.PutTable) -> str:
    table = op.table
    rules = sum(len(chain.rules) for chain in table.chains.values())
    parts = [counted(len(table.chains), "chain"), counted(rules, "rule")]
    parts += [counted(len(table.sets), "set")] if table.sets else []
    return f"put the nftables table {table.family} {table.name} with {listed(parts)} in place of what it was"


def _elements(op: "ops.AddElements | ops.DeleteElements") -> str:
    few = op.elements if len(op.elements) <= 5 else (*op.elements[:4], f"{len(op.elements) - 4} more")
    verb, way = ("add", "to") if isinstance(op, ops.AddElements) else ("take", "from")
    return f"{verb} {listed(few)} {way} the set {op.set} of the nftables table {op.family} {op.table}"


def _put_file(op: ops.PutFile) -> str:
    lines = counted(len(op.text.splitlines()), "line")
    return f"let programs{' of the view ' + op.view if op.view else ''} see a file of {lines} at {op.path}"


_SENTENCES: "dict[type, Callable[[Any], str]]" = {
    ops.AddNamespace: lambda op: f"make the namespace {op.name}",
    ops.AttachNamespace: lambda op: f"give the network namespace of process {op.pid} the name {op.name}",
    ops.DeleteNamespace: lambda op: f"delete the namespace {op.name}",
    ops.SetNsid: _set_nsid,
    ops.AddLink: _add_link,
    ops.SetLink: _set_link,
    ops.DeleteLink: _delete_link,
    ops.AddAltname: _altname,
    ops.DeleteAltname: _altname,
    ops.AddVlan: _add_vlan,
    ops.DeleteVlan: lambda op: f"let VLAN {op.vid} through no more at {'the bridge ' if op.own else ''}{op.link}",
    ops.AddQdisc: _add_qdisc,
    ops.DeleteQdisc: _delete_qdisc,
    ops.AddFilter: lambda op: f"send {_filter(op.filter)}",
    ops.DeleteFilter: lambda op: f"no longer send {_filter(op.filter)}",
    ops.SetSysctl: lambda op: f"set {op.key} to {' '.join(op.value.split())}",
    ops.PutTable: _put_table,
    ops.DeleteTable: lambda op: f"delete the nftables table {op.family} {op.name}",
    ops.AddElements: _elements,
    ops.DeleteElements: _elements,
    ops.PutFile: _put_file,
    ops.RemoveFile: lambda op: f"let programs{' of the view ' + op.view if op.view else ''} see the machine's own {op.path} again",
}
