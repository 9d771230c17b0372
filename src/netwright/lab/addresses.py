"""Subnets and addresses: what was given is checked, what was not is handed out."""

from __future__ import annotations

from ..model.addressing import Free, Net, Pool, around, net, split, text_of
from .draft import Draft, Plug, Segment

# Taken when neither the lab nor the switch says anything. RFC 1918.
DEFAULT_POOL = ("10.0.0.0/8",)


def address(draft: Draft) -> None:
    """Give every segment its subnets, every plug its addresses."""
    for segment in draft.segments.values():
        _given_subnets(draft, segment)
    _overlaps(draft)
    pools = _pools(draft)
    for segment in draft.segments.values():
        if segment.wanted != ():
            _from_pools(draft, segment, pools)
    for segment in draft.segments.values():
        _give(draft, segment)
    _twice(draft)


def _given_subnets(draft: Draft, segment: Segment) -> None:
    for text in segment.wanted or ():
        try:
            found = net(text)
        except ValueError as error:
            draft.wrong((*segment.path, "subnet"), str(error), "as in 10.7.1.0/24")
            continue
        if any(other.family == found.family for other in segment.subnets):
            draft.wrong((*segment.path, "subnet"), f"two subnets of IPv{found.family}", "one IPv4 and one IPv6 subnet at most")
        segment.subnets.append(found)
    if segment.wanted is None:
        _from_addresses(draft, segment)


def _from_addresses(draft: Draft, segment: Segment) -> None:
    """Without a subnet, the first address that is given with a length says which one it is."""
    for plug in segment.plugs:
        for text in plug.given or ():
            try:
                number, family, length = split(text)
            except ValueError:
                continue  # told when it is given
            if length < (31 if family == 4 else 127) and all(n.family != family for n in segment.subnets):
                segment.subnets.append(around(number, family, length))


def _overlaps(draft: Draft) -> None:
    """By order of their first address: whoever overlaps anybody overlaps somebody near."""
    known = sorted(((n.family, n.base, n.length, s) for s in draft.segments.values() for n in s.subnets), key=lambda e: e[:3])
    widest: tuple[Net, Segment] | None = None
    for family, base, length, segment in known:
        here = Net(family, base, length)
        if widest and widest[0].overlaps(here) and widest[1] is not segment:
            draft.wrong((*segment.path, "subnet"), f"{here} overlaps {widest[0]} of {widest[1].name}", "a subnet belongs to one switch or cable")
        if widest is None or not widest[0].overlaps(here) or here.last > widest[0].last:
            widest = here, segment


def _pools(draft: Draft) -> list[Pool]:
    used = [n for segment in draft.segments.values() for n in segment.subnets]
    out = []
    for number, text in enumerate(draft.topology.pool or DEFAULT_POOL):
        try:
            out.append(Pool(net(text), used))
        except ValueError as error:
            draft.wrong(("pool", number) if draft.topology.pool else ("pool",), str(error), "as in 10.7.0.0/16")
    return out


def _from_pools(draft: Draft, segment: Segment, pools: list[Pool]) -> None:
    """Of each family of the pool that is not given one; the usual pool only where nothing at all is given."""
    if segment.subnets and not draft.topology.pool:
        return
    for pool in pools:
        family = pool.network.family
        if any(subnet.family == family for subnet in segment.subnets):
            continue
        length = _length(segment, family, len(segment.plugs))
        found = pool.take(length)
        if found is None:
            draft.wrong(segment.path, f"the pool {pool.network} has no /{length} left for {segment.name}", "give it a larger pool, or a subnet")
        else:
            segment.subnets.append(found)


def _length(segment: Segment, family: int, members: int) -> int:
    """A cable takes what two ends need; a switch a /24, or more when it has more members."""
    if family == 6:
        return 64
    if not segment.is_switch:
        return 30
    length = 24
    while (1 << (32 - length)) - 12 < members:
        length -= 1
    return length


# -- addresses -----------------------------------------------------------------------------------------------------------------


def _give(draft: Draft, segment: Segment) -> None:
    free = [Free(subnet) for subnet in segment.subnets]
    for plug in segment.plugs:
        for number, text in enumerate(plug.given or ()):
            _take_given(draft, segment, plug, number, text, free)
    _own(draft, segment, free)
    for plug in segment.plugs:
        if plug.given is None:
            for subnet in free:
                found = subnet.take(plug.router)
                if found is None:
                    draft.wrong(plug.path, f"{subnet.network} of {segment.name} has no address left for {plug.host}", "give it a larger subnet")
                else:
                    plug.addresses.append((found, subnet.network.family, subnet.network.length))


def _take_given(draft: Draft, segment: Segment, plug: Plug, at: int, text: str, free: list[Free]) -> None:
    path = (*plug.path, "addresses", at)
    try:
        number, family, length = split(text)
    except ValueError as error:
        draft.wrong(path, str(error), "as in 10.7.1.5/24")
        return
    subnet = next((f for f in free if f.network.holds(number, family)), None)
    if subnet is not None:
        if "/" not in text:
            length = subnet.network.length
        if not subnet.network.usable(number):
            draft.wrong(path, f"{text_of(number, family)} is the {'network' if number == subnet.network.base else 'broadcast'} address of {subnet.network}", "take one in between")
        subnet.taken.add(number)
    elif any(n.family == family for n in segment.subnets):
        there = next(n for n in segment.subnets if n.family == family)
        draft.wrong(path, f"{text_of(number, family)} is not in {there}, the subnet of {segment.name}", f"take one of {there}, or change the subnet")
    plug.addresses.append((number, family, length))


def _own(draft: Draft, segment: Segment, free: list[Free]) -> None:
    """A switch's own addresses: those that are given; with an uplink one of each subnet, as the way out."""
    switch = draft.topology.switches.get(segment.name) if segment.is_switch else None
    if switch is None:
        return
    for number, text in enumerate(switch.addresses):
        try:
            segment.own.append(split(text))
        except ValueError as error:
            draft.wrong((*segment.path, "addresses", number), str(error), "as in 10.7.1.1/24")
            continue
        for subnet in free:
            if subnet.network.holds(segment.own[-1][0], segment.own[-1][1]):
                subnet.taken.add(segment.own[-1][0])
    if draft.topology.uplink and not segment.own:
        for subnet in free:
            if subnet.network.family == 4 and subnet.network.last - 1 not in subnet.taken and subnet.network.length < 31:
                # The last one: where people expect the way out when .1 is somebody's.
                subnet.taken.add(subnet.network.last - 1)
                segment.own.append((subnet.network.last - 1, 4, subnet.network.length))


def _twice(draft: Draft) -> None:
    """An address that two have. (Handed-out ones cannot be.)"""
    seen: dict[tuple[int, int], str] = {}
    for segment in draft.segments.values():
        for number, family, _ in segment.own:
            seen[number, family] = segment.name
    for (host, _), (plug, _segment) in draft.plugs.items():
        for at, (number, family, _) in enumerate(plug.addresses):
            other = seen.setdefault((number, family), host)
            if other != host or (plug.given is not None and _repeated(plug, number, family)):
                draft.wrong((*plug.path, "addresses", at), f"{text_of(number, family)} is {'twice in' if other == host else 'also the address of'} {other}", "every address once")


def _repeated(plug: Plug, number: int, family: int) -> bool:
    return sum(1 for n, f, _ in plug.addresses if (n, f) == (number, family)) > 1
