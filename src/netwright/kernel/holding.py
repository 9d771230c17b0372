"""The program that is a lab's holder: `main(name)`, started by holder.py with a pipe as stdin (the starter) and stdout (words).

It first makes the namespaces, then forks: only the child of a process with a new pid namespace is in it. The child is its
pid 1, says "ready", and waits for good. Words to the starter, a line each: `pid N`, `note TEXT`, `ready`, `error ERRNO STEP`.
It imports next to nothing, because it stays in memory as long as the lab does.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import os

from .loopback import bring_lo_up
from .private_run import NETNS, lay_private_run, own_propagation
from .syscalls import CLONE_NEWNET, CLONE_NEWNS, MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, mount, unshare
from .userns import CLONE_NEWPID, capable, new_user_namespace, stepped

_STARTER, _WORDS = 0, 1
_ROOT = "@"  # the name of the holder's own network namespace


def main(name: str) -> None:
    """Become the holder of the lab `name`; returns only in the process that was started, whose work is done."""
    os.chdir("/")
    os.umask(0o022)
    os.closerange(3, 1 << 30)
    try:
        _leave()
        stepped("mount", own_propagation)
        child = os.fork()
    except OSError as error:
        _say(f"error {error.errno} {error.filename or 'fork'}")
        return
    if child:
        _say(f"pid {child}")
        return
    try:
        _settle(name)
    except OSError as error:
        _say(f"error {error.errno} {error.filename}")
        os._exit(1)
    _hold()


def _say(line: str) -> None:
    os.write(_WORDS, f"{line}\n".encode("utf-8", "surrogateescape"))


def _leave() -> None:
    flags = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID
    if not capable():
        new_user_namespace(0, 0)
    try:
        unshare(flags)
    except OSError:
        # One after the other, to know which it is that is refused.
        stepped("network namespace", lambda: unshare(CLONE_NEWNET))
        stepped("pid namespace", lambda: unshare(CLONE_NEWPID))
        stepped("mount namespace", lambda: unshare(CLONE_NEWNS))


def _settle(name: str) -> None:
    """What the lab finds in its namespaces."""
    os.setsid()
    for number in (_signal.SIGINT, _signal.SIGHUP, _signal.SIGQUIT, _signal.SIGPIPE):
        _signal.signal(number, _signal.SIG_IGN)
    # Ignored, not handled: the kernel then reaps every orphan of the lab by itself, and the holder is never woken.
    _signal.signal(_signal.SIGCHLD, _signal.SIG_IGN)
    _signal.signal(_signal.SIGTERM, lambda *_: os._exit(0))
    with open("/proc/self/comm", "wb") as file:
        file.write(f"nw-lab {name}".encode("utf-8", "replace")[:15])
    stepped("lo", bring_lo_up)
    lost: list[str] = []
    stepped("mount", lambda: lost.extend(lay_private_run()))
    if lost:
        _say(f"note not kept in /run: {', '.join(lost)}")
    os.close(os.open(f"{NETNS}/{_ROOT}", os.O_CREAT | os.O_RDONLY | os.O_CLOEXEC, 0o444))
    stepped("mount", lambda: mount("/proc/self/ns/net", f"{NETNS}/{_ROOT}", None, MS_BIND))
    _show()


def _show() -> None:
    """/sys and /proc of the lab; both can be refused in a container, and the lab is then one without."""
    from .switch import mount_sysfs

    warning = mount_sysfs(_ROOT)
    if warning:
        _say(f"note {warning}")
    try:
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except OSError as error:
        _say(f"note mount of /proc failed: {error.strerror}: programs of the lab see all processes of the machine")


def _hold() -> None:
    """Until the starter says that the lab stands, live no longer than it; then live on."""
    nothing = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    _say("ready")
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    if not os.read(_STARTER, 1):
        os._exit(0)
    os.dup2(nothing, _STARTER)
    os.close(nothing)
    while True:
        _signal.pause()
