"""What a lab looks like right now, in lines for a person who must find out why a test failed.

Per host: links with their state and addresses, routes, neighbours, nftables; then the last operations and the last packets of
each cable. It is read from the kernel, not from what was wanted: what the test itself did to the lab is in it.
"""

from __future__ import annotations

from ..engine import observe
from ..engine.session import Session
from ..errors import NetwrightError
from ..kernel.making import visit
from ..model.route import LOCAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ..model.address import Address
    from ..model.link import Link
    from ..model.neighbour import Neighbour
    from ..model.route import Route
    from ..model.state import State
    from ..plan.ops import Op
    from .lab import Lab
    from .packet import Packet
    from .packets import Cable, Packets

    End = tuple[str, str]

MOST_HOSTS = 24
LAST_OPERATIONS = 40
LAST_PACKETS = 12
_KERNEL = 2  # RTPROT_KERNEL: connected routes, which follow from the addresses


def evidence(lab: Lab, packets: Packets | None = None, *, ups: Sequence[tuple[State, State]] = ()) -> str:
    """All of it as text. `ups` are the ways that `up` went, each from a State to a State."""
    out = [*_hosts(lab), *_operations(ups)]
    if packets is not None:
        out += _packets(packets)
    return "\n".join(out)


# -- hosts -----------------------------------------------------------------------------------------------------------------


def _hosts(lab: Lab) -> Iterator[str]:
    place = lab._place
    if place is None:
        yield "the lab is not up"
        return
    # Asking a Host would bring the lab up to date first: evidence changes nothing.
    names = [name for name in lab._known.namespaces if name != "@"]
    there = [*names[:MOST_HOSTS], *(["@"] if len(lab._known.namespaces["@"].devices) > 1 else [])]
    found: dict[str, list[str]] = {}
    fds = [place.fd(name) for name in there]

    def one(at: int) -> None:
        with Session() as session:
            found[there[at]] = list(_host(session, lab._known, there[at]))

    visit(fds, one)
    for name, fd in zip(there, fds, strict=True):
        yield f"{name}{' (switches)' if name == '@' else ''}"
        yield from found[name]
        yield from _tables(fd)
    if len(names) > MOST_HOSTS:
        yield f"({len(names) - MOST_HOSTS} more hosts are not shown)"


def _host(session: Session, known: State, name: str) -> Iterator[str]:
    addresses = observe.addresses(session)
    for link in observe.links(session):
        yield "  " + _link(link, [a for a in addresses if a.link == link.name], known.namespaces[name].devices.get(link.name))
    for route in observe.routes(session, 0):
        if route.table != LOCAL and route.protocol != _KERNEL:
            yield f"  route {_route(route)}"
    for neighbour in observe.neighbours(session):
        if neighbour.state != "noarp":
            yield f"  neighbour {_neighbour(neighbour)}"


def _link(link: Link, addresses: Iterable[Address], wanted: object) -> str:
    peer = getattr(wanted, "peer", None)
    words = [link.name, "up" if link.up else "DOWN"]
    if link.up and link.name != "lo" and link.state not in ("up", "unknown"):
        words.append(f"({link.state})")
    words += [f"mtu {link.mtu}", *([f"master {link.master}"] if link.master else [])]
    words += [link.address] if link.address and link.name != "lo" else []
    words += [_address(address) for address in addresses]
    return " ".join(words) + (f" -- {':'.join(peer)}" if peer else "")


def _address(address: Address) -> str:
    flags = [flag for flag in address.flags if flag in ("tentative", "dadfailed", "deprecated")]
    return address.address + (f" ({', '.join(flags)})" if flags else "")


def _route(route: Route) -> str:
    kind = f"{route.type} " if route.type != "unicast" else ""
    words = [kind + route.to, *([f"via {route.via}"] if route.via else []), *([f"dev {route.link}"] if route.link else [])]
    words += [f"nexthop via {hop.via} dev {hop.link}" for hop in route.nexthops]
    words += [f"metric {route.metric}"] if route.metric else []
    words += [f"table {route.table}"] if route.table != 254 else []
    return " ".join([*words, *(flag for flag in route.flags if flag in ("dead", "linkdown"))])


def _neighbour(neighbour: Neighbour) -> str:
    hardware = f" lladdr {neighbour.lladdr}" if neighbour.lladdr else ""
    return f"{neighbour.address} dev {neighbour.link}{hardware} {neighbour.state}"


def _tables(fd: int) -> Iterator[str]:
    """In nft's own words, counters included: they say which rule it was."""
    from ..kernel.nfnetlink import Nfnetlink, tables
    from ..kernel.run import run

    try:
        with Nfnetlink(fd) as netlink:
            if not tables(netlink):
                return
        told = run(fd, ["nft", "list", "ruleset"], timeout=5.0)
    except NetwrightError as error:
        yield f"  nftables could not be read: {error}"
        return
    yield from (f"  {line}" for line in (told.out or told.err).splitlines())


# -- what was done, what went by -------------------------------------------------------------------------------------------


def _operations(ups: Sequence[tuple[State, State]]) -> Iterator[str]:
    from ..plan.planner import plan

    done: list[Op] = [op for before, after in ups for op in plan(before, after)]
    if done:
        yield f"the last {min(len(done), LAST_OPERATIONS)} of {len(done)} operations"
        yield from (f"  {_short(op)}" for op in done[-LAST_OPERATIONS:])


def _short(op: Op) -> str:
    from ..plan.explain import shell
    from ..plan.ops import PutFile, RemoveFile

    if isinstance(op, (PutFile, RemoveFile)):
        return f"{'write' if isinstance(op, PutFile) else 'remove'} {op.path}{f' (view {op.view})' if op.view else ''}"
    lines = shell(op).splitlines()
    return lines[0] + (f" … ({len(lines)} lines)" if len(lines) > 1 else "")


def _packets(packets: Packets) -> Iterator[str]:
    cables = packets.up_to_now()
    for (host, device), cable in sorted(cables.items()):
        yield f"packets at {host}:{device} ({cable.seen or 'none'})"
        yield from _lines(cable)
    lost = packets.lost()
    if lost:
        yield f"({lost} packets went by too fast to be kept)"


def _lines(cable: Cable) -> Iterator[str]:
    """What the kernel sends by itself when a device comes up would push everything else out: it is only counted."""
    from .packet import clock, line, taken_apart

    taken = [(moment, sent, taken_apart(data, whole)) for moment, sent, data, whole in list(cable.packets)]
    told = [row for row in taken if not _by_itself(row[2])]
    if len(told) < len(taken):
        yield f"  ({len(taken) - len(told)} of them: multicast groups and duplicate address detection)"
    for moment, sent, packet in told[-LAST_PACKETS:]:
        yield f"  {clock(moment)} {'->' if sent else '<-'} {line(packet)}"


def _by_itself(packet: Packet) -> bool:
    """IGMP, MLD, router solicitations, and neighbour solicitations from nobody (RFC 4862)."""
    if packet.protocol == "icmp6":
        return packet.source == "::" or "listener" in packet.text or "router solicitation" in packet.text
    return packet.protocol == "igmp"


def write_pcaps(lab: str, cables: Mapping[End, Cable], directory: str) -> list[str]:
    """LAB-HOST-DEV.pcap for each cable where something went by, below `directory`; their paths. OSError."""
    from .pcap import Writer

    written = []
    for (host, device), cable in sorted(cables.items()):
        if not cable.packets:
            continue
        path = f"{directory}/{_plain(lab)}-{_plain(host)}-{_plain(device)}.pcap"
        with open(path, "wb") as file:
            writer = Writer(file)
            for moment, _, data, whole in list(cable.packets):
                writer.put(moment, data, whole)
        written.append(path)
    return written


def _plain(name: str) -> str:
    """A name as a part of the name of a file."""
    return "".join(c if c.isalnum() or c in "._@+" else "_" for c in name)
