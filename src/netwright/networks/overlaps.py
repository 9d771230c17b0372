"""Ports that meet: published at every address of the host by one, and at a single address by another. bind(2) would refuse it.

How it works. The kernel refuses a key that somebody has; but *:8080 and 127.0.0.1:8080 are keys of two maps. So whoever publishes
asks for those of the other map that would meet his own, and puts his own in, under one lock for the host. Which addresses there are
to ask for is written down beside the lock: for each address and protocol the first and the last port that was published there since
the machine started. That may be more than there is now, which costs a question; it is never less.
"""

import os

from ..errors import Conflict
from . import records
from .directories import made, refused, run_directory, write_whole
from .locks import Lock, locked
from .values import Port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..engine.place import Place

    Element = tuple[str, str]
    Spans = dict[tuple[str, str, str], tuple[int, int]]  # (map, address, protocol) -> the first and the last port

EVERY = "*"
_TOLD = 3


def is_port(element: "Element") -> bool:
    """Whether it publishes a port."""
    return element[0].startswith("publish")


def alone() -> Lock:
    """With it, nobody else publishes a port."""
    return locked("ports")


# -- pure --------------------------------------------------------------------------------------------------------------------


def parts(element: "Element") -> "tuple[str, str, str, int]":
    """(map, address or *, protocol, port) of an element that publishes one."""
    words = _key(element).split(" . ")
    return element[0], words[0] if len(words) == 3 else EVERY, words[-2], int(words[-1])


def _key(element: "Element") -> str:
    return element[1].partition(" comment ")[0].partition(" : ")[0]


def owner_of(element: "Element") -> str:
    """The name in its comment."""
    return element[1].partition(' comment "')[2].partition('"')[0]


def other_map(name: str) -> str:
    """Where those are that meet: publish4 <-> published4."""
    return ("publish" if name.startswith("published") else "published") + name[-1]


def widened(spans: "Spans", elements: "Iterable[Element]") -> "Spans":
    """The spans with these elements in them."""
    out = dict(spans)
    for element in elements:
        name, address, protocol, port = parts(element)
        first, last = out.get((name, address, protocol), (port, port))
        out[name, address, protocol] = min(first, port), max(last, port)
    return out


def rivals(element: "Element", spans: "Spans") -> "Iterator[Element]":
    """(map, key) of everything that would meet it, and may be there."""
    name, _, protocol, port = parts(element)
    for (there, address, kind), (first, last) in spans.items():
        if there == other_map(name) and kind == protocol and first <= port <= last:
            yield there, f"{protocol} . {port}" if address == EVERY else f"{address} . {protocol} . {port}"


def conflict(found: "Iterable[tuple[Element, Element, str]]") -> Conflict:
    """(wanted, there, its owner) as an error: all that are taken."""
    whose: dict[str, str] = {}
    for wanted, there, owner in found:
        whose.setdefault(_key(wanted).replace(" . ", " "), f"published {_where(wanted, there)}for {owner or 'somebody without a name'}")
    if not whose:
        return Conflict("a port is taken", why="it leads elsewhere already, or somebody published it just now", fix="try again")
    ports = [*whose][:_TOLD] + ([f"{len(whose) - _TOLD} more"] if len(whose) > _TOLD else [])
    several = len(whose) > 1
    why = "; ".join(dict.fromkeys([*whose.values()][:_TOLD]))
    return Conflict(
        f"{'ports' if several else 'port'} {', '.join(ports)} {'are' if several else 'is'} taken", why=f"{'they are' if several else 'it is'} {why}",
        fix=f"choose {'others' if several else 'another'}, or remove {'those' if several else 'that one'}",
    )  # fmt: skip


def _where(wanted: "Element", there: "Element") -> str:
    if wanted[0] == there[0]:
        return ""
    name, address, *_ = parts(there)
    return f"at every IPv{name[-1]} address " if address == EVERY else f"at {address} "


# -- in the kernel -----------------------------------------------------------------------------------------------------------


def refuse(place: "Place", elements: "Iterable[Element]", namespace: str = "") -> None:
    """Conflict, with the owners, where somebody else has what would meet the elements. For whoever is `alone`; they are noted."""
    wanted = list(elements)
    spans = _read()
    found = taken(place, [(one, rival) for one in wanted for rival in rivals(one, spans)], namespace)
    if found:
        raise conflict(found)
    wider = widened(spans, wanted)
    if wider != spans or not os.path.exists(_path()):
        _write(wider)


def taken(place: "Place", pairs: "list[tuple[Element, Element]]", namespace: str = "") -> "list[tuple[Element, Element, str]]":
    """Of the pairs (wanted, key) those whose key is there and somebody else's, with his name."""
    return [(one, key, owner) for one, key, owner, _ in _taken(place, pairs, namespace)]


def _taken(place: "Place", pairs: "list[tuple[Element, Element]]", namespace: str) -> "Iterator[tuple[Element, Element, str, bytes]]":
    from ..kernel import nft
    from .firewall import FAMILY, NAME

    there = nft.get_elements(place.fd(namespace), FAMILY, NAME, [(key[0], _key(key)) for _, key in pairs], place.nfnetlink(namespace)) if pairs else []
    for (one, key), found in zip(pairs, there, strict=True):
        if found and found[1] != owner_of(one):
            yield one, key, found[1], found[0]


def holders(place: "Place", elements: "Iterable[Element]") -> "list[tuple[Port, str]]":
    """Who else has the same ports, or what meets them."""
    spans = _read()
    pairs = [(one, key) for one in elements for key in (one, *rivals(one, spans))]
    # The data is the container's address and port, each filled up to four bytes.
    return [(port_of(key, int.from_bytes(data[-4:-2], "big")), owner) for _, key, owner, data in _taken(place, pairs, "")]


def port_of(element: "Element", inside: int) -> Port:
    """An element as the port that it publishes."""
    name, address, protocol, number = parts(element)
    return Port(protocol, {"4": "0.0.0.0", "6": "::"}[name[-1]] if address == EVERY else address, number, inside)


def written_down() -> "Iterator[tuple[Port, str]]":
    """Every port that is published on the host, by whichever tool, as the records have it."""
    for record in records.everything():
        for element in record.elements if record.sure else ():
            if is_port(element):
                yield port_of(element, int(element[1].rpartition(" . ")[2])), record.owner


# -- written down ------------------------------------------------------------------------------------------------------------


def _path() -> str:
    return f"{run_directory()}/.locks/.ports"


def _read() -> "Spans":
    try:
        with open(_path(), encoding="ascii") as file:
            lines = [line.split() for line in file]
        return {(name, address, protocol): (int(first), int(last)) for name, address, protocol, first, last in lines}
    except (FileNotFoundError, ValueError):  # a text that makes no sense is as good as none
        return widened({}, (element for record in records.everything() for element in record.elements if is_port(element)))
    except OSError as error:
        raise refused(f"cannot read {_path()}", error.errno or 0) from None


def _write(spans: "Spans") -> None:
    text = "".join(f"{' '.join(place)} {first} {last}\n" for place, (first, last) in spans.items())
    made(f"{run_directory()}/.locks")
    try:
        write_whole(_path(), text.encode("ascii"), f"{_path()}~")  # one name is enough: it is written under the lock
    except OSError as error:
        raise refused(f"cannot write down {_path()}", error.errno or 0) from None
