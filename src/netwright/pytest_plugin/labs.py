"""What the fixtures give: a callable that makes labs, and takes them down at the end."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ..errors import Invalid, NetwrightError
from ..lab.lab import Lab
from ..lab.packets import Packets, Reader
from .wanted import LIVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..lab.host import Host
    from ..lab.topology import Topology
    from ..model.state import State

READER = pytest.StashKey[Reader]()
KEPT: pytest.StashKey[list[WatchedLab]] = pytest.StashKey()


class WatchedLab(Lab):
    """A lab that remembers what was done to it and the last packets of its cables."""

    packets: Packets | None = None

    def __init__(self, name: str = "lab", *, pool: str | tuple[str, ...] = (), topology: Topology | None = None) -> None:
        super().__init__(name, pool=pool, topology=topology)
        self.ups: list[tuple[State, State]] = []
        self.unheard = ""

    def up(self) -> WatchedLab:
        """As ever; what is new is listened to."""
        before = self._known
        super().up()
        if self._known is not before:
            self.ups.append((before, self._known))
            self._listen()
        return self

    def _listen(self) -> None:
        if self.packets is None or self._place is None:
            return
        try:
            self.packets.follow(self._known, self._place.fd)
        except OSError as error:
            self.unheard = f"no packets were kept: {error.strerror}"  # CONFIG_PACKET, or the limit of open files

    def down(self) -> None:
        """As ever."""
        if self.packets is not None:
            self.packets.close()
        super().down()


class Labs:
    """The fixture `lab`: call it for a lab. `made` are those that were made, `failed` whether a test that used them did."""

    def __init__(self, node: pytest.Item | pytest.Collector, factory: pytest.TempPathFactory) -> None:
        self.node, self.factory = node, factory
        self.made: list[WatchedLab] = []
        self.failed = False
        node.config.stash.setdefault(LIVE, []).append(self)

    def __repr__(self) -> str:
        return f"<lab fixture: {', '.join(lab.name for lab in self.made) or 'none made yet'}>"

    def __call__(self, what: str | os.PathLike[str] = "", *, name: str = "") -> WatchedLab:
        """A lab that is up: from a file (beside the test's file, or below the root directory), or from text with a line end in it.

        Without anything an empty one, to be built in Python: it comes up when a host is first used. `name` instead of the
        file's own. Invalid with every mistake of the file; PlanFailed when the kernel refuses.
        """
        __tracebackhide__ = True
        try:
            return self._made(what, name)
        except NetwrightError as error:
            problem = error
        # The way through this package tells nothing that the message does not.
        raise problem.with_traceback(None) from None

    def alone(self) -> Host:
        """A network namespace with nothing but lo."""
        lab = self._watched(WatchedLab("netns"))
        host = lab.host("netns")
        lab.up()
        return host

    def _made(self, what: str | os.PathLike[str], name: str) -> WatchedLab:
        text = os.fspath(what)
        if not text:
            return self._watched(WatchedLab(name or "lab"))
        lab = self._watched(WatchedLab(topology=self._topology(text)))
        if name:
            lab._write(name=name)
        lab.up()
        return lab

    def _topology(self, text: str) -> Topology:
        path = "" if "\n" in text else str(self._found(text))
        from ..lab.load import load, loads

        return load(path) if path else loads(text)

    def _watched(self, lab: WatchedLab) -> WatchedLab:
        config = self.node.config
        if not config.getoption("no_lab_pcap"):
            if READER not in config.stash:
                config.stash[READER] = Reader()
            lab.packets = Packets(config.stash[READER])
        self.made.append(lab)
        return lab

    def _found(self, path: str) -> Path:
        places = list(dict.fromkeys([self.node.path.parent, self.node.config.rootpath]))
        for place in places:
            if (place / path).is_file():
                return place / path
        raise _no_file(path, places)

    def end(self) -> None:
        """Take all of them down, the last first; with --lab-keep those of a failed test stay."""
        config = self.node.config
        config.stash[LIVE].remove(self)
        if self.failed and config.getoption("lab_keep"):
            config.stash.setdefault(KEPT, []).extend(lab for lab in self.made if lab.is_up)
            return
        for lab in reversed(self.made):
            lab.down()


def _no_file(path: str, places: list[Path]) -> Invalid:
    from ..model.meant import did_you_mean

    near = {str(found.relative_to(place)): found for place in places for found in place.glob("*.lab.*")}
    fix = did_you_mean(path, near) or "a path beside the test's file, or text with a line end in it"
    return Invalid(f"there is no lab file {path}", why=f"looked in {' and '.join(map(str, places))}", fix=fix)


def end_all(config: pytest.Config) -> None:
    """The end of the run: kept labs after a person has looked at them, then the thread that reads packets."""
    if config.stash.get(KEPT, None):
        from .keeping import wait_for_person

        wait_for_person(config)
        for lab in config.stash[KEPT]:
            lab.down()
    if READER in config.stash:
        config.stash[READER].stop()
