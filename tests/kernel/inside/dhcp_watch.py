"""Waiting for what a DHCP server hears, and for what happens to files and devices: called inside the sandbox's server."""

import json
import os
import time


def _until(found, seconds: float):
    end = time.monotonic() + seconds
    while not (got := found()) and time.monotonic() < end:
        time.sleep(0.01)
    return got


def _lines(path: str) -> list[dict]:
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return [json.loads(line) for line in file if line.endswith("\n")]


def heard(path: str, kind: str, count: int = 1, seconds: float = 30.0) -> list[dict]:
    """The messages of a kind ("REQUEST", or "renewal" for one that has an address already), when there are so many; else what there is."""

    def found() -> list[dict]:
        want = "REQUEST" if kind == "renewal" else kind
        return [one for one in _lines(path) if one["kind"] == want and (kind != "renewal" or one["ciaddr"] != "0.0.0.0")]

    _until(lambda: len(found()) >= count, seconds)
    return found()


def clients(path: str, kind: str, count: int, seconds: float = 50.0) -> int:
    """From how many clients messages of a kind came, when they are so many."""

    def found() -> int:
        return len({one["client"] for one in heard(path, kind, 0)})

    _until(lambda: found() >= count, seconds)
    return found()


def says(path: str, text: str, seconds: float = 30.0) -> str:
    """A text file, when it says that; else as it is."""

    def found() -> str:
        return open(path).read() if os.path.exists(path) else ""

    _until(lambda: text in found(), seconds)
    return found()


def is_exactly(path: str, text: str, seconds: float = 30.0) -> bool:
    """Whether a text file becomes that."""

    def now() -> bool:
        with open(path) as file:
            return file.read() == text

    return bool(_until(now, seconds))


def gone(path: str, seconds: float = 30.0) -> bool:
    """Whether a path goes away."""
    return bool(_until(lambda: not os.path.exists(path), seconds))


def there(path: str, seconds: float = 30.0) -> bool:
    """Whether a path comes."""
    return bool(_until(lambda: os.path.exists(path), seconds))


def memory(pid: int) -> int:
    """Kilobytes of a process."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def sockets(pid: int, most: int, seconds: float = 30.0) -> int:
    """How many sockets a process has, when there are no more than `most`; else what there are."""

    def count() -> int:
        links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
        return sum(link.startswith("socket:") for link in links)

    _until(lambda: count() <= most, seconds)
    return count()
