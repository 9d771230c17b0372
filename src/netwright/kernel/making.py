"""Many namespaces in a row, each with an open socket: one thread goes from new namespace to new namespace.

unshare(2) moves only the thread, so the caller stays where it is; and the netlink socket that is opened while the thread is
there belongs to the new namespace for ever. Entering each one later for its socket would cost a second thread and a setns.
"""

from __future__ import annotations

import os

from .netlink import Netlink, my_namespace
from .spaces import run_apart
from .syscalls import CLONE_NEWNET, unshare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Made = tuple[int, Netlink]


def make(names: Sequence[str], name_it: Callable[[str], None] | None = None) -> dict[str, Made]:
    """New namespaces by name: (open fd, socket inside). `name_it(name)` runs in the thread, inside the new namespace.

    OSError as unshare(2) gives it (ENOSPC: user.max_net_namespaces; EPERM; EMFILE for the files): nothing is kept then.
    lo is down in each.
    """
    made: dict[str, Made] = {}

    def work() -> None:
        for name in names:
            unshare(CLONE_NEWNET)
            fd = my_namespace()
            try:
                netlink = Netlink()
                made[name] = fd, netlink
                if name_it:
                    name_it(name)
            except OSError:
                if name not in made:
                    os.close(fd)
                raise

    try:
        run_apart(work)
    except BaseException:
        for fd, netlink in made.values():
            netlink.close()
            os.close(fd)
        raise
    return made


def visit(fds: Sequence[int], work: Callable[[int], None]) -> None:
    """work(position) in each of the namespaces `fds`, one after the other, in one thread that goes there."""
    from .syscalls import setns

    def body() -> None:
        for at, fd in enumerate(fds):
            setns(fd, CLONE_NEWNET)
            work(at)

    run_apart(body)
