"""`uplink: true`: a lab's way to the machine's network, by NAT.

As root: a veth from the machine into the lab's own namespace "@" with a pair of link-local addresses that the machine has not
got, a nftables table of our own that masquerades what comes from it, and forwarding for that one device and the way out. Other
people's rules are not touched: where a forward chain of theirs drops everything, that is said before anything is made. Without root: pasta(1), see kernel/pasta.py.
"""

from __future__ import annotations

import os

from ..engine.journal import Journal, Outside, remove_files
from ..errors import CallFailed, Conflict, Gone, KernelError, NetwrightError
from ..kernel import holder as holders
from ..kernel.holder import Holder, reach
from ..kernel.netlink import my_namespace
from . import runtime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType
    from typing import Any

    from ..engine.session import Session
    from ..kernel.rtnl import Message
    from ..model.nft import Table

DEVICE = "uplink"
ALIAS = "netwright lab "
GROUP = 0x6E75


def why_not() -> str:
    """Why this user can have no uplink on this machine at all; "" when it can."""
    if os.getuid() == 0:
        return ""
    from ..kernel import pasta

    return pasta.why_not()


def problems(name: str, journal: Journal) -> list[str]:
    """Why this lab can have no uplink here, each with what mends it; none when it can."""
    if os.getuid():
        return [why] if (why := why_not()) else []
    from ..engine.session import Session

    with Session() as machine:
        found = [] if _ways_out(machine) else ["uplink: this machine has no IPv4 default route to link the lab to; see: ip route"]
    try:
        tables = _tables()
    except NetwrightError as error:
        return [*found, f"uplink: {error}"]
    ours = {thing.data.get("table") for thing in journal.outside("uplink")}
    table = _table_of(name)
    if ("ip", table) in tables and table not in ours:
        found.append(f"uplink: there is a nftables table ip {table} that is not of this lab; remove it, or give the lab another name: --name")
    return found + [_dropped(*where) for where in _droppers(tables)]


def _table_of(name: str) -> str:
    return f"netwright-{name}"


def _droppers(tables: Mapping[tuple[str, str], Table]) -> Iterator[tuple[str, str, str]]:
    """Chains of others that drop what they are not told to let through, and are told nothing about our devices. A NAT table cannot
    help there: a packet must pass every chain."""
    for (family, name), table in tables.items():
        for chain, found in table.chains.items():
            drops = family in ("ip", "inet") and found.hook == "forward" and found.policy == "drop"
            if drops and not any('"nwu' in rule and "accept" in rule for other in table.chains.values() for rule in other.rules):
                yield family, name, chain


def _dropped(family: str, table: str, chain: str) -> str:
    where = f"{family} {table} {chain}"
    mend = f"""nft 'insert rule {where} iifname "nwu*" accept; insert rule {where} oifname "nwu*" ct state established,related accept'"""
    return f"uplink: the firewall of this machine drops what it forwards (nftables chain {where} has policy drop): {mend}"


def make(name: str, journal: Journal, holder: Holder) -> None:
    """Give the lab its uplink. CallFailed, KernelError: nothing is left then that the journal does not know."""
    if os.getuid():
        from ..kernel import pasta

        journal.will_make(Outside("uplink", "pasta", {"pid": 0, "start": 0}))
        pid, start = pasta.start(holder)
        journal.will_make(Outside("uplink", "pasta", {"pid": pid, "start": start}))
        return
    from ..engine.session import Session

    with _Alone(), Session() as machine:
        number = _free_number(machine)
        device = f"nwu{holder.pid % 10**8}-{number}"[:15]
        if machine.link(device) is not None:
            raise Conflict(f"there is a device {device} already", why="it is not of this lab", fix=f"ip link delete {device}, or try again")
        others = _of_others(journal)
        before = {key: others.get(key, now) for key, now in _forwarding(_ways_out(machine)).items()}
        thing = Outside("uplink", device, {"number": number, "forwarding": before, "table": _table_of(name)})
        journal.will_make(thing)
        _cable(machine, device, number, name, holder)
        _masquerade(device, number, thing.data["table"])
        _set_forwarding(dict.fromkeys([_forwarding_of(device), *before], "1"))
        journal.will_make(Outside("uplink", device, {**thing.data, "whole": True}))


def is_whole(thing: Outside) -> bool:
    """Whether an uplink that is written down is there, and works."""
    if thing.name == "pasta":
        return bool(thing.data["pid"]) and holders.alive(Holder(thing.data["pid"], thing.data["start"]))
    if not thing.data.get("whole"):
        return False
    from ..engine.session import Session

    with Session() as machine:
        found = machine.link(thing.name)
        return found is not None and _is_ours(found) and _is_our_table(thing)


class _Alone:
    """While numbers are chosen and forwarding is switched, no other lab's uplink is."""

    def __init__(self) -> None:
        self._directory = f"{runtime.top()}/.uplink"
        self._lock = runtime.Lock(self._directory)

    def __enter__(self) -> None:
        self._lock.__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        remove_files(self._directory)
        self._lock.__exit__(kind, error, trace)


def _of_others(journal: Journal) -> dict[str, str]:
    """What forwarding was before the uplinks of other labs that are there now: they share the machine's way out."""
    out = {}
    for name in runtime.names():
        directory = runtime.directory(name)
        if f"{directory}/lab.db" == journal.path:
            continue
        try:
            with Journal(directory, make=False) as other:
                for thing in other.outside("uplink"):
                    out.update(thing.data.get("forwarding", {}))
        except (Gone, CallFailed):
            continue  # it went down just now, or is broken: it knows nothing
    return out


def _pair(number: int) -> tuple[str, str]:
    """The machine's end and the lab's: a /30 out of 169.254.64.0/18 (RFC 3927), numbered."""
    first = (169 << 24 | 254 << 16 | 64 << 8) + 4 * number
    return tuple(".".join(str((first + host) >> shift & 255) for shift in (24, 16, 8, 0)) for host in (1, 2))  # type: ignore[return-value]


def _free_number(machine: Session) -> int:
    from ..engine.observe import addresses

    taken = {a.address.partition("/")[0] for a in addresses(machine, family=4)}
    for number in range(4096):
        if not taken & set(_pair(number)):
            return number
    raise CallFailed("there is no free pair of addresses for another uplink", 28, why="4096 are in use", fix="nw ls; nw down LAB")


def _ways_out(machine: Session) -> list[str]:
    """The devices of the machine's default routes."""
    from ..engine.observe import routes

    found = [r.link for r in routes(machine, family=4) if r.to == "default" and r.link]
    return list(dict.fromkeys(found))


def _cable(machine: Session, device: str, number: int, name: str, holder: Holder) -> None:
    from ..engine.apply import apply
    from ..engine.session import Session
    from ..kernel.references import open_namespace
    from ..model.address import Address
    from ..model.route import Route
    from ..plan import ops
    from ..plan.messages import add_address, add_route

    outer, inner = _pair(number)
    lab = open_namespace(reach(holder, "/run/netns/@"))
    try:
        peer = {"ifname": DEVICE, "net_ns_fd": lab, "index": 0, "group": GROUP}
        make_it = ops.AddLink({"index": 0}, {"ifname": device, "group": GROUP, "linkinfo": {"kind": "veth", "data": {"peer": peer}}})
        _all_well(apply([make_it], machine))
        up = [ops.SetLink({"index": device, "flags": 1, "change": 1}, {"ifalias": ALIAS + name})]
        _all_well(apply([*up, add_address(Address(f"{outer}/30", device, scope="link"), "")], machine))
        with Session(lab) as there:
            inside: list[Any] = [ops.SetLink({"index": DEVICE, "flags": 1, "change": 1}, {})]
            inside += [add_address(Address(f"{inner}/30", DEVICE), ""), add_route(Route("default", 4, outer, DEVICE, protocol=4), "")]
            _all_well(apply(inside, there))
    finally:
        os.close(lab)


def _all_well(results: list[KernelError | None]) -> None:
    for error in results:
        if error:
            raise error


def _rule(device: str, number: int) -> str:
    first = _pair(number)[0]
    start, _, last = first.rpartition(".")
    return f'ip saddr {start}.{int(last) - 1}/30 oifname != "{device}" masquerade'


def _masquerade(device: str, number: int, table: str) -> None:
    from ..kernel import nft
    from ..model.nft import Chain, Table

    fd = my_namespace()
    try:
        nft.put(fd, Table("ip", table, {}, {"out": Chain((_rule(device, number),), "nat", "postrouting", "srcnat")}))
    finally:
        os.close(fd)


def _tables() -> dict[tuple[str, str], Table]:
    from ..kernel import nft

    fd = my_namespace()
    try:
        return nft.read(fd)
    finally:
        os.close(fd)


def _forwarding_of(device: str) -> str:
    return f"net.ipv4.conf.{device.replace('.', '/')}.forwarding"


def _forwarding(devices: list[str]) -> dict[str, str]:
    from ..kernel import sysctl

    fd = my_namespace()
    try:
        return sysctl.read(fd, [_forwarding_of(device) for device in devices])
    finally:
        os.close(fd)


def _set_forwarding(values: dict[str, str]) -> None:
    from ..kernel import sysctl

    fd = my_namespace()
    try:
        sysctl.write(fd, values)
    finally:
        os.close(fd)


def remove(thing: Outside, journal: Journal) -> None:
    """Take root's uplink away: what is not there any more counts as removed. Forwarding becomes what it was, unless others need it."""
    with _Alone():
        _remove_device(thing.name)
        _remove_table(thing)
        needed = _of_others(journal)
        for key, before in thing.data["forwarding"].items():
            if key not in needed:
                _restore(key, before)


def _restore(key: str, before: str) -> None:
    from ..kernel.sysctl import path_of

    if os.path.exists(path_of(key)):  # the device may have gone meanwhile
        _set_forwarding({key: before})


def _is_ours(found: Message) -> bool:
    """With our alias, or (killed before it had one) in our group; any other of that name is somebody else's."""
    return bool(found.get("ifalias", "").startswith(ALIAS) or found.get("group", 0) == GROUP)


def _remove_device(device: str) -> None:
    from ..engine.apply import apply
    from ..engine.session import Session
    from ..plan import ops

    with Session() as machine:
        found = machine.link(device)
        if found is not None and _is_ours(found):
            apply([ops.DeleteLink({"index": int(found["index"])}, {})], machine)


def _is_our_table(thing: Outside) -> bool:
    """By the rule in it: somebody else may have made one of that name."""
    found = _tables().get(("ip", thing.data["table"]))
    return found is not None and any(_rule(thing.name, thing.data["number"]) in chain.rules for chain in found.chains.values())


def _remove_table(thing: Outside) -> None:
    from ..kernel import nft

    if not _is_our_table(thing):
        return
    fd = my_namespace()
    try:
        nft.delete(fd, "ip", thing.data["table"])
    finally:
        os.close(fd)
