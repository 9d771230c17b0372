"""What names.py needs to know of a namespace and of the runtimes on this host: /proc, bind mounts, what runtimes write down."""

from __future__ import annotations

import os

from ..kernel.references import DIRECTORY
from ..kernel.scan import Hold
from .model import Holder
from .names import Facts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .model import Owner

_CLONE_NEWUTS = 0x04000000
_MOST = 16  # holders of one kind that are told one by one
_users: dict[int, str] = {}


def text_of(path: str) -> str:
    """A small file of /proc; "" when it cannot be read (any more)."""
    try:
        with open(path, "rb") as file:
            return file.read(1 << 16).decode("utf-8", "surrogateescape")
    except OSError:
        return ""


def comm(pid: int) -> str:
    """The name of a process."""
    return text_of(f"/proc/{pid}/comm").rstrip("\n")


def user(pid: int) -> str:
    """Whose process it is: a name where there is one."""
    try:
        uid = os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return ""
    if uid not in _users:
        import pwd

        try:
            _users[uid] = pwd.getpwuid(uid).pw_name
        except KeyError:
            _users[uid] = str(uid)
    return _users[uid]


def facts(holds: Sequence[Hold], links: Sequence[str], registered: Sequence[Owner], host: str) -> Facts:
    """Of one namespace; `links` lead to it in /run/netns; `host` is the machine's name when it is the machine's own."""
    pids = [hold.pid for hold in holds if hold.kind == "process"]
    binds = [hold for hold in holds if hold.kind == "bind"]
    paths = tuple(hold.path for hold in sorted(binds, key=lambda hold: (hold.pid != 0, hold.path)) if not hold.pid or is_public(hold.path)) + tuple(links)
    pid = min(pids, default=0)
    keepers = [hold for hold in holds if hold.kind in ("thread", "fd", "socket", "tun", "bind") and hold.pid]
    keeper = (keepers[0].pid, comm(keepers[0].pid)) if keepers and not pid else None
    others = _cgroups(pids)
    if host or not pid:
        return Facts(host, tuple(registered), paths, pid, others=others, keeper=keeper)
    return Facts("", tuple(registered), paths, pid, comm(pid), _hostname(pid), text_of(f"/proc/{pid}/cgroup"), others)


def _cgroups(pids: Sequence[int]) -> tuple[str, ...]:
    """The cgroups of all but the first process, in the order of these; each text once, the first process's own too."""
    return tuple(dict.fromkeys(text_of(f"/proc/{pid}/cgroup") for pid in sorted(pids)[1:]))


def is_public(path: str) -> bool:
    """A place that says whose it is in every mount namespace; /run/netns of another one is its own business."""
    return not path.startswith((DIRECTORY + "/", "/var" + DIRECTORY + "/"))


def _hostname(pid: int) -> str:
    """The host name that a process sees; "" when it is ours, or may not be known."""
    try:
        if os.stat(f"/proc/{pid}/ns/uts").st_ino == os.stat("/proc/self/ns/uts").st_ino:
            return ""
        fd = os.open(f"/proc/{pid}/ns/uts", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return _hostname_in(fd)
    except OSError:
        return ""
    finally:
        os.close(fd)


def _hostname_in(fd: int) -> str:
    from ..kernel.spaces import run_apart
    from ..kernel.syscalls import setns

    def there() -> str:
        setns(fd, _CLONE_NEWUTS)
        return os.uname().nodename

    return run_apart(there)


# -- holders ---------------------------------------------------------------------------------------------------------------


def holders(holds: Sequence[Hold], ours: str) -> tuple[tuple[tuple[str, int], ...], tuple[Holder, ...]]:
    """(how many of each kind, the first of each kind one by one). `ours`: our mount namespace."""
    by_kind: dict[str, list[Hold]] = {}
    for hold in holds:
        kind = "name" if hold.kind == "bind" and _is_name(hold) else hold.kind
        by_kind.setdefault(kind, []).append(hold)
    told = [_holder(kind, hold, ours) for kind, some in by_kind.items() for hold in some[:_MOST]]
    return tuple((kind, len(some)) for kind, some in by_kind.items()), tuple(told)


def _is_name(hold: Hold) -> bool:
    return not hold.pid and hold.path.startswith((DIRECTORY + "/", "/var" + DIRECTORY + "/"))


def names(holds: Sequence[Hold], links: Sequence[str]) -> tuple[str, ...]:
    """Its names in /run/netns."""
    paths = [hold.path for hold in holds if hold.kind == "bind" and _is_name(hold)]
    return tuple(sorted({os.path.basename(path) for path in (*paths, *links)}))


def _holder(kind: str, hold: Hold, ours: str) -> Holder:
    if kind in ("name", "bind"):
        return Holder(kind, hold.pid, path=hold.path, comm=comm(hold.pid) if hold.pid else "", elsewhere=hold.space != ours)
    if kind == "kernel":
        return Holder(kind)
    return Holder(kind, hold.pid, hold.number, comm=comm(hold.pid), user=user(hold.pid))
