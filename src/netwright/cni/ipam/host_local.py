"""The IPAM plugin `host-local`: addresses out of ranges, reserved in files on this machine (store.py).

    {"type": "host-local", "subnet": "10.1.0.0/24", "rangeStart": …, "rangeEnd": …, "gateway": …, "ranges": [[…], […]],
     "routes": [{"dst": "0.0.0.0/0"}], "dataDir": "/var/lib/cni/networks", "resolvConf": "/etc/resolv.conf"}

Certain addresses are asked for by CNI_ARGS "IP", "args"."cni"."ips" or the capability "ips"; further ranges by "ipRanges".
"""

import os

from ..protocol.errors import CONFLICT, EXHAUSTED, INVALID_CONFIG, NOT_AVAILABLE, CniError
from ..protocol.result import Address, Dns, Result
from ..protocol.versions import read_route
from .ranges import Range, number_of, read_ranges, shown, walk
from .requested import hosts
from .store import DEFAULT, Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..protocol.call import Call
    from .store import Owner

    Set = tuple[Range, ...]

CAPABILITIES: tuple[str, ...] = ("ips", "ipRanges")
_TRIES = 16  # so many addresses are tried before the directory is read


def add(call: "Call") -> Result:
    """One address out of each set of ranges."""
    ipam = call.config.ipam
    sets, asked = read_ranges(call.config), hosts(call)
    routes = tuple(route for route in map(read_route, ipam.sections("routes")) if route.to)
    dns = _resolv_conf(call)
    directory = _directory(call)
    call.config.settle()
    plan = _matched(sets, asked)
    with Store(directory) as store:
        had = _earlier(store, call)
        found: list[Address] = []
        try:
            for n, (ranges, wanted) in enumerate(zip(sets, plan, strict=True)):
                found.append(_take(store, call, n, ranges, wanted, had))
        except CniError:
            store.release(call.container, call.ifname)
            for one in found:
                store.give_back(one.host)
            raise
        kept = tuple(one.host for one in found)
        for address in set(had) - set(kept):
            store.give_back(address)
        store.remember(call.container, call.ifname, kept, _netns_at(call.netns))
    return Result((), tuple(found), routes, dns)


def delete(call: "Call") -> None:
    """Give back what the container has; nothing to do is fine."""
    directory = _directory(call)
    if os.path.isdir(directory):
        with Store(directory) as store:
            store.release(call.container, call.ifname)


def check(call: "Call") -> None:
    """The container has its addresses still. CniError 102."""
    directory, result = _directory(call), call.config.prev_result
    sets = read_ranges(call.config)
    call.config.settle()
    has: tuple[str, ...] = ()
    if os.path.isdir(directory):
        with Store(directory) as store:
            has = store.owner(call.container, call.ifname).addresses
    if not has:
        what = f"host-local: Failed to find address added by container {call.container}"
        raise CniError(CONFLICT, what, f"nothing in {directory} is reserved for its {call.ifname}: DEL, then ADD again")
    ours = [one.host for one in result.addresses if _in_sets(sets, one.host)] if result else []
    missing = [one for one in ours if one not in has]
    if missing:
        what = f"host-local: {', '.join(missing)} is not reserved for container {call.container}"
        raise CniError(CONFLICT, what, f"reserved are {', '.join(has)}: DEL, then ADD again")


def gc(call: "Call", valid: "frozenset[tuple[str, str]]") -> None:
    """Give back what belongs to no valid attachment."""
    directory = _directory(call)
    if not os.path.isdir(directory):
        return
    containers = {container for container, _ in valid}
    with Store(directory) as store:
        store.scan(True)
        for container, ifname in store.owners():
            if (container, ifname) not in valid and (ifname or container not in containers):
                store.release(container, ifname)


def status(call: "Call") -> None:
    """Each set has a free address. CniError 50."""
    sets, directory = read_ranges(call.config), _directory(call)
    call.config.settle()
    try:
        with Store(directory) as store:
            taken = [number_of(one) for one in store.taken()]
    except CniError as error:
        raise CniError(NOT_AVAILABLE, error.message, error.details) from None
    for ranges in sets:
        used = sum(one.holds(*address) and one.usable(address[0]) for address in taken for one in ranges)
        if used >= sum(one.size for one in ranges):
            raise _exhausted(NOT_AVAILABLE, ranges, call)


# -- allocating ------------------------------------------------------------------------------------------------------------


def _matched(sets: "tuple[Set, ...]", asked: "tuple[str, ...]") -> "list[str]":
    """For each set the address that was asked for, or "". CniError 7 for those that are in none."""
    left = list(asked)
    plan = []
    for ranges in sets:
        wanted = next((one for one in left if any(each.holds(*number_of(one)) for each in ranges)), "")
        if wanted:
            left.remove(wanted)
        plan.append(wanted)
    if left:
        what = f"failed to allocate all requested IPs: {', '.join(left)}"
        raise CniError(INVALID_CONFIG, what, f"one address is given out of each of {'; '.join(map(shown, sets))}")
    return plan


def _earlier(store: Store, call: "Call") -> "tuple[str, ...]":
    """What the same container and interface have from an earlier ADD that is dead. CniError 102 when it is alive."""
    owner = store.owner(call.container, call.ifname)
    if owner.addresses and not _is_dead(owner, call):
        what = f"{', '.join(owner.addresses)} has been allocated to {call.container}, duplicate allocation is not allowed"
        raise CniError(CONFLICT, what, f"its {call.ifname} is there still: call DEL for it first")
    return owner.addresses


def _is_dead(owner: "Owner", call: "Call") -> bool:
    """Whether the interface of an earlier ADD is gone, by itself or with its namespace."""
    path = owner.netns.partition(" ")[2] or call.netns
    there = _netns_at(path)
    if not there or (owner.netns and there != owner.netns):
        return bool(owner.netns)  # of what upstream reserved nobody knows the namespace
    from ...kernel.spaces import run_inside

    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            devices = run_inside(fd, lambda: _devices("/proc/thread-self/net/dev"))
        finally:
            os.close(fd)
    except OSError:
        return False
    return call.ifname not in devices


def _devices(path: str) -> "set[str]":
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return {line.partition(":")[0].strip() for line in file if ":" in line}


def _netns_at(path: str) -> str:
    """ "DEVICE:INODE PATH" of a namespace; "" when it is not there."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return ""
    return f"{found.st_dev}:{found.st_ino} {path}" if "\n" not in path else ""


def _take(store: Store, call: "Call", n: int, ranges: "Set", wanted: str, had: "tuple[str, ...]") -> Address:
    if wanted:
        return _take_this(store, call, n, ranges, wanted, had)
    for address in had:
        for one in ranges:
            if one.holds(*number_of(address)):
                return Address(f"{address}/{one.length}", one.text(one.gateway))
    return _take_next(store, call, n, ranges)


def _take_this(store: Store, call: "Call", n: int, ranges: "Set", wanted: str, had: "tuple[str, ...]") -> Address:
    number, family = number_of(wanted)
    one = next(one for one in ranges if one.holds(number, family))
    if not one.usable(number):
        what = "subnet's gateway" if number == one.gateway else "network's own or its broadcast address"
        raise CniError(INVALID_CONFIG, f"requested ip {wanted} is {what}", f"ask for another one of {shown(ranges)}")
    if wanted not in had and not store.reserve(wanted, call.container, call.ifname, n):
        what = f"requested IP address {wanted} is not available in range set {shown(ranges)}"
        raise CniError(CONFLICT, what, f"{store.holder(wanted)} has it")
    return Address(f"{wanted}/{one.length}", one.text(one.gateway))


def _take_next(store: Store, call: "Call", n: int, ranges: "Set") -> Address:
    taken: set[str] = set()
    for tried, (number, one) in enumerate(walk(ranges, store.last(n))):
        if tried == _TRIES:
            taken = store.taken()
        text = one.text(number)
        if text not in taken and store.reserve(text, call.container, call.ifname, n):
            return Address(f"{text}/{one.length}", one.text(one.gateway))
    raise _exhausted(EXHAUSTED, ranges, call)


def _exhausted(code: int, ranges: "Set", call: "Call") -> CniError:
    count = sum(one.size for one in ranges)
    fix = f"all {count} are taken; collect what nobody uses any more with: nw cni gc {call.config.name}; or make the range larger"
    return CniError(code, f"no IP addresses available in range set: {shown(ranges)}", fix)


def _in_sets(sets: "tuple[Set, ...]", address: str) -> bool:
    return any(one.holds(*number_of(address)) for ranges in sets for one in ranges)


# -- the rest of the configuration -----------------------------------------------------------------------------------------


def _directory(call: "Call") -> str:
    ipam = call.config.ipam
    top = ipam.text("dataDir") or DEFAULT
    if top[0] != "/":
        ipam.wrong("dataDir", f"{top} is no absolute path")
    return f"{top.rstrip('/')}/{call.config.name}"


def _resolv_conf(call: "Call") -> Dns:
    """The Dns of ipam.resolvConf, a file as in resolv.conf(5)."""
    ipam = call.config.ipam
    path = ipam.text("resolvConf")
    if not path:
        return Dns()
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = [line.split() for line in file if line[:1] not in "#;"]
    except OSError as error:
        ipam.wrong("resolvConf", f"{path}: {error.strerror}")
        return Dns()
    words = [line for line in lines if len(line) > 1]
    domain = next((line[1] for line in reversed(words) if line[0] == "domain"), "")

    def all_of(name: str) -> "tuple[str, ...]":
        return tuple(word for line in words if line[0] == name for word in line[1:])

    return Dns(tuple(line[1] for line in words if line[0] == "nameserver"), domain, all_of("search"), all_of("options"))
