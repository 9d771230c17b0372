"""What the hosts of the tests share: waiting, a client that asks again, a cable that stands, lines without what comes when it likes."""

import re
import select
import time
from collections.abc import Callable

from sandbox import SET_UP, Sandbox

# Says what a server answers, or the name of the error. Packets of all namespaces wait in one queue for each processor, and a flood
# in another one drops some of ours: a datagram is sent again after each second without an answer.
CLIENT = """
import socket, sys, time
protocol, address, port, seconds, local = sys.argv[1:]
udp, until = protocol == "udp", time.monotonic() + float(seconds)
s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
s.settimeout(float(seconds))
def answer():
    if udp:
        s.settimeout(max(0.01, min(1.0, until - time.monotonic())))
        s.send(b"hello")
    try:
        return s.recv(100).decode()
    except TimeoutError:
        if not udp or time.monotonic() >= until:
            raise
try:
    if local != "0":
        s.bind(("", int(local)))
    s.connect((address, int(port)))
    while (said := answer()) is None:
        pass
    print(said)
except OSError as error:
    print(type(error).__name__)
"""


def until(true: Callable[[], object], what: str = "", seconds: float = 60.0) -> None:
    """Ask until it is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what or "it did not come true"
        select.select([], [], [], 0.003)


def carried(box: Sandbox, *ends: tuple[str, str | None]) -> None:
    """Until these devices, each with its namespace, have their carrier: a work queue of the kernel tells them, when it gets to it."""
    box.call(SET_UP, "carried", [[device, netns or ""] for device, netns in ends])


def steady(line: str) -> str:
    """A line of `ip -o` without states (which follow the carrier some time later), timers and numbers that are others each time."""
    line = re.sub(r"\blinkdown\b|NO-CARRIER,|,M-DOWN|,LOWER_UP|state \w+|tso_max_\w+ \d+|_timer +[\d.]+|\bcookie \S+|port_id \w+|port_no \w+|designated_\w+ \S+|(?<=@)if\d+|^\d+: |link-netnsid \d+|link-netns \S+", "", line)
    line = re.sub(r"^(nw[0-9a-f]{12}\b.*link/ether )\S+", r"\1…", line)  # the kernel chooses the near end's at random
    return re.sub(r"\s+", " ", line).strip()


def own(lines: list[str]) -> list[str]:
    """Lines of addresses and routes without those that the kernel makes for the link itself when a carrier comes."""
    return [steady(line) for line in lines if "fe80" not in line and "ff00::/8" not in line]
