"""Going on in a child, after setns(2) into a pid namespace; the process itself becomes its shadow.

How it works. The parent keeps every signal blocked and takes them one by one with sigwaitinfo(2), which says where a signal
came from. What the terminal sends (Ctrl-C, Ctrl-Z) reaches the child by itself, because both are in the foreground; what
somebody sends to the parent is passed on. When the child stops, the parent stops; when it ends, the parent ends the same way, and
takes the terminal back: a shell that was the child could not, because our process group has no number in its pid namespace.
A killed parent can do nothing any more: the child has a pipe from it that the kernel was told to answer with SIGKILL.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import fcntl
import os
import resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_F_SETSIG = 10  # fcntl.h of Linux; Python's fcntl has no name for it
_SI_KERNEL = 0x80
_OUT_OF_THE_WAY = 200
_FROM_TERMINAL = (_signal.SIGINT, _signal.SIGQUIT, _signal.SIGTSTP, _signal.SIGHUP, _signal.SIGWINCH)
_NOT_PASSED_ON = (_signal.SIGCHLD, _signal.SIGTTIN, _signal.SIGTTOU)


def go_on_in_child() -> None:
    """Fork, and return in the child only. For a process with one thread. CallFailed (EAGAIN, ENOMEM).

    Nothing is flushed: what stands in Python's buffers is the child's to write, and the parent writes nothing any more.
    """
    reading, writing = os.pipe()
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
    try:
        child = os.fork()
    except OSError as error:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)
        os.close(reading)
        os.close(writing)
        from ..errors import CallFailed

        why = "the pid namespace has ended: its first process is dead" if error.errno == 12 else ""
        raise CallFailed(f"cannot enter the lab: fork: {error.strerror}", error.errno or 0, why=why) from None
    if child:
        os.closerange(3, writing)  # what is open is the child's: nobody is to wait for us to close it
        os.closerange(writing + 1, 1 << 30)
        _shadow(child)
    os.close(writing)
    _end_with(reading)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, before)


def _end_with(reading: int) -> None:
    """SIGKILL for this process as soon as the other end of the pipe is closed. fcntl(2), F_SETSIG

    Also for the program that it becomes: the file stays open there, under a number that is in nobody's way.
    """
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    number = _OUT_OF_THE_WAY if limit == resource.RLIM_INFINITY else min(_OUT_OF_THE_WAY, limit // 2)
    low, reading = reading, fcntl.fcntl(reading, fcntl.F_DUPFD, number)
    os.close(low)
    fcntl.fcntl(reading, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(reading, _F_SETSIG, int(_signal.SIGKILL))
    fcntl.fcntl(reading, fcntl.F_SETFL, os.O_RDONLY | os.O_ASYNC | os.O_NONBLOCK)
    try:
        if not os.read(reading, 1):
            os._exit(137)  # it was closed before we asked
    except BlockingIOError:
        pass


def _shadow(child: int) -> NoReturn:
    status = watch(child)
    if os.WIFSIGNALED(status):
        _end_by(os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def watch(child: int) -> int:
    """The wait status of a child, when it has ended; until then signals are passed on to it, and when it stops we stop.

    Every signal has to be blocked, from before the child was made. Other children (orphans that came to us) are reaped meanwhile.
    """
    every = _signal.valid_signals()
    terminal = _our_terminal()
    while True:
        came = _signal.sigwaitinfo(every)
        if came.si_signo == _signal.SIGCHLD:
            status = _follow(child, terminal)
            if status is not None:
                return status
        elif came.si_signo in _FROM_TERMINAL and came.si_code == _SI_KERNEL:
            continue
        elif came.si_signo not in _NOT_PASSED_ON:
            os.kill(child, came.si_signo)


def _our_terminal() -> int:
    """The file of the terminal in whose foreground we are; -1."""
    for fd in (0, 2, 1):
        try:
            if os.tcgetpgrp(fd) == os.getpgrp():
                return fd
        except OSError:
            continue  # no terminal, or not ours
    return -1


def _follow(child: int, terminal: int) -> int | None:
    """Its wait status when it has ended; stop when it has stopped. One SIGCHLD may stand for several children."""
    while True:
        pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        if pid == 0:
            return None
        if pid != child:
            continue
        if os.WIFSTOPPED(status):
            os.kill(os.getpid(), _signal.SIGSTOP)
            continue
        if terminal >= 0:
            try:
                os.tcsetpgrp(terminal, os.getpgrp())  # SIGTTOU is blocked: we may
            except OSError:
                pass  # the terminal is gone
        return status


def _end_by(number: int) -> NoReturn:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # the child has left its own, if any
    if number != _signal.SIGKILL:
        _signal.signal(number, _signal.SIG_DFL)
    os.kill(os.getpid(), number)
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, [number])
    os._exit(128 + number)
