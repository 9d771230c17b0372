"""The checks that are part of a lab: "client -> n1:7000" must connect, "client -x n2:22" must not, "a ping b".

They ask the network, not the programs: where nothing listens on the target, the check listens there itself for as long as it
takes. So "-> port" fails only when packets do not get through, and "-x port" is not satisfied by a server that was never
started.
"""

from __future__ import annotations

import errno
import socket as sockets
import time

from ..errors import NetwrightError
from ..kernel.spawn import there
from ..model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .topology import Check


@value
class Result:
    """One check: the `check`, whether it is as it should be, and what was seen in words."""

    check: Check
    good: bool
    seen: str
    seconds: float = 0.0

    def __bool__(self) -> bool:
        return self.good


def perform(lab: Any, checks: Iterable[Check], timeout: float = 2.0) -> list[Result]:
    """Do every check of a running lab, one after the other."""
    return [_performed(lab, check, timeout) for check in checks]


def _performed(lab: Any, check: Check, timeout: float) -> Result:
    started = time.monotonic()
    try:
        good, seen = _PERFORM[check.kind](lab, check, timeout)
    except (OSError, NetwrightError) as error:
        good, seen = False, str(error)
    return Result(check, good, seen, time.monotonic() - started)


def _ping(lab: Any, check: Check, timeout: float) -> tuple[bool, str]:
    answer = lab[check.source].ping(check.target, count=2, timeout=timeout)
    if answer:
        return True, f"answered in {answer.rtt * 1e3:.2f} ms"
    return False, f"no answer{': ' + answer.error if answer.error else f' in {timeout:g} s'}"


def _noping(lab: Any, check: Check, timeout: float) -> tuple[bool, str]:
    answered, seen = _ping(lab, check, timeout)
    return not answered, seen


def _connect(lab: Any, check: Check, timeout: float) -> tuple[bool, str]:
    stand_in = _stand_in(lab, check)
    try:
        seen = _datagram(lab, check, timeout, stand_in) if check.protocol == "udp" else _stream(lab, check, timeout)
    finally:
        if stand_in:
            stand_in.close()
    good = not seen
    return good, ("connected" if good else seen) + (" (nothing listened there: the check did)" if stand_in else "")


def _refuse(lab: Any, check: Check, timeout: float) -> tuple[bool, str]:
    connected, seen = _connect(lab, check, timeout)
    return not connected, seen


def _stand_in(lab: Any, check: Check) -> sockets.socket | None:
    """A socket that listens on the target where nothing does; None where something does, or the target is no host of the lab."""
    from .addresses_seen import nearest

    target = next((name for name, spec in lab.topology.hosts.items() if check.target in (name, *spec.aliases)), "")
    if not target:
        return None
    address = nearest(lab.state, target, check.source)
    family = sockets.AF_INET6 if ":" in address else sockets.AF_INET
    kind = sockets.SOCK_DGRAM if check.protocol == "udp" else sockets.SOCK_STREAM
    sock: sockets.socket = lab[target].socket(family, kind)
    try:
        if kind == sockets.SOCK_STREAM:
            sock.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        there(lab[target].where, lambda: sock.bind((address, check.port)))
        if kind == sockets.SOCK_STREAM:
            sock.listen(1)
    except OSError as error:
        sock.close()
        if error.errno != errno.EADDRINUSE:
            raise
        return None
    return sock


def _stream(lab: Any, check: Check, timeout: float) -> str:
    """What stood in the way of a TCP connection; "" for nothing."""
    try:
        lab[check.source].connect(check.target, check.port, timeout=timeout).close()
    except TimeoutError:
        return f"no answer in {timeout:g} s"
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return ""


def _datagram(lab: Any, check: Check, timeout: float, stand_in: sockets.socket | None) -> str:
    """What stood in the way of a UDP datagram. With a program on the other side only an ICMP error tells that nobody is there."""
    address = lab.resolve(check.target, check.source)
    with lab[check.source].socket(sockets.AF_INET6 if ":" in address else sockets.AF_INET, sockets.SOCK_DGRAM) as sock:
        sock.settimeout(timeout if stand_in else min(timeout, 0.3))
        try:
            sock.connect((address, check.port))
            sock.send(b"netwright")
            if stand_in:
                stand_in.settimeout(timeout)
                stand_in.recv(64)
            else:
                sock.recv(1)
        except TimeoutError:
            return f"nothing arrived in {timeout:g} s" if stand_in else ""
        except OSError as error:
            return (error.strerror or str(error)).lower()
    return ""


_PERFORM = {"ping": _ping, "noping": _noping, "connect": _connect, "refuse": _refuse}
