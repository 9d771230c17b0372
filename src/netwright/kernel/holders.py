"""Who holds a network namespace: processes, threads, open files, bind mounts, in every process that can be read.

A namespace lives while anything of that is left, with or without a name. One pass over /proc answers for all namespaces.
"""

import os

from ..model.value import value
from .mounts import mounts


@value
class Holder:
    """One hold: `kind` is process, thread, fd or mount; `pid` whose; `detail` the command, thread id, fd number or path."""

    kind: str
    pid: int
    detail: str


@value
class Holders:
    """All holds that could be seen, and how many processes could not be read (`unreadable`)."""

    found: tuple[Holder, ...]
    unreadable: int

    def pids(self) -> list[int]:
        """The processes that are in the namespace, with their leader or with any thread; in numerical order."""
        return sorted({holder.pid for holder in self.found if holder.kind in ("process", "thread")})


def processes() -> list[int]:
    """The PIDs that /proc shows now."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def holders(device: int, inode: int, *, deep: bool = True) -> Holders:
    """Who holds the namespace with this device and inode. `deep`: open files and mounts too, not only processes."""
    key = device, inode
    found: list[Holder] = []
    unreadable = 0
    seen_mounts: set[str] = set()
    for pid in processes():
        try:
            found += _of_tasks(pid, key)
            if deep:
                found += _of_files(pid, key)
                found += _of_mounts(pid, key, seen_mounts)
        except PermissionError:
            unreadable += 1
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
    return Holders(tuple(found), unreadable)


def _key(path: str) -> tuple[int, int]:
    status = os.stat(path)
    return status.st_dev, status.st_ino


def _of_tasks(pid: int, key: tuple[int, int]) -> list[Holder]:
    """The process by its leader; else the threads that went there on their own."""
    if _leader(pid) == key:
        return [Holder("process", pid, command_of(pid))]
    tasks = os.listdir(f"/proc/{pid}/task")
    return [] if len(tasks) == 1 else [Holder("thread", pid, task) for task in tasks if _task(pid, task) == key]


def _leader(pid: int) -> tuple[int, int] | None:
    try:
        return _key(f"/proc/{pid}/ns/net")
    except FileNotFoundError:
        return None  # a zombie leader: its threads may live


def _task(pid: int, task: str) -> tuple[int, int] | None:
    try:
        return _key(f"/proc/{pid}/task/{task}/ns/net")
    except (FileNotFoundError, ProcessLookupError):
        return None


def _of_files(pid: int, key: tuple[int, int]) -> list[Holder]:
    out = []
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            if _key(f"/proc/{pid}/fd/{number}") == key:
                out.append(Holder("fd", pid, number))
        except (FileNotFoundError, ProcessLookupError):
            continue
        except OSError:
            continue  # a file on a server that does not answer: not a namespace
    return out


def _of_mounts(pid: int, key: tuple[int, int], seen: set[str]) -> list[Holder]:
    """nsfs mounts, once per mount namespace. The inode stands in the mount's root: net:[4026532000]."""
    space = os.readlink(f"/proc/{pid}/ns/mnt")
    if space in seen:
        return []
    seen.add(space)
    wanted = f"net:[{key[1]}]"
    return [Holder("mount", pid, m.target) for m in mounts(str(pid)) if m.type == "nsfs" and m.root == wanted]


def command_of(pid: int) -> str:
    """The command name of a process, `` when it is gone."""
    try:
        with open(f"/proc/{pid}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""
