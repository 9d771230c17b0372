"""What the map misses, and why: what only the kernel's own list has, names that lead nowhere, processes that may not be read."""

from __future__ import annotations

import errno
import os
import time
from shlex import quote

from ..kernel import nsfs, scan
from ..kernel.references import DIRECTORY
from .model import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..kernel.scan import Scan
    from .visits import Visit

_SUDO = "run it with sudo"


def listed(problems: list[Problem]) -> dict[int, int]:
    """The kernel's own list, inode -> number; {} and a problem where it cannot be had."""
    from ..kernel.net_list import NoList, everything

    try:
        return everything()
    except NoList as error:
        fix = _SUDO if os.geteuid() else ""
        problems.append(Problem("no-list", "whether these are all namespaces could not be checked", why=f"the kernel's own list: {error}", fix=fix))
        return {}


def compare(found: Scan, listed: dict[int, int], problems: list[Problem]) -> None:
    """Namespaces that only the kernel's list has. From the machine's own pid namespace they are opened by their number: something
    holds them that /proc does not show (a file in flight between two processes). Seen from a container they are other people's."""
    from ..kernel.scan import Hold

    missing = {inode: number for inode, number in listed.items() if inode not in found.holds and _lives(number, inode)}
    if not missing:
        return
    if _is_outermost():
        for inode, number in missing.items():
            found.add(inode, Hold("kernel", number=number))
        return
    many = "1 more namespace is" if len(missing) == 1 else f"{len(missing)} more namespaces are"
    why = "what holds them is outside of the pid namespace that this process is in"
    problems.append(Problem("hidden", f"{many} on this machine", why=why, fix="run it outside of the container"))


def _lives(number: int, inode: int) -> bool:
    try:
        os.close(nsfs.open_by_cookie(number, inode))
    except OSError:
        return False
    return True


def _is_outermost() -> bool:
    """Whether we see all processes: PROC_PID_INIT_INO of linux/proc_ns.h."""
    return os.stat("/proc/self/ns/pid").st_ino == 0xEFFFFFFC


def problems(found: Scan, visits: Iterable[Visit]) -> list[Problem]:
    """All of it."""
    out = [*_processes(found), *_stale(found), *_over_mounted(visits)]
    if found.unasked:
        out.append(Problem("hidden", f"{found.unasked} sockets were not asked for their namespace", why="there are too many", fix=""))
    if found.foreign:
        why = "/proc is that of another pid namespace, in which processes have other numbers"
        out.append(Problem("hidden", "namespaces that only a socket holds were not looked for", "/proc", why, "unshare -m sh -c 'mount -t proc proc /proc; nw map'"))
    closed = [visit for visit in visits if visit.state == "unseen" and visit.inode]
    if closed:
        many = "1 namespace" if len(closed) == 1 else f"{len(closed)} namespaces"
        out.append(Problem("unentered", f"{many} could not be entered", why=closed[0].why, fix=_SUDO if os.geteuid() else ""))
    return out


def _processes(found: Scan) -> list[Problem]:
    out = []
    if found.unreadable:
        why = "what another user's process holds may be seen with CAP_SYS_PTRACE only" if os.geteuid() else "the kernel does not let even root look at them from here"
        what = f"{found.unreadable} of {found.processes} processes could not be looked at"
        out.append(Problem("unreadable", what, "/proc", why, _SUDO if os.geteuid() else ""))
    if os.geteuid() and _hides():
        out.append(Problem("hidden", "processes of other users are not even listed", "/proc", "it is mounted with hidepid", _SUDO))
    return out


def _hides() -> bool:
    try:
        with open("/proc/self/mounts", encoding="utf-8", errors="replace") as file:
            return any(" /proc proc " in line and "hidepid=" in line and "hidepid=0" not in line for line in file)
    except OSError:
        return False


def _stale(found: Scan) -> list[Problem]:
    """Names without a namespace: left by a crash, by a reboot, or made inside `ip netns exec`, where only that one sees the mount."""
    out = []
    try:
        names = sorted(os.listdir(DIRECTORY))
    except OSError:
        return []
    for name in names:
        try:
            status = os.lstat(f"{DIRECTORY}/{name}")
        except OSError:
            continue
        path = f"{DIRECTORY}/{name}"
        # One that is a moment old is just being made.
        if status.st_dev == found.device or not (time.time() - status.st_ctime > 1.0 or status.st_size):
            continue
        link = os.path.islink(path)
        if not link or _leads_nowhere(path):
            why = "it is a link to nothing" if link else "no namespace is mounted on it"
            out.append(Problem("stale-name", f'the name "{name}" has no namespace', path, why, f"nw netns del {quote(name)}"))
    return out


def _leads_nowhere(path: str) -> bool:
    try:
        os.stat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ESRCH):
            return not (os.geteuid() and os.readlink(path).startswith("/proc/") and _hides())  # a process that is hidden from us
        return error.errno == errno.ELOOP  # others: it may be something, which is not ours to see
    return False


def _over_mounted(visits: Iterable[Visit]) -> list[Problem]:
    """A bind mount under another one still holds its namespace, and no path leads there any more."""
    suspects = [(visit.inode, hold.path) for visit in visits for hold in visit.holds if hold.kind == "bind" and not hold.pid and _is_covered(hold.path, visit.inode)]
    # Looked at once more: of one that has been taken off meanwhile the file is left for a moment.
    still = {(inode, path) for _, inode, path in scan.binds("self")} if suspects else set()
    why = "something else is mounted over it: it holds its namespace, and cannot be opened"
    return [
        Problem("over-mounted", f"the mount of net:[{inode}] is covered", path, why, f"umount {quote(path)}  # takes off the upper one")
        for inode, path in suspects
        if (inode, path) in still
    ]


def _is_covered(path: str, inode: int) -> bool:
    """Whether there is something else. What we may not look at can be anything."""
    try:
        status = os.stat(path)
    except OSError:
        return False
    return status.st_ino != inode or status.st_dev != nsfs.device()
