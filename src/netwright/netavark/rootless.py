"""Where things are written down for rootless podman: beside what podman itself writes, for /run is root's.

How it works. Its containers are not on the host but behind a network namespace of podman's own, rootless-netns, which goes with the
last container (or when somebody ends all of the user's processes) and comes again, empty, with the next. What was written down of
another one is of things that are there no more: its ports are free, its bridges are gone. The kernel's number of the namespace tells.
"""

import fcntl
import os

from ..networks.directories import made, refused

_MARK = "namespace"


def settled(config: str) -> str:
    """The run directory, with nothing in it of a namespace that was here before. CallFailed."""
    place, mine = f"{config}/netwright", _here()
    if _mark(place) != mine:
        made(config)
        try:
            lock = os.open(f"{config}/.netwright.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise refused(f"cannot write in {config}", error.errno or 0) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if _mark(place) != mine:
                _begin(place, mine)
        finally:
            os.close(lock)
    return place


def _here() -> str:
    from ..kernel.cookie import own

    return str(own())


def _mark(place: str) -> str:
    try:
        with open(f"{place}/{_MARK}", encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _begin(place: str, mine: str) -> None:
    """Empty but for the mark, which comes last."""
    from shutil import rmtree

    try:
        rmtree(place)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise refused(f"cannot remove {place}", error.errno or 0) from None
    made(place)
    with open(f"{place}/{_MARK}", "w", encoding="ascii") as file:
        file.write(mine)
