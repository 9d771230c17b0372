"""Where the namespaces of a State are: by name in the netns directory, or as open files of this process and nowhere else.

`Names` is the netns directory as this process sees it: the machine's own, or the private one of a lab's holder. `Files` is a
lab that lives and dies with this process: nobody else can see it, and when the process ends, however it ends, it is gone.
"""

from __future__ import annotations

import os

from ..errors import CallFailed, Gone
from ..kernel import namespaces
from ..kernel.making import make
from ..kernel.netlink import Netlink
from ..kernel.references import open_namespace
from .session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..kernel.nfnetlink import Nfnetlink


class PlaceSession(Session):
    """A session whose names of namespaces are those of its place; it keeps the indices that were chosen for new devices."""

    def __init__(self, place: Place, netlink: Netlink) -> None:
        super().__init__()
        self._netlink = netlink
        self.place = place
        self.highest = 0

    def namespace(self, reference: str) -> int:
        """The open file of the place's namespace; it stays open."""
        return self.place.fd(reference)

    def next_index(self) -> int:
        """An index that no device of the namespace has."""
        if not self.highest:
            from ..kernel import rtnl

            self.highest = max(message["index"] for message in rtnl.dump(self.netlink, rtnl.GETLINK, {}, {"ext_mask": rtnl.EXT_FILTER_SKIP_STATS}))
        self.highest += 1
        return self.highest


class Place:
    """Namespaces by name, opened when first needed; one netlink socket in each. Close it, or use it in a `with`.

    `chooses`: new devices get indices of ours, so that a whole topology is one batch.
    """

    chooses = True

    def __init__(self) -> None:
        self._fds: dict[str, int] = {}
        self._sessions: dict[str, PlaceSession] = {}
        self._nfnetlinks: dict[str, Nfnetlink] = {}
        self._fresh = 0

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every socket and file."""
        for name in list(self._fds):
            self.forget(name)

    def forget(self, name: str) -> None:
        """Close what is open of one namespace."""
        if name in self._sessions:
            self._sessions.pop(name).close()
        if name in self._nfnetlinks:
            self._nfnetlinks.pop(name).close()
        if name in self._fds:
            os.close(self._fds.pop(name))

    def names(self) -> list[str]:
        """The namespaces that there are."""
        raise NotImplementedError

    def fd(self, name: str) -> int:
        """The open file of a namespace. Gone when there is none of that name."""
        if name not in self._fds:
            self._fds[name] = self._opened(name)
        return self._fds[name]

    def _opened(self, name: str) -> int:
        raise NotImplementedError

    def session(self, name: str) -> PlaceSession:
        """The socket in a namespace."""
        if name not in self._sessions:
            self._sessions[name] = PlaceSession(self, Netlink(inside=self.fd(name)))
        return self._sessions[name]

    def nfnetlink(self, name: str) -> Nfnetlink:
        """The socket for nftables in a namespace; it is closed with the place, when what was deleted has been freed meanwhile."""
        if name not in self._nfnetlinks:
            from ..kernel.nfnetlink import Nfnetlink

            self._nfnetlinks[name] = Nfnetlink(self.fd(name))
            self._nfnetlinks[name].kept = True
        return self._nfnetlinks[name]

    def create(self, names: Sequence[str]) -> None:
        """Make namespaces. CallFailed with the reason (limits, privilege, files)."""
        room_for_files(2 * (len(names) + len(self._fds)) + 64)
        try:
            made = make(names, self._pin)
        except OSError as error:
            raise cannot_make(names, error) from None
        for name, (fd, netlink) in made.items():
            self._fds[name] = fd
            self._sessions[name] = session = PlaceSession(self, netlink)
            self._fresh = self._fresh or session.next_index() - 1
            session.highest = self._fresh

    def _pin(self, name: str) -> None:
        """Called inside a new namespace: give it what makes it stay."""

    def delete(self, name: str) -> None:
        """Let a namespace go. Gone when there is none."""
        raise NotImplementedError


class Names(Place):
    """The netns directory as this process sees it."""

    def names(self) -> list[str]:
        return namespaces.names()

    def _opened(self, name: str) -> int:
        return open_namespace(name)

    def _pin(self, name: str) -> None:
        namespaces.pin(name, "/proc/thread-self/ns/net")

    def delete(self, name: str) -> None:
        self.forget(name)
        namespaces.delete(name)


class Files(Place):
    """Open files of this process."""

    def names(self) -> list[str]:
        return list(self._fds)

    def _opened(self, name: str) -> int:
        raise Gone(f'there is no namespace "{name}" here')

    def delete(self, name: str) -> None:
        if name not in self._fds:
            self._opened(name)
        self.forget(name)


def room_for_files(many: int) -> None:
    """Raise the soft limit of open files where `many` would not fit. CallFailed where the hard limit is in the way."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= many:
        return
    if hard != resource.RLIM_INFINITY and hard < many:
        why = f"this needs about {many} open files, the hard limit (ulimit -Hn) is {hard}"
        raise CallFailed("too many open files", 24, why=why, fix=f"ulimit -Hn {many} as root, or LimitNOFILE= of the service")
    resource.setrlimit(resource.RLIMIT_NOFILE, (many if hard == resource.RLIM_INFINITY else min(hard, max(many, soft)), hard))


def cannot_make(names: Sequence[str], error: OSError) -> CallFailed:
    """`cannot make N network namespaces: …` with the reason and the way out."""
    import errno

    many = f"{len(names)} network namespaces" if len(names) > 1 else f"the network namespace {names[0]}"
    reasons = {
        errno.ENOSPC: ("the limit of this user namespace is reached", "sudo sysctl -w user.max_net_namespaces=100000"),
        errno.EPERM: ("this needs CAP_SYS_ADMIN", "run it as root, or without root: nw rootless …"),
        errno.EMFILE: ("this process has too many open files", "raise it: ulimit -n 100000"),
        errno.ENFILE: ("this machine has too many open files", "sudo sysctl -w fs.file-max=1000000"),
        errno.ENOMEM: ("the kernel has no memory for another one", "free some memory, or make fewer hosts"),
        errno.EROFS: ("the file system is read-only", "make /run writable"),
    }
    why, fix = reasons.get(error.errno or 0, ("", ""))
    return CallFailed(f"cannot make {many}: {error.strerror}", error.errno or 0, why=why, fix=fix)
