"""The way out of a lab that was made without root: pasta(1), which makes packets of a tun device into sockets of the user.

It is an optional program (Debian's package is passt) and needs /dev/net/tun open to everybody, as it is on usual systems. It runs
beside the lab (beside.py) and ends with it. The device is "uplink" in the lab's own namespace "@"; it has a link-local address
(RFC 3927) of its own, so that no subnet of a lab meets the machine's, and a default route. The machine's loopback is not to be
reached through it; DNS questions to the gateway's address go to the machine's name server.
"""

from __future__ import annotations

import os
from errno import EACCES, ENOENT, EPERM

from ..errors import CallFailed
from .beside import beside
from .holder import Holder, alive, end, reach
from .process import find_program

DEVICE = "uplink"
ADDRESS, GATEWAY, LENGTH = "169.254.77.2", "169.254.77.1", 30
_TUN = "/dev/net/tun"
_PATIENCE = 5.0


def why_not() -> str:
    """Why there is no way out by pasta here, with what mends it; "" when there is one."""
    if not find_program("pasta", but_not=[]):
        return "uplink: pasta is not installed: sudo apt-get install passt"
    try:
        os.close(os.open(_TUN, os.O_RDWR | os.O_CLOEXEC))
    except OSError as error:
        if error.errno == ENOENT:
            return f"uplink: there is no {_TUN}: sudo modprobe tun"
        if error.errno in (EACCES, EPERM):
            return f"uplink: {_TUN} is for root only: sudo chmod 666 {_TUN}"
        return f"uplink: {_TUN}: {error.strerror}"
    return ""


def start(holder: Holder) -> tuple[int, int]:
    """Attach pasta to a lab of an ordinary user; its pid and start time. To be called from outside the lab. CallFailed, Gone."""
    trouble = why_not()
    if trouble:
        raise CallFailed("the lab gets no uplink", EACCES, why=trouble)
    reading, writing = os.pipe()
    # By an open file: pasta lets go of the rights that the path of another process's namespace needs.
    namespace = os.open(reach(holder, "/run/netns/@"), os.O_RDONLY | os.O_CLOEXEC)
    try:
        pasta = beside(holder, find_program("pasta", but_not=[]), _argv(), namespace, writing)
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
        os.close(namespace)
    with open(reading, encoding="utf-8", errors="replace") as said:
        _wait(holder, pasta, said.fileno())
    return pasta.pid, pasta.start


def _argv() -> list[str]:
    ports = ("-t", "none", "-u", "none", "-T", "none", "-U", "none")  # nothing is forwarded unasked
    network = ("-4", "-a", ADDRESS, "-n", str(LENGTH), "-g", GATEWAY, "--no-map-gw", "--dns-forward", GATEWAY)
    where = ("--config-net", "--ns-ifname", DEVICE, "--netns-only", "--netns", "/proc/self/fd/0")
    return ["pasta", "--foreground", "--quiet", "--stderr", *ports, *network, *where]


def _wait(holder: Holder, pasta: Holder, said: int) -> None:
    """Until the default route is there: pasta makes it last. CallFailed with its words when it ends before that."""
    from time import monotonic, sleep

    deadline = monotonic() + _PATIENCE
    while not _has_route(holder):
        if not alive(pasta) or monotonic() > deadline:
            end(pasta)
            os.set_blocking(said, False)
            raise CallFailed("pasta did not start", 0, why=_last_words(said), fix="see what is wrong: pasta --config-net true")
        sleep(0.005)


def _has_route(holder: Holder) -> bool:
    """A line of /proc/PID/net/route is: device, destination, gateway …; the destination of the default is all zeros."""
    try:
        with open(f"/proc/{holder.pid}/net/route", encoding="ascii") as file:
            return any(line.split()[:2] == [DEVICE, "00000000"] for line in file)
    except OSError:
        return False


def _last_words(said: int) -> str:
    try:
        lines = os.read(said, 65536).decode("utf-8", "replace").splitlines()
    except BlockingIOError:
        return "it said nothing"
    words = [line for line in lines if line.strip() and "syslog" not in line]
    return "; ".join(words[-3:]) or "it said nothing"
