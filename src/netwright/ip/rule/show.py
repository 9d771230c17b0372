"""`ip rule show`, and how a rule is printed."""

from ...kernel import rtnl
from ...kernel.inet import AF_INET, AF_INET6
from ..exits import SYNTAX
from ..tables import name_of, table
from .actions import GOTO, IIF_DETACHED, INVERT, NAT, NOP, OIF_DETACHED, TO_TABLE, UNRESOLVED, type_name
from .filter import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

_NO_LIMIT = _WHOLE_MASK = 0xFFFFFFFF
_KERNEL = 2
_BITS = {AF_INET: 32, AF_INET6: 128}


def main(context: "Context", words: list[str]) -> int:
    """Print the rules that the words ask for."""
    wanted = parse(context, words)
    # ip's own function gives 1 here, and that becomes 255.
    rules = context.dump(rtnl.GETRULE, {"family": wanted.dump_family}, code=SYNTAX)
    context.out.open_array()
    for rule in filter(wanted.wants, rules):
        print_rule(context, rule)
    context.out.close_array()
    context.out.finish_json()
    return 0


def print_rule(context: "Context", rule: "Message") -> None:
    """One rule: an object in JSON, a line in text. `rule` may be an event (also DELRULE)."""
    out = context.out
    out.open_object()
    if rule.kind == rtnl.DELRULE:
        out.put("deleted", "Deleted ", True)
    preference = rule.get("priority", 0)
    out.put("priority", f"{preference}:\t", preference)
    _print_selector(context, rule)
    _print_table(context, rule)
    _print_realms(context, rule)
    _print_action(context, rule)
    _print_origin(context, rule)
    out.text_only("\n")
    out.close_object()


# -- what is selected ----------------------------------------------------------------------------------------------------


def _print_selector(context: "Context", rule: "Message") -> None:
    out = context.out
    if rule["flags"] & INVERT:
        out.put("not", "not ", None)
    _print_prefix(context, rule, "src", "from ", "all")
    _print_prefix(context, rule, "dst", " to ", "")
    if rule["tos"]:
        name = _traffic_class(context, rule["tos"])
        out.put("tos", f" tos {name}", name)
    _print_mark(context, rule)
    _print_device(context, rule, "iif", IIF_DETACHED)
    _print_device(context, rule, "oif", OIF_DETACHED)
    if rule.get("l3mdev"):
        out.put("l3mdev", " lookup [l3mdev-table]", None)
    if "uid_range" in rule:
        users = rule["uid_range"]
        out.put("uid_start", f" uidrange {users['start']}", users["start"])
        out.put("uid_end", f"-{users['end']}", users["end"])
    _print_transport(context, rule)


def _print_prefix(context: "Context", rule: "Message", key: str, before: str, nothing: str) -> None:
    """`from 10.0.0.0/8`; without an address `from 0/8`, without a length too `nothing`."""
    out, length = context.out, rule[f"{key}_len"]
    address = rule.get(key)
    if address is not None:
        out.text_only(before)
        out.put(key, address, address, color={AF_INET: "inet", AF_INET6: "inet6"}.get(rule["family"], ""))
        if length == _BITS.get(rule["family"], 0):
            return
    elif length:
        out.put(key, f"{before}0", "0")
    else:
        if nothing:
            out.put(key, before + nothing, nothing)
        return
    out.put(f"{key}len", f"/{length}", length)


def _traffic_class(context: "Context", number: int) -> str:
    name = "" if context.options.numeric else table("rt_dsfield").get(number, "")
    return name or f"0x{number:02x}"


def _print_mark(context: "Context", rule: "Message") -> None:
    if "fwmark" not in rule and "fwmask" not in rule:
        return
    mark, mask = rule.get("fwmark", 0), rule.get("fwmask", _WHOLE_MASK)
    context.out.put("fwmark", f" fwmark {_hex(mark)}", _hex(mark))
    if mask != _WHOLE_MASK:
        context.out.put("fwmask", f"/{_hex(mask)}", _hex(mask))


def _hex(number: int) -> str:
    """C's %#x: 0 has no 0x."""
    return hex(number) if number else "0"


def _print_device(context: "Context", rule: "Message", key: str, detached: int) -> None:
    name = rule.get(f"{key}name")
    if name is None:
        return
    context.out.text_only(f" {key} ")
    context.out.put(key, name, name, color="ifname")
    if rule["flags"] & detached:
        context.out.put(f"{key}_detached", " [detached]", None)


def _print_transport(context: "Context", rule: "Message") -> None:
    out = context.out
    if "ip_proto" in rule:
        from .values import ip_protocol_name

        name = ip_protocol_name(rule["ip_proto"], numeric=bool(context.options.numeric))
        out.put("ipproto", f" ipproto {name}", name)
    for key in ("sport", "dport"):
        ports = rule.get(f"{key}_range")
        if ports is None:
            continue
        if ports["start"] == ports["end"]:
            out.put(key, f" {key} {ports['start']}", ports["start"])
        else:
            out.put(f"{key}_start", f" {key} {ports['start']}", ports["start"])
            out.put(f"{key}_end", f"-{ports['end']}", ports["end"])
    if "tun_id" in rule:
        out.put("tun_id", f" tun_id {rule['tun_id']}", rule["tun_id"])


# -- what is done --------------------------------------------------------------------------------------------------------


def _print_table(context: "Context", rule: "Message") -> None:
    out, numeric = context.out, bool(context.options.numeric)
    number = rule.get("table", rule["table"])
    if not number:
        return
    name = name_of("rt_tables", number, numeric=numeric)
    out.put("table", f" lookup {name}", name)
    length = rule.get("suppress_prefixlen", _NO_LIMIT)
    if length != _NO_LIMIT:
        out.put("suppress_prefixlen", f" suppress_prefixlength {length}", length)
    group = rule.get("suppress_ifgroup", _NO_LIMIT)
    if group != _NO_LIMIT:
        name = name_of("group", group, numeric=numeric)
        out.put("suppress_ifgroup", f" suppress_ifgroup {name}", name)


def _print_realms(context: "Context", rule: "Message") -> None:
    if "flow" not in rule:
        return
    numeric = bool(context.options.numeric)
    source, destination = rule["flow"] >> 16, name_of("rt_realms", rule["flow"] & 0xFFFF, numeric=numeric)
    if source:
        name = name_of("rt_realms", source, numeric=numeric)
        context.out.put("flow_from", f" realms {name}/", name)
    else:
        context.out.text_only(" realms ")
    context.out.put("flow_to", destination, destination)


def _print_action(context: "Context", rule: "Message") -> None:
    out, action = context.out, rule["action"]
    if action == NAT:
        out.put("masquerade", " masquerade", None)
    elif action == GOTO:
        target = rule.get("goto", "none")
        out.put("goto", f" goto {target}", target)
        if rule["flags"] & UNRESOLVED:
            out.put("unresolved", " [unresolved]", None)
    elif action == NOP:
        out.put("nop", " nop", None)
    elif action != TO_TABLE:
        name = type_name(action, numeric=bool(context.options.numeric))
        out.put("action", f" {name}", name)


def _print_origin(context: "Context", rule: "Message") -> None:
    number = rule.get("protocol")
    if number is None or (number in (0, _KERNEL) and not context.options.details):
        return
    name = name_of("rt_protos", number, numeric=bool(context.options.numeric))
    context.out.put("protocol", f" proto {name}", name)
