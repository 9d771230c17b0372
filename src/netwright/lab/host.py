"""A host of a running lab: programs, functions, sockets, pings in it."""

from __future__ import annotations

import socket as sockets

from ..errors import Invalid
from ..kernel.spawn import Visit, Where, popen, run, there

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    import subprocess
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    from .lab import Lab
    from .ping import Ping

    T = TypeVar("T")


class Host:
    """One host. `with host:` moves the calling thread into it; everything else works without moving anybody.

    Where the lab is not up yet, or was changed in Python since, using a host brings it up to date first.
    """

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab, self.name = lab, name
        self._visits: list[Visit] = []

    def __repr__(self) -> str:
        return f"<Host {self.lab.name}/{self.name}>"

    @property
    def where(self) -> Where:
        """Its namespaces, as open files that belong to the lab."""
        return self.lab._where(self.name)

    # -- who it is -------------------------------------------------------------------------------------------------------

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its addresses without lengths, in the order of its links, IPv4 first."""
        return self.lab.addresses_of(self.name)

    @property
    def address(self) -> str:
        """The first of them. Invalid when it has none."""
        if not self.addresses:
            raise Invalid(f"{self.name} has no address", fix="give it one, or plug it into a switch with a subnet")
        return self.addresses[0]

    # -- programs --------------------------------------------------------------------------------------------------------

    def run(self, argv: Sequence[str], **options: Any) -> subprocess.CompletedProcess[Any]:
        """Run a program to its end: subprocess.run with output captured as text (`capture_output`, `text` need not be said).

        `timeout` in seconds, `check`, `input`, `env`, `cwd` as in subprocess. CallFailed when it cannot start.
        `nw exec LAB/HOST PROGRAM …`
        """
        if options.pop("capture_output", True) is False:
            options = {"stdout": None, "stderr": None, **options}
        return run(self.where, argv, **options)

    def popen(self, argv: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
        """Start a program and let it run: subprocess.Popen. It ends with the lab at the latest."""
        return self.lab._started(popen(self.lab._guarded(self.name), argv, **options))

    def shell(self, script: str, **options: Any) -> subprocess.CompletedProcess[Any]:
        """`run` for a line of sh(1)."""
        return self.run(["/bin/sh", "-c", script], **options)

    def call(self, function: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """function(…) in the host, in a thread of its own; its result, or its exception."""
        return there(self.where, lambda: function(*arguments, **named))

    def __enter__(self) -> Host:
        """Move the calling thread into the host: its network and its /etc/hosts. CallFailed where it could not come back."""
        visit = Visit(self.where)
        visit.__enter__()
        self._visits.append(visit)
        return self

    def __exit__(self, *_: object) -> None:
        self._visits.pop().__exit__()

    # -- sockets ---------------------------------------------------------------------------------------------------------

    def socket(self, family: int = sockets.AF_INET, type: int = sockets.SOCK_STREAM, proto: int = 0) -> sockets.socket:
        """An ordinary socket that lives in the host for ever, whoever uses it. OSError."""
        return there(self.where, lambda: sockets.socket(family, type, proto))

    def connect(self, target: str | Host, port: int, *, timeout: float | None = 5.0) -> sockets.socket:
        """A TCP connection from this host to another (a name of the lab, a Host, an address). OSError as connect(2) gives it."""
        address = self.lab.resolve(target, self.name)
        sock = self.socket(_family(address))
        try:
            sock.settimeout(timeout)
            sock.connect((address, port))
        except BaseException:
            sock.close()
            raise
        return sock

    def listen(self, port: int = 0, *, address: str = "", backlog: int = 128) -> sockets.socket:
        """A TCP socket that listens in the host; without an address on all of IPv4 and IPv6. Port 0: any. OSError."""
        if not address:
            return there(self.where, lambda: sockets.create_server(("", port), family=sockets.AF_INET6, dualstack_ipv6=True, backlog=backlog))
        return there(self.where, lambda: sockets.create_server((address, port), family=sockets.AddressFamily(_family(address)), backlog=backlog))

    async def open_connection(self, target: str | Host, port: int, **options: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """asyncio.open_connection from this host: the event loop's thread does not move."""
        import asyncio

        address = self.lab.resolve(target, self.name)
        sock = self.socket(_family(address))
        sock.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(sock, (address, port))
            return await asyncio.open_connection(sock=sock, **options)
        except BaseException:
            sock.close()
            raise

    async def start_server(self, serve: Callable[..., Any], port: int = 0, *, address: str = "", **options: Any) -> asyncio.Server:
        """asyncio.start_server in this host."""
        import asyncio

        return await asyncio.start_server(serve, sock=self.listen(port, address=address), **options)

    # -- asking ----------------------------------------------------------------------------------------------------------

    def ping(self, target: str | Host, *, count: int = 1, timeout: float = 1.0, size: int = 56) -> Ping:
        """Echo requests from this host: a Ping, which is true when something came back; `.rtt` in seconds."""
        from .ping import opened, ping

        address = self.lab.resolve(target, self.name)
        with there(self.where, lambda: opened(_family(address))) as sock:
            return ping(sock, address, count=count, timeout=timeout, size=size)

    def can_connect(self, target: str | Host, port: int, *, timeout: float = 1.0) -> bool:
        """Whether a TCP connection comes about."""
        try:
            self.connect(target, port, timeout=timeout).close()
        except OSError:
            return False
        return True


def _family(address: str) -> int:
    return sockets.AF_INET6 if ":" in address else sockets.AF_INET


