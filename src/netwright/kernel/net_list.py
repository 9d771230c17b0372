"""The kernel's own list of network namespaces: by listns(2) from 6.19 on, before that by a program that walks it inside the kernel.

Both need root in the machine's own user namespace. The program's list is the machine's, whatever pid or mount namespace one is in;
listns(2) shows only part of it in another pid namespace, so it is not asked there.
"""

from __future__ import annotations

import errno
import os
from struct import Struct

from . import capabilities, nsfs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .bpf.program import Code, Room

_FIRST = {"user": 0xEFFFFFFD, "pid": 0xEFFFFFFC}  # PROC_USER_INIT_INO, PROC_PID_INIT_INO of linux/proc_ns.h
_AT_ONCE = 512
_ROW = Struct("=QQQQ")  # its address, the next one in the list, its inode, its number
_LEAST_INODE = 0xEFFFFF00  # nsfs counts from 0xF0000000; the first namespaces of each kind have those just below
_MOST = 200_000
_NS_COMMON = 256  # bytes of struct ns_common that are looked through for the number


class NoList(Exception):
    """The list cannot be had; the text says why."""


def everything() -> dict[int, int]:
    """inode -> number (NS_GET_ID; 0 where the kernel has none). NoList, with why by none of both ways."""
    lacks = _lacks()
    if not lacks:
        try:
            return _opened(nsfs.listed())
        except OSError as error:
            lacks = "it comes with Linux 6.19" if error.errno == errno.ENOSYS else str(error.strerror)
    try:
        return _walked()
    except PermissionError:
        why = "it takes CAP_BPF and CAP_PERFMON"
    except FileNotFoundError:
        why = "this kernel does not describe itself (CONFIG_DEBUG_INFO_BTF)"
    except KeyError as error:
        why = f"this kernel has no {error.args[0]}"
    except OSError as error:
        why = str(error.strerror)
    raise NoList(f"listns(2): {lacks}; bpf(2): {why}")


def _lacks() -> str:
    """What listns(2) lacks to be told of all namespaces: it leaves out the others without a word. (The first 6.19 asked less of us.)"""
    for kind, first in _FIRST.items():
        try:
            if os.stat(f"/proc/self/ns/{kind}").st_ino != first:
                return f"this is not the machine's own {kind} namespace"
        except FileNotFoundError:
            continue  # built without them: there is only the machine's own
    return "" if capabilities.has(capabilities.SYS_ADMIN) else "it takes CAP_SYS_ADMIN"


def _opened(numbers: list[int]) -> dict[int, int]:
    """listns gives numbers only: each is opened once, to know its inode. OSError where that is forbidden (by a container's filter):
    our own namespace is one of them, and has not ended."""
    out = {}
    refused = None
    for number in numbers:
        try:
            fd = nsfs.open_by_cookie(number, 0)
        except OSError as error:
            refused = error
            continue  # it has ended, or is not ours to see
        try:
            out[os.fstat(fd).st_ino] = number
        finally:
            os.close(fd)
    if refused and not out:
        raise refused
    return out


def _walked() -> dict[int, int]:
    from .bpf.btf import Btf
    from .bpf.program import Room, loaded, run

    btf = Btf()
    links = btf.offset("net", "list")
    inode = btf.offset("net", "ns") + btf.offset("ns_common", "inum")
    own = btf.offset("task_struct", "nsproxy"), btf.offset("nsproxy", "net_ns")
    room = Room(max(_ROW.size * _AT_ONCE, _NS_COMMON))
    try:
        number = _number_at(room, own, btf.offset("net", "ns"))
        program = loaded(_walk(room.fd, own, links, inode, number))
        try:

            def ran(start: int) -> bytes:
                run(program, start)
                return room.read()

            return _rows(ran, links)
        finally:
            os.close(program)
    finally:
        room.close()


def _start(room: int, own: tuple[int, int]) -> Code:
    """register 6: the room; register 7: the namespace to begin with, which is the argument, or our own where that is 0."""
    from .bpf.program import CURRENT_TASK, READ_KERNEL, Code

    code = Code()
    code.load(7, 1, 0).copy(8, 1).map_value(room).copy(6, 0)
    mine = Code()
    mine.call(CURRENT_TASK).copy(7, 0)
    for offset in own:
        mine.copy(1, 10).add(1, -16).put(2, 8).copy(3, 7).add(3, offset).call(READ_KERNEL).load(7, 10, -16)
    code.skip_unless_zero(7, len(mine))
    code.extend(mine)
    return code


def _read(code: Code, to: int, size: int, offset: int) -> None:
    """`size` bytes at register 7 + offset into the room at `to`."""
    from .bpf.program import READ_KERNEL

    code.copy(1, 6).add(1, to).put(2, size).copy(3, 7).add(3, offset).call(READ_KERNEL)


def _number_at(room: Room, own: tuple[int, int], common: int) -> int:
    """Where in struct net the number is: it stands in an unnamed union, which moves; so our own is looked for. 0: there is none."""
    from .bpf.program import loaded, run

    fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        mine = nsfs.cookie(fd)
    finally:
        os.close(fd)
    if not mine:
        return 0
    code = _start(room.fd, own)
    _read(code, 0, _NS_COMMON, common)
    program = loaded(code.end())
    try:
        run(program, 0)
    finally:
        os.close(program)
    words = [word for (word,) in Struct("=Q").iter_unpack(room.read()[:_NS_COMMON])]
    return common + 8 * words.index(mine) if mine in words else 0


def _walk(room: int, own: tuple[int, int], links: int, inode: int, number: int) -> Code:
    code = _start(room, own)
    for at in range(0, _ROW.size * _AT_ONCE, _ROW.size):
        code.store(6, at, 7)
        _read(code, at + 8, 8, links)
        _read(code, at + 16, 4, inode)
        if number:
            _read(code, at + 24, 8, number)
        code.load(7, 6, at + 8).add(7, -links)
    return code.end()


def _rows(ran: Callable[[int], bytes], links: int) -> dict[int, int]:
    """The list is a ring, in which one link (the list's own head) is in no namespace."""
    out: dict[int, int] = {}
    been: set[int] = set()
    start = 0
    while len(been) < _MOST:
        for address, following, inode, number in _ROW.iter_unpack(ran(start)[: _ROW.size * _AT_ONCE]):
            if address in been or not following:
                return out
            been.add(address)
            if inode & 0xFFFFFFFF >= _LEAST_INODE:
                out[inode & 0xFFFFFFFF] = number
            start = following - links
    return out
