"""One change as a value, in words, and as JSON. Pure: whoever tells it adds the time."""

from ...model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...model.neighbour import Neighbour
    from ...model.route import Route
    from ...model.rule import Rule
    from ..model import End

KINDS = ("namespace", "link", "address", "route", "rule", "neighbour", "lost")
USUAL = ("namespace", "link", "address", "route", "rule", "lost")


@value
class Event:
    """`kind` is one of KINDS, `action` new, gone or changed. `space` is the id of the namespace and `where` its name; `device` the
    link that it is about; `text` what is new, gone or different; `other` the other end of its cable and `there` that one's namespace
    by name. "lost" says that events were lost, and that the map has been made anew."""

    kind: str
    action: str
    space: str
    where: str
    device: str = ""
    text: str = ""
    other: "End | None" = None
    there: str = ""


def words(event: Event) -> str:
    """The event in one line, as it came: whoever prints it cleans it of control characters."""
    if event.kind == "lost":
        return f"events were lost: {event.text}"
    subject = event.kind if event.kind != "namespace" else "namespace " + event.action
    middle = f" {event.device}" if event.device and event.kind == "link" else ""
    action = f" {event.action}" if event.kind != "namespace" and event.action != "changed" else ""
    text = f" {event.text}" if event.text else ""
    at = f" on {event.device}" if event.kind in ("address", "neighbour") and event.device else ""
    cable = f" · cable to {event.there} {event.other[1]}" if event.other and event.there else ""
    order = (text + at + action) if event.kind in ("address", "route", "rule", "neighbour") else (middle + action + text)
    return f"{event.where}: {subject}{order}{cable}"


def plain(event: Event, time: float) -> "dict[str, Any]":
    """What `nw watch --json` prints in a line. Fields that are empty are left out; later versions may have more."""
    out: dict[str, Any] = {"time": round(time, 6), "kind": event.kind, "action": event.action, "namespace": event.where, "id": event.space}
    if event.device:
        out["device"] = event.device
    if event.text:
        out["text"] = event.text
    if event.other:
        out["peer"] = {"namespace": event.there, "id": event.other[0], "device": event.other[1]}
    return out


# -- what things are in words ----------------------------------------------------------------------------------------------


def route_words(route: "Route") -> str:
    """As ip(8) would print it, without what is usual."""
    out = [route.type] if route.type != "unicast" else []
    out.append(route.to or "default")
    for word, found in (("via", route.via), ("dev", route.link), ("src", route.source), ("from", route.from_network)):
        out += [word, found] if found else []
    out += [f"nexthop {hop.via or hop.link}" for hop in route.nexthops]
    out += ["metric", str(route.metric)] if route.metric else []
    out += ["table", str(route.table)] if route.table != 254 else []
    return " ".join(out)


def rule_words(rule: "Rule") -> str:
    """As ip(8) would print it."""
    out = [f"{rule.priority}:", "not"] if rule.invert else [f"{rule.priority}:"]
    out += ["from", rule.source or "all"]
    for word, found in (("to", rule.destination), ("iif", rule.iif), ("oif", rule.oif)):
        out += [word, found] if found else []
    out += [f"fwmark {rule.fwmark:#x}"] if rule.fwmark else []
    return " ".join(out + ([f"lookup {rule.table}"] if rule.action == "lookup" else [rule.action]))


def neighbour_words(entry: "Neighbour") -> str:
    """As ip(8) would print it, without the device."""
    return " ".join(word for word in (entry.address, entry.lladdr, entry.state if entry.state != "none" else "") if word)
