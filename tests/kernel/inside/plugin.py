"""For test_pytest_plugin.py, inside the sandbox's server: pytest at a terminal, pytest that is killed, and what is left then."""

import os
import pty
import re
import select
import signal
import subprocess
import time

_DEADLINE = 60.0


_mounts_before: list[str] = []


def begin() -> None:
    """What is mounted before, the machine's own, does not count."""
    _mounts_before[:] = _mounts()


def left() -> list[str]:
    """Processes (the server itself is pid 1) and mounted namespaces, once they have had time to go."""
    # execnet lets a worker whose controller is gone go on for 5 s, then sends it a SIGINT.
    deadline = time.monotonic() + _DEADLINE
    while (found := _processes()) and time.monotonic() < deadline:
        _reap()
        time.sleep(0.02)
    return found + [mount for mount in _mounts() if mount not in _mounts_before]


def _reap() -> None:
    """Orphans come to the server, as they would to init; a pid namespace ends when its last zombie is waited for."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _mounts() -> list[str]:
    with open("/proc/self/mountinfo") as file:
        return [line.split()[4] for line in file if " - nsfs " in line]


def _processes() -> list[str]:
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as file:
                name, _, rest = file.read().partition("(")[2].rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if pid != "1" and rest.split()[0] not in "ZX":
            found.append(f"{pid} {name}")
    return found


def _environment(changes: dict[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in {**os.environ, **changes}.items() if text is not None}


def killed(argv: list[str], env: dict[str, str | None], victim: str, pid_file: str) -> list[str]:
    """Start pytest, wait until its test has written its pid, kill -9 the run or the process of the test; what is left."""
    process = subprocess.Popen(argv, env=_environment(env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + _DEADLINE
    while not (os.path.exists(pid_file) and os.path.getsize(pid_file)):
        if time.monotonic() > deadline or process.poll() is not None:
            raise ValueError(f"the test did not begin: {process.poll()}")
        time.sleep(0.02)
    with open(pid_file) as file:
        worker = int(file.read())
    if victim == "worker":
        # xdist starts another one in its place, which would do the same test for ever: the run is ended like by Ctrl-C.
        os.kill(worker, signal.SIGKILL)
        process.send_signal(signal.SIGINT)
    else:
        os.kill(process.pid, signal.SIGKILL)
    process.wait(_DEADLINE)
    return left()


class Terminal:
    def __init__(self, argv: list[str], env: dict[str, str | None]) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], argv, _environment(env))

    def until(self, words: str) -> str:
        seen, deadline = "", time.monotonic() + _DEADLINE
        while words not in seen:
            if not select.select([self.fd], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise ValueError(f"{words!r} did not come: {seen}")
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                raise ValueError(f"{words!r} did not come before the end: {seen}") from None
            seen += data.decode(errors="replace")
        return seen

    def type(self, text: str) -> None:
        os.write(self.fd, text.encode())

    def ended(self) -> int:
        while select.select([self.fd], [], [], 0.2)[0]:
            try:
                if not os.read(self.fd, 65536):
                    break
            except OSError:
                break
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def at_terminal(argv: list[str], env: dict[str, str | None]) -> dict[str, object]:
    """Be the person: say something in the shell of the failed test, leave it, enter the kept lab from elsewhere, press Enter."""
    terminal = Terminal(argv, env)
    shell = terminal.until("go on when you leave (exit).")
    terminal.type("echo inside $LAB $HOST $(ip -4 -o address show dev eth0 | grep -o '10[0-9.]*'); echo do''ne\r")
    shell += terminal.until("done")
    terminal.type("exit\r")
    kept = terminal.until("press Enter.")
    command = re.search(r"lab/client: (nsenter [^\r\n]*)", kept)
    prefix = argv[: argv.index("--clear-groups") + 1] if "--clear-groups" in argv else []
    words = command[1].split() if command else ["false"]
    entered = subprocess.run([*prefix, *words, "ip", "-4", "-o", "address", "show", "dev", "eth0"], capture_output=True, text=True)
    terminal.type("\r")
    return {"shell": shell, "kept": kept, "entered": entered.stdout + entered.stderr, "code": terminal.ended()}
