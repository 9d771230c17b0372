"""Subnets and addresses: what was given is checked, what was not is handed out.

In the order of the lab, so that a host, a switch or a cable that is added at the end moves none of the others: switches take
their subnets from the beginning of the pool, cables from its end; routers their addresses from .1 on, hosts from .10 on.
"""

from __future__ import annotations

from ..model.addressing import Free, Net, Pool, around, net, split, text_of
from .draft import Draft, Lan, Plug, Segment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .draft import Numbers, Path

    Frees = dict[Net, Free]

# Taken when neither the lab nor the switch says anything. RFC 1918.
DEFAULT_POOL = ("10.0.0.0/8",)


def address(draft: Draft) -> None:
    """Give every lan its subnets, every plug its addresses."""
    lans = draft.lans()
    for segment in draft.segments.values():
        _given_subnets(draft, segment)
    for lan in lans:
        _from_addresses(draft, lan)
    _overlaps(draft, lans)
    standing = _standing(draft)
    pools = _pools(draft, lans, standing)
    for lan in lans:
        if any(segment.wanted != () for segment in lan.segments):
            _from_pools(draft, lan, pools)
    for lan in lans:
        _give(draft, lan, standing)
    _twice(draft)


# -- subnets -------------------------------------------------------------------------------------------------------------------


def _given_subnets(draft: Draft, segment: Segment) -> None:
    for at, text in enumerate(segment.wanted or ()):
        path = (*segment.path, "subnets", at)
        try:
            found = net(text)
        except ValueError as error:
            draft.wrong(path, str(error), "as in 10.7.1.0/24")
            continue
        if any(other.family == found.family for other in segment.subnets):
            draft.wrong(path, f"two subnets of IPv{found.family}", "one IPv4 and one IPv6 subnet at most")
        segment.subnets.append(found)
        if found not in segment.lan.subnets:
            segment.lan.subnets.append(found)


def _from_addresses(draft: Draft, lan: Lan) -> None:
    """Without a subnet, the first address that is given with a length says which one it is."""
    texts = [text for plug in lan.plugs if plug.given for text in plug.given]
    texts += [text for segment in lan.segments if segment.is_switch for text in draft.topology.switches[segment.name].addresses]
    if not texts or any(segment.wanted for segment in lan.segments):
        return
    for text in texts:
        try:
            found = around(*split(text))
        except ValueError:
            continue  # told when it is given
        bits = 32 if found.family == 4 else 128
        if found.length < bits and not any(other.overlaps(found) for other in lan.subnets):
            lan.subnets.append(found)


def _overlaps(draft: Draft, lans: list[Lan]) -> None:
    """By order of their first address: whoever overlaps anybody overlaps the one that reaches furthest so far."""
    found = sorted(((n, lan) for lan in lans for n in lan.subnets), key=lambda e: (e[0].family, e[0].base, e[0].length))
    widest: tuple[Net, Lan] | None = None
    for here, lan in found:
        if widest and widest[0].overlaps(here):
            later, earlier, other = (lan, here, widest) if lans.index(lan) >= lans.index(widest[1]) else (widest[1], widest[0], (here, lan))
            segment = _written_in(later, earlier)
            draft.wrong(_subnet_path(segment, earlier), f"{earlier} overlaps {other[0]} of {_written_in(other[1], other[0]).name}", "a subnet belongs to one switch or cable")
        if widest is None or not widest[0].overlaps(here) or here.last > widest[0].last:
            widest = here, lan


def _written_in(lan: Lan, subnet: Net) -> Segment:
    return next((segment for segment in lan.segments if subnet in segment.subnets), lan.segments[0])


def _subnet_path(segment: Segment, subnet: Net) -> Path:
    return (*segment.path, "subnets", segment.subnets.index(subnet)) if subnet in segment.subnets else segment.path


def _standing(draft: Draft) -> list[tuple[str, Path, Numbers]]:
    """Addresses that are given to devices that are plugged into nothing: (host, where it is written, address)."""
    out = []
    for host, spec in draft.topology.hosts.items():
        for device, link in spec.links.items():
            if not link.addresses or (host, device) in draft.plugs:
                continue
            for at, text in enumerate(link.addresses):
                path: Path = ("hosts", host, "links", device, "addresses", at)
                try:
                    out.append((host, path, split(text)))
                except ValueError as error:
                    draft.wrong(path, str(error), "as in 10.7.1.5/24")
    return out


def _pools(draft: Draft, lans: list[Lan], standing: list[tuple[str, Path, Numbers]]) -> list[Pool]:
    used = [n for lan in lans for n in lan.subnets] + [around(*numbers) for _, _, numbers in standing]
    out: list[Pool] = []
    for number, text in enumerate(draft.topology.pool or DEFAULT_POOL):
        try:
            found = net(text)
        except ValueError as error:
            draft.wrong(("pool", number), str(error), "as in 10.7.0.0/16")
            continue
        if any(pool.network.family == found.family for pool in out):
            draft.wrong(("pool", number), f"two pools of IPv{found.family}", "one IPv4 and one IPv6 network at most")
        else:
            out.append(Pool(found, used))
    return out


def _from_pools(draft: Draft, lan: Lan, pools: list[Pool]) -> None:
    """Of each family of the pool that is not given one; the usual pool only where nothing at all is given."""
    if lan.subnets and not draft.topology.pool:
        return
    for pool in pools:
        family = pool.network.family
        if any(subnet.family == family for subnet in lan.subnets):
            continue
        length = _length(lan, family)
        found = (pool.take if lan.segments[0].is_switch else pool.take_small)(length)
        if found is None:
            draft.wrong(lan.segments[0].path, f"the pool {pool.network} has no /{length} left for {lan.segments[0].name}", "give it a larger pool, or a subnet")
        else:
            lan.subnets.append(found)


def _length(lan: Lan, family: int) -> int:
    """A cable takes what two ends need; a switch a /24, or more when it has more members."""
    if family == 6:
        return 64
    members, length = len(lan.plugs), 24
    if not lan.segments[0].is_switch and members <= 2:
        return 30
    while (1 << (32 - length)) - 12 < members:
        length -= 1
    return length


# -- addresses -----------------------------------------------------------------------------------------------------------------


def _give(draft: Draft, lan: Lan, standing: list[tuple[str, Path, Numbers]]) -> None:
    frees = {subnet: Free(subnet) for subnet in lan.subnets}
    for _, _, (number, family, _length) in standing:
        _take(frees, number, family)
    for segment in lan.segments:
        if segment.is_switch:
            _own_given(draft, segment, frees)
    for plug in lan.plugs:
        for at, text in enumerate(plug.given or ()):
            _take_given(draft, lan, plug, at, text, frees)
    if draft.topology.uplink:
        _ways_out(lan, frees)
    for segment in lan.segments:
        mine = [frees[subnet] for subnet in _subnets_for(segment)]
        for plug in segment.plugs:
            if plug.given is None:
                _hand_out(draft, segment, plug, mine)


def _subnets_for(segment: Segment) -> list[Net]:
    """The subnets that a segment hands out from: its own, else the first of the lan."""
    out: list[Net] = []
    if segment.wanted == () and segment.lan.segments == [segment]:
        return out
    for family in (4, 6):
        found = [n for n in (*segment.subnets, *segment.lan.subnets) if n.family == family]
        out += found[:1]
    return out


def _take(frees: Frees, number: int, family: int) -> Free | None:
    """Mark an address as taken, and tell whose it is."""
    for free in frees.values():
        if free.network.holds(number, family):
            free.taken.add(number)
            return free
    return None


def _hand_out(draft: Draft, segment: Segment, plug: Plug, frees: list[Free]) -> None:
    for free in frees:
        found = free.take(plug.router)
        if found is None:
            draft.wrong(plug.path, f"{free.network} of {segment.name} has no address left for {plug.host}", "give it a larger subnet")
        else:
            plug.addresses.append((found, free.network.family, free.network.length))


def _take_given(draft: Draft, lan: Lan, plug: Plug, at: int, text: str, frees: Frees) -> None:
    numbers = _checked(draft, lan, (*plug.path, "addresses", at), text, frees)
    if numbers:
        plug.addresses.append(numbers)


def _checked(draft: Draft, lan: Lan, path: Path, text: str, frees: Frees) -> Numbers | None:
    """A given address, with the length of its subnet when it has none; None, and told, when it is no address."""
    try:
        number, family, length = split(text)
    except ValueError as error:
        draft.wrong(path, str(error), "as in 10.7.1.5/24")
        return None
    free = _take(frees, number, family)
    if free is not None:
        subnet = free.network
        length = length if "/" in text else subnet.length
        if not subnet.usable(number):
            draft.wrong(path, f"{text_of(number, family)} is the {'network' if number == subnet.base else 'broadcast'} address of {subnet}", "take one in between")
        elif length != subnet.length and length != (32 if family == 4 else 128):
            draft.wrong(path, f"{text} says /{length}, and the subnet is {subnet}", f"write {text_of(number, family)}/{subnet.length}")
    elif there := [n for n in lan.subnets if n.family == family]:
        name = _written_in(lan, there[0]).name
        draft.wrong(path, f"{text_of(number, family)} is not in {there[0]}, the subnet of {name}", f"take one of {there[0]}, or change the subnet")
    elif any(segment.wanted for segment in lan.segments):
        draft.wrong(path, f"{text_of(number, family)} is in no subnet of {lan.segments[0].name}, which has none of IPv{family}", f"give {lan.segments[0].name} one")
    elif "/" not in text:
        draft.wrong(path, f"{text} has no prefix length, and there is no subnet that it is in", f"write {text}/24, or give {lan.segments[0].name} a subnet")
    return number, family, length


def _own_given(draft: Draft, segment: Segment, frees: Frees) -> None:
    """A switch's own addresses that are given."""
    for at, text in enumerate(draft.topology.switches[segment.name].addresses):
        numbers = _checked(draft, segment.lan, (*segment.path, "addresses", at), text, frees)
        if numbers:
            segment.own.append(numbers)


def _ways_out(lan: Lan, frees: Frees) -> None:
    """With an uplink a switch has an address of its own in each IPv4 subnet, as the way out."""
    first = lan.segments[0]
    if not first.is_switch or any(segment.own for segment in lan.segments):
        return
    for subnet, free in frees.items():
        # The last one: where people expect the way out when .1 is somebody's.
        if subnet.family == 4 and subnet.length < 31 and subnet.last - 1 not in free.taken:
            free.taken.add(subnet.last - 1)
            first.own.append((subnet.last - 1, 4, subnet.length))


def _twice(draft: Draft) -> None:
    """A given address that two have, or one device twice. (Handed-out ones are twice only where subnets overlap, and that was told.)"""
    seen: dict[tuple[int, int], tuple[str, int]] = {}
    given = [(s.name, s.path, s.own[: len(draft.topology.switches[s.name].addresses)]) for s in draft.segments.values() if s.own]
    given += [(f"{host}:{device}", plug.path, plug.addresses) for (host, device), (plug, _) in draft.plugs.items() if plug.given]
    for name, path, addresses in given:
        for at, (number, family, _) in enumerate(addresses):
            other = seen.setdefault((number, family), (name, at))
            if other != (name, at):
                draft.wrong((*path, "addresses", at), f"{text_of(number, family)} is also the address of {other[0]}", "every address once")
