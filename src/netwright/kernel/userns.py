"""Network namespaces without root: a user namespace of one's own, in which one is root. user_namespaces(7)

    capable()               may this thread do it as it is?
    preflight()             may this machine's user do it at all, and if not, what mends it
    become_root_inside()    this whole process: a new user, mount and network namespace (`nw rootless CMD`)
    gain()                  this Python process keeps its user, its network and its files, and may make namespaces from now on
"""

from __future__ import annotations

import os

from ..errors import CallFailed
from . import capabilities
from .lacks import SETTINGS, Lack, lacks
from .python import spawn_python
from .syscalls import CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWUSER, MS_NODEV, MS_NOSUID, mount, unshare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

CLONE_NEWPID = 0x20000000


def capable() -> bool:
    """May this thread make and enter network namespaces, and mount, without more ado?"""
    return capabilities.has(capabilities.SYS_ADMIN, capabilities.NET_ADMIN)


def stepped(step: str, work: Callable[[], object]) -> None:
    """work(), whose OSError then says (as its filename) at which step of the way it came."""
    try:
        work()
    except OSError as error:
        raise OSError(error.errno, error.strerror, step) from None


def is_alone() -> bool:
    """Whether no other process is in our user namespace. (As its root we see whoever is.)"""
    own = os.stat("/proc/self/ns/user")
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        try:
            # A zombie has a user namespace still, and no network.
            if os.path.samestat(os.stat(f"/proc/{name}/ns/user"), own) and os.stat(f"/proc/{name}/ns/net"):
                return False
        except OSError:
            continue  # somebody else's, or just ended
    return True


def new_user_namespace(uid: int, gid: int, more: int = 0) -> None:
    """A user namespace in which we are `uid` and `gid` and may do everything; `more` are further CLONE_ flags. OSError.

    For a single-threaded process. setgroups(2) is given up, without which the kernel takes no gid_map of an ordinary user.
    """
    own_uid, own_gid = os.geteuid(), os.getegid()
    stepped("user namespace", lambda: unshare(CLONE_NEWUSER | more))
    stepped("uid_map", lambda: _write("setgroups", "deny"))
    stepped("uid_map", lambda: _write("uid_map", f"{uid} {own_uid} 1"))
    stepped("uid_map", lambda: _write("gid_map", f"{gid} {own_gid} 1"))


def _write(name: str, text: str) -> None:
    with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
        file.write(text)


# -- can it be done? -------------------------------------------------------------------------------------------------------


def preflight() -> tuple[Lack, ...]:
    """() when this process can make a network namespace, as root or in a user namespace; else what is in the way.

    It is really tried, in a short-lived process, mounts included.
    """
    step, errno = _tried()
    return lacks(step, errno, settings()) if errno else ()


def attempt() -> tuple[str, int]:
    """Do all of it to this process, which then can only be ended: the step that failed and its errno; ("", 0)."""
    from .private_run import RUN, own_propagation

    try:
        if not capable():
            new_user_namespace(0, 0)
        stepped("network namespace", lambda: unshare(CLONE_NEWNET))
        stepped("pid namespace", lambda: unshare(CLONE_NEWPID))
        stepped("mount namespace", lambda: unshare(CLONE_NEWNS))
        stepped("mount", own_propagation)
        stepped("mount", lambda: mount("nw-run", RUN, "tmpfs", MS_NOSUID | MS_NODEV))
    except OSError as error:
        return str(error.filename), error.errno or 0
    return "", 0


def _tried() -> tuple[str, int]:
    """attempt() in a process of its own."""
    reading, writing = os.pipe()
    try:
        if threads() == 1:
            # A process with one thread may fork and go on in Python; one with more must start a new interpreter.
            pid = os.fork() or _report(writing)
        else:
            pid = spawn_python("from netwright.kernel.userns import _report; _report(1)", fds=((writing, 1),))
    finally:
        os.close(writing)
    with open(reading, encoding="ascii", errors="replace") as answer:
        errno, _, step = answer.read().partition(" ")
    os.waitpid(pid, 0)
    return step, int(errno or 1)


def _report(fd: int) -> NoReturn:
    step, errno = "start of a process", 1
    try:
        step, errno = attempt()
    finally:
        os.write(fd, f"{errno} {step}".encode())
        os._exit(0)


def threads() -> int:
    """How many threads this process has. Those of ours are short-lived: they get a moment to be gone."""
    from time import monotonic, sleep

    deadline = monotonic() + 0.05
    while (many := len(os.listdir("/proc/self/task"))) > 1 and monotonic() < deadline:
        sleep(0.001)
    return many


def settings() -> dict[str, str]:
    """What `lacks` wants to know of this machine and this process."""
    found = {name: _read("/proc/sys/" + name.replace(".", "/")) for name in SETTINGS}
    status = dict(line.split(":\t", 1) for line in _read("/proc/self/status").splitlines() if ":\t" in line)
    found["seccomp"] = status.get("Seccomp", "")
    found["root_without_setfcap"] = "1" if os.geteuid() == 0 and not capabilities.has(capabilities.SETFCAP) else ""
    found["capable"] = "1" if capable() else ""
    security = _read("/proc/self/attr/current").rstrip("\0")
    found["selinux" if security.count(":") >= 3 else "apparmor"] = security
    found["chroot"] = "" if _root_is_a_mount() else "1"
    found["container"] = _container()
    found["namespaces"] = " ".join(os.listdir("/proc/self/ns"))
    return {name: text for name, text in found.items() if text}


def _root_is_a_mount() -> bool:
    """False below chroot(2): mountinfo then shows only what is mounted inside, and the root itself is not among it."""
    return any(line.split(" ", 5)[4] == "/" for line in _read("/proc/self/mountinfo").splitlines())


def _container() -> str:
    for path, kind in (("/.dockerenv", "docker"), ("/run/.containerenv", "podman")):
        if os.path.exists(path):
            return kind
    return "container" if os.environ.get("KUBERNETES_SERVICE_HOST") or os.environ.get("container") else ""  # noqa: SIM112 - systemd's name


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:
        return ""


def explained(what: str, error: OSError) -> CallFailed:
    """A refusal on the way into namespaces, with what mends it."""
    found = lacks(str(error.filename), error.errno or 0, settings())
    why = "; ".join(f"{lack.what}, {lack.why}" for lack in found)
    fix = "; ".join(dict.fromkeys(lack.fix for lack in found))
    return CallFailed(f"{what}: {error.filename}: {os.strerror(error.errno or 0)}", error.errno or 0, why=why, fix=fix)


# -- doing it --------------------------------------------------------------------------------------------------------------


def become_root_inside() -> None:
    """This process: root in new user (unless it is capable already), mount and network namespaces; lo up, a private /run.

    CallFailed: with more than one thread, or when it is refused. The process is good for nothing after a refusal.
    """
    from .loopback import bring_lo_up
    from .private_run import lay_private_run, own_propagation

    _only_one_thread("a user namespace")
    try:
        if capable():
            stepped("mount namespace", lambda: unshare(CLONE_NEWNS))
        else:
            new_user_namespace(0, 0, CLONE_NEWNS)
        stepped("network namespace", lambda: unshare(CLONE_NEWNET))
        stepped("mount", own_propagation)
        stepped("mount", lay_private_run)
        stepped("lo", bring_lo_up)
    except OSError as error:
        raise explained("cannot become root in namespaces of our own", error) from None


def gain() -> None:
    """This process may make namespaces from now on, and so may the programs that it starts. Nothing else changes for it.

    It goes into a user namespace in which its user and group have the same numbers as outside, and a mount namespace.
    Its network, files and pid stay; files of other users are shown as nobody's, and sudo works no more. A process that
    is capable already is left as it is. CallFailed with what mends it, and nothing has changed then; with more than one
    thread too: the kernel moves a process with threads into no user namespace.
    """
    if capable():
        return
    from .private_run import own_propagation

    _only_one_thread("a user namespace")
    step, errno = _tried()
    if errno:
        # Tried elsewhere first: on Ubuntu unshare works and uid_map is refused, with no way back for the process.
        raise explained("this process cannot gain the right to make namespaces", OSError(errno, os.strerror(errno), step))
    try:
        new_user_namespace(os.getuid(), os.getgid(), CLONE_NEWNS)
        stepped("mount", own_propagation)
        stepped("capabilities", capabilities.keep_for_programs)
    except OSError as error:
        raise explained("this process cannot gain the right to make namespaces", error) from None


def _only_one_thread(where: str) -> None:
    many = threads()
    if many > 1:
        from errno import EINVAL

        why = f"this process has {many} threads, and the kernel moves only a process with one"
        raise CallFailed(f"cannot go into {where}", EINVAL, why=why, fix="do it before threads are started")
