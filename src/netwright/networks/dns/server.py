"""All of it together: zones in, sockets open, questions answered. What has not changed goes on undisturbed.

`load` compares: a socket whose address and port are still wanted stays as it is, with everything that waits in it (aardvark-dns
closes all of them whenever a container comes or goes, and questions are lost: issue 389). What cannot be had is noted, told by
`status`, and tried again with every change and every few seconds.
"""

from . import sockets
from .answers import Responder
from .forward import Forwarder
from .loop import Loop
from .tcp import Connections, Tcp
from .udp import Udp
from .upstream import Upstream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .zone import Zone

_TRY_AGAIN = 5.0
_FILES = 1 << 16


class Server:
    """A responder in this process. `zones` is what it serves, `problems` which network lacks what."""

    def __init__(self, loop: Loop, resolv_conf: str = "/etc/resolv.conf", forward_port: int = 53) -> None:
        self.loop = loop
        self.upstream = Upstream(resolv_conf)
        self.forwarder = Forwarder(loop, forward_port)
        self.responder = Responder(self.forwarder, self.upstream)
        self.connections = Connections(loop, self.responder)
        self.zones: dict[str, Zone] = {}
        self.problems: dict[str, list[str]] = {}
        self._open: dict[tuple[str, int, str], Udp | Tcp] = {}
        self._again = loop.later(_TRY_AGAIN, self._try_again)
        raise_file_limit()

    def load(self, zones: "Mapping[str, Zone]") -> None:
        """Serve these networks from now on."""
        self.zones = dict(zones)
        self.responder.load(zones)
        self.upstream.ours = frozenset(a for zone in zones.values() if zone.port == self.forwarder.port for a in zone.listen)
        self.settle()

    def settle(self) -> None:
        """Open what is wanted and not there, close what is not wanted."""
        wanted: dict[tuple[str, int], str] = {}
        self.problems = {}
        for name, zone in self.zones.items():
            for address in zone.listen:
                first = wanted.setdefault((address, zone.port), name)
                if first != name:
                    self._problem(name, f"{address}:{zone.port} is network {first}'s")
        every = {(address, port, protocol): name for (address, port), name in wanted.items() for protocol in ("udp", "tcp")}
        for place in [place for place in self._open if place not in every]:
            self._close(place)
        for place, name in every.items():
            self._have(place, name)

    def _have(self, place: tuple[str, int, str], name: str) -> None:
        face = self._open.get(place)
        if face is None:
            try:
                made = sockets.bound(*place)
            except OSError as error:
                self._problem(name, sockets.why(*place, error))
                return
            face = Udp(made, self.responder, name) if place[2] == "udp" else Tcp(made, self.connections, name)
            self._open[place] = face
            self.loop.watch(made.fileno(), face.ready)
        face.network = name
        if isinstance(face, Udp):
            face.books.clear()

    def _problem(self, network: str, words: str) -> None:
        self.problems.setdefault(network, []).append(words)

    def _close(self, place: tuple[str, int, str]) -> None:
        face = self._open.pop(place)
        self.loop.forget(face.socket.fileno())
        face.socket.close()

    def _try_again(self) -> None:
        self._again = self.loop.later(_TRY_AGAIN, self._try_again)
        if self.problems:
            self.settle()

    def close(self) -> None:
        """Close every socket."""
        for place in list(self._open):
            self._close(place)
        for connection in list(self.connections.all):
            connection.close()

    def status(self, network: str = "") -> "dict[str, Any]":
        """What is served, and what is the matter with it; of one network, or of all."""
        return {
            "networks": {name: self._network(name, zone) for name, zone in self.zones.items() if network in ("", name)},
            "forwarding": {"open": len(self.forwarder.open), "servers": list(self.upstream.servers())},
            "connections": len(self.connections.all),
        }

    def _network(self, name: str, zone: "Zone") -> "dict[str, Any]":
        absent = [address for address in zone.listen if not sockets.is_here(address)]
        served = sorted({f"[{a}]:{p}" if ":" in a else f"{a}:{p}" for (a, p, _), f in self._open.items() if f.network == name})
        return {"listen": served, "hosts": len(zone.hosts), "forward": zone.forward, "problems": self.problems.get(name, []), "absent": absent}


def raise_file_limit() -> None:
    """Every question to others and every connection is an open file; the usual limit of 1024 is for programs that use select(2)."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
