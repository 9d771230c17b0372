"""A socket for DHCP on one device: IP packets to and from the link itself, before the device has an address. packet(7), netdevice(7)

How it works. AF_PACKET with SOCK_DGRAM: the kernel writes and takes off the link's header. A filter in the kernel lets only UDP to
port 68 through, so that nobody is woken by what else the container does. `inside`: the namespace in which the device is; the socket
belongs to it for its whole life (and keeps it alive: it is closed between two transactions).
"""

from __future__ import annotations

import _socket
import os
from struct import Struct

from .spaces import run_inside

_AF_PACKET, _SOL_PACKET, _AUXDATA, _ATTACH_FILTER = 17, 263, 8, 26
_IPV4 = 0x0800
_GET_FLAGS, _SET_FLAGS, _SET_MTU = 0x8913, 0x8914, 0x8922
_UP, _RUNNING = 1, 0x40
_OUTGOING = 4
_CHECKSUM_NOT_READY = 1 << 3
_STATUS = Struct("=I")
_LOOPBACK = 772
EVERYBODY = b"\xff" * 6
# (code, jump if true, jump if false, constant); the packet begins with the IP header.
_FILTER = b"".join(Struct("=HBBI").pack(*one) for one in (
    (0x30, 0, 0, 9),       # protocol
    (0x15, 0, 6, 17),      # is it UDP?
    (0x28, 0, 0, 6),       # flags and offset
    (0x45, 4, 0, 0x1FFF),  # is it a later fragment?
    (0xB1, 0, 0, 0),       # X = length of the IP header
    (0x48, 0, 0, 2),       # destination port
    (0x15, 0, 1, 68),
    (6, 0, 0, 0x40000),    # take it
    (6, 0, 0, 0),          # drop it
))  # fmt: skip


class DhcpSocket:
    """Packets of one device. OSError when the namespace cannot be entered, the device is not there, or is no Ethernet."""

    def __init__(self, device: str, inside: int) -> None:
        self.device = device
        self._quiet: _socket.socket | None = None
        self._socket = run_inside(inside, lambda: _socket.socket(_AF_PACKET, _socket.SOCK_DGRAM | _socket.SOCK_CLOEXEC, 0))
        try:
            self._bind()
        except OSError:
            self._socket.close()
            raise

    def _bind(self) -> None:
        from array import array

        self._socket.setblocking(False)
        program = array("B", _FILTER)
        filter_program = Struct("@HP").pack(len(_FILTER) // 8, program.buffer_info()[0])
        self._socket.setsockopt(_socket.SOL_SOCKET, _ATTACH_FILTER, filter_program)
        self._socket.setsockopt(_SOL_PACKET, _AUXDATA, 1)
        # Only now with a protocol: what came in before the filter was there would have been kept.
        self._socket.bind((self.device, _IPV4))
        _, _, _, kind, self.mac = self._socket.getsockname()
        if len(self.mac) != 6 or kind == _LOOPBACK:
            raise OSError(95, f"{self.device} is no Ethernet device")

    def fileno(self) -> int:
        """For poll."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close it, and let go of the namespace."""
        self._socket.close()
        if self._quiet:
            self._quiet.close()

    def send(self, packet: bytes, to: bytes = EVERYBODY) -> None:
        """An IP packet to a hardware address. OSError."""
        self._socket.sendto(packet, (self.device, _IPV4, 0, 0, to))

    def receive(self) -> tuple[bytes, bytes, bool] | None:
        """(an IP packet, who sent it, whether its UDP checksum is there to be verified); None when there is none. OSError."""
        try:
            data, more, _, sender = self._socket.recvmsg(0x10000, 64)
        except BlockingIOError:
            return None
        if sender[2] == _OUTGOING:  # what we have sent ourselves
            return b"", b"", True
        status = next((_STATUS.unpack_from(d)[0] for level, kind, d in more if (level, kind) == (_SOL_PACKET, _AUXDATA)), 0)
        return data, sender[4], not status & _CHECKSUM_NOT_READY

    def is_running(self) -> bool:
        """Whether what is sent leaves: it is up, and there is somebody at the other end."""
        return self._flags() & (_UP | _RUNNING) == _UP | _RUNNING

    def is_up(self) -> bool:
        """Whether it was set up."""
        return bool(self._flags() & _UP)

    def set_up(self, up: bool = True) -> None:
        """`ip link set DEVICE up` (or down). OSError."""
        flags = self._flags()
        self._ioctl(_SET_FLAGS, flags | _UP if up else flags & ~_UP)
        # Bound while it was down, the socket has an error waiting (ENETDOWN), which the first send would get.
        self._socket.getsockopt(_socket.SOL_SOCKET, _socket.SO_ERROR)

    def set_mtu(self, mtu: int) -> None:
        """`ip link set DEVICE mtu`. OSError."""
        self._ioctl(_SET_MTU, mtu)

    def keep_quiet(self, inside: int, address: str) -> None:
        """Have an owner for port 68 of the address: else the kernel tells the server of each answer that nobody is there."""
        if self._quiet is None:
            try:
                self._quiet = run_inside(inside, lambda: self._taken(address))
            except OSError:
                pass  # somebody else has the port, or the address is gone: then nothing is told either

    def _taken(self, address: str) -> _socket.socket:
        made = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM | _socket.SOCK_CLOEXEC)
        try:
            made.setsockopt(_socket.SOL_SOCKET, _socket.SO_BINDTODEVICE, self.device.encode())
            made.bind((address, 68))
        except OSError:
            made.close()
            raise
        return made

    def _flags(self) -> int:
        return int.from_bytes(self._ioctl(_GET_FLAGS, 0)[16:18], "little" if _LITTLE else "big")

    def _ioctl(self, what: int, number: int) -> bytearray:
        import fcntl

        words = number.to_bytes(4, "little" if _LITTLE else "big")
        if not _LITTLE and what != _SET_MTU:
            words = words[2:] + b"\0\0"  # flags are 16 bits
        request = bytearray(os.fsencode(self.device).ljust(16, b"\0") + words).ljust(40, b"\0")
        fcntl.ioctl(self._socket.fileno(), what, request)
        return request


_LITTLE = Struct("=H").pack(1) == b"\1\0"
