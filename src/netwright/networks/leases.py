"""Who has which address of a network. An address stays with the name that had it, until somebody else needs it.

How it works. A lease is a row; the key is the address, so nobody can have it twice. One that is given back keeps its row, without
an owner, for its name: the next of that name gets it again. New addresses are taken round the network from the last that was
handed out, so that one that was given back is left alone as long as possible (neighbours remember its hardware address). When none
was never used, the one goes that has been without an owner longest.
"""

from __future__ import annotations

import time

from ..engine.journal import boot_id
from ..errors import Conflict, Invalid
from ..model.addressing import number_of, text_of
from ..model.value import value
from .mistakes import shown
from .pools import Exhausted
from .values import Leg

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .network import Network, Subnet
    from .store import Store

_SIZE = {4: 4, 6: 16}


@value
class Lease:
    """`address` without its length. `owner` "": nobody's now, kept for `name`. `since`: seconds since 1970."""

    network: str
    address: str
    owner: str
    name: str
    mac: str
    since: float


def allocate(store: Store, network: Network, owner: str, name: str = "", *, wanted: Sequence[str] = (), mac: str = "") -> tuple[Leg, ...]:
    """An address of each family of the network for `owner`, which it has already or has from now on.

    `wanted` are certain addresses. Invalid where they cannot be, Conflict where somebody has them or `mac`, Exhausted when none is
    left; then nothing has changed. For the same owner again the answer is the same.
    """
    asked = _asked(network, wanted)
    out = []
    with store.change():
        _hardware(store, network, owner, mac)
        for family in sorted({subnet.family for subnet in network.subnets}):
            out.append(_leg(store, network, family, owner, name, asked.get(family), mac))
        store.touch("owner", owner)
    return tuple(out)


def release(store: Store, owner: str, network: str = "") -> None:
    """Give back what `owner` has (on one network): kept for its name where it has one. Nothing when it has nothing."""
    with store.change():
        turn = _turn(store)
        where, what = "owner=? AND (network=? OR ?='')", (owner, network, network)
        store.do(f"DELETE FROM leases WHERE {where} AND name=''", what)
        store.do(f"UPDATE leases SET owner='', turn=? WHERE {where}", (turn, *what))
        store.touch("owner", owner)


def forget(store: Store, network: str, name: str = "") -> int:
    """Give up addresses that are kept for a name, "" for all names, and that nobody has; how many."""
    with store.change():
        where, what = "network=? AND owner='' AND (name=? OR ?='')", (network, name, name)
        count = store.do(f"SELECT count(*) FROM leases WHERE {where}", what)[0][0]
        store.do(f"DELETE FROM leases WHERE {where}", what)
    return int(count)


def leases(store: Store, network: str = "", owner: str = "") -> list[Lease]:
    """Those of a network, of an owner; "" is any. In order of address."""
    rows = store.do(
        "SELECT network, family, number, owner, name, mac, since FROM leases WHERE (network=? OR ?='') AND (owner=? OR ?='')"
        " ORDER BY network, family, number",
        (network, network, owner, owner),
    )
    return [Lease(net, _text(number, family), *rest) for net, family, number, *rest in rows]


# -- one family --------------------------------------------------------------------------------------------------------------


def _leg(store: Store, network: Network, family: int, owner: str, name: str, asked: int | None, mac: str) -> Leg:
    have = store.do("SELECT number FROM leases WHERE network=? AND family=? AND owner=?", (network.name, family, owner))
    if have:
        number = int.from_bytes(have[0][0])
        if asked not in (None, number):
            raise Conflict(f"{owner} has {text_of(number, family)} on {network.name} already, not {text_of(asked or 0, family)}", fix="give that back first: disconnect it")
    elif asked is not None:
        number = asked
        _take(store, network, family, number, owner, name, mac)
    else:
        number = _any(store, network, family, owner, name)
        _take(store, network, family, number, owner, name, mac)
    subnet = next(subnet for subnet in network.of(family) if subnet.net.holds(number, family))
    gateway = subnet.router if network.mode != "internal" else ""
    return Leg(f"{text_of(number, family)}/{subnet.net.length}", gateway)


def _any(store: Store, network: Network, family: int, owner: str, name: str) -> int:
    """The one that is kept for the name, one that nobody had, or the one that nobody has had for the longest time."""
    kept = "SELECT number FROM leases WHERE network=? AND family=? AND owner=''"
    if name:
        for (number,) in store.do(f"{kept} AND name=? ORDER BY turn DESC", (network.name, family, name)):
            if _may(network, family, int.from_bytes(number)):
                return int.from_bytes(number)
    for subnet in network.of(family):
        if (found := _unused(store, network.name, subnet)) is not None:
            return found
    for (number,) in store.do(f"{kept} ORDER BY turn", (network.name, family)):
        if _may(network, family, int.from_bytes(number)):
            return int.from_bytes(number)
    raise _exhausted(store, network, family)


def _may(network: Network, family: int, number: int) -> bool:
    """Whether it is one that is handed out: the network may have changed since."""
    for subnet in network.of(family):
        first, last = subnet.span()
        if first <= number <= last:
            return subnet.net.usable(number) and number not in subnet.blocked()
    return False


def _unused(store: Store, network: str, subnet: Subnet) -> int | None:
    """The next address that has no row, from the last that was handed out, and once round."""
    first, last = subnet.span()
    found = store.do("SELECT number FROM cursors WHERE network=? AND subnet=?", (network, subnet.network))
    middle = int.from_bytes(found[0][0]) + 1 if found else first
    middle = middle if first <= middle <= last else first
    for low, high in ((middle, last), (first, middle - 1)):
        number = _gap(store, network, subnet, low, high)
        if number is not None:
            store.do("INSERT OR REPLACE INTO cursors VALUES (?, ?, ?)", (network, subnet.network, _bytes(number, subnet.family)))
            return number
    return None


def _gap(store: Store, network: str, subnet: Subnet, low: int, high: int) -> int | None:
    if low > high:
        return None
    family, blocked, at = subnet.family, subnet.blocked(), low
    rows = store.stream(
        "SELECT number FROM leases WHERE network=? AND family=? AND number BETWEEN ? AND ? ORDER BY number",
        (network, family, _bytes(low, family), _bytes(high, family)),
    )
    for end in _ends(rows, high):
        while at < end:
            if at not in blocked and subnet.net.usable(at):
                return at
            at += 1
        at = end + 1
    return None


def _ends(rows: Iterable[tuple[bytes]], high: int) -> Iterable[int]:
    yield from (int.from_bytes(number) for (number,) in rows)
    yield high + 1


def _take(store: Store, network: Network, family: int, number: int, owner: str, name: str, mac: str) -> None:
    key = (network.name, family, _bytes(number, family))
    found = store.do("SELECT owner FROM leases WHERE network=? AND family=? AND number=?", key)
    if found and found[0][0]:
        raise Conflict(f"{text_of(number, family)} of the network {network.name} is that of {found[0][0]}", fix="take another address, or none to be given one")
    store.do("INSERT OR REPLACE INTO leases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*key, owner, name, mac, time.time(), boot_id(), _turn(store)))


def _turn(store: Store) -> int:
    """A number that is larger each time."""
    store.do("INSERT INTO meta VALUES ('turn', '1') ON CONFLICT (key) DO UPDATE SET value=value+1")
    return int(store.do("SELECT value FROM meta WHERE key='turn'")[0][0])


def _exhausted(store: Store, network: Network, family: int) -> Exhausted:
    owners = [row[0] for row in store.do("SELECT owner FROM leases WHERE network=? AND family=? AND owner!='' ORDER BY number", (network.name, family))]
    spans = ", ".join(subnet.range or subnet.network for subnet in network.of(family))
    many = f"{', '.join(owners[:4])}" + (f" and {len(owners) - 4} more" if len(owners) > 4 else "")
    return Exhausted(
        f"no address is left in the network {network.name} ({spans})",
        why=f"{len(owners)} are in use, by {many}" if owners else "all of them are reserved",
        fix=f"disconnect one: nw network disconnect {network.name} {owners[0].partition(':')[0] if owners else 'CONTAINER'}; or make a network with a larger --subnet",
    )


# -- what was asked for ------------------------------------------------------------------------------------------------------


def _asked(network: Network, wanted: Sequence[str]) -> dict[int, int]:
    """The wanted addresses by family. Invalid where one cannot be."""
    out: dict[int, int] = {}
    for text in wanted:
        number, family = _address(network, text)
        if out.setdefault(family, number) != number:
            raise Invalid(f"two addresses of IPv{family} on {network.name}: {text_of(out[family], family)} and {text}", fix="one of each family")
    return out


def _address(network: Network, text: str) -> tuple[int, int]:
    try:
        number, family = number_of(text)
    except ValueError:
        raise Invalid(f"{shown(text)} is no address", fix="as in 10.64.0.5 or fd00:1::5") from None
    subnet = next((subnet for subnet in network.subnets if subnet.net.holds(number, family)), None)
    if subnet is None:
        raise Invalid(f"{text} is not in the network {network.name}", why=f"its subnets are {', '.join(s.network for s in network.subnets) or 'none'}")
    if not subnet.net.usable(number):
        raise Invalid(f"{text} can be nobody's: it is the {'network' if number == subnet.net.base else 'broadcast'} address of {subnet.network}", fix="take another address, or none to be given one")
    if subnet.router and number == number_of(subnet.router)[0]:
        raise Conflict(f"{text} is the gateway of the network {network.name}", fix="take another address, or none to be given one")
    for name, address in subnet.reserved:
        if number == number_of(address)[0]:
            raise Conflict(f"{text} is reserved for {name} on the network {network.name}", fix="take another address, or none to be given one")
    return number, family


def _hardware(store: Store, network: Network, owner: str, mac: str) -> None:
    if mac:
        found = store.do("SELECT owner FROM leases WHERE network=? AND mac=? AND owner NOT IN ('', ?)", (network.name, mac, owner))
        if found:
            raise Conflict(f"{mac} is the hardware address of {found[0][0]} on the network {network.name}", fix="every one once on a network")


def _bytes(number: int, family: int) -> bytes:
    return number.to_bytes(_SIZE[family])


def _text(number: bytes, family: int) -> str:
    return text_of(int.from_bytes(number), family)
