"""Python snippets in a box as root and as an ordinary user: `Snippets(box, "ordinary").run("print(os.getuid())")`.

A snippet has `os`, `sys`, `subprocess`, `holders` (kernel/holder.py), `userns`, and `until(condition)`, which asks until it is true.
"""

import os
import sys

from sandbox import SOURCE, Result, Sandbox, missing

USERS = ("root", "ordinary")
PRELUDE = """
import os, sys, subprocess, time
from netwright.kernel import holder as holders, userns
from netwright.errors import *
nap = time.sleep
def until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.002)
    return True
def adopt():
    # Become the one to whom orphans fall: a box has no init that would reap them.
    import ctypes
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
def reap():
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return True
        except ChildProcessError:
            return True
def programs_in(pid):
    # In the same pid namespace; zombies too.
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.path.samestat(os.stat(f"/proc/{name}/ns/pid"), os.stat(f"/proc/{pid}/ns/pid")):
                found.append(int(name))
        except OSError:
            pass
    return found
def inside(holder, work):
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            holders.enter(holder)
            code = work() or 0
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
"""
BELOW = """
adopt()
if os.fork():
    while True:
        try:
            os.wait()
        except ChildProcessError:
            os._exit(0)
"""


class Snippets:
    """Runs snippets in a box as one user."""

    def __init__(self, box: Sandbox, user: str) -> None:
        self.box, self.user = box, user
        self._python = [*_prefix(user), _python(box, user)]

    def run(self, code: str, *args: str, **options) -> str:
        """What the snippet prints; it must succeed."""
        result = self.result(code, *args, **options)
        assert result.code == 0, result.err or result.out
        return result.out

    def result(self, code: str, *args: str, **options) -> Result:
        """How the snippet ended, whatever it did."""
        return self.box.run([*self._python, "-c", PRELUDE + code, *args], env={"PYTHONPATH": str(SOURCE)}, **options)

    def start(self, code: str, *args: str, out: str = "/run/out") -> None:
        """Start the snippet in the background, below a process that reaps its orphans. What it prints goes to `out`."""
        self.box.popen([*self._python, "-uc", PRELUDE + BELOW + code, *args], env={"PYTHONPATH": str(SOURCE)}, out=out, err=f"{out}.err")


def _prefix(user: str) -> list[str]:
    if user == "root":
        return []
    if os.getuid() == 0:
        return ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
    # In a box that was made without root there is only one user; without capabilities it is as ordinary as any
    # (but for one that the kernel asks of any root that wants to be root of a user namespace).
    return ["setpriv", "--bounding-set", "-all,+setfcap"]


def _python(box: Sandbox, user: str) -> str:
    """A Python that the user may run: that of the tests can lie in root's home."""
    for path in (sys.executable, "/usr/bin/python3"):
        code = "import sys, subprocess, netwright.kernel.holder; assert sys.version_info >= (3, 11)"
        if box.run([*_prefix(user), path, "-c", code], env={"PYTHONPATH": str(SOURCE)}).code == 0:
            return path
    missing(f"no Python that the user of these tests ({user}) may run")
    raise AssertionError
