"""A running lab for a process that has entered its holder: what checks and pings need of a Lab, without keeping it alive."""

from __future__ import annotations

import os

from ..errors import Invalid
from ..kernel.spawn import Where
from ..kernel.views import HeldViews
from .host import Host
from .lab import Lab

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .topology import Topology


class Entered(Lab):
    """The lab `name` as `topology` says it is; its hosts are reached by the names in the holder's /run/netns.

    Nothing is brought up or taken down. Programs that are started in a host live in the lab's pid namespace by themselves.
    """

    def __init__(self, name: str, topology: Topology) -> None:
        super().__init__(name, topology=topology)
        self._open: dict[str, Where] = {}

    @property
    def is_up(self) -> bool:
        """It was entered, so it is."""
        return True

    def up(self) -> Entered:
        """Not from here. Invalid."""
        raise Invalid(f"{self.name} cannot be changed from inside", fix="nw up FILE")

    def down(self) -> None:
        """Let go of what is open; the lab stays."""
        for where in self._open.values():
            os.close(where.net)
            if where.mounts is not None:
                os.close(where.mounts)
        self._open.clear()

    def __getitem__(self, name: str) -> Host:
        return super().__getitem__(name)

    def _where(self, name: str) -> Where:
        if name not in self._open:
            try:
                net = os.open(f"/run/netns/{name}", os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                raise Invalid(f"{name} is written down but not there", why="the lab was brought up without it", fix="nw up FILE") from None
            self._open[name] = Where(net, HeldViews().mounts(self.state.namespaces[name].view))
        return self._open[name]

    def _guarded(self, name: str) -> Where:
        return self._where(name)
