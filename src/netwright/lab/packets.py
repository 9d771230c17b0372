"""The last packets of every cable of a lab of this process, at next to no cost until somebody wants to see them.

How it works. One packet socket per namespace, not per device: that of the switches ("@") sees every frame on its way into and out
of every host that is plugged in there, and a cable between two hosts is seen in one of them. A filter in the kernel keeps the
first 160 bytes. One thread per process reads what has come every 20 ms, a limited number each time; under a load that it cannot
follow the sockets' buffers overflow, which costs the sender nothing, and the loss is counted. It is also the thread that closes
the sockets: the kernel makes whoever closes one wait for all processors (10 to 30 ms).
"""

from __future__ import annotations

import array
import os
import select
import socket
import threading
from collections import deque
from struct import Struct, unpack

from ..kernel.making import visit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..model.state import State

    End = tuple[str, str]

ROOT = "@"
SNAPLEN = 160
KEPT = 200  # packets of each cable
_AT_ONCE = 256  # packets that are read from one socket before the others have their turn
_PAUSE = 0.02
_BUFFER = 1 << 20

_ETH_P_ALL, _OUTGOING = 3, 4
_SOL_PACKET, _STATISTICS, _AUXDATA = 263, 6, 8
_ATTACH_FILTER, _RCVBUFFORCE, _TIMESTAMPNS = 26, 33, 35
_AUX = Struct("=IIIHHHH")  # struct tpacket_auxdata
_VLAN_VALID = 0x10
# ld hatype; jeq loopback, 0, 1; ret 0; ret SNAPLEN     (struct sock_filter of linux/filter.h; ancillary data at -0x1000)
_FILTER = b"".join(Struct("=HBBI").pack(*step) for step in ((0x20, 0, 0, 0xFFFFF000 + 28), (0x15, 0, 1, 772), (0x06, 0, 0, 0), (0x06, 0, 0, SNAPLEN)))


class Cable:
    """What was seen at `device` of `host`: (nanoseconds since 1970, whether the host sent it, the first bytes, its whole size)."""

    def __init__(self, host: str, device: str) -> None:
        self.host, self.device = host, device
        self.packets: deque[tuple[int, bool, bytes, int]] = deque(maxlen=KEPT)
        self.seen = 0


class Tap:
    """A packet socket in one namespace, and the cables by the name of the device at which it sees them.

    To be made by a thread that is there. `towards`: the devices at which an outgoing frame goes to the host (ports of a switch).
    """

    def __init__(self, cables: Mapping[str, Cable], towards: bool) -> None:
        self.cables, self._towards = cables, towards
        self.lost = 0
        self._lock = threading.Lock()
        # Bound to no device: those that come later are heard too. What arrives before the filter is there does no harm.
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_ETH_P_ALL))
        program = array.array("B", _FILTER)
        self.socket.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, Struct("@HP").pack(len(_FILTER) // 8, program.buffer_info()[0]))
        _make_room(self.socket)
        self.socket.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
        self.socket.setsockopt(_SOL_PACKET, _AUXDATA, 1)
        self.socket.setblocking(False)

    def drain(self, most: int = _AT_ONCE) -> None:
        """Take what has come. Any thread may."""
        with self._lock:
            for _ in range(most):
                try:
                    data, ancillary, _, address = self.socket.recvmsg(SNAPLEN, 256)
                except BlockingIOError:
                    return
                except OSError:
                    return  # closed, or a device went down: told once
                cable = self.cables.get(address[0])
                if cable is not None:
                    self._keep(cable, data, ancillary, address[2] == _OUTGOING)

    def _keep(self, cable: Cable, data: bytes, ancillary: list[tuple[int, int, bytes]], outgoing: bool) -> None:
        moment, whole = 0, len(data)
        for _, kind, item in ancillary:
            if kind == _TIMESTAMPNS:
                seconds, nanoseconds = unpack("=qq", item[:16])
                moment = seconds * 10**9 + nanoseconds
            elif kind == _AUXDATA:
                status, whole, _, _, _, tci, protocol = _AUX.unpack(item[: _AUX.size])
                if status & _VLAN_VALID:  # the kernel takes the tag out of the frame
                    data, whole = data[:12] + (protocol or 0x8100).to_bytes(2, "big") + tci.to_bytes(2, "big") + data[12:], whole + 4
        cable.packets.append((moment, outgoing is not self._towards, data, whole))
        cable.seen += 1

    def count_lost(self) -> int:
        """Packets that did not fit into the buffer, since the beginning."""
        self.lost += int(unpack("=II", self.socket.getsockopt(_SOL_PACKET, _STATISTICS, 8))[1])
        return self.lost

    def close(self) -> None:
        """End it; this waits for the kernel."""
        with self._lock:
            self.socket.close()


def _make_room(sock: socket.socket) -> None:
    """Beyond net.core.rmem_max only root of the machine may go."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, _BUFFER)
    except PermissionError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)


class Reader:
    """The one thread that reads all taps of this process; it starts with the first and ends with `stop`."""

    def __init__(self) -> None:
        self._orders: deque[tuple[Tap, bool]] = deque()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._thread: threading.Thread | None = None
        self._ended = False

    def add(self, taps: Iterable[Tap]) -> None:
        """Read these too from now on."""
        self._order((tap, True) for tap in taps)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="nw-packets", daemon=True)
            self._thread.start()

    def close(self, taps: Iterable[Tap]) -> None:
        """Close these, some time soon: the caller does not wait."""
        self._order((tap, False) for tap in taps)

    def stop(self, seconds: float = 2.0) -> None:
        """Let the thread do what it was told, and end it. What is left is closed with the process."""
        self._ended = True
        if self._thread is not None:
            os.eventfd_write(self._wake, 1)
            self._thread.join(seconds)

    def _order(self, orders: Iterable[tuple[Tap, bool]]) -> None:
        self._orders.extend(orders)
        os.eventfd_write(self._wake, 1)

    def _run(self) -> None:
        poll, found = select.epoll(), dict[int, Tap]()
        poll.register(self._wake, select.EPOLLIN)
        while not (self._ended and not self._orders):
            ready = [fd for fd, _ in poll.poll() if fd != self._wake]
            self._obey(poll, found)
            for fd in ready:
                if fd in found:
                    found[fd].drain()
            if ready:
                # Not at once again: many packets are cheaper than one, and the thread that sends them wants this interpreter too.
                select.select([self._wake], [], [], _PAUSE)
        poll.close()

    def _obey(self, poll: select.epoll, found: dict[int, Tap]) -> None:
        try:
            os.eventfd_read(self._wake)
        except BlockingIOError:
            return
        while self._orders:
            tap, new = self._orders.popleft()
            number = tap.socket.fileno()
            if new and number >= 0:
                found[number] = tap
                poll.register(number, select.EPOLLIN)
            elif found.pop(number, None):
                poll.unregister(number)
                tap.close()


class Packets:
    """The taps of one lab. `follow` after every `up`, `close` before the lab goes down; `cables` by (host, device)."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._taps: dict[str, Tap] = {}
        self.cables: dict[End, Cable] = {}

    def follow(self, state: State, open_file: Callable[[str], int]) -> None:
        """Listen where the state has cables that nobody listens to. `open_file(namespace)` is for setns(2). OSError."""
        plan = watched(state)
        for end in {end for ends in plan.values() for end in ends.values()} - self.cables.keys():
            self.cables[end] = Cable(*end)
        for name, ends in plan.items():
            if name in self._taps:
                self._taps[name].cables = {device: self.cables[end] for device, end in ends.items()}
        fresh = [name for name in plan if name not in self._taps]
        if fresh:
            visit([open_file(name) for name in fresh], lambda at: self._open(fresh[at], plan[fresh[at]]))
            self._reader.add([self._taps[name] for name in fresh])
        self._let_go(self._taps.keys() - plan.keys())

    def _open(self, name: str, ends: Mapping[str, End]) -> None:
        self._taps[name] = Tap({device: self.cables[end] for device, end in ends.items()}, towards=name == ROOT)

    def _let_go(self, names: Iterable[str]) -> None:
        self._reader.close([self._taps.pop(name) for name in list(names)])

    def up_to_now(self) -> dict[End, Cable]:
        """The cables with what has come so far."""
        for tap in self._taps.values():
            tap.drain(1 << 16)
        return self.cables

    def lost(self) -> int:
        """Packets that went by unseen."""
        return sum(tap.count_lost() for tap in self._taps.values())

    def close(self) -> None:
        """Stop listening; what was seen stays."""
        self._let_go(self._taps)


def watched(state: State) -> dict[str, dict[str, End]]:
    """In which namespaces to listen: for each, the cable's end by the name of the device there.

    A host that is plugged into a switch is watched at the switch; other cables at the first of their ends in the state's order.
    """
    root = state.namespaces.get(ROOT)
    out: dict[str, dict[str, End]] = {}
    if root:
        ports = {name: device.peer for name, device in root.devices.items() if device.kind == "veth" and device.peer}
        out[ROOT] = {name: peer for name, peer in ports.items() if peer[0] != ROOT}
    seen = {(ROOT, name) for name in out.get(ROOT, {})}
    for host, namespace in state.namespaces.items():
        for name, device in namespace.devices.items():
            if host != ROOT and device.kind in ("veth", "netkit") and device.peer and device.peer not in seen:
                out.setdefault(host, {})[name] = (host, name)
                seen.add((host, name))
    return {name: ends for name, ends in out.items() if ends}
