"""Packets of a device as they pass: an AF_PACKET socket. packet(7)"""

from __future__ import annotations

import errno
import os
import select
import socket
from struct import Struct, unpack

from ..errors import CallFailed, Gone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_ETH_P_ALL = 3
_SOL_PACKET, _PACKET_STATISTICS, _PACKET_AUXDATA = 263, 6, 8
_SO_TIMESTAMPNS = 35
_RECEIVE_BUFFER = 8 << 20
_AUX = Struct("=IIIHHHH")  # struct tpacket_auxdata
_STATUS_VLAN = 0x10
_LONGEST = 262144
_ETHERNET_LIKE = (1, 772)  # ARPHRD_ETHER, ARPHRD_LOOPBACK


class Capture:
    """Everything that goes through `device` of the network namespace in which this was made. Gone, CallFailed."""

    def __init__(self, device: str) -> None:
        self.device = device
        try:
            self._sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
            self._sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
            self._sock.setsockopt(_SOL_PACKET, _PACKET_AUXDATA, 1)
            self._sock.bind((device, _ETH_P_ALL))
        except OSError as error:
            if error.errno in (errno.ENODEV, errno.ENXIO):
                raise _no_device(device) from None
            raise CallFailed(f"cannot capture on {device}: {error.strerror}", error.errno or 0) from None
        self.ethernet = self._sock.getsockname()[3] in _ETHERNET_LIKE

    def packets(self) -> Iterator[tuple[int, bytes, int]]:
        """(nanoseconds since 1970, bytes, length on the wire), for ever. CallFailed when the device goes away."""
        while True:
            select.select([self._sock], [], [])
            try:
                data, ancillary, _, _ = self._sock.recvmsg(_LONGEST, 256)
            except OSError as error:
                if error.errno == errno.ENETDOWN:
                    raise CallFailed(f"{self.device} went down", error.errno) from None
                raise
            yield self._read(data, ancillary)

    @staticmethod
    def _read(data: bytes, ancillary: list[tuple[int, int, bytes]]) -> tuple[int, bytes, int]:
        moment, whole = 0, len(data)
        for level, kind, item in ancillary:
            if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
                seconds, nanoseconds = unpack("=qq", item[:16])
                moment = seconds * 10**9 + nanoseconds
            elif level == _SOL_PACKET and kind == _PACKET_AUXDATA:
                status, whole, _, _, _, tci, protocol = _AUX.unpack(item[: _AUX.size])
                if status & _STATUS_VLAN:  # the kernel takes the tag out of the frame, and tells it apart
                    data = data[:12] + (protocol or 0x8100).to_bytes(2, "big") + tci.to_bytes(2, "big") + data[12:]
                    whole += 4
        return moment, data, whole

    def lost(self) -> int:
        """Packets since the last call that did not fit into the buffer."""
        return int(unpack("=II", self._sock.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))[1])

    def close(self) -> None:
        """End it."""
        self._sock.close()


def _no_device(device: str) -> Gone:
    from ..model.meant import did_you_mean

    known = [name for _, name in socket.if_nameindex()]
    return Gone(f'there is no device "{device}"', fix=did_you_mean(device, known) or f"devices here: {', '.join(known)}")


def opened_for_writing(path: str) -> int:
    """The file for packets; "-" is standard output. CallFailed."""
    if path == "-":
        return os.dup(1)
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise CallFailed(f"cannot write {path}: {error.strerror}", error.errno or 0) from None
