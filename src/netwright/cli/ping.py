"""`nw ping LAB/HOST TARGET`: echo requests from a host, with the output of ping(8)."""

import os
import sys
import time

from ..errors import Invalid
from ..lab.entry import go_in, hosts, split
from .words import Words, Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket

    from ..lab.ping import Echo

_OPTIONS = {"-c": "N", "--count": "-c", "-i": "SECONDS", "-W": "SECONDS", "-s": "BYTES", "-4": "", "-6": "", "-q": "", "--json": ""}


def main(words: list[str]) -> int:
    """0 when something came back, 1 when nothing did."""
    given = Words(words, _OPTIONS, "LAB/HOST TARGET")
    lab, host = split(given.names[0])
    count, size = given.number("-c", 0), given.number("-s", 56)
    pause, timeout = given.seconds("-i", 1.0), given.seconds("-W", 1.0)
    if size > 65000:
        raise Wrong("-s is too much", why="a packet has 65535 bytes at the most")
    known = hosts(lab)
    go_in(lab, host, sysfs=False)
    from ..lab.ping import opened

    family, address = _resolved(given.names[1], lab, known, "4" if "-4" in given else "6" if "-6" in given else "")
    with opened(family) as sock:
        told = _Told(given.names[1], address, size, quiet="-q" in given, json="--json" in given)
        _go_on(sock, told, count, pause, timeout)
    return told.end()


def _resolved(target: str, lab: str, known: list[str], only: str) -> tuple[int, str]:
    """Family and address of a name, as a program in the host sees it: /etc/hosts is the lab's there."""
    import socket

    wanted = {"4": socket.AF_INET, "6": socket.AF_INET6}.get(only, socket.AF_UNSPEC)
    try:
        found = socket.getaddrinfo(target.removeprefix(f"{lab}/"), None, wanted, socket.SOCK_DGRAM)
    except (socket.gaierror, UnicodeError):
        from ..model.meant import did_you_mean

        fix = did_you_mean(target, known) or f"hosts of {lab}: {', '.join(known[:10])}"
        raise Invalid(f'nobody is called "{target}" in {lab}' + (f" by IPv{only}" if only else ""), fix=fix) from None
    family, _, _, _, where = min(found, key=lambda one: one[0] != socket.AF_INET)
    return int(family), str(where[0])


def _go_on(sock: "socket.socket", told: "_Told", count: int, pause: float, timeout: float) -> None:
    """Until `count` (0: Ctrl-C)."""
    from ..lab.ping import echo

    identity, sequence = os.urandom(2), 0
    try:
        while not count or sequence < count:
            sequence += 1
            started = time.monotonic()
            told.one(echo(sock, told.address, identity, sequence, timeout=timeout, size=told.size))
            if sequence != count:
                time.sleep(max(0.0, started + pause - time.monotonic()))
    except KeyboardInterrupt:
        sys.stdout.write("\n" if os.isatty(1) else "")


class _Told:
    """What ping prints."""

    def __init__(self, name: str, address: str, size: int, *, quiet: bool, json: bool) -> None:
        self.name, self.address, self.size, self._quiet, self._json = name, address, size + size % 2, quiet, json
        self._sent = 0
        self._times: list[float] = []
        self._errors: list[str] = []
        self._began = time.monotonic()
        self._say(f"PING {name} ({address}) {self.size} bytes of data.")

    def _say(self, line: str) -> None:
        if not self._json:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()

    def one(self, echo: "Echo") -> None:
        """A line for one request."""
        self._sent += 1
        if echo.rtt is None:
            self._errors.append(echo.error)
            if not self._quiet:
                self._say(f"{'From ' + echo.address + ' ' if echo.address else ''}icmp_seq={echo.sequence} {echo.error}")
            return
        self._times.append(echo.rtt)
        ttl = f" ttl={echo.ttl}" if echo.ttl else ""
        if not self._quiet:
            self._say(f"{echo.bytes} bytes from {echo.address}: icmp_seq={echo.sequence}{ttl} time={echo.rtt * 1e3:.3g} ms")

    def end(self) -> int:
        """The last lines, and the exit code."""
        came, took = len(self._times), (time.monotonic() - self._began) * 1e3
        lost = 100 * (self._sent - came) / self._sent if self._sent else 0.0
        if self._json:
            import json

            rtts = {"min": min(self._times), "avg": sum(self._times) / came, "max": max(self._times)} if came else None
            print(json.dumps({"target": self.name, "address": self.address, "sent": self._sent, "received": came, "rtt": rtts, "errors": self._errors}))
            return 0 if came else 1
        self._say(f"\n--- {self.name} ping statistics ---")
        self._say(f"{self._sent} packets transmitted, {came} received, {lost:.3g}% packet loss, time {took:.0f}ms")
        if came:
            mean = sum(self._times) / came
            spread = (max(0.0, sum(t * t for t in self._times) / came - mean * mean)) ** 0.5
            four = "/".join(f"{t * 1e3:.3f}" for t in (min(self._times), mean, max(self._times), spread))
            self._say(f"rtt min/avg/max/mdev = {four} ms")
        return 0 if came else 1
