"""The kernel's own list of namespaces: listns(2) as Linux 6.19 has it, played; and what is done where it is not, or tells a part."""

import errno
import os
from struct import Struct
from types import SimpleNamespace

import pytest

from netwright.hostmap import unseen
from netwright.kernel import _syscall, capabilities, net_list, nsfs

CLONE_NEWNET, MOST = 0x40000000, 1_000_000


class Kernel:
    """listns(2) of kernel/nstree.c: checks what it is asked, fills the array, and refuses a page behind which there is nothing."""

    def __init__(self, numbers: list[int], error: int = 0) -> None:
        self.numbers, self.error, self.asked = numbers, error, 0

    def __call__(self, call: int, request: bytes, room: bytearray, count: int, flags: int) -> int:
        self.asked += 1
        size, spare, last, kind, spare2, user = Struct("=IIQIIQ").unpack(request)
        if self.error or call != 470:
            self.fails(self.error or errno.ENOSYS)
        if flags or spare or spare2 or size != 32 or len(room) != 8 * count or kind != CLONE_NEWNET or user:
            self.fails(errno.EINVAL)
        if count > MOST:
            self.fails(errno.EOVERFLOW)
        found = [number for number in self.numbers if number > last]
        if last and not found:
            self.fails(errno.ENOENT)
        told = found[:count]
        Struct(f"={len(told)}Q").pack_into(room, 0, *told)
        return len(told)

    def fails(self, number: int) -> None:
        raise OSError(number, os.strerror(number))


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """We are root of the machine, as far as can be seen."""
    monkeypatch.setattr(net_list, "_lacks", lambda: "")


def played(monkeypatch: pytest.MonkeyPatch, kernel: Kernel) -> Kernel:
    monkeypatch.setattr(_syscall, "syscall", kernel)
    return kernel


@pytest.mark.parametrize(("many", "calls"), [(0, 1), (1, 1), (1023, 1), (1024, 2), (1025, 2), (8192, 3), (70_000, 4)])
def test_all_are_told_however_many_they_are(many: int, calls: int, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = played(monkeypatch, Kernel(list(range(7, 7 + 3 * many, 3))))
    assert nsfs.listed() == kernel.numbers
    assert kernel.asked == calls


def test_more_than_may_be_asked_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nsfs, "_AT_MOST", 2048)
    kernel = played(monkeypatch, Kernel(list(range(1, 5000))))
    assert nsfs.listed() == kernel.numbers[:2048]


def test_numbers_become_inodes_and_what_has_ended_is_left_out(monkeypatch: pytest.MonkeyPatch, whole: None) -> None:
    played(monkeypatch, Kernel([5, 6, 7]))

    def opened(number: int, inode: int) -> int:
        if number == 6:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        assert inode == 0
        return os.open(f"/proc/self/ns/{'net' if number == 5 else 'mnt'}", os.O_RDONLY)

    monkeypatch.setattr(nsfs, "open_by_cookie", opened)
    assert net_list.everything() == {os.stat("/proc/self/ns/net").st_ino: 5, os.stat("/proc/self/ns/mnt").st_ino: 7}


def test_numbers_that_none_may_be_opened_by_are_no_list(monkeypatch: pytest.MonkeyPatch, whole: None) -> None:
    """A container's filter may know listns(2) and refuse open_by_handle_at(2)."""
    played(monkeypatch, Kernel([5, 6]))

    def refused(number: int, inode: int) -> int:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(nsfs, "open_by_cookie", refused)
    monkeypatch.setattr(net_list, "_walked", lambda: {1: 2})
    assert net_list.everything() == {1: 2}


@pytest.mark.parametrize("error", [errno.ENOSYS, errno.EPERM])
def test_without_it_the_list_is_walked(error: int, monkeypatch: pytest.MonkeyPatch, whole: None) -> None:
    """ENOSYS of an older kernel; EPERM of a filter that does not know the call."""
    played(monkeypatch, Kernel([5], error))
    monkeypatch.setattr(net_list, "_walked", lambda: {1: 2})
    assert net_list.everything() == {1: 2}


def test_where_it_tells_a_part_it_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = played(monkeypatch, Kernel([5]))
    monkeypatch.setattr(net_list, "_lacks", lambda: "this is not the machine's own pid namespace")
    monkeypatch.setattr(net_list, "_walked", lambda: {1: 2})
    assert net_list.everything() == {1: 2}
    assert kernel.asked == 0


@pytest.mark.parametrize(
    ("of_walk", "why"),
    [
        (PermissionError(errno.EPERM, "no"), "it takes CAP_BPF and CAP_PERFMON"), (KeyError("net.list"), "this kernel has no net.list"),
        (FileNotFoundError(errno.ENOENT, "no"), "this kernel does not describe itself (CONFIG_DEBUG_INFO_BTF)"), (OSError(errno.ENOSYS, "Function not implemented"), "Function not implemented"),
    ],
)  # fmt: skip
def test_without_both_the_map_says_so(of_walk: Exception, why: str, monkeypatch: pytest.MonkeyPatch, whole: None) -> None:
    played(monkeypatch, Kernel([], errno.ENOSYS))

    def fails() -> dict[int, int]:
        raise of_walk

    monkeypatch.setattr(net_list, "_walked", fails)
    problems: list = []
    assert unseen.listed(problems) == {}
    (problem,) = problems
    assert (problem.kind, problem.why) == ("no-list", f"the kernel's own list: listns(2): it comes with Linux 6.19; bpf(2): {why}")


@pytest.mark.parametrize(
    ("namespaces", "permitted", "why"),
    [
        ({"user": 0xEFFFFFFD, "pid": 0xEFFFFFFC}, True, ""), ({"user": 0xEFFFFFFD, "pid": 0xEFFFFFFC}, False, "it takes CAP_SYS_ADMIN"),
        ({"user": 0xEFFFFFFD, "pid": 7}, True, "this is not the machine's own pid namespace"),
        ({"user": 7, "pid": 0xEFFFFFFC}, True, "this is not the machine's own user namespace"),
        ({}, True, ""), ({"pid": 0xEFFFFFFC}, False, "it takes CAP_SYS_ADMIN"), ({"pid": 7}, True, "this is not the machine's own pid namespace"),
    ],
)  # fmt: skip
def test_who_is_told_of_all(namespaces: dict[str, int], permitted: bool, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Status:
        def __init__(self, path: str) -> None:
            if (kind := path.rpartition("/")[2]) not in namespaces:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
            self.st_ino = namespaces[kind]

    monkeypatch.setattr(net_list, "os", SimpleNamespace(stat=Status))
    monkeypatch.setattr(capabilities, "has", lambda *_: permitted)
    assert net_list._lacks() == why
