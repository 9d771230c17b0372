"""`uplink: true`: a lab's way to the machine's network, by NAT.

As root: a veth from the machine into the lab's own namespace "@" with a pair of link-local addresses that the machine has not
got, a nftables table of our own that masquerades what comes from it, and forwarding for that one device and the way out. Other
people's rules are not touched: where a FORWARD chain of theirs drops, it says so. Without root: pasta(1), see kernel/pasta.py.
"""

from __future__ import annotations

import os

from ..engine.journal import Journal, Outside
from ..errors import CallFailed, KernelError, NetwrightError
from ..kernel.holder import Holder, reach
from ..kernel.netlink import my_namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..engine.session import Session

DEVICE = "uplink"
ALIAS = "netwright lab "
GROUP = 0x6E75


def why_not() -> str:
    """Why this user can have no uplink here; "" when it can."""
    if os.getuid() == 0:
        return ""
    from ..kernel import pasta

    return pasta.why_not()


def make(name: str, journal: Journal, holder: Holder) -> None:
    """Give the lab its uplink. CallFailed, KernelError: nothing is left then that the journal does not know."""
    if os.getuid():
        from ..kernel import pasta

        journal.will_make(Outside("uplink", "pasta", {"pid": 0, "start": 0}))
        pid, start = pasta.start(holder)
        journal.will_make(Outside("uplink", "pasta", {"pid": pid, "start": start}))
        return
    from ..engine.session import Session

    with Session() as machine:
        number = _free_number(machine)
        device = f"nwu{holder.pid % 10**8}-{number}"[:15]
        ways_out = _ways_out(machine)
        before = _forwarding([*ways_out])
        thing = Outside("uplink", device, {"number": number, "forwarding": before, "table": f"netwright-{name}"})
        journal.will_make(thing)
        _cable(machine, device, number, name, holder)
        _masquerade(device, number, thing.data["table"])
        _set_forwarding({f"net.ipv4.conf.{d.replace('.', '/')}.forwarding": "1" for d in (device, *ways_out)})


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
    """The devices of the machine's default routes. CallFailed when it has none."""
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


def _masquerade(device: str, number: int, table: str) -> None:
    from ..kernel import nft
    from ..model.nft import Chain, Table

    network = _pair(number)[0].rpartition(".")[0] + f".{int(_pair(number)[0].rpartition('.')[2]) - 1}/30"
    rule = f'ip saddr {network} oifname != "{device}" masquerade'
    fd = my_namespace()
    try:
        nft.put(fd, Table("ip", table, {}, {"out": Chain((rule,), "nat", "postrouting", "srcnat")}))
    finally:
        os.close(fd)


def _forwarding(devices: list[str]) -> dict[str, str]:
    from ..kernel import sysctl

    fd = my_namespace()
    try:
        return sysctl.read(fd, [f"net.ipv4.conf.{device.replace('.', '/')}.forwarding" for device in devices])
    finally:
        os.close(fd)


def _set_forwarding(values: dict[str, str]) -> None:
    from ..kernel import sysctl

    fd = my_namespace()
    try:
        sysctl.write(fd, values)
    finally:
        os.close(fd)


def remove(thing: Outside) -> None:
    """Take an uplink away: what is not there any more counts as removed. Forwarding becomes what it was."""
    if thing.name == "pasta":
        if thing.data.get("pid"):
            from ..kernel import holder as holders

            found = Holder(thing.data["pid"], thing.data["start"])
            if holders.alive(found):
                holders.end(found)
        return
    _remove_device(thing.name)
    _remove_table(thing.data["table"])
    for key, before in thing.data["forwarding"].items():
        try:
            _set_forwarding({key: before})
        except NetwrightError:
            continue  # the device went meanwhile


def _remove_device(device: str) -> None:
    """Ours is the one with our alias, or (killed before it had one) with our group; any other of that name stays."""
    from ..engine.apply import apply
    from ..engine.session import Session
    from ..plan import ops

    with Session() as machine:
        found = machine.link(device)
        if found is not None and (found.get("ifalias", "").startswith(ALIAS) or found.get("group", 0) == GROUP):
            apply([ops.DeleteLink({"index": int(found["index"])}, {})], machine)


def _remove_table(table: str) -> None:
    from ..kernel import nft

    fd = my_namespace()
    try:
        if ("ip", table) in nft.read(fd):
            nft.delete(fd, "ip", table)
    finally:
        os.close(fd)
