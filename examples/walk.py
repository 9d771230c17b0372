"""The walk of docs/tutorial.md, run on the real kernel: `make demo`, or `python examples/walk.py`.

Everything happens in a private set of namespaces (mount, network and, without root, user) with an empty /run of its own:
the machine's network is not touched. Each step is shown with its real output and checked against what examples/walk_steps.py
says about it; the first that behaves otherwise ends the walk with exit code 1.

    --program ip          walk with iproute2 instead of nw (what only nw has is left out)
    --record FILE...      put the output of this walk into the console blocks of these files
"""

import argparse
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from picture import draw, look
from walk_steps import BUILT, STEPS, Step

PATIENCE = 10.0  # seconds
INSIDE = "--inside"
LAUNCH = "import sys; from netwright.cli.main import main; sys.exit(main(['nw', *sys.argv[1:]]))"
OWN_RUN = 'mount -t tmpfs none /run && exec "$@"'


class Unexpected(Exception):
    """A step did not do what the tutorial says."""


def program(name: str) -> list[str]:
    """The command that stands for `nw`: the one installed beside this Python, else this Python with the package."""
    if name != "nw":
        return [shutil.which(name) or name]
    beside = Path(sys.executable).with_name("nw")
    return [str(beside)] if beside.exists() else [sys.executable, "-c", LAUNCH]


def go_inside(arguments: list[str]) -> None:
    """Become this same program in namespaces of its own, with an empty /run. Does not come back."""
    rights = ["-nm"] if os.geteuid() == 0 else ["-Urnm"]
    again = [sys.executable, os.path.abspath(__file__), INSIDE, *arguments]
    os.execvp("unshare", ["unshare", *rights, "--propagation", "private", "sh", "-c", OWN_RUN, "sh", *again])


def until(true: Callable[[], bool], what: str) -> None:
    """Look again and again until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise Unexpected(f"after {PATIENCE:g} seconds still not: {what}")
        time.sleep(0.01)


# -- commands in the background --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Job:
    """A command in the background. Its output goes to a terminal of its own, so that it comes line by line."""

    words: list[str]
    process: "subprocess.Popen[bytes]"
    terminal: int

    def hear(self, text: str) -> str:
        """What it prints, up to the line that has `text`."""
        os.set_blocking(self.terminal, False)
        heard = bytearray()

        def listen() -> bool:
            try:
                heard.extend(os.read(self.terminal, 4096))
            except BlockingIOError:
                pass
            return f"{text}\r\n".encode() in heard

        until(listen, f"the command in the background prints {text!r}")
        return heard.decode().replace("\r\n", "\n")

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()
        os.close(self.terminal)


def start(argv: list[str]) -> Job:
    """Start a command in the background; returns when it has arrived where it goes."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs)
    os.close(theirs)
    job = Job(argv, process, ours)
    until(lambda: _arrived(process.pid), f"{shlex.join(argv)} is in its namespace, or watches")
    return job


def _arrived(pid: int) -> bool:
    """The process is in another network namespace than ours, or has set its watch on a directory."""
    if os.readlink(f"/proc/{pid}/ns/net") != os.readlink("/proc/self/ns/net"):
        return "sleep" in Path(f"/proc/{pid}/comm").read_text()
    watches = Path(f"/proc/{pid}/fdinfo")
    return any("inotify wd:" in _text(entry) for entry in watches.iterdir())


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:  # closed while we looked
        return ""


# -- the walk --------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Walk:
    """Where we are: the program in use, what runs in the background, and what each command printed."""

    program: list[str]
    jobs: list[Job] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)

    @property
    def is_ip(self) -> bool:
        return os.path.basename(self.program[0]) == "ip"

    def walk(self) -> None:
        """All steps, with the picture before everything is taken down."""
        for number, step in enumerate(STEPS):
            if number == BUILT:
                say("\n== What was built\n", draw(look(self.ask)))
            self.take(step)

    def take(self, step: Step) -> None:
        """Show one step, run it, check it."""
        say(f"\n== {step.part}" if step.part else "", f"\n# {step.why}", f"$ {step.command}")
        code, output = self.run_patiently(step)
        if step.heard:
            output += self.listener().hear(step.heard)
        self.printed.append(output)
        say(output)
        problem = self.problem(step, code, output)
        if problem:
            raise Unexpected(f"{step.command}: {problem}")

    def run_patiently(self, step: Step) -> tuple[int, str]:
        """Exit code and output; a patient step is repeated until it is as it must be, or time is up."""
        deadline = time.monotonic() + PATIENCE
        while True:
            code, output = self.run(step.command)
            if not step.patient or not self.problem(step, code, output) or time.monotonic() > deadline:
                return code, output
            time.sleep(0.02)

    def run(self, command: str) -> tuple[int, str]:
        """Exit code and output (stdout and stderr as they come) of one line, as a shell would run it."""
        if command.startswith("kill "):
            return self.kill(command.split()[1:])
        argv = self.argv(self.filled(command.removesuffix(" &")))
        if command.endswith(" &"):
            self.jobs.append(start(argv))
            return 0, f"[{len(self.jobs)}] {self.jobs[-1].process.pid}\n"
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return done.returncode, done.stdout

    def argv(self, command: str) -> list[str]:
        words = shlex.split(command)
        if words[0] != "nw":
            return words
        ours = [word for word in words[1:] if not (self.is_ip and word == "--wait")]
        return [*self.program, *ours]

    def filled(self, text: str) -> str:
        """`text` with the PID for `$!`."""
        return text.replace("$!", str(self.jobs[-1].process.pid)) if self.jobs else text

    def kill(self, numbers: list[str]) -> tuple[int, str]:
        for number in numbers:
            self.jobs[int(number.lstrip("%")) - 1].end()
        self.jobs.clear()
        return 0, ""

    def listener(self) -> Job:
        return next(job for job in self.jobs if "monitor" in job.words)

    def problem(self, step: Step, code: int, output: str) -> str:
        """What is not as the step says; empty when all is."""
        if code != step.code:
            return f"exit code {code} instead of {step.code}"
        if step.silent and output:
            return "nothing should have been printed"
        if step.lines and output.count("\n") != step.lines:
            return f"{output.count(chr(10))} lines instead of {step.lines}"
        wanted = step.says + (() if self.is_ip else step.adds)
        missing = [piece for piece in map(self.filled, wanted) if piece not in output]
        return f"not in the output: {missing[0]}" if missing else ""

    def ask(self, words: list[str]) -> str:
        return subprocess.run([*self.program, *words], stdout=subprocess.PIPE, text=True, check=True).stdout

    def close(self) -> None:
        for job in self.jobs:
            job.end()


def say(*lines: str) -> None:
    """Print what is not empty, at once."""
    for line in lines:
        if line:
            print(line.removesuffix("\n"), flush=True)


# -- the tutorial ------------------------------------------------------------------------------------------------------------


def record(path: Path, printed: list[str]) -> None:
    """Put the outputs into the console blocks of a tutorial, command by command."""
    text = path.read_text(encoding="utf-8")
    outputs = iter(printed)
    fresh = re.sub(
        r"(?<=```console\n).*?(?=```)", lambda block: "".join(_recorded(block[0], outputs)), text, flags=re.S
    )
    path.write_text(fresh, encoding="utf-8")


def _recorded(block: str, outputs: Iterator[str]) -> Iterator[str]:
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            yield line + next(outputs)


def main() -> int:
    """Walk; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--program", default="nw", help="nw (the one beside this Python), or another with the same grammar"
    )
    parser.add_argument("--record", nargs="+", type=Path, default=[], metavar="FILE")
    parser.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if not wanted.inside:
        go_inside(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ["LC_ALL"] = "C.UTF-8"
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    return _walk(Walk(program(wanted.program)), wanted.record)


def _walk(walk: Walk, tutorials: list[Path]) -> int:
    try:
        walk.walk()
    except Unexpected as surprise:
        print(f"\nThe walk ends here, for this is not what docs/tutorial.md says.\n{surprise}", file=sys.stderr)
        return 1
    finally:
        walk.close()
    for tutorial in tutorials:
        record(tutorial, walk.printed)
    say("\nEvery step did what docs/tutorial.md says. It happened in namespaces that are gone now.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
