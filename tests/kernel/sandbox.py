"""A private set of namespaces to run kernel tests in: `with Sandbox() as box: box.run(["ip", "netns", "add", "a"])`.

How it works. `Sandbox` starts sandbox_server.py as a second process. That process leaves the machine's mount and
network namespaces (and, without root, its user namespace; in the new one it is root), puts an empty tmpfs on /run so
that /run/netns is its own, and answers requests that come as JSON lines over a socket pair:

    run     one command to its end: exit code, stdout, stderr        popen / kill / wait    a command in the background
    call    a function of a Python file, in the server itself: state readers and waits that must not cost a start-up

It ends with its parent: at the end of the socket it kills and reaps every process below it (it is their subreaper).
Nothing outside the namespaces is ever touched.

Text is str with surrogateescape both ways, so that any byte a file name may hold goes through unharmed.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

SERVER = Path(__file__).with_name("sandbox_server.py")
SET_UP = Path(__file__).parent / "inside" / "set_up.py"
SOURCE = Path(__file__).resolve().parents[2] / "src"
# Taken once: pytest changes the environment for every test, and starting a process in a thread at that moment fails.
ENVIRONMENT = dict(os.environ)


class SandboxError(Exception):
    """The sandbox itself failed: no namespaces, no such program, no answer in time."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a command gave back. `code` is negative if a signal ended it, as in subprocess."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


class Sandbox:
    """One sandbox. `pids` adds a PID namespace with its own /proc; `etc` a small private, writable copy of /etc.

    With `wait=False` it is only started, not awaited (`ready` does that), so that several can start side by side.
    """

    def __init__(self, *, pids: bool = False, etc: bool = False, wait: bool = True):
        ours, theirs = socket.socketpair()
        options = json.dumps({"pids": pids, "etc": etc})
        argv = [sys.executable, "-IS", str(SERVER), str(theirs.fileno()), options]
        with theirs:
            self._server = subprocess.Popen(argv, pass_fds=[theirs.fileno()], env=ENVIRONMENT, start_new_session=True)
        self._channel = ours
        self._answers = ours.makefile("rb")
        if wait:
            self.ready()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def ready(self) -> None:
        """Wait until the box stands. Raises SandboxError, and closes it, if this machine lets nobody make one."""
        try:
            self._receive(timeout=60.0)
        except SandboxError:
            self.close()
            raise

    def close(self) -> None:
        """End the server and everything started in the box."""
        self._answers.close()
        self._channel.close()
        try:
            self._server.wait(timeout=60.0)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()

    def run(
        self,
        argv: list[str],
        *,
        env: dict[str, str | None] | None = None,
        stdin: str = "",
        timeout: float = 120.0,
        netns: str | None = None,
    ) -> Result:
        """Run a command to its end. `env` is laid over the box's environment; None takes a variable away."""
        request = {"argv": _within(netns, argv), "env": env or {}, "stdin": stdin, "timeout": timeout}
        return Result(**self._ask("run", request, timeout))

    def ip(self, *words: str, netns: str | None = None) -> str:
        """`ip` with these words (a single string is split at blanks). It must succeed; returns its stdout."""
        argv = ["ip", *(words[0].split() if len(words) == 1 else words)]
        result = self.run(argv, netns=netns)
        if result.code != 0:
            raise SandboxError(f"{' '.join(argv)}: exit {result.code}: {result.err}")
        return result.out

    def python(self, code: str, *args: str, netns: str | None = None, **options) -> Result:
        """Run a Python snippet in a new interpreter in the box, with the package importable."""
        env = {"PYTHONPATH": str(SOURCE), **(options.pop("env", None) or {})}
        return self.run([sys.executable, "-c", code, *args], netns=netns, env=env, **options)

    def popen(
        self,
        argv: list[str],
        *,
        netns: str | None = None,
        env: dict[str, str | None] | None = None,
        out: str = "/dev/null",
        err: str = "/dev/null",
    ) -> int:
        """Start a command in the background, its output into files of the box; its PID as the box sees it."""
        return self._ask("popen", {"argv": _within(netns, argv), "env": env or {}, "out": out, "err": err})

    def kill(self, pid: int, number: int = signal.SIGTERM) -> None:
        """Send a signal to a process of the box."""
        self._ask("kill", {"pid": pid, "number": int(number)})

    def wait(self, pid: int, timeout: float = 120.0) -> int:
        """The exit code of a process started with popen."""
        return self._ask("wait", {"pid": pid, "timeout": timeout}, timeout)

    def call(self, file: Path, function: str, *args: object, timeout: float = 120.0):
        """`function(*args)` of a Python file, run inside the box's server. Arguments and answer travel as JSON.

        The file may import its neighbours and the standard library, nothing else.
        """
        return self._ask("call", {"file": str(file), "function": function, "args": args}, timeout)

    def read(self, path: str) -> str:
        """A file as the box sees it."""
        return self._ask("read", {"path": path})

    def write(self, path: str, text: str) -> None:
        """Write a file as the box sees it, making its directories."""
        self._ask("write", {"path": path, "text": text})

    def quiet(self, netns: str | None = None) -> None:
        """Devices made in this namespace from now on skip duplicate address detection and router solicitation,
        so that IPv6 addresses are there at once and always the same."""
        self.call(SET_UP, "quiet", [netns or ""])

    def batch(self, *lines: str, netns: str | None = None) -> None:
        """`ip -batch` with these lines, all of which must succeed."""
        result = self.run(["ip", "-batch", "-"], stdin="\n".join(lines) + "\n", netns=netns)
        if result.code != 0:
            raise SandboxError(f"ip -batch: exit {result.code}: {result.err}")

    def quiet_namespaces(self, *names: str) -> None:
        """Make namespaces of these names, quiet ones, and quieten the box's own."""
        self.batch(*(f"netns add {name}" for name in names))
        self.call(SET_UP, "quiet", ["", *names])

    def _ask(self, operation: str, request: dict[str, object], timeout: float = 120.0):
        try:
            self._channel.sendall(json.dumps({"do": operation, **request}).encode() + b"\n")
        except OSError as error:
            raise SandboxError(f"the sandbox has ended: {error}") from None
        return self._receive(timeout + 5.0)

    def _receive(self, timeout: float):
        self._channel.settimeout(timeout)
        try:
            line = self._answers.readline()
        except TimeoutError:
            raise SandboxError(f"the sandbox gave no answer in {timeout:g} s") from None
        if not line:
            raise SandboxError("the sandbox has ended")
        answer = json.loads(line)
        if "error" in answer:
            raise SandboxError(answer["error"])
        return answer["result"]


def unavailable() -> str | None:
    """Why there can be no sandbox on this machine; None if there can."""
    if shutil.which("ip") is None:
        return "ip(8) is not installed"
    try:
        Sandbox().close()
    except SandboxError as error:
        return f"no namespaces: {error}"
    return None


def missing(reason: str) -> None:
    """Skip a test for a reason; where CI is set, nothing may be missing, and the skip is a failure."""
    if os.environ.get("CI", "").lower() in ("", "0", "false"):
        pytest.skip(reason)
    pytest.fail(f"CI must have this: {reason}", pytrace=False)


def _within(netns: str | None, argv: list[str]) -> list[str]:
    return argv if netns is None else ["nsenter", f"--net=/run/netns/{netns}", "--", *argv]
