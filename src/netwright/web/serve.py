"""The server of the page: aiohttp on loopback. Every request passes the gate first; only a POST to control, where it is there, changes anything.

    /PLACE/             the page                     /PLACE/map?open=ID,ID    the drawing and its parts, as JSON
    /PLACE/page.js …    its parts                    /PLACE/space?id=ID       one namespace in every detail
    /PLACE/events       server-sent events: map (a new version), changes, rates
    /PLACE/control      POST, only with --control: a device up or down (control.py)
"""

from __future__ import annotations

import asyncio
import os
import secrets

from aiohttp import web

from ..errors import Conflict, NetwrightError
from ..hostmap.drawing.page_parts import PARTS
from ..hostmap.drawing.page_style import rules, sheet
from ..hostmap.drawing.words import clean
from ..hostmap.live.closer import closer
from ..hostmap.plain import record
from . import control
from .gate import COOKIE, HEADERS, Gate, Visitor, cookies
from .live import Live
from .stream import KEEP_ALIVE, RETRY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

MOST, PATIENCE, ALIVE = 256, 20.0, 25.0
_HERE = os.path.join(os.path.dirname(__file__), "page")
_FILES = {"page.js": "text/javascript", "words.js": "text/javascript", "page.css": "text/css"}


class Server:
    """One run: its gate, its followed host, its address. `start`, then `opening` gives addresses that are good once."""

    def __init__(self, live: Live, port: int = 0, did: Callable[[str], None] | None = None) -> None:
        """`did` is told each action; None: nothing can be changed."""
        self._live, self.port, self._did = live, port, did
        self.gate = Gate(secrets.token_urlsafe(12), secrets.token_urlsafe(32), did is not None)
        self._reading = asyncio.Semaphore(2)
        self._changing = asyncio.Lock()
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen. Conflict when somebody else has the port."""
        app = web.Application(middlewares=[self._pass], client_max_size=1024)
        place = "/" + self.gate.place
        app.add_routes([web.get(place + "/", self._page), web.get(place + "/map", self._map), web.get(place + "/space", self._space)])
        app.add_routes([web.get(place + "/events", self._events), web.get(place + "/{file}", self._file)])
        if self._did:
            app.add_routes([web.post(place + "/control", self._control)])
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self.port, backlog=256).start()
        except OSError as error:
            fix = "choose another with --port, or leave it out: then a free one is taken"
            raise Conflict(f"port {self.port} of 127.0.0.1 cannot be had: {os.strerror(error.errno or 0)}", fix=fix) from None
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close everything."""
        if self._runner:
            await self._runner.cleanup()

    def opening(self) -> str:
        """An address that opens the page once."""
        return f"http://127.0.0.1:{self.port}{self.gate.add(secrets.token_urlsafe(24))}"

    # -- the gate --------------------------------------------------------------------------------------------------------------

    @web.middleware
    async def _pass(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        verdict = self.gate.verdict(visitor(request))
        if verdict.status != 200:
            return web.Response(status=verdict.status, text=verdict.why + "\n", headers=HEADERS)
        try:
            response = await handler(request)
        except web.HTTPException as refusal:
            return web.Response(status=refusal.status, text=(refusal.reason or "") + "\n", headers=HEADERS)
        if not response.prepared:
            response.headers.update(HEADERS)
            if verdict.cookie:
                response.headers["Set-Cookie"] = self.gate.cookie()
        return response

    # -- what there is -----------------------------------------------------------------------------------------------------------

    async def _page(self, _: web.Request) -> web.StreamResponse:
        return web.Response(body=_text("index.html"), content_type="text/html", charset="utf-8")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        if name in ("light.css", "dark.css"):
            return web.Response(text=sheet(name == "dark.css"), content_type="text/css")
        if name == "parts.css":
            return web.Response(text=rules(), content_type="text/css")
        if name == "parts.js":
            return web.Response(text=PARTS, content_type="text/javascript")
        if name not in _FILES:
            raise web.HTTPNotFound
        return web.Response(body=_text(name), content_type=_FILES[name], charset="utf-8")

    async def _map(self, request: web.Request) -> web.StreamResponse:
        opened = [id for id in request.query.get("open", "").split(",") if id][:1000]
        return web.Response(body=self._live.drawn(opened), content_type="application/json")

    async def _space(self, request: web.Request) -> web.StreamResponse:
        host, id = self._live.whole, request.query.get("id", "")
        shown = any(space.id == id for space in self._live.map.namespaces)
        async with self._reading:
            space = await asyncio.get_running_loop().run_in_executor(None, closer, host, id) if shown else None
        if space is None:
            raise web.HTTPNotFound(reason="this namespace is not on the map (any more)")
        return web.json_response(record(space))

    async def _control(self, request: web.Request) -> web.StreamResponse:
        assert self._did is not None
        try:
            action = control.action(self._live.map, control.order(await request.read()))
        except NetwrightError as error:
            return web.Response(status=control.status(error), text=f"{error}\n")
        try:
            async with self._changing:
                await asyncio.get_running_loop().run_in_executor(None, control.carry_out, action, self._live.whole.here)
        except (NetwrightError, OSError) as error:
            self._did(f"{action.command}  # refused: {clean(str(error))}")
            return web.Response(status=409, text=f"{error}\n")
        self._did(action.command)
        return web.json_response({"command": action.command})

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if self._live.listeners >= MOST:
            raise web.HTTPServiceUnavailable(reason="too many pages are open")
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        listener = self._live.join()
        try:
            await response.write(RETRY)
            while True:
                # A reader that takes nothing for so long is gone, or wants to hold us up.
                await asyncio.wait_for(response.write(await listener.next(ALIVE) or KEEP_ALIVE), PATIENCE)
        except (TimeoutError, ConnectionError):
            if request.transport:
                request.transport.abort()
        finally:
            self._live.leave(listener)
        return response


def visitor(request: web.Request) -> Visitor:
    """What the gate looks at."""
    headers = request.headers
    return Visitor(
        request.method, headers.get("Host", ""), request.path, request.query.get("token", ""), cookies(headers.get("Cookie", "")).get(COOKIE, ""),
        headers.get("Origin", ""), headers.get("Sec-Fetch-Site", ""), headers.get("Sec-Fetch-Mode", ""), headers.get("Content-Type", ""),
    )  # fmt: skip


def _text(name: str) -> bytes:
    with open(os.path.join(_HERE, name), "rb") as file:
        return file.read()
