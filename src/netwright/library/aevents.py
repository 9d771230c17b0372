"""What happens in a namespace, for a running event loop."""

from __future__ import annotations

from .events import Event, Reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio

    from .channel import Channel


class AsyncEvents:
    """`async for event in ns.aevents(("link",)): …`; one task iterates. `close()` ends it; or use `async with`.

    Subscribed when made. It only asks the loop for readiness (add_reader): no thread, no polling.
    """

    def __init__(self, channel: Channel, groups: tuple[str, ...]) -> None:
        self._reader = Reader(channel, groups)
        self._waiting: list[Event] = []
        self._future: asyncio.Future[None] | None = None
        self._open = True

    def __aiter__(self) -> AsyncEvents:
        return self

    async def __anext__(self) -> Event:
        while not self._waiting:
            if not self._open:
                raise StopAsyncIteration
            self._waiting = self._reader.ready()
            if not self._waiting:
                await self._readable()
        return self._waiting.pop(0)

    async def _readable(self) -> None:
        import asyncio

        loop = asyncio.get_running_loop()
        future = self._future = loop.create_future()
        fd = self._reader.netlink.fileno()
        loop.add_reader(fd, _wake, future)
        try:
            await future
        finally:
            loop.remove_reader(fd)
            self._future = None

    def close(self) -> None:
        """End the iteration; to be called in the loop's thread."""
        self._open = False
        if self._future is not None:
            _wake(self._future)
        else:
            self._reader.close()

    async def __aenter__(self) -> AsyncEvents:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
