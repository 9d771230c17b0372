"""What happens in a namespace, as an iterator."""

from __future__ import annotations

import os
import select
import time

from ..engine import observe
from ..engine.session import Session
from ..errors import Invalid
from ..kernel import rtnl
from ..kernel.netlink import Netlink, Overrun
from ..model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .channel import Channel

_GROUPS = {
    "link": ("link",),
    "address": ("ipv4_ifaddr", "ipv6_ifaddr"),
    "route": ("ipv4_route", "ipv6_route"),
    "neighbour": ("neigh",),
    "rule": ("ipv4_rule", "ipv6_rule"),
    "nsid": ("nsid",),
}
_GONE = (rtnl.DELLINK, rtnl.DELADDR, rtnl.DELROUTE, rtnl.DELNEIGH, rtnl.DELRULE, rtnl.DELNSID)


@value
class Event:
    """`kind` is link, address, route, neighbour, rule or nsid; `action` is changed (or new) or gone; `value` what it is about.

    The value is a Link, Address, Route, Neighbour or Rule, and for nsid the number. When the reader was too slow and the
    kernel threw events away, there is one Event("all", "lost", None): read anew what you need; events go on after it.
    """

    kind: str
    action: str
    value: Any


class Reader:
    """A subscribed socket and the names it needs. Subscribed when made: what happens afterwards is not missed."""

    def __init__(self, channel: Channel, groups: Iterable[str]) -> None:
        unknown = [group for group in groups if group not in _GROUPS]
        if unknown:
            raise Invalid(f"{unknown[0]!r} is no group of events", fix=f"one of {', '.join(_GROUPS)}")
        numbers = [rtnl.GROUPS[name] for group in groups for name in _GROUPS[group]]
        self.netlink = Netlink(inside=channel.fd(), groups=numbers)
        self.netlink.socket.setblocking(False)
        self._session = Session(channel.fd())
        self._names = observe.link_names(self._session)

    def ready(self) -> list[Event]:
        """The events that are there now, without waiting; [] when there are none."""
        try:
            raws = self.netlink.receive()
        except BlockingIOError:
            return []
        except Overrun:
            self._names = observe.link_names(self._session)
            return [Event("all", "lost", None)]
        return [event for message in rtnl.decoded(raws) if (event := self._event(message)) is not None]

    def _event(self, message: rtnl.Message) -> Event | None:
        if message.kind in (rtnl.NEWLINK, rtnl.DELLINK) and message["family"] == 0:
            self._names.known[message["index"]] = message.get("ifname", "")
        found = observe.value_of(message, self._names)
        return Event(found[0], "gone" if message.kind in _GONE else "changed", found[1]) if found else None

    def close(self) -> None:
        """Unsubscribe."""
        self.netlink.close()
        self._session.close()


class Events:
    """`for event in ns.events(("link",)): …`; ends after `close()`, from any thread, or after `timeout` quiet seconds.

    Use it in a `with` to close it. One thread iterates at a time; several iterators have a socket each and each sees all.
    """

    def __init__(self, channel: Channel, groups: tuple[str, ...], timeout: float | None) -> None:
        self._reader = Reader(channel, groups)
        self._timeout = timeout
        self._waiting: list[Event] = []
        self._ends = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._poll = select.poll()
        self._poll.register(self._reader.netlink.fileno(), select.POLLIN)
        self._poll.register(self._ends[0], select.POLLIN)
        self._open = True

    def __iter__(self) -> Events:
        return self

    def __next__(self) -> Event:
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        while not self._waiting:
            if not self._open or not self._wait(deadline):
                raise StopIteration
            self._waiting = self._reader.ready()
        return self._waiting.pop(0)

    def _wait(self, deadline: float | None) -> bool:
        """True when the socket is to be read; False at the deadline or after close()."""
        left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
        ready = self._poll.poll(left)
        return bool(ready) and self._open

    def close(self) -> None:
        """End the iteration, also one that waits in another thread. What was received before is still given out."""
        if self._open:
            self._open = False
            os.write(self._ends[1], b"x")

    def __enter__(self) -> Events:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_ends"):
            for fd in self._ends:
                os.close(fd)
            self._reader.close()
