"""Notice when anything is mounted or unmounted: names in /run/netns, the binds of Docker, podman and CNI alike.

The kernel tells a poll of /proc/self/mountinfo (POLLPRI) that the mounts of this mount namespace are others than at the last
look. The file is always readable, so that an event loop which waits for reading would spin: an epoll of its own that waits for
the change only can be waited for in its stead. See proc_pid_mountinfo(5).
"""

import os
import select


class MountChanges:
    """Becomes readable when mounts have changed; `clear` makes it quiet until the next change."""

    def __init__(self) -> None:
        self._file = os.open("/proc/self/mountinfo", os.O_RDONLY | os.O_CLOEXEC)
        self._poll = select.epoll()
        self._poll.register(self._file, select.EPOLLPRI)
        self.clear()

    def fileno(self) -> int:
        """For select, poll and event loops."""
        return self._poll.fileno()

    def clear(self) -> None:
        """What has changed so far is known."""
        self._poll.poll(0)

    def close(self) -> None:
        """End it."""
        self._poll.close()
        os.close(self._file)
