"""The processes of a running lab, seen from inside its pid namespace. proc(5)"""

from __future__ import annotations

import os

from ..model.value import value

_HOLDER = 1
_KTHREAD = "?"


@value
class Process:
    """`pid` as the lab counts, the `host` whose network it has ("" when that is none of the lab's), its `command`, `state` (R, S, T …)."""

    pid: int
    host: str
    command: str
    state: str = ""


def processes() -> list[Process]:
    """Every process of the lab that this process has entered, save the holder and this one, by host and pid."""
    hosts = _inodes()
    own = os.getpid()
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    found = [process for pid in pids if pid not in (_HOLDER, own) and (process := _process(pid, hosts))]
    order = {name: number for number, name in enumerate(hosts.values())}
    return sorted(found, key=lambda p: (order.get(p.host, len(order)), p.pid))


def _inodes() -> dict[int, str]:
    """The host of each network namespace, by its inode."""
    out = {}
    for entry in sorted(os.scandir("/run/netns"), key=lambda entry: entry.name):
        out[entry.stat().st_ino] = entry.name
    return out


def _process(pid: int, hosts: dict[int, str]) -> Process | None:
    """None for one that has ended: meanwhile, or long ago and its parent has not waited for it."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            name, _, rest = file.read().partition("(")[2].rpartition(")")
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
            command = " ".join(file.read().rstrip("\0").split("\0"))
        if rest.split()[0] in ("Z", "X"):
            return None
        inode = os.stat(f"/proc/{pid}/ns/net").st_ino
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    return Process(pid, hosts.get(inode, ""), command or f"[{name or _KTHREAD}]", rest.split()[0])
