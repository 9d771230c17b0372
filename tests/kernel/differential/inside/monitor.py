"""Runs inside a sandbox: has a monitor read everything that the kernel has told it?"""

import os
import time


def caught_up(pid: int, deadline: float) -> bool:
    """Wait until a monitor has read all that came; False if it has ended or does not get there in time."""
    end = time.monotonic() + deadline
    while time.monotonic() < end and _condition(pid) != "Z":
        if _reads(pid) and _condition(pid) == "S":
            return True
        time.sleep(0.003)
    return False


def _reads(pid: int) -> bool:
    """The process sleeps with its multicast groups joined and nothing left to read, or watches a directory."""
    if _condition(pid) != "S":
        return False
    inodes = _socket_inodes(pid)
    with open(f"/proc/{pid}/net/netlink") as table:
        rows = [line.split() for line in table.read().splitlines()[1:]]
    joined = [row for row in rows if row[-1] in inodes and int(row[3], 16)]
    return all(row[4] == "0" for row in joined) if joined else _watches_directory(pid)


def _condition(pid: int) -> str:
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def _socket_inodes(pid: int) -> set[str]:
    links = (_link(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd"))
    return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}


def _watches_directory(pid: int) -> bool:
    return any("inotify" in _link(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd"))


def _link(path: str) -> str:
    try:
        return os.readlink(path)
    except FileNotFoundError:
        return ""
