"""Going from namespace to namespace: one short-lived thread enters each, opens a socket, reads, and goes on. Nothing is forked.

A namespace that cannot be entered stays on the map with the reason; one that ends meanwhile lives on until its file is closed,
since the open file holds it.
"""

from __future__ import annotations

import errno
import os

from ..errors import NetwrightError
from ..kernel import nsfs, scan
from ..kernel.netlink import Netlink
from ..kernel.nsid_many import nsids_of_fds
from ..kernel.spaces import run_apart
from ..kernel.syscalls import CLONE_NEWNET, setns
from . import reading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from .pairing import Pairing

_MANY_SOCKETS = 2048


class Visit:
    """One namespace: its holds, its open file (-1 for none), and what was read in it."""

    def __init__(self, id: str, inode: int = 0, holds: Sequence[scan.Hold] = ()) -> None:
        self.id, self.inode, self.holds = id, inode, list(holds)
        self.fd, self.cookie, self.user_space = -1, 0, 0
        self.state, self.why = "ok", ""
        self.drafts: list[reading.Draft] = []
        self.names: dict[int, str] = {}
        self.more: dict[str, Any] = {}

    def open(self, own: bool) -> None:
        """Open its file by any of its holds, and ask what nsfs tells."""
        try:
            self.fd = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC) if own else scan.opened(self.inode, self.holds)
        except OSError as error:
            self._lost(error)
            return
        self.cookie, self.user_space = nsfs.cookie(self.fd), nsfs.user_space(self.fd)

    def _lost(self, error: OSError) -> None:
        missing = error.errno in (errno.ENOENT, errno.ESRCH, errno.ESTALE, errno.ENOTDIR)
        covered = missing and scan.bound(self.inode, self.holds)
        if missing and not covered:
            self.lose("gone", "it ended while the map was made")
        else:
            self.lose("unseen", "what holds it lies under another mount" if covered else f"its file cannot be opened: {error.strerror}")

    def lose(self, state: str, why: str) -> None:
        """Say why there is nothing of it."""
        self.state, self.why = state, why

    def close(self) -> None:
        """Let go of it."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


def read_all(visits: Sequence[Visit], own: Visit | None, detail: Callable[[Netlink, Visit], None]) -> None:
    """Read every namespace that is open; `detail` is called in each, with its socket, after devices and addresses."""

    def body() -> None:
        # Our own first: the thread is there already, and without privilege it stays there.
        for visit in sorted(visits, key=lambda one: one is not own):
            if visit.fd >= 0 and (visit is own or _entered(visit)):
                _read(visit, detail)

    run_apart(body)


def _entered(visit: Visit) -> bool:
    try:
        setns(visit.fd, CLONE_NEWNET)
    except OSError as error:
        why = "entering it takes CAP_SYS_ADMIN here and in the user namespace that owns it" if isinstance(error, PermissionError) else error.strerror
        visit.lose("unseen", f"{why}")
        return False
    return True


def _read(visit: Visit, detail: Callable[[Netlink, Visit], None]) -> None:
    try:
        with Netlink() as netlink:
            visit.drafts = reading.drafts(netlink)
            visit.names = {draft.index: draft.name for draft in visit.drafts}
            visit.more["addresses"] = reading.addresses(netlink, visit.names)
            _detailed(netlink, visit, detail)
    except (NetwrightError, OSError) as error:
        visit.lose("unseen", f"it cannot be read: {_said(error)}")


def _detailed(netlink: Netlink, visit: Visit, detail: Callable[[Netlink, Visit], None]) -> None:
    """A kernel without inet_diag, routes that change too fast: that is no reason to lose the devices."""
    try:
        detail(netlink, visit)
    except (NetwrightError, OSError) as error:
        visit.more["missing"] = _said(error)


def _said(error: NetwrightError | OSError) -> str:
    return error.what if isinstance(error, NetwrightError) else str(error.strerror)


# -- questions about numbers -----------------------------------------------------------------------------------------------


class Asking:
    """Sockets in the namespaces that are asked for numbers; those of hosts and switches are asked again and again."""

    def __init__(self, visits: Iterable[Visit], own: Visit | None) -> None:
        self._visits = {visit.id: visit for visit in visits}
        self._own = own
        self._sockets: dict[str, Netlink] = {}

    def add(self, visit: Visit) -> None:
        """One more that can be asked about (it has no file, so it answers nothing itself)."""
        self._visits[visit.id] = visit

    def settle(self, pairing: Pairing) -> None:
        """Answer its questions until there are none left."""
        self._open({point.end[0] for point in pairing.hints()})
        for point in pairing.hints():
            pairing.hint(point, self.look(point.end[0], point.nsid or 0, point.mate))
        while questions := pairing.questions():
            by_asked: dict[str, list[str]] = {}
            for asked, about in questions:
                by_asked.setdefault(asked, []).append(about)
            self._open(set(by_asked))
            for asked, all_about in by_asked.items():
                for about, nsid in zip(all_about, self._nsids(asked, all_about), strict=True):
                    pairing.answer((asked, about), nsid)

    def _open(self, ids: set[str]) -> None:
        """Sockets in all of these, by one thread."""
        if len(self._sockets) > _MANY_SOCKETS and not ids <= self._sockets.keys():
            self.close()
        todo = [self._visits[id] for id in sorted(ids - self._sockets.keys())]

        def body() -> None:
            for visit in sorted(todo, key=lambda one: one is not self._own):
                try:
                    if visit is not self._own:
                        setns(visit.fd, CLONE_NEWNET)
                    self._sockets[visit.id] = Netlink()
                except OSError:
                    continue  # then it answers nothing

        if todo:
            run_apart(body)

    def place(self, pairing: Pairing, asked: str) -> None:
        """Ends that are left there lead somewhere: ask whether it is one of those that have a file. It may be one that could not be
        read, or one that has got the other end, or lost it, since it was read."""
        about = [visit.id for visit in self._visits.values() if visit.fd >= 0]
        self._open({asked})
        for one, nsid in zip(about, self._nsids(asked, about), strict=True):
            pairing.answer((asked, one), nsid)

    def _nsids(self, asked: str, about: list[str]) -> list[int]:
        netlink = self._sockets.get(asked)
        if netlink is None:
            return [-1] * len(about)
        # A file that is not open (-1) is answered with an error, like any that is no namespace.
        return nsids_of_fds(netlink, [self._visits[one].fd for one in about])

    def called(self, asked: str, about: str) -> int:
        """The number by which one namespace calls another; -1 where it has none for it."""
        self._open({asked})
        return self._nsids(asked, [about])[0]

    def look(self, asked: str, nsid: int, index: int) -> str | None:
        """Name and hardware address of the device with this index in the namespace with this number; None without privilege."""
        self._open({asked})
        if asked not in self._sockets:
            return None
        try:
            return reading.look(self._sockets[asked], nsid, index)
        except NetwrightError:
            return None

    def drafts_behind(self, asked: str, nsid: int) -> list[reading.Draft]:
        """Devices of a namespace that has only a number (IFLA_TARGET_NETNSID); [] where that is not permitted."""
        self._open({asked})
        try:
            return reading.drafts(self._sockets[asked], nsid) if asked in self._sockets else []
        except NetwrightError:
            return []  # or it changes too fast to be read

    def close(self) -> None:
        """Close the sockets."""
        for netlink in self._sockets.values():
            netlink.close()
        self._sockets.clear()
