"""A /run of our own in a new mount namespace: what was there is still there; /run/netns, /run/nw-lab and /run/nw-networks are ours.

How it works. A tmpfs is laid over /run, and each entry of the old one is bound into it: sockets, the user's runtime directory,
everything a program looks for. Binds are recursive, because in a user namespace the mounts that came from outside are locked:
the kernel does not bind a tree without what lies on it (EINVAL). What comes into the old /run later, at its top, is not seen.
"""

from __future__ import annotations

import os
import stat

from .syscalls import MS_BIND, MS_NODEV, MS_NOSUID, MS_PRIVATE, MS_REC, MS_SHARED, mount

RUN = "/run"
NETNS = "/run/netns"
FILES = "/run/nw-lab"
NETWORKS = "/run/nw-networks"  # where container networks of `nw rootless` are written down: they end with it
_OURS = ("netns", "nw-lab", "nw-networks")


def own_propagation() -> None:
    """No mount of this namespace shows elsewhere, or comes from elsewhere. OSError."""
    mount(None, "/", None, MS_REC | MS_PRIVATE)


def lay_private_run() -> list[str]:
    """Lay it, in a mount namespace of our own; entries of the old /run that could not be kept. OSError."""
    old = os.open(RUN, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        entries = [name for name in os.listdir(f"/proc/self/fd/{old}") if name not in _OURS]
        mount("nw-run", RUN, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
        lost = [name for name in entries if not _kept(f"/proc/self/fd/{old}/{name}", f"{RUN}/{name}")]
    finally:
        os.close(old)
    os.mkdir(FILES, 0o755)
    os.mkdir(NETNS, 0o755)
    # A mount point that is shared, as ip(8) makes it: copies of this namespace (ip netns exec) then see names come and go.
    mount("nw-netns", NETNS, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    mount(None, NETNS, None, MS_SHARED)
    return lost


def _kept(source: str, target: str) -> bool:
    """Show one entry of the old /run in the new one."""
    try:
        mode = os.lstat(source).st_mode
        if stat.S_ISLNK(mode):
            os.symlink(os.readlink(source), target)
            return True
        if stat.S_ISDIR(mode):
            os.mkdir(target)
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        mount(source, target, None, MS_BIND | MS_REC)
    except FileNotFoundError:
        return True  # gone in the meantime: nothing to keep
    except OSError:
        return False
    return True
