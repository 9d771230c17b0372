"""Random States that a kernel can be in: `random_state(Random(seed))`. Shared by the pure walk and the walk on the real kernel.

What a State gives explicitly here is what a lab gives explicitly: mtu, up, the options of a bridge and of its ports. So one
State says everything about itself, and going from any to any other is a complete instruction.
"""

from random import Random

from netwright.model.address import Address
from netwright.model.filter import Filter
from netwright.model.neighbour import Neighbour
from netwright.model.nft import Chain, Set, Table
from netwright.model.qdisc import Qdisc
from netwright.model.route import Nexthop, Route
from netwright.model.rule import Rule
from netwright.model.state import Device, Namespace, State

NAMES = ("alpha", "beta", "gamma", "delta")
GROUP = 0x6E77
TABLES = (
    Table("inet", "gate", {"web": Set("inet_service", elements=frozenset({"80", "443"}))}, {"in": Chain(("tcp dport @web accept", "ct state established,related accept"), "filter", "input", "filter")}),
    Table("inet", "gate", {"web": Set("inet_service", elements=frozenset({"8080"}))}, {"in": Chain(("tcp dport @web accept", "ct state established,related accept"), "filter", "input", "filter")}),
    Table("ip", "nat", {}, {"out": Chain(('oifname "v0" masquerade',), "nat", "postrouting", "srcnat")}),
    Table("ip", "nat", {"ports": Set("inet_service", "ipv4_addr . inet_service", elements=frozenset({"8080 : 10.0.0.2 . 80"}))}, {"in": Chain(("dnat ip to tcp dport map @ports",), "nat", "prerouting", "dstnat")}),
)  # fmt: skip


class Draft:
    """One namespace while it is drawn up."""

    def __init__(self, rng: Random) -> None:
        self.devices = {"lo": Device(up=rng.random() < 0.8)}
        self.addresses: set[Address] = set()
        self.routes: set[Route] = set()
        self.rules: set[Rule] = set()
        self.neighbours: set[Neighbour] = set()
        self.qdiscs: set[Qdisc] = set()
        self.sysctls: dict[str, str] = {}
        self.tables: dict[tuple[str, str], Table] = {}
        self.filters: set[Filter] = set()

    def namespace(self, view: str) -> Namespace:
        sets = (self.addresses, self.routes, self.rules, self.neighbours)
        return Namespace(self.devices, *map(frozenset, sets), self.sysctls, frozenset(self.qdiscs), self.tables, view, frozenset(self.filters))


def random_state(rng: Random, *, tables: bool = True, queues: bool = True, filters: bool = False) -> State:
    """Up to four namespaces with bridges, cables, macvlans, vxlans, and everything that stands on them."""
    drafts = {name: Draft(rng) for name in NAMES if rng.random() < 0.8}
    for draft in drafts.values():
        _bridge(rng, draft)
    for number in range(rng.randrange(5)):
        _cable(rng, drafts, number)
    for name, draft in drafts.items():
        _stacked(rng, name, draft)
        _loose(rng, draft, tables, queues)
        if filters:
            _filters(rng, draft)
    views = {"": {"/etc/hosts": f"127.0.0.1 localhost\n# {rng.randrange(3)}\n"}} if rng.random() < 0.7 else {}
    return State({name: draft.namespace("") for name, draft in drafts.items()}, views)


def _bridge(rng: Random, draft: Draft) -> None:
    if rng.random() < 0.5:
        options = rng.choice(((("forward_delay", 0), ("stp_state", 0)), (("forward_delay", 1500), ("stp_state", 1))))
        draft.devices["br0"] = Device("bridge", up=rng.random() < 0.8, group=GROUP, options=options)


def _cable(rng: Random, drafts: dict[str, Draft], number: int) -> None:
    if len(drafts) < 2:
        return
    name, mtu = f"v{number}", rng.choice((1400, 1500))
    a, b = rng.sample(sorted(drafts), 2)
    for here, there, host in ((a, b, 1), (b, a, 2)):
        draft = drafts[here]
        master = "br0" if "br0" in draft.devices and rng.random() < 0.4 else ""
        port = (("isolated", rng.randrange(2)), ("mode", rng.randrange(2))) if master else ()
        mac = f"02:00:00:0{rng.randrange(2)}:0{number}:0{host}"
        alias = rng.choice(("", "a cable"))
        draft.devices[name] = Device("veth", (there, name), None, master, rng.random() < 0.8, mtu, mac, alias, GROUP, port=port)
        if not master:
            _addresses(rng, draft, name, number, host)
        elif rng.random() < 0.3:
            draft.neighbours.add(Neighbour("", name, f"02:00:00:00:1{number}:0{host}", "noarp", 7, ("master",)))


def _addresses(rng: Random, draft: Draft, link: str, number: int, host: int) -> None:
    up = draft.devices[link].up
    if rng.random() < 0.8:
        draft.addresses.add(Address(f"10.{number}.0.{host}/24", link))
        if rng.random() < 0.3:
            draft.addresses.add(Address(f"10.{number}.0.{host + 10}/24", link))
        if rng.random() < 0.3:
            draft.addresses.add(Address(f"10.{number}.9.{host}/24", link))
        if up and rng.random() < 0.5:
            _route(rng, draft, link, number, host)
        if up and rng.random() < 0.3:
            draft.neighbours.add(Neighbour(f"10.{number}.0.77", link, "02:00:00:00:00:77", "permanent"))
    if rng.random() < 0.4 and draft.devices[link].mtu >= 1280:
        draft.addresses.add(Address(f"fd00:{number + 1}::{host}/64", link, 6, flags=("nodad",)))
        if up and rng.random() < 0.4:
            draft.routes.add(Route(f"fd00:{number + 1}:1::/48", 6, f"fd00:{number + 1}::{3 - host}", link, protocol=4))


def _route(rng: Random, draft: Draft, link: str, number: int, host: int) -> None:
    gateway = f"10.{number}.0.{3 - host}"
    kind = rng.randrange(5)
    if kind == 0:
        draft.routes.add(Route("default", 4, gateway, link, protocol=4, metric=number))
    elif kind == 1:
        draft.routes.add(Route(f"192.0.{number}.0/24", 4, gateway, link, protocol=4, source=f"10.{number}.0.{host}"))
    elif kind == 2:
        draft.routes.add(Route(f"198.18.{number}.0/24", 4, "", link, protocol=4, scope="link"))
    elif kind == 3:
        draft.routes.add(Route(f"192.0.{number}.0/24", 4, gateway, link, protocol=4, table=100, metrics=(("mtu", 1300),)))
    else:
        hops = (Nexthop(gateway, link, 1), Nexthop(f"10.{number}.0.9", link, 3))
        draft.routes.add(Route(f"203.0.{number}.0/24", 4, protocol=4, nexthops=hops))


def _stacked(rng: Random, name: str, draft: Draft) -> None:
    below = [d for d, device in draft.devices.items() if device.kind == "veth" and not device.master]
    if below and rng.random() < 0.4:
        lower = rng.choice(below)
        mtu = draft.devices[lower].mtu
        draft.devices["mv0"] = Device("macvlan", None, (name, lower), "", rng.random() < 0.7, mtu, group=GROUP, options=(("mode", rng.choice((2, 4))),))
        draft.addresses.add(Address("172.16.0.1/24", "mv0"))
    if rng.random() < 0.3:
        options = (("id", rng.choice((42, 43))), ("learning", 0), ("port", 4789))
        draft.devices["vx0"] = Device("vxlan", up=rng.random() < 0.7, mtu=1400, group=GROUP, options=options)
        if rng.random() < 0.5:
            draft.neighbours.add(Neighbour("10.9.9.9", "vx0", "00:00:00:00:00:00", "permanent", 7, ("self",)))


def _loose(rng: Random, draft: Draft, tables: bool, queues: bool) -> None:
    if rng.random() < 0.4:
        draft.rules.add(Rule(rng.choice((100, 200)), source="10.0.0.0/8", table=100))
    if rng.random() < 0.2:
        draft.rules.add(Rule(300, fwmark=rng.randrange(1, 4), fwmask=0xFFFFFFFF, table=200))
    if rng.random() < 0.3:
        draft.routes.add(Route("100.64.0.0/10", type=rng.choice(("blackhole", "unreachable")), protocol=4))
    draft.sysctls["net.ipv4.ip_forward"] = str(rng.randrange(2))
    if tables and rng.random() < 0.5:
        table = rng.choice(TABLES)
        draft.tables[table.family, table.name] = table
    cables = [d for d, device in draft.devices.items() if device.kind == "veth"]
    if queues and cables and rng.random() < 0.4:
        rate = rng.choice((1_250_000, 12_500_000))
        draft.qdiscs.add(Qdisc(rng.choice(cables), "tbf", handle="1:", options=(("burst", 15_000), ("limit", 60_000), ("rate", rate))))


def _filters(rng: Random, draft: Draft) -> None:
    """A queue at the entrance of a cable, and what it sends elsewhere. (A look that does not know of it does not find it.)"""
    cables = [d for d, device in draft.devices.items() if device.kind == "veth"]
    if cables and rng.random() < 0.6:
        link = rng.choice(cables)
        draft.qdiscs.add(Qdisc(link, "ingress", "ingress", "ffff:"))
        for preference in range(1, rng.randrange(1, 4)):
            draft.filters.add(Filter(link, "ingress", preference, rng.choice(("", "203.0.113.0/24")), redirect=rng.choice(cables)))
