"""The table of networks/firewall.py in the kernel: there when it is needed, whole again after somebody's flush, gone with the last.

How it works. An empty set whose name is a digest of the rules says which rules there are, and the chains how many they have: three
questions by message, and only where something is not so nft is started. It then puts the whole table in one transaction: the rules, and the elements of everybody
who is written down (networks/records.py), so that a flush by somebody else, or rules of an older version, are mended by
whoever comes next.
"""

from ..engine.enact import PlanFailed, enact
from ..errors import Exists, Missing
from ..model.value import replace
from . import conditional, firewall, overlaps, records
from .locks import locked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..engine.place import Place
    from ..errors import Conflict
    from ..model.nft import Table

    Element = tuple[str, str]
    Found = tuple[bytes, str]


def put(place: "Place", elements: "Iterable[Element]", *, namespace: str = "") -> None:
    """Put elements in, and the table first where it is not as it should be. Conflict, with the owner, for a taken port."""
    wanted = list(elements)
    if not wanted:
        return  # whoever needs no rules needs no table, and no nft either
    ready(place, namespace)
    ports = [one for one in wanted if overlaps.is_port(one)]
    if ports:
        with overlaps.alone():
            overlaps.refuse(place, ports, namespace)
            _enter(place, wanted, namespace)
    else:
        _enter(place, wanted, namespace)


def _enter(place: "Place", wanted: "list[Element]", namespace: str) -> None:
    try:
        enact(firewall.added(wanted, namespace), place)
    except PlanFailed as failed:
        if isinstance(failed.error, Exists):
            raise taken(place, wanted, namespace) from None
        raise


def take_out(place: "Place", elements: "Iterable[Element]", *, namespace: str = "") -> None:
    """Take elements out; those that are not there are no error, and neither is that there is no table."""
    try:
        enact(firewall.deleted(elements, namespace), place)
    except PlanFailed as failed:
        if not isinstance(failed.error, Missing):
            raise


def ready(place: "Place", namespace: str = "") -> None:
    """The table is there, with these rules."""
    if is_ready(place, namespace):
        return
    with locked("firewall"):
        if not is_ready(place, namespace):
            load(place, namespace)


def is_ready(place: "Place", namespace: str = "") -> bool:
    """Whether the table is there and has these rules."""
    return _is_of_this_version(place, namespace) and not _lacks_rules(place, namespace)


def is_damaged(place: "Place", namespace: str = "") -> bool:
    """Whether somebody took rules out of the table, or put others in. (Rules of an older version are as they were.)"""
    return _is_of_this_version(place, namespace) and _lacks_rules(place, namespace)


def _is_of_this_version(place: "Place", namespace: str) -> bool:
    from ..kernel import nfnetlink

    try:
        nfnetlink.set_definition(place.nfnetlink(namespace), firewall.FAMILY, firewall.NAME, firewall.VERSION)
    except Missing:
        return False
    return True


def _lacks_rules(place: "Place", namespace: str) -> bool:
    """`nft flush table` leaves the sets, and so VERSION: the chains are asked how many rules they have."""
    from ..kernel import nfnetlink

    wanted = {name: len(chain.rules) for name, chain in firewall.table().chains.items()}
    return nfnetlink.rule_counts(place.nfnetlink(namespace), firewall.FAMILY, firewall.NAME, [*wanted]) != [*wanted.values()]


def load(place: "Place", namespace: str = "") -> None:
    """Put the whole table with everybody's elements, in one transaction."""
    from ..kernel import nft

    # What is sure goes first: of two who want one port it is the one who has it.
    known = sorted(records.everything(), key=lambda record: not record.sure)
    nft.put(place.fd(namespace), with_elements(e for record in known for e in record.elements))
    for record in known:
        if conditional.KEY in record.data and (table := conditional.table(record)):
            nft.put(place.fd(namespace), table)


def with_elements(elements: "Iterable[Element]") -> "Table":
    """The table that holds these elements; of a key that stands there twice, the first."""
    table = firewall.table()
    seen: dict[tuple[str, str], str] = {}
    for name, element in elements:
        seen.setdefault((name, element.partition(" comment ")[0]), element)
    sets = dict(table.sets)
    for name, mine in firewall.grouped((name, element) for (name, _), element in seen.items()).items():
        if name in sets:
            sets[name] = replace(sets[name], elements=frozenset(mine))
    return replace(table, sets=sets)


def remove_if_last(place: "Place", namespace: str = "") -> None:
    """The table goes when nobody is written down any more."""
    from ..kernel import nft

    if records.others(""):
        return
    with locked("firewall"):
        if not records.others(""):
            try:
                nft.delete(place.fd(namespace), firewall.FAMILY, firewall.NAME)
            except Missing:
                pass


def find(place: "Place", name: str, element: str, namespace: str = "") -> "Found | None":
    """(data, comment) of an element as it is in the kernel; None when it is not there."""
    return _found(place, [(name, element)], namespace)[0]


def missing(place: "Place", elements: "Iterable[Element]", namespace: str = "") -> "list[Element]":
    """Those that are not in the kernel."""
    wanted = list(elements)
    return [one for one, found in zip(wanted, _found(place, wanted, namespace), strict=True) if found is None]


def owned(place: "Place", elements: "Iterable[Element]", namespace: str = "") -> "list[Element]":
    """Those that are in the kernel under the same owner's name."""
    wanted = list(elements)
    there = zip(wanted, _found(place, wanted, namespace), strict=True)
    return [one for one, found in there if found and found[1] == overlaps.owner_of(one)]


def _found(place: "Place", elements: "Iterable[Element]", namespace: str) -> "list[Found | None]":
    from ..kernel import nft

    keys = [(name, element.partition(" comment ")[0].partition(" : ")[0]) for name, element in elements]
    return nft.get_elements(place.fd(namespace), firewall.FAMILY, firewall.NAME, keys, place.nfnetlink(namespace)) if keys else []


def taken(place: "Place", wanted: "Iterable[Element]", namespace: str = "") -> "Conflict":
    """Which of the elements is somebody else's, and whose."""
    return overlaps.conflict(overlaps.taken(place, [(one, one) for one in wanted if overlaps.is_port(one)], namespace))
