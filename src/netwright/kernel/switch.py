"""Going into a namespace for a foreign command: its /sys, its /etc; what `ip netns exec` does, with less lost.

ip detaches /sys and mounts a new sysfs, so that cgroup, bpf and debug mounts below it are gone for the command. Here the new
sysfs is laid over the old /sys, and those mounts are bound onto it again. Where the kernel refuses the sysfs mount (in a user
namespace that does not own the network namespace, in many containers) the command runs with the old /sys and a warning.
"""

import os

from ..errors import CallFailed
from .mounts import mounts
from .syscalls import CLONE_NEWNS, MS_BIND, MS_RDONLY, MS_REC, MS_SLAVE, mount, unshare

ETC = "/etc/netns"
_KEPT = ("cgroup", "cgroup2", "bpf", "debugfs", "tracefs", "securityfs", "pstore", "configfs", "fusectl", "tmpfs")


def needs_mounts(name: str) -> bool:
    """True when /etc/netns/NAME has files that the command must see below /etc."""
    return os.path.isdir(f"{ETC}/{name}")


def own_mounts() -> None:
    """A mount namespace of our own, whose changes stay in it. CallFailed without the privilege."""
    try:
        unshare(CLONE_NEWNS)
    except OSError as error:
        why = "a mount namespace needs CAP_SYS_ADMIN"
        raise CallFailed(f"unshare failed: {error.strerror}", error.errno or 0, why=why, fix="run it with sudo, or use --fast") from None
    try:
        mount("", "/", "none", MS_SLAVE | MS_REC)
    except OSError as error:
        raise CallFailed(f'"mount --make-rslave /" failed: {error.strerror}', error.errno or 0) from None


def mount_sysfs(name: str) -> str:
    """Lay a sysfs of this network namespace over /sys, keeping what is mounted below; a warning, or `` when all is well."""
    below = _kept_below_sys()
    readonly = MS_RDONLY if _is_readonly("/sys") else 0
    try:
        mount(name, "/sys", "sysfs", readonly)
    except OSError as error:
        return f"mount of /sys failed: {error.strerror}: /sys still shows the devices of the namespace that you came from"
    finally:
        lost = _bind_again(below)
    return f"not kept below /sys: {', '.join(lost)}" if lost else ""


def _is_readonly(path: str) -> bool:
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _kept_below_sys() -> list[tuple[str, int]]:
    """(target, O_PATH fd) of the outermost mounts below /sys; the fds still work when something lies over /sys."""
    out: list[tuple[str, int]] = []
    for m in mounts():
        inner = any(m.target.startswith(target + "/") for target, _ in out)
        if m.target.startswith("/sys/") and m.type in _KEPT and not inner:
            try:
                out.append((m.target, os.open(m.target, os.O_PATH | os.O_CLOEXEC)))
            except OSError:
                continue  # mounted over, or not ours to see: nothing to keep
    return out


def _bind_again(kept: list[tuple[str, int]]) -> list[str]:
    lost = []
    for target, fd in kept:
        try:
            if not os.path.samestat(os.fstat(fd), os.stat(target)):
                mount(f"/proc/self/fd/{fd}", target, "none", MS_BIND | MS_REC)
        except OSError:
            lost.append(target)
        os.close(fd)
    return lost


def bind_etc(name: str) -> list[str]:
    """Lay each file of /etc/netns/NAME over its namesake in /etc; the failures, in ip's words."""
    directory = f"{ETC}/{name}"
    if len(name.encode("utf-8", "surrogateescape")) >= 255 or not os.path.isdir(directory):
        return []
    failed = []
    for entry in os.listdir(directory):
        source, target = f"{directory}/{entry}", f"/etc/{entry}"
        try:
            mount(source, target, "none", MS_BIND)
        except OSError as error:
            failed.append(f"Bind {source} -> {target} failed: {error.strerror}")
    return failed
