"""Attachments -> the kernel: made, looked at, taken away. The one sequence that CNI, netavark and `nw network` share.

    record, devices, elements, ready           attach; on any failure back to what was, in the opposite order
    elements, devices, record                  detach; each step is done already where there is nothing to do

The bridge's lock is held meanwhile: the last one to leave a bridge that we made takes it away, and nobody plugs into it then.
"""

from ..engine.enact import enact
from ..engine.narrow import Spots, back, keeping, look_at, refuse_removals
from ..errors import NetwrightError
from ..model.state import State
from ..model.value import replace
from ..plan import ops
from ..plan.planner import plan
from . import records, tables
from .locks import locked
from .wiring import BOX, HOST, Wiring

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..plan.ops import Op
    from .records import Element, Record


_FEW = 256
COMMON = "common"  # in a record's data: devices that several attachments need, and that go with the last of them


def attach(inside: "int | None", wiring: Wiring, record: "Record") -> State:
    """Make what `wiring` says, put the record's elements in, and return what is then there of the wiring's devices.

    `inside` is an open file of the container's namespace. NetwrightError, after which everything is as it was before.
    """
    with locked(record.device), Spots(_spots(inside)) as place:
        now = look_at(place, wiring.only, like=wiring.want)
        want = _wanted(now, wiring)
        todo = refuse_removals(plan(now, want))
        before = records.get(record.device, record.owner)
        record = _with_bridge(record, wiring, now)
        records.put(record)
        try:
            _enact(place, wiring, todo, whole=before is not None and before.sure)
            # A few that are in already are put again: somebody may have taken them out.
            tables.put(place, record.elements if len(record.elements) < _FEW else _news(record, before))
            record = replace(record, sure=True)
            records.put(record)
            tables.take_out(place, _its_own(replace(record, elements=_stale(record, before))))
            _wait(place, want)
            return _told(place, wiring)
        except (NetwrightError, OSError):
            _undo(place, wiring, now, record, before)
            raise


def _enact(place: Spots, wiring: Wiring, todo: "list[Op]", whole: bool) -> None:
    """The operations; new devices are made quiet while their cable is down, which is until the container's end comes up.

    So are those of an attachment that is not `whole`: whoever began it may have been killed before."""
    made = {op.settings.get("ifname") for op in todo if isinstance(op, ops.AddLink)}
    quiet = {name for place_of, name in wiring.quiet if place_of == HOST}
    if quiet and not (whole and made.isdisjoint(quiet)):
        from .speaking import quieten

        outside = next((at for at, op in enumerate(todo) if getattr(op, "namespace", HOST) == BOX), len(todo))
        enact(todo[:outside], place)
        quieten(place, wiring.quiet)
        todo = todo[outside:]
    enact([*todo, *wiring.also], place)


def _wanted(now: State, wiring: Wiring) -> State:
    """What is wanted, with what shared devices have besides."""
    want = keeping(now, wiring.want, wiring.shared)
    if not wiring.dropped:
        return want
    host = want.namespaces[HOST]
    return replace(want, namespaces={**want.namespaces, HOST: replace(host, addresses=host.addresses - wiring.dropped)})


def seen(device: str) -> State:
    """What there is of one device of the host."""
    with Spots({HOST: None}) as place:
        return look_at(place, {HOST: (device,)})


def _news(record: "Record", before: "Record | None") -> "tuple[Element, ...]":
    """The elements that are not in already."""
    return _besides(record, before if before is not None and before.sure else None)


def _stale(record: "Record", before: "Record | None") -> "tuple[Element, ...]":
    """The elements that it had and has no more."""
    return _besides(before, record) if before is not None and before.sure else ()


def _besides(one: "Record", other: "Record | None") -> "tuple[Element, ...]":
    """The elements that only `one` has."""
    if other is None:
        return one.elements
    have = set(other.elements)
    return tuple(element for element in one.elements if element not in have)


def _spots(inside: "int | None") -> "dict[str, int | None]":
    return {HOST: None} if inside is None else {HOST: None, BOX: inside}


def _with_bridge(record: "Record", wiring: Wiring, now: State) -> "Record":
    """Ours is the bridge when it is not there yet, or when whoever made it wrote that down (or knows it otherwise)."""
    if record.device not in wiring.only.get(HOST, ()):
        return record
    fresh = record.device not in now.namespaces[HOST].devices
    return replace(record, bridge=record.bridge or fresh or _made_by_us(record.device))


def _made_by_us(device: str) -> bool:
    return any(one.bridge for one in records.of_device(device))


def _wait(place: Spots, want: State) -> None:
    from ..engine.ready import wait_until_ready

    if BOX in want.namespaces:
        wait_until_ready(place, want, [BOX])


def _told(place: Spots, wiring: Wiring) -> State:
    """What is there, which neighbours have been told then. A look makes the kernel notice carriers, and the bridge's port forward."""
    after = look_at(place, wiring.only)
    if wiring.told:
        from .speaking import announce

        announce(place, wiring.told, after)
    return after


def _undo(place: Spots, wiring: Wiring, now: State, record: "Record", before: "Record | None") -> None:
    """Elements that were written down before stay, sure or not: they go with what is written down, which is put back."""
    _take_out(place, replace(record, elements=_its_own(replace(record, elements=_besides(record, before)))))
    if before is None:
        enact(_tables(place, record), place)
    back(place, wiring.only, now, wiring.want)
    if before is not None:
        records.put(before)
    else:
        records.remove(record.device, record.owner)
        tables.remove_if_last(place)


def _take_out(place: Spots, record: "Record") -> None:
    """Its elements; where it is not sure that they are its own (the port that it wanted may be somebody else's), only its own."""
    tables.take_out(place, record.elements if record.sure else tables.owned(place, record.elements))


def steps(inside: "int | None", wiring: Wiring) -> "list[Op]":
    """What is still to do; [] when everything is as wanted. `attach` would do this."""
    with Spots(_spots(inside)) as place:
        now = look_at(place, wiring.only, like=wiring.want)
        return plan(now, _wanted(now, wiring))


def leads_elsewhere(inside: "int | None", wiring: Wiring, ports: "tuple[str, ...]") -> bool:
    """Whether one of these devices of the host is there, but not as wanted: its other end is in another namespace."""
    return any(isinstance(op, ops.DeleteLink) and op.namespace == HOST and op.header["index"] in ports for op in steps(inside, wiring))


def missing(record: "Record") -> "list[tuple[str, str]]":
    """The record's elements that are not in the firewall."""
    with Spots({HOST: None}) as place:
        return tables.missing(place, record.elements)


def lacks_rules(record: "Record") -> bool:
    """Whether somebody took away the rules that the record's elements are for."""
    if not record.elements:
        return False
    with Spots({HOST: None}) as place:
        return tables.is_damaged(place)


def detach(record: "Record") -> None:
    """Take away what the record speaks of, whatever of it is still there. The container's namespace need not be."""
    with locked(record.device), Spots({HOST: None}) as place:
        names = records.listed(record.device)
        record = replace(record, ports=(*record.ports, *_without_heirs(record, names)))
        _take_out(place, replace(record, elements=_its_own(record, names)))
        last = not records.others(record.device, record.owner, names)
        gone = dict.fromkeys([*record.ports, *([record.device] if last and record.bridge and not _has_ports(place, record) else [])])
        enact([*_routes(place, record), *_tables(place, record)], place)
        enact([ops.DeleteLink({"index": device}, {}, HOST) for device in gone if _is_there(place, device)], place)
        records.remove(record.device, record.owner, names)
        if last:
            tables.remove_if_last(place)


def _without_heirs(record: "Record", names: "list[str]") -> "list[str]":
    """What it had in common with others of which none is left."""
    mine = record.data.get(COMMON)
    if not mine:
        return []
    needed = {name for one in records.of_device(record.device, names) if one.owner != record.owner for name in one.data.get(COMMON, ())}
    return [str(name) for name in mine if name not in needed]


def _its_own(record: "Record", names: "list[str] | None" = None) -> "tuple[tuple[str, str], ...]":
    """Without what somebody else on the device has too: data["shared"] names the sets in which that can be."""
    shared = set(record.data.get("shared", ()))
    mine = {_key(e) for e in record.elements if e[0] in shared}
    theirs: set[Element] = set()
    for one in records.of_device(record.device, names) if mine else ():
        if one.owner != record.owner:
            theirs |= mine & {_key(e) for e in one.elements}
        if theirs == mine:
            break  # mostly the first one has them all; hundreds need not be read
    return tuple(e for e in record.elements if _key(e) not in theirs)


def _key(element: "Element") -> "Element":
    return element[0], element[1].partition(" comment ")[0]


def _routes(place: Spots, record: "Record") -> "list[Op]":
    from ..plan.messages import delete_route
    from .wiring import route

    return [delete_route(route(to, "", device, 6 if ":" in to else 4), HOST) for to, device in record.routes if _is_there(place, device)]


def _tables(place: Spots, record: "Record") -> "list[Op]":
    """Tables of its own, which `also` made: data["tables"] names them."""
    from ..kernel import nfnetlink

    mine = [(str(family), str(name)) for family, name in record.data.get("tables", ())]
    if not mine:
        return []
    with nfnetlink.Nfnetlink(place.fd(HOST)) as netlink:
        there = nfnetlink.tables(netlink)
    return [ops.DeleteTable(family, name, HOST) for family, name in mine if (family, name) in there]


def release(record: "Record", elements: "tuple[tuple[str, str], ...]") -> None:
    """Take some of its elements out, and out of its record."""
    gone = set(elements)
    left = tuple(one for one in record.elements if one not in gone)
    with locked(record.device), Spots({HOST: None}) as place:
        _take_out(place, replace(record, elements=elements))
        records.put(replace(record, elements=left))


def obtain(record: "Record", elements: "tuple[Element, ...]") -> None:
    """Put more elements in, and into its record. Conflict when one is taken; then nothing has changed."""
    more = replace(record, elements=(*record.elements, *elements))
    with locked(record.device), Spots({HOST: None}) as place:
        records.put(replace(more, sure=False))
        try:
            tables.put(place, elements)
        except NetwrightError:
            records.put(record)
            raise
        records.put(more)


def _is_there(place: Spots, device: str) -> bool:
    return place.session(HOST).link(device) is not None


def _has_ports(place: Spots, record: "Record") -> bool:
    """Whether somebody plugged something else into the bridge."""
    from ..kernel import rtnl

    session = place.session(HOST)
    bridge = session.link(record.device)
    if bridge is None:
        return False
    found = rtnl.dump(session.netlink, rtnl.GETLINK, {}, {"master": bridge["index"], "ext_mask": rtnl.EXT_FILTER_SKIP_STATS})
    return any(m.get("master") == bridge["index"] and m["ifname"] not in record.ports for m in found)


def on_host() -> Spots:
    """The host's namespace as a place, to be used in `with`."""
    return Spots({HOST: None})
