"""Details that cost more than devices do: nftables with published ports, sockets that listen."""

from __future__ import annotations

from ..errors import NetwrightError, NotSupported
from ..model.value import replace
from . import facts, firewall
from .model import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from ..kernel.scan import Scan
    from .model import Listener, Space
    from .visits import Visit


def there(visit: Visit, wanted: tuple[str, ...]) -> None:
    """In the thread that is in the namespace: whether there are tables, and the sockets."""
    if "nft" in wanted:
        _firewall(visit)
    if "sockets" in wanted:
        from ..kernel import sockdiag

        visit.more["heard"] = sockdiag.listening()


def _firewall(visit: Visit) -> None:
    from ..kernel.nfnetlink import Nfnetlink, tables

    try:
        with Nfnetlink() as netlink:
            visit.more["tables"] = tuple(sorted(f"{family} {name}" for family, name in tables(netlink)))
    except NotSupported:
        pass  # a kernel without nftables has no rules in them
    except NetwrightError as error:
        visit.more["closed"] = error
    # The older tables are none of nftables', and nft does not show them.
    names = [facts.text_of(f"/proc/thread-self/net/{family}_tables_names").split() for family in ("ip", "ip6")]
    visit.more["legacy"] = sorted({name for some in names for name in some})


def with_details(spaces: Sequence[Space], visits: Iterable[Visit], found: Scan, wanted: tuple[str, ...], problems: list[Problem]) -> list[Space]:
    """The namespaces with their rules and sockets."""
    by_id = {visit.id: visit for visit in visits}
    out = []
    problems += _missing(spaces, by_id)
    if "nft" in wanted:
        problems += _unread(spaces, by_id)
    for space in spaces:
        visit = by_id[space.id]
        changes: dict[str, Any] = {}
        if space.tables and visit.fd >= 0:
            changes |= _rules(space, visit, problems)
        if visit.more.get("heard"):
            changes["listeners"] = _listeners(visit, found)
        out.append(replace(space, **changes) if changes else space)
    return out


def _missing(spaces: Sequence[Space], by_id: dict[str, Visit]) -> Iterator[Problem]:
    """Details that stopped at an error: it is mostly the same one everywhere."""
    names: dict[str, list[str]] = {}
    for space in spaces:
        if why := by_id[space.id].more.get("missing"):
            names.setdefault(why, []).append(space.name)
    for why, some in names.items():
        where = some[0] if len(some) == 1 else f"{some[0]} and {len(some) - 1} more"
        yield Problem("unreadable", f"not everything that was asked of {where} could be read", some[0], why)


def _unread(spaces: Sequence[Space], by_id: dict[str, Visit]) -> Iterator[Problem]:
    """Rules that are not on the map."""
    for space in spaces:
        more = by_id[space.id].more
        if error := more.get("closed"):
            yield Problem("unreadable", f"the firewall of {space.name} cannot be read", space.name, error.what, error.fix or "run it with sudo")
        if more.get("legacy"):
            what = f"{space.name} has rules of iptables-legacy, which are not on the map"
            yield Problem("legacy-rules", what, space.name, f"tables {', '.join(more['legacy'])}", "iptables-legacy-save shows them")


def _rules(space: Space, visit: Visit, problems: list[Problem]) -> dict[str, Any]:
    from ..kernel import nft

    try:
        chains, nat, published = firewall.summary(nft.read(visit.fd))
    except NetwrightError as error:
        problems.append(Problem("unreadable", f"the firewall of {space.name} cannot be read", space.name, error.what, error.fix))
        return {}
    return {"chains": chains, "nat": nat, "published": published}


def _listeners(visit: Visit, found: Scan) -> tuple[Listener, ...]:
    from .model import Listener

    out = set()
    for protocol, address, port, inode, device in visit.more["heard"]:
        pid = found.sockets.get(inode, 0)
        out.add(Listener(protocol, address, port, pid, facts.comm(pid) if pid else "", visit.names.get(device, "")))
    return tuple(sorted(out, key=lambda one: (one.protocol, one.port, one.address, one.pid)))
