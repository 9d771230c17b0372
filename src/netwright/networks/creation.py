"""From what was asked for to a whole network: subnets, gateways and the device are chosen, and all that is wrong is told first."""

from ..errors import Conflict
from ..model.addressing import Net, net, text_of
from ..model.value import replace, value
from . import checks, names, pools
from .mistakes import Mistake, told
from .network import NO_GATEWAY, Network, Subnet
from .pools import Taken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@value
class Surroundings:
    """What a new network has to get along with: what is `taken` (addresses and routes of all tables of the host, what its user
    reserved), its `devices`, the `networks` that there are, its own `ula` /48 and the `pools` to choose from."""

    taken: "tuple[Taken, ...]" = ()
    devices: "frozenset[str]" = frozenset()
    networks: "tuple[Network, ...]" = ()
    ula: "Net | None" = None
    pools: "tuple[Net, ...]" = pools.PRIVATE

    def everything(self) -> "tuple[Taken, ...]":
        """What is taken, the subnets of our networks included."""
        return (*self.taken, *(Taken(subnet.net, "network", f"network {n.name}") for n in self.networks for subnet in n.subnets))


def complete(
    draft: Network, around: Surroundings, families: "Sequence[int] | None" = None, lengths: "Mapping[int, int] | None" = None
) -> Network:
    """The network, with all that the draft left open. Mistakes with all that is wrong; Exhausted when no subnet is left; Conflict
    when there is a network of that name.

    `families`: those that it shall have; None: those of the draft's subnets, both if it has none. `lengths`: of chosen subnets.
    """
    wrong = [*checks.mistakes(draft), *checks.mistakes_among(draft, around.networks, around.devices)]
    taken_there = around.everything()
    wrong += _met(draft, taken_there)
    if draft.device and draft.driver == "bridge" and draft.device in around.devices:
        wrong.append(Mistake(("device",), f"there is a device {draft.device} already", "take another name"))
    told(wrong)
    if any(other.name == draft.name for other in around.networks):
        raise Conflict(f"there is a network {draft.name} already", fix=f"nw network inspect {draft.name}")
    subnets = (*draft.subnets, *_chosen(draft, around, taken_there, families, lengths or {}))
    taken = set(around.devices) | {other.device for other in around.networks}
    device = draft.device or names.device_for(draft.name, taken)
    return replace(draft, subnets=tuple(_with_gateway(subnet, draft.driver) for subnet in subnets), device=device)


def _met(draft: Network, taken: "Sequence[Taken]") -> "Iterator[Mistake]":
    """Subnets that somebody has. Those of macvlan networks are the LAN's: the host is in it as well."""
    for at, subnet in enumerate(draft.subnets):
        try:
            found = net(subnet.network)
        except ValueError:
            continue  # told by checks
        met = pools.meetings(found, taken)
        mine = [one for one in met if one.kind == "network"]
        # The bridge of a network has an address in it, too: that is the same once more.
        for one in mine or met:
            if one.kind == "network" or (one.kind == "address" and draft.driver == "bridge"):
                yield Mistake(("subnets", at, "network"), f"{found} overlaps {pools.told_taken(one)}", "take another one, or leave it out to have one chosen")


def met(network: Network, around: Surroundings) -> "Iterator[str]":
    """What else on the host leads to where the network's subnets are, in words: allowed when it was asked for, or it came later."""
    mine = f"{network.device} has ", f"dev {network.device}"
    told: set[str] = set()  # an address and the route that comes with it are one
    for subnet in network.subnets if network.driver == "bridge" else ():
        for one in pools.meetings(subnet.net, around.taken):
            if one.by.startswith(mine[0]) or one.by.endswith(mine[1]) or str(one.net) in told:
                continue
            told.add(str(one.net))
            if one.net.length > subnet.net.length:
                yield f"a part of {network.name}, {one.net}, is elsewhere too ({one.by}): who has an address there is not reached"
            else:
                yield f"{network.name} takes a part of {one.net} ({one.by})"


def _chosen(
    draft: Network, around: Surroundings, taken: "Sequence[Taken]", families: "Sequence[int] | None", lengths: "Mapping[int, int]"
) -> "Iterator[Subnet]":
    if draft.driver != "bridge":
        return
    have = {subnet.family for subnet in draft.subnets}
    for family in ((4, 6) if not have else ()) if families is None else families:
        if family in have:
            continue
        mine = [one for one in around.pools if one.family == family]
        if family == 6 and not mine and around.ula is not None:
            mine = [around.ula]
        yield Subnet(str(pools.choose(family, taken, mine, lengths.get(family))))


def _with_gateway(subnet: Subnet, driver: str) -> Subnet:
    """A bridge is its network's gateway; on a LAN the router is somebody else's, and has to be named."""
    if subnet.gateway:
        return subnet
    number = subnet.first_free() if driver == "bridge" else None
    return replace(subnet, gateway=NO_GATEWAY if number is None else text_of(number, subnet.family))


def differences(draft: Network, there: Network) -> "list[str]":
    """Where a network that is there is not what a draft asks for: "mtu is 1500, not 9000". What the draft leaves open is no
    difference; so asking twice for the same is nothing."""
    want = replace(
        draft,
        device=draft.device or there.device,
        mtu=draft.mtu or there.mtu,
        subnets=_filled(draft.subnets, there.subnets) if draft.subnets else there.subnets,
    )
    out = []
    fields: tuple[str, ...] = draft.__slots__  # type: ignore[attr-defined]
    for field in fields:
        now, then = getattr(there, field), getattr(want, field)
        if now != then:
            out.append(f"{field} is {_said(now)}, not {_said(then)}")
    return out


def _filled(wanted: "tuple[Subnet, ...]", there: "tuple[Subnet, ...]") -> "tuple[Subnet, ...]":
    gateways = {subnet.network: subnet.gateway for subnet in there}
    return tuple(replace(subnet, gateway=subnet.gateway or gateways.get(subnet.network, "")) for subnet in wanted)


def _said(item: object) -> str:
    if isinstance(item, tuple):
        return ", ".join(_part(part) for part in item) or "none"
    if isinstance(item, bool):
        return "on" if item else "off"
    return str(item or "none")


def _part(part: object) -> str:
    if isinstance(part, Subnet):
        return part.network
    return "=".join(filter(None, part)) if isinstance(part, tuple) else str(part)
