"""The plugin `sbr`: what a container sends from an interface's address leaves by that interface, whatever other ones it has.

    {"type": "sbr"}, {"type": "sbr", "table": 200, "gateways": ["10.1.0.1"], "addSourceHints": true}

How it works. The interface's routes move from the main table into one of their own (the first from 100 that nothing uses), with a
default route through the gateway; a rule for each address leads there. New ones are made before old ones go, so that there is a way
at any moment. Rules and routes are written down; DEL takes back just these, and leads the routes back where the interface stays.
"""

import os

from ...engine import observe
from ...engine.enact import enact
from ...engine.narrow import Spots
from ...errors import NetwrightError
from ...model.plain import from_plain
from ...model.plain import record as plain
from ...model.route import BOOT, MAIN, Route
from ...model.rule import Rule
from ...model.value import replace, value
from ...networks import records
from ...networks.locks import locked
from ...networks.records import Record
from ...networks.wiring import BOX
from ...plan.messages import add_route, add_rule, delete_route, delete_rule
from ..protocol.errors import CONFLICT, INVALID_CONFIG, UNKNOWN_CONTAINER, CniError
from . import chained, common

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...networks.values import Leg
    from ...plan.ops import Op
    from ..protocol.call import Call
    from ..protocol.result import Result
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ()
DEVICE, PART = "@sbr", "sbr"
FIRST_TABLE = 100
_IPV6_METRIC = 1024  # what the kernel takes where none is said


@value
class Settings:
    """`table` 0: one that nothing uses. `gateways` go before those of the addresses. `hints`: routes name the address to send from."""

    table: int = 0
    gateways: "tuple[str, ...]" = ()
    hints: bool = False


@value
class Ways:
    """What is made: `rules`, `routes` in their table; and what goes from the main table, `moved`."""

    rules: "frozenset[Rule]" = frozenset()
    routes: "frozenset[Route]" = frozenset()
    moved: "frozenset[Route]" = frozenset()


def settings(call: "Call") -> Settings:
    """The keys of the configuration. CniError 7."""
    from ..protocol.section import address

    config, found = call.config, []
    for number, text in enumerate(config.texts("gateways")):
        try:
            found.append(address(text))
        except ValueError as error:
            config.wrong(f"gateways[{number}]", str(error))
    said = Settings(config.number("table"), tuple(found), config.flag("addSourceHints"))
    if said.table in (253, 254, 255):
        config.wrong("table", f"{said.table} is one that the kernel uses: default, main or local")
    config.settle()
    return said


# -- what is wanted --------------------------------------------------------------------------------------------------------------


def wanted(legs: "Iterable[Leg]", there: "Iterable[Route]", device: str, table: int, how: Settings) -> Ways:
    """The rules and routes of an interface with these addresses and, in the main table, these routes. Pure."""
    mine = list(legs)
    rules = frozenset(Rule(family=leg.family, source=f"{leg.host}/{128 if leg.family == 6 else 32}", table=table) for leg in mine)
    moved = frozenset(r for r in there if r.link == device and r.table == MAIN and not r.nexthops and _is_its_own(r))
    routes = {_key(r): replace(r, table=table, flags=tuple(f for f in r.flags if f == "onlink")) for r in moved}
    for family in (4, 6):
        for gateway in _gateways(mine, family, how):
            default = Route("default", family, gateway, device, table=table, protocol=BOOT, metric=_IPV6_METRIC if family == 6 else 0)
            routes.setdefault(_key(default), default)
    hinted = (_hinted(r, mine) for r in routes.values()) if how.hints else routes.values()
    return Ways(rules, frozenset(hinted), moved)


def _is_its_own(route: Route) -> bool:
    """Every interface has a link-local network; what is sent there says its device anyway."""
    return route.type in ("unicast", "blackhole", "unreachable", "prohibit") and not route.to.startswith("fe80:")


def _key(route: Route) -> tuple[int, str, int]:
    return route.family, route.to, route.metric


def _gateways(legs: "list[Leg]", family: int, how: Settings) -> list[str]:
    """The first one of the configuration's, or of the addresses'."""
    said = [g for g in how.gateways if (6 if ":" in g else 4) == family]
    return (said or [leg.gateway for leg in legs if leg.family == family and leg.gateway])[:1]


def _hinted(route: Route, legs: "list[Leg]") -> Route:
    source = next((leg.host for leg in legs if leg.family == route.family), "")
    return route if route.source or not source else replace(route, source=source)


def made(ways: Ways) -> "list[Op]":
    """Ways without gateways first: they lead to these."""
    return [*(add_route(r, BOX) for r in _in_order(ways.routes)), *(add_rule(r, BOX) for r in sorted(ways.rules, key=repr))]


def removed(ways: Ways) -> "list[Op]":
    """The opposite of `made`."""
    rules: list[Op] = [delete_rule(r, BOX) for r in sorted(ways.rules, key=repr)]
    return rules + [delete_route(r, BOX) for r in reversed(_in_order(ways.routes))]


def _in_order(routes: "Iterable[Route]") -> list[Route]:
    return sorted(routes, key=lambda r: (bool(r.via), r.family, repr(r)))


# -- ADD -------------------------------------------------------------------------------------------------------------------------


def add(call: "Call") -> "Result":
    """The result of the plugin before, as it came."""
    result = chained.before(call, "sbr")
    how = settings(call)
    legs = _legs(call, result)
    inside = common.opened(call)
    try:
        with locked(DEVICE), Spots({BOX: inside}) as place:
            _made(call, place, legs, how)
    finally:
        os.close(inside)
    return result


def _made(call: "Call", place: Spots, legs: "tuple[Leg, ...]", how: Settings) -> None:
    owner = common.owner(call, PART)
    before = records.get(DEVICE, owner)
    if before is not None:
        _undo(place, _ways_of(before), call.ifname)
    if place.session(BOX).link(call.ifname) is None:
        raise CniError(UNKNOWN_CONTAINER, f'there is no device "{call.ifname}" in the container', "sbr comes after the plugin that makes it")
    there = observe.routes(place.session(BOX), 0)
    table = how.table or free_table((*(r.table for r in there), *(r.table for r in observe.rules(place.session(BOX)))))
    ways = wanted(legs, there, call.ifname, table, how)
    data = {name: [plain(one) for one in getattr(ways, name)] for name in ("rules", "routes", "moved")}
    records.put(Record(owner, DEVICE, netns=call.netns, data=data))
    try:
        enact([*made(ways), *(delete_route(r, BOX) for r in ways.moved)], place)
    except NetwrightError:
        _undo(place, ways, call.ifname)
        records.remove(DEVICE, owner)
        raise


def free_table(used: "Iterable[int]") -> int:
    """The first table from 100 that no rule and no route is about.

    >>> free_table([254, 100, 101, 255])
    102
    """
    taken, table = {*used, 253, 254, 255}, FIRST_TABLE
    while table in taken:
        table += 1
    return table


def _legs(call: "Call", result: "Result") -> "tuple[Leg, ...]":
    """The interface's addresses. CniError 7 where there are none."""

    def is_its(at: "int | None") -> bool:
        return at is None or (at < len(result.interfaces) and result.interfaces[at].name == call.ifname and bool(result.interfaces[at].sandbox))

    found = common.legs(a for a in result.addresses if is_its(a.interface))
    if not found:
        raise CniError(INVALID_CONFIG, f"No IP addresses supplied on interface: {call.ifname}", "sbr goes by them: put it behind a plugin with ipam")
    return found


# -- back ------------------------------------------------------------------------------------------------------------------------


def _ways_of(record: Record) -> Ways:
    """What is written down."""
    data = record.data
    state = from_plain({"namespaces": {BOX: {"devices": {}, "rules": data.get("rules", []), "routes": data.get("routes", [])}}, "files": {}})
    moved = from_plain({"namespaces": {BOX: {"devices": {}, "routes": data.get("moved", [])}}, "files": {}})
    return Ways(state.namespaces[BOX].rules, state.namespaces[BOX].routes, moved.namespaces[BOX].routes)


def _undo(place: Spots, ways: Ways, device: str) -> None:
    """Routes back into the main table, as far as the interface is still there; then rules and table."""
    session = place.session(BOX)
    if session.link(device) is None:
        _quietly(place, [delete_rule(r, BOX) for r in ways.rules])
        return
    main = {_key(r) for r in observe.routes(session, MAIN) if r.link == device}
    for route in _in_order(ways.moved):
        if _key(route) not in main:
            _quietly(place, [add_route(replace(route, flags=tuple(f for f in route.flags if f == "onlink")), BOX)])
    _quietly(place, removed(ways))


def _quietly(place: Spots, todo: "list[Op]") -> None:
    for op in todo:
        try:
            enact([op], place)
        except NetwrightError as error:
            chained.say(f"sbr: {error}")


def delete(call: "Call") -> None:
    """What is written down, where the namespace is still there."""
    inside = chained.inside_if_there(call.netns)
    owner = common.owner(call, PART)
    with locked(DEVICE):
        record = records.get(DEVICE, owner)
        if inside is not None:
            try:
                with Spots({BOX: inside}) as place:
                    _undo(place, _ways_of(record) if record is not None else _derived(call, place), call.ifname)
            finally:
                os.close(inside)
        records.remove(DEVICE, owner)


def _derived(call: "Call", place: Spots) -> Ways:
    """Without a record: rules for the result's addresses that lead to a table in which there is nothing but this interface."""
    found = call.config.prev_result
    session = place.session(BOX)
    hosts = {f"{leg.host}/{128 if leg.family == 6 else 32}" for leg in common.legs(found.addresses)} if found else set()
    routes = observe.routes(session, 0)
    others = {r.table for r in routes if r.link != call.ifname} | {MAIN, 253, 255}
    rules = frozenset(r for r in observe.rules(session) if _whole(r) in hosts and r.table >= FIRST_TABLE and r.table not in others)
    tables = {r.table for r in rules}
    return Ways(rules, frozenset(r for r in routes if r.table in tables))


def _whole(rule: Rule) -> str:
    return rule.source if "/" in rule.source or not rule.source else f"{rule.source}/{128 if rule.family == 6 else 32}"


# -- CHECK, GC -------------------------------------------------------------------------------------------------------------------


def check(call: "Call") -> None:
    """CniError 102 where a rule or a route of ADD's is gone."""
    result = common.previous(call)
    settings(call)
    _legs(call, result)
    record = records.get(DEVICE, common.owner(call, PART))
    inside = common.opened(call)
    try:
        with Spots({BOX: inside}) as place:
            ways = _ways_of(record) if record is not None else Ways()
            lost = _lost(place, ways)
    finally:
        os.close(inside)
    if record is None:
        raise CniError(CONFLICT, f"sbr knows nothing of {call.ifname} of {call.container}", "its records are gone: DEL, then ADD again")
    if lost:
        raise CniError(CONFLICT, f"ways of {call.ifname} of {call.container} are not as they were made", f"to do: {' '.join(lost)} (DEL, then ADD again)")


def _lost(place: Spots, ways: Ways) -> "list[str]":
    from ...plan.explain import sentence

    session = place.session(BOX)
    routes = {(_key(r), r.table, r.via, r.link) for r in observe.routes(session, 0)}
    rules = {(_whole(r), r.table) for r in observe.rules(session)}
    gone: list[Op] = [add_route(r, BOX) for r in _in_order(ways.routes) if (_key(r), r.table, r.via, r.link) not in routes]
    gone += [add_rule(r, BOX) for r in sorted(ways.rules, key=repr) if (_whole(r), r.table) not in rules]
    return [sentence(op) for op in gone]


def gc(call: "Call", valid: "Valid") -> None:
    """What is written down of containers that are no more; rules and routes went with their namespaces."""
    common.collect(call, valid, PART)


def status(call: "Call") -> None:
    """Whether an ADD would work."""
    settings(call)
