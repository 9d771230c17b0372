"""The daemon that keeps leases: one loop, no threads that stay, one small object for each lease.

It answers on a socket what upstream's daemon answers (rpc.py): Allocate looks for an address and answers when there is one, Release
gives it back, Collect (ours) gives back what no attachment needs any more. Only root, or whoever runs the daemon, is answered.
"""

import os
import select
import time

from ...errors import Gone, Invalid, NetwrightError
from ...kernel.local_socket import accepted, peer
from ...model.value import value
from ..protocol.call import arguments, container_id, interface_name, read_config
from . import rpc
from .client import Identity, Patience
from .keeper import GONE, Keeper, place_of
from .lease import result
from .wishes import wishes
from .written import Record, client_id, key

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from collections.abc import Callable
    from typing import Any

    from .wishes import Wishes
    from .written import Written

_LOOK_EVERY = 10.0  # seconds between two looks at whether the namespaces are still there
_OWN = "/proc/self/ns/net"


def clock() -> float:
    """Seconds that go on while the machine sleeps, and that nobody sets."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@value
class Ask:
    """A call that waits for its address: on which connection, its number, and what of the lease it wants."""

    fd: int
    number: int
    wishes: "Wishes"


class _Peer:
    """A client of the daemon."""

    def __init__(self, channel: "_socket.socket") -> None:
        self.channel, self.talk = channel, rpc.Conversation()


class Daemon:
    """Serve `listener` until `stopped` (a file) can be read. `prefix` is put before the paths of namespaces."""

    def __init__(
        self, listener: "_socket.socket", written: "Written", patience: Patience, note: "Callable[[str], None]",
        *, prefix: str = "", broadcast: bool = False,
    ) -> None:  # fmt: skip
        self._listener, self._written, self._patience, self._note = listener, written, patience, note
        self._prefix, self._broadcast = prefix, broadcast
        self._keepers: dict[str, Keeper] = {}
        self._asks: dict[str, list[Ask]] = {}
        self._peers: dict[int, _Peer] = {}
        self._wires: dict[int, Keeper] = {}
        self._poll = select.epoll()
        self._poll.register(listener.fileno(), select.EPOLLIN)
        self._listens = True
        for record in written.all():
            self._keep(Keeper(record, patience, self._noting(record.key)))
        self._look_at = clock()

    def run(self, stopped: int) -> None:
        """The loop."""
        self._poll.register(stopped, select.EPOLLIN)
        while True:
            for fd, _ in self._poll.poll(self._wait()):
                if fd == stopped:
                    return
                self._happened(fd)
            self._pass_time()

    def close(self) -> None:
        """Let go of everything; leases stay written down."""
        for keeper in self._keepers.values():
            keeper.stop()
        for known in self._peers.values():
            known.channel.close()
        self._poll.close()

    # -- the loop ------------------------------------------------------------------------------------------------------

    def _wait(self) -> float:
        due = min((keeper.deadline for keeper in self._keepers.values()), default=self._look_at)
        # One millisecond more than is left: epoll_wait rounds, and to wake too early is to wake twice.
        return max(min(due, self._look_at) - clock() + 0.001, 0.0) if self._keepers else -1

    def _happened(self, fd: int) -> None:
        if fd == self._listener.fileno():
            self._accept()
        elif fd in self._peers:
            self._read(fd)
        elif fd in self._wires:
            keeper = self._wires[fd]
            keeper.ready(clock())
            self._settle(keeper)

    def _pass_time(self) -> None:
        now = clock()
        for keeper in [one for one in self._keepers.values() if one.deadline <= now]:
            keeper.tick(now)
            self._settle(keeper)
        if now >= self._look_at:
            self._look_at = now + _LOOK_EVERY
            for keeper in [one for one in self._keepers.values() if not one.has_namespace()]:
                keeper.over = keeper.over or GONE
                self._noting(keeper.record.key)("its namespace is gone")
                keeper.stop()
                self._settle(keeper)

    # -- clients -------------------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        try:
            channel = accepted(self._listener)
        except OSError as error:  # no more files may be opened: wait until one is closed
            self._note(f"cannot answer now: {error.strerror}")
            self._poll.unregister(self._listener.fileno())
            self._listens = False
            return
        if channel is None:
            return
        pid, uid, _ = peer(channel)
        if uid not in (0, os.geteuid()):
            self._note(f"process {pid} of user {uid} is not answered")
            channel.close()
            return
        self._peers[channel.fileno()] = _Peer(channel)
        self._poll.register(channel.fileno(), select.EPOLLIN)

    def _read(self, fd: int) -> None:
        known = self._peers[fd]
        try:
            data = known.channel.recv(1 << 16)
            calls = known.talk.feed(data) if data else []
            if known.talk.greeting:
                self._put(fd, known.talk.greeting)
                known.talk.greeting = b""
        except BlockingIOError:
            return
        except (OSError, ValueError) as error:
            self._note(f"a client is not understood: {error}")
            data = b""
        if not data:
            self._hang_up(fd)
            return
        for method, number, said in calls:
            self._answer(fd, method, number, said)

    def _put(self, fd: int, data: bytes) -> None:
        """Answers are small; a client that does not read them is let go."""
        known = self._peers.get(fd)
        if known is None:
            return
        try:
            whole = known.channel.send(data) == len(data)
        except OSError:
            whole = False
        if not whole:
            self._hang_up(fd)

    def _hang_up(self, fd: int) -> None:
        """Who asked has gone: nobody waits for an address that only it has asked for."""
        if known := self._peers.pop(fd, None):
            known.channel.close()
        for name, asks in list(self._asks.items()):
            self._asks[name] = [ask for ask in asks if ask.fd != fd]
            if not self._asks[name]:
                del self._asks[name]
                keeper = self._keepers.get(name)
                if keeper and keeper.client.lease is None:
                    self._noting(name)("given up: who asked for it has gone")
                    keeper.over = "given up"
                    keeper.stop()
                    self._settle(keeper)
        if not self._listens:
            self._poll.register(self._listener.fileno(), select.EPOLLIN)
            self._listens = True

    # -- calls ---------------------------------------------------------------------------------------------------------

    def _answer(self, fd: int, method: str, number: int, said: "dict[str, Any]") -> None:
        try:
            if method == rpc.ALLOCATE:
                self._allocate(fd, number, said)  # is answered when there is an address
                return
            step = {rpc.RELEASE: self._release, rpc.COLLECT: self._collect}.get(method)
            if step is None:
                raise Invalid(f"rpc: can't find method {method}")
            step(said)
        except (NetwrightError, OSError) as error:
            self._refuse(fd, method, number, error)
            return
        if known := self._peers.get(fd):
            self._put(fd, known.talk.answer(method, number, rpc.NOTHING, {}))

    def _refuse(self, fd: int, method: str, number: int, error: "Exception | str") -> None:
        if known := self._peers.get(fd):
            self._put(fd, known.talk.refuse(method, number, str(error)))

    def _allocate(self, fd: int, number: int, said: "dict[str, Any]") -> None:
        """Begin to look for an address, or show the one that there is."""
        config = read_config(_bytes(said, "StdinData"))
        wanted = wishes(config, arguments(_text(said, "Args"))[0])
        config.settle()
        container, ifname = container_id(_text(said, "ContainerID")), interface_name(_text(said, "IfName"))
        ask = Ask(fd, number, wanted)
        name = key(container, config.name, ifname)
        keeper = self._keepers.get(name)
        before = ""
        if keeper and keeper.client.lease and not (keeper.is_bound and keeper.is_there()):
            before = keeper.client.lease.address
            keeper.stop()
            keeper = None
        self._asks.setdefault(name, []).append(ask)
        if keeper is None:
            try:
                self._begin(container, config.name, ifname, self._namespace(said), wanted, before)
            except NetwrightError:
                del self._asks[name]
                raise
        else:
            self._settle(keeper)

    def _namespace(self, said: "dict[str, Any]") -> str:
        path = self._prefix + _text(said, "Netns")
        place = place_of(path)
        if not place:
            raise Gone(f"no namespace at {path or 'no path'}")
        if place == place_of(_OWN) and _text(said, "NetnsOverride").lower() not in ("1", "true"):
            raise Invalid(f"{path} is the host's own namespace")
        return path

    def _begin(self, container: str, network: str, ifname: str, netns: str, wanted: "Wishes", before: str) -> None:
        name = key(container, network, ifname)
        who = Identity(b"", client_id(name), wanted.provided, wanted.requested, self._broadcast)
        record = Record(container, network, ifname, netns, place_of(netns), who, wanted.sets_mtu)
        keeper = Keeper(record, self._patience, self._noting(name), preferred=before)
        try:
            keeper.start(clock())
        except OSError as error:
            keeper.stop()
            self._forget(name)
            raise Gone(f"error looking up {ifname} in {netns}: {error.strerror}") from None
        self._keep(keeper)
        self._settle(keeper)

    def _release(self, said: "dict[str, Any]") -> None:
        config = read_config(_bytes(said, "StdinData"), lenient=True)
        keeper = self._keepers.get(key(_text(said, "ContainerID"), config.name, _text(said, "IfName")))
        if keeper:
            keeper.release()
            self._settle(keeper)

    def _collect(self, said: "dict[str, Any]") -> None:
        config = read_config(_bytes(said, "StdinData"), lenient=True)
        valid = config.attachments()
        for keeper in list(self._keepers.values()):
            one = keeper.record
            if one.network == config.name and (one.container, one.ifname) not in valid:
                keeper.release()
                self._settle(keeper)

    # -- leases --------------------------------------------------------------------------------------------------------

    def _keep(self, keeper: Keeper) -> None:
        self._keepers[keeper.record.key] = keeper

    def _settle(self, keeper: Keeper) -> None:
        """After anything that a keeper did: watch its socket, write it down, answer who waits."""
        name = keeper.record.key
        self._watch(keeper)
        if keeper.over:
            for ask in self._asks.pop(name, []):
                self._refuse(ask.fd, rpc.ALLOCATE, ask.number, keeper.over)
            if self._keepers.get(name) is keeper:
                self._forget(name)
        elif keeper.is_bound and keeper.record.lease:
            self._write(keeper)
            for ask in self._asks.pop(name, []):
                if known := self._peers.get(ask.fd):
                    found = result(keeper.record.lease, priority=ask.wishes.priority, without_gateway=ask.wishes.without_gateway)
                    self._put(ask.fd, known.talk.answer(rpc.ALLOCATE, ask.number, rpc.RESULT, rpc.result_out(found)))

    def _watch(self, keeper: Keeper) -> None:
        """epoll forgets a file by itself when it is closed."""
        fd = keeper.wire.fileno() if keeper.wire else -1
        if self._wires.get(fd) is keeper:
            return
        for old in [one for one, other in self._wires.items() if other is keeper or one == fd]:
            del self._wires[old]
        if fd >= 0:
            self._wires[fd] = keeper
            self._poll.register(fd, select.EPOLLIN)

    def _write(self, keeper: Keeper) -> None:
        if keeper.saved == keeper.record:
            return
        try:
            self._written.save(keeper.record)
            keeper.saved = keeper.record
        except OSError as error:
            self._noting(keeper.record.key)(f"cannot be written down: {error.strerror}; a daemon that is started anew will not know it")

    def _forget(self, name: str) -> None:
        self._keepers.pop(name, None)
        try:
            self._written.forget(name)
        except OSError as error:
            self._noting(name)(f"cannot be forgotten: {error.strerror}")

    def _noting(self, name: str) -> "Callable[[str], None]":
        return lambda text: self._note(f"{name}: {text}")


def _text(said: "dict[str, Any]", name: str) -> str:
    found = said.get(name, "")
    if not isinstance(found, str) or "\0" in found:
        raise Invalid(f"{name} is no text")
    return found


def _bytes(said: "dict[str, Any]", name: str) -> bytes:
    found = said.get(name, b"")
    if not isinstance(found, bytes):
        raise Invalid(f"{name} is no bytes")
    return found

