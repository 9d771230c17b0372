"""What nsfs says about a namespace behind an open file, and namespaces opened by number. linux/nsfs.h, ioctl_nsfs(2)

How it works. An open namespace file answers ioctls: its number (NS_GET_ID, from 6.18) and the user namespace that owns it. With
that number the kernel opens a namespace that has no file, no process and no name (open_by_handle_at at FD_NSFS_ROOT, 6.18), and
listns(2) (6.19) lists all that are in use.
"""

import array
import errno
import fcntl
import os
from struct import Struct

from .syscalls import CLONE_NEWNET

_GET_USERNS, _GET_ID = 0xB701, 0x8008B70D
_SIOCGSKNS, _TUNGETDEVNETNS = 0x894C, 0x54E3
_PIDFD_GETFD, _LISTNS = 438, 470
_NSFS_ROOT, _NSFS_HANDLE = -10003, 0xF1
_HANDLE = Struct("=IiQII")  # struct file_handle: size, type; struct nsfs_file_handle: id, type, inode
_REQUEST = Struct("=IIQIIQ")  # struct ns_id_req: size, spare, ns_id (the last one that is known), ns_type, spare2, user_ns_id
_AT_ONCE, _AT_MOST = 1024, 1_000_000  # more than that at once is EOVERFLOW


def device() -> int:
    """The device number of nsfs, which every namespace file has."""
    return os.stat("/proc/self/ns/net").st_dev


def cookie(fd: int) -> int:
    """The kernel's own number of a namespace, never used twice in a boot; 0 where it does not tell."""
    number = array.array("Q", (0,))
    try:
        fcntl.ioctl(fd, _GET_ID, number, True)
    except OSError:
        return 0
    return number[0]


def user_space(fd: int) -> int:
    """The inode of the user namespace that owns it; 0 when that lies outside of ours (EPERM)."""
    try:
        owner = fcntl.ioctl(fd, _GET_USERNS)
    except OSError:
        return 0
    try:
        return os.fstat(owner).st_ino
    finally:
        os.close(owner)


def same(fd: int, inode: int) -> bool:
    """Whether an open file is the namespace of this inode."""
    status = os.fstat(fd)
    return status.st_ino == inode and status.st_dev == device()


def open_path(path: str, inode: int) -> int:
    """An open fd of the namespace `inode` at `path`. OSError; ESTALE when something else is there.

    Looked at before it is opened: behind a path in somebody else's mount namespace can be a device or a pipe, whose opening acts.
    """
    looked = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not same(looked, inode):
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), path)
        return os.open(f"/proc/self/fd/{looked}", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(looked)


# -- sockets ---------------------------------------------------------------------------------------------------------------


def file_of(pidfd: int, number: int) -> int:
    """A copy of the file `number` of another process. pidfd_getfd(2), from 5.6; OSError."""
    from ._syscall import syscall

    return syscall(_PIDFD_GETFD, pidfd, number, 0)


def space_of_socket(pidfd: int, number: int, tun: bool = False) -> int:
    """An open fd of the namespace that a process' socket lives in; `tun`: that the device of its tun file is in. OSError."""
    copy = file_of(pidfd, number)
    try:
        # Both make a new file, which is not close-on-exec.
        found = fcntl.ioctl(copy, _TUNGETDEVNETNS if tun else _SIOCGSKNS)
    finally:
        os.close(copy)
    os.set_inheritable(found, False)
    return found


# -- by number -------------------------------------------------------------------------------------------------------------


def open_by_cookie(number: int, inode: int) -> int:
    """An open fd of the namespace with this number and inode (0: any, from 6.19). OSError: not there any more, not permitted, or an
    older kernel."""
    from ._syscall import open_by_handle_at

    handle = _HANDLE.pack(16, _NSFS_HANDLE, number, CLONE_NEWNET if inode else 0, inode)
    return open_by_handle_at(_NSFS_ROOT, handle, os.O_RDONLY | os.O_CLOEXEC)


def listed() -> list[int]:
    """The numbers of network namespaces by listns(2): those in use (by a process, a file, a mount; not by sockets alone). OSError: ENOSYS
    before 6.19. All of them in the machine's own pid and user namespace with CAP_SYS_ADMIN; anywhere else it may be a part, and
    nothing says so.

    A longer list is asked for again from its beginning: the next page would be refused (ENOENT) where it is empty, or where the one
    that it begins with is just ending.
    """
    from ._syscall import syscall

    room = _AT_ONCE
    while True:
        numbers = bytearray(8 * room)
        count = syscall(_LISTNS, _REQUEST.pack(_REQUEST.size, 0, 0, CLONE_NEWNET, 0, 0), numbers, room, 0)
        if count < room or room == _AT_MOST:
            return [value for (value,) in Struct("=Q").iter_unpack(bytes(numbers[: 8 * count]))]
        room = min(8 * room, _AT_MOST)
