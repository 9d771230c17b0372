"""Routing rules of a namespace: read and changed (`ip rule`)."""

from __future__ import annotations

from ..engine import observe
from ..errors import Gone, Invalid
from ..kernel.inet import AF_INET, AF_INET6
from ..model.rule import ACTIONS, INVERT, Rule
from ..model.value import replace
from ..plan import ops
from .networks import prefix

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..plan.ops import MessageOp
    from .channel import Channel

_NUMBERS = {name: number for number, name in ACTIONS.items()}
_PLAIN = {
    "priority": "priority", "iif": "iifname", "oif": "oifname", "fwmark": "fwmark", "fwmask": "fwmask", "goto": "goto",
    "ip_proto": "ip_proto", "protocol": "protocol",
}  # fmt: skip


class RuleVerbs:
    """add, set and delete: done at once by `Namespace.rules`, collected by `Batch.rules`. A rule is given as a value."""

    def __init__(self, do: Callable[[MessageOp], None]) -> None:
        self._do = do

    def add(self, rule: Rule) -> None:
        """Make a rule: `ip rule add …`. Priority 0 lets the kernel choose. Invalid, Exists, NotPermitted."""
        self._do(ops.AddRule(*_message(rule)))

    def set(self, old: Rule, **changes: Any) -> None:
        """Put a changed copy of `old` in its place: the new one is added before the old one goes, so there is no gap."""
        self.add(replace(old, **changes))
        self.delete(old)

    def delete(self, rule: Rule) -> None:
        """Remove the first rule that is like this one: `ip rule del …`. Missing when there is none."""
        self._do(ops.DeleteRule(*_message(rule)))


class Rules(RuleVerbs):
    """The rules of one namespace; add, set, delete take effect at once."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel.do)
        self._channel = channel

    def list(self, family: int = 0) -> tuple[Rule, ...]:
        """All rules in the order in which they are tried, per family (4, 6; 0: both): `ip rule show`."""
        with self._channel.session() as session:
            return observe.rules(session, family)

    def get(self, priority: int, family: int = 4) -> Rule:
        """The first rule of that priority: `ip rule show pref N`. Gone when there is none."""
        for found in self.list(family):
            if found.priority == priority:
                return found
        raise Gone(f"{self._channel.label} has no rule of priority {priority}", fix="see rules.list()")


def _message(rule: Rule) -> tuple[dict[str, Any], dict[str, Any]]:
    if rule.action not in _NUMBERS:
        raise Invalid(f"{rule.action!r} is no action of a rule", fix=f"one of {', '.join(_NUMBERS)}")
    header = {
        "family": AF_INET6 if rule.family == 6 else AF_INET,
        "tos": rule.tos,
        "table": rule.table if rule.table < 256 else 0,
        "action": _NUMBERS[rule.action],
        "flags": INVERT if rule.invert else 0,
    }
    settings: dict[str, Any] = {name: getattr(rule, field) for field, name in _PLAIN.items() if getattr(rule, field)}
    if rule.table > 255:
        settings["table"] = rule.table
    for name, length, network in (("src", "src_len", rule.source), ("dst", "dst_len", rule.destination)):
        if network:
            _, settings[name], header[length] = prefix(network)
    for name, ports in (("sport_range", rule.source_ports), ("dport_range", rule.destination_ports)):
        if ports:
            settings[name] = {"start": ports[0], "end": ports[1]}
    return header, settings
