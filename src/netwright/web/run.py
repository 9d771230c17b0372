"""`nw web` from start to end: follow the host, listen, say where, until it is interrupted."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from ..engine.place import room_for_files
from ..errors import Gone
from .live import Live
from .serve import MOST, Server
from .view import belongs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def run(port: int, lab: str, say: Callable[[str], None], warn: Callable[[str], None], did: Callable[[str], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM. `say` gets the address, `warn` what cannot be seen, `did` what is done from the page (None: nothing
    can be). Gone for a lab that is not on the map."""
    asyncio.run(_run(port, lab, say, warn, did))


async def _run(port: int, lab: str, say: Callable[[str], None], warn: Callable[[str], None], did: Callable[[str], None] | None) -> None:
    room_for_files(4 * MOST)
    live = Live(lab, did is not None)
    server = Server(live, port, did)
    try:
        if lab and not any(belongs(space, lab) for space in live.whole.namespaces):
            raise Gone(f'no namespace of the lab "{lab}" is on the map', fix="labs are listed by: nw ls")
        await server.start()
        for limit in live.limits:
            warn(limit)
        say(server.opening())
        await _until_told(lambda: say(server.opening()))
    finally:
        await server.stop()
        live.close()


async def _until_told(again: Callable[[], None]) -> None:
    """Wait for a signal; Enter on the terminal calls `again`."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, done.set)
    if not sys.stdin or not sys.stdin.isatty():
        await done.wait()
        return

    def entered() -> None:
        if os.read(0, 4096):
            again()
        else:
            loop.remove_reader(0)

    loop.add_reader(0, entered)
    try:
        await done.wait()
    finally:
        loop.remove_reader(0)
