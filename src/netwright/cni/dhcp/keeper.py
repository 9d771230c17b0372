"""One lease and its device: the client of client.py with a socket in the container's namespace.

How it works. The socket is open only while something is asked: an open socket keeps its namespace alive, and a container that is
gone should be gone. Each time it is opened, the namespace at the path has to be the one that it was (its device and inode number),
and the device the one that it was (its hardware address); otherwise the lease has lost its owner.
"""

import errno
import os

from ...kernel.dhcp_socket import EVERYBODY as EVERY_MAC
from ...kernel.dhcp_socket import DhcpSocket
from ...model.value import replace
from . import client as states
from .client import Client, Patience, Sending
from .datagram import EVERYBODY, described, unwrap, wrap
from .packet import NAK, pack, unpack
from .written import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_LOOK_AGAIN, _CARRIER = 0.01, 3.0  # a device that is not ready yet: how often it is looked at, how long at most
_AT_ONCE = 64  # packets read before others have their turn
_NEVER = float("inf")
GONE = "gone"


def place_of(path: str) -> str:
    """What tells a namespace from others; "" when there is none (any more)."""
    try:
        found = os.stat(path)
    except OSError:
        return ""
    return f"{found.st_dev}:{found.st_ino}"


def random() -> float:
    """A number from 0 to 1."""
    return int.from_bytes(os.urandom(4), "big") / 0xFFFFFFFF


class Keeper:
    """A lease that is looked for, kept and given back. `over` says why it has come to an end; "" while it has not."""

    def __init__(self, record: Record, patience: Patience, note: "Callable[[str], None]", *, preferred: str = "") -> None:
        self.record, self._note = record, note
        self.wire: DhcpSocket | None = None
        self.client = Client(record.who, patience, random, lease=record.lease, preferred=preferred)
        self.over = ""
        self.saved = record if record.lease else None  # as it is written down
        self._carrier_until = 0.0
        self._look_at = 0.0
        self._patience, self._deaf_at = patience.longest, _NEVER

    @property
    def deadline(self) -> float:
        """When `tick` has something to do."""
        return self._look_at or min(self.client.deadline, self._deaf_at)

    @property
    def is_bound(self) -> bool:
        """Whether it has an address that may be used."""
        return self.client.state in (states.BOUND, states.RENEWING, states.REBINDING)

    # -- what happens --------------------------------------------------------------------------------------------------

    def start(self, now: float) -> None:
        """Look for an address; OSError when the device cannot be reached."""
        wire = self._opened()
        self.record = replace(self.record, who=replace(self.record.who, mac=wire.mac))
        self.client.who = self.record.who
        if not wire.is_up():
            wire.set_up()
        self._carrier_until = now + _CARRIER
        self._look_at = now
        self.tick(now)

    def tick(self, now: float) -> None:
        """What is due."""
        if self.over or now < self.deadline:
            return
        if self._look_at:
            self._begin_when_ready(now)
            return
        if now < self.client.deadline:
            self._close()  # the next question is far away: until then the namespace may go when it wants
            return
        if self.wire is None:
            try:
                self._open_again()
            except OSError as error:
                self._end(GONE, f"{self.record.ifname} cannot be reached any more: {error.strerror}")
                return
        self._send(self.client.tick(now))
        self._deaf_at = now + self._patience if self.client.state in (states.RENEWING, states.REBINDING) else _NEVER
        self._settle()

    def ready(self, now: float) -> None:
        """Packets have come."""
        for _ in range(_AT_ONCE):
            if self.wire is None or self.over:
                return
            try:
                found = self.wire.receive()
            except OSError as error:
                # It is down (or was, when the socket was opened), or away: the next send tells which.
                if error.errno != errno.ENETDOWN:
                    self._note(f"{self.record.ifname}: {error.strerror}")
                return
            if found is None:
                return
            self._heard(*found, now)

    def is_there(self) -> bool:
        """Whether the namespace and the device are still those of the lease."""
        if self.wire is None:
            try:
                self._open_again()
            except OSError:
                return False
            self._close()
        return True

    def has_namespace(self) -> bool:
        """The same, of the namespace alone: for the price of one stat(2)."""
        return place_of(self.record.netns) == self.record.place

    def release(self) -> None:
        """Give the address back while the device is there, and end."""
        messages = self.client.release()
        if messages:
            try:
                if self.wire is None:
                    self._open_again()
            except OSError as error:
                self._note(f"not given back, {self.record.ifname} cannot be reached any more: {error.strerror}")
            else:
                self._send(messages)
        self._end("released", "released")

    def stop(self) -> None:
        """Let go of the device; the lease stays what it is."""
        self._close()

    # -- how -----------------------------------------------------------------------------------------------------------

    def _opened(self) -> DhcpSocket:
        # Not blocking: a path that is a pipe would stop everything.
        fd = os.open(self.record.netns, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            found = os.fstat(fd)
            if self.record.place not in ("", f"{found.st_dev}:{found.st_ino}"):
                raise OSError(errno.ENOENT, f"{self.record.netns} is another namespace now")
            self.wire = DhcpSocket(self.record.ifname, fd)
            if self.client.lease:
                self.wire.keep_quiet(fd, self.client.lease.address)
            return self.wire
        finally:
            os.close(fd)

    def _open_again(self) -> None:
        wire = self._opened()
        if wire.mac != self.record.who.mac:
            self._close()
            raise OSError(errno.ENODEV, "it is another device now")

    def _begin_when_ready(self, now: float) -> None:
        """A veth whose peer has just come up drops what is sent until the kernel has noticed."""
        try:
            waits = self.wire is not None and not self.wire.is_running() and now < self._carrier_until
        except OSError as error:
            self._end(GONE, f"{self.record.ifname}: {error.strerror}")
            return
        self._look_at = now + _LOOK_AGAIN if waits else 0.0
        if not waits:
            self._send(self.client.start(now))

    def _heard(self, data: bytes, sender: bytes, verify: bool, now: float) -> None:
        payload = unwrap(data, verify=verify)
        if payload is None:
            return
        try:
            message = unpack(payload[0])
        except ValueError:
            return
        before = self.client.state
        self._send(self.client.hear(message, now, sender.hex(":")))
        if message.kind == NAK or (self.client.state != before and before != states.RENEWING):  # what goes as it should fills no log
            self._note(described(message))
        self._settle()

    def _send(self, messages: "list[Sending]") -> None:
        for one in messages:
            lease = self.client.lease
            known = lease.server_mac if lease and one.target != EVERYBODY else ""
            try:
                if self.wire:
                    self.wire.send(wrap(pack(one.message), one.source, one.target), bytes.fromhex(known.replace(":", "")) or EVERY_MAC)
            except OSError as error:
                if error.errno in (errno.ENODEV, errno.ENXIO):
                    self._end(GONE, f"{self.record.ifname} is gone")
                    return
                self._note(f"cannot send {described(one.message)}: {error.strerror}")

    def _settle(self) -> None:
        """What the client's new state means for the device."""
        state = self.client.state
        if state == states.BOUND and self.wire and not self.over:
            self.record = replace(self.record, lease=self.client.lease)
            self._set_mtu()
            self._close()
        elif state == states.LOST and not self.over:
            self._take_down()
            self._end(self.client.why, f"{self.client.why}; {self.record.ifname} is set down, its address must not be used")
        elif state == states.FAILED and not self.over:
            self._end(self.client.why, self.client.why)

    def _set_mtu(self) -> None:
        lease = self.record.lease
        if self.record.sets_mtu and self.wire and lease and lease.mtu:
            try:
                self.wire.set_mtu(lease.mtu)
            except OSError as error:
                self._note(f"cannot set the MTU {lease.mtu} on {self.record.ifname}: {error.strerror}")

    def _take_down(self) -> None:
        try:
            if self.wire:
                self.wire.set_up(False)
        except OSError as error:
            self._note(f"cannot set {self.record.ifname} down: {error.strerror}")

    def _end(self, why: str, told: str) -> None:
        self.over = self.over or why
        self._note(told)
        self._close()

    def _close(self) -> None:
        self._deaf_at = _NEVER
        if self.wire:
            self.wire.close()
            self.wire = None
