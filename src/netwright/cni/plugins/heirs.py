"""One container on several networks, with the same published ports on each: podman says its ports again for every network.

The interface that came first has them. What comes later is written down as waiting, and gets them when the first one goes.
"""

from ...errors import Conflict
from ...model.value import replace
from ...networks import attaching, records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ...model.state import State
    from ...networks.records import Element, Record
    from ...networks.wiring import Wiring

WAITING = "waiting"


def attach(inside: "int | None", wiring: "Wiring", record: "Record") -> "State":
    """As attaching.attach; but ports that another interface of the same container has are no conflict."""
    try:
        return attaching.attach(inside, wiring, record)
    except Conflict:
        less = _without(record, {_key(e) for one in _family(record) for e in one.elements})
        if less == record:
            raise
        return attaching.attach(inside, wiring, less)


def detach(record: "Record") -> None:
    """As attaching.detach; then another interface of the same container gets the ports that it waits for."""
    attaching.detach(record)
    _close(record)
    free = {_key(e): e for e in record.elements if _is_port(e)}
    for heir in _family(record) if free else ():
        theirs = tuple(e for e in _waiting(heir) if _key(e) in free)
        if theirs:
            left = [list(e) for e in _waiting(heir) if e not in theirs]
            attaching.obtain(replace(heir, data={**heir.data, WAITING: left}), theirs)
            free = {key: e for key, e in free.items() if key not in {_key(one) for one in theirs}}


def _close(record: "Record") -> None:
    for gateway in record.data.get(attaching.COMMON, ()):
        from .vlans import close

        close(record.device, int(gateway.rpartition(".")[2]))


def _without(record: "Record", taken: "set[Element]") -> "Record":
    later = tuple(e for e in record.elements if _is_port(e) and _key(e) in taken)
    if not later:
        return record
    data = {**record.data, WAITING: [list(e) for e in later]}
    return replace(record, elements=tuple(e for e in record.elements if e not in later), data=data)


def _family(record: "Record") -> "Iterator[Record]":
    """What else is written down of the same container: owners are cni/NETWORK/CONTAINER/INTERFACE…"""
    container = record.owner.split("/")[2]
    return (one for one in records.naming(container) if one.owner != record.owner and one.owner.split("/")[2:3] == [container])


def _waiting(record: "Record") -> "Iterable[Element]":
    return tuple((str(name), str(element)) for name, element in record.data.get(WAITING, ()))


def _is_port(element: "Element") -> bool:
    return element[0].startswith("publish")


def _key(element: "Element") -> "Element":
    return element[0], element[1].partition(" comment ")[0]
