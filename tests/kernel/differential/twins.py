"""Two sandboxes made by the same commands: one for the real ip(8), one for ours.

Ours is an executable named `ip`, first in PATH, that starts this interpreter without `site` and calls the applet. In
its environment NETWRIGHT_NO_EXEC=1 says that it must not hand a line on to the real ip (it exits with 99 instead), so
that nothing passes because iproute2 answered. `DIFF_OURS=ip` puts the real ip on both sides: it proves that harness
and normaliser are deterministic.
"""

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path

from differential.allowed import common_form
from differential.cases import Group, Step, World
from differential.normalise import Twin
from differential.state import INSIDE, all_namespaces, readable, state
from sandbox import SOURCE, Result, Sandbox, SandboxError

LAUNCHER = f"""#!{sys.executable} -IS
import os, sys
sys.path.append({str(SOURCE)!r})
from netwright.cli.main import main
sys.argv[0] = os.path.basename(sys.argv[0])
sys.exit(main(sys.argv))
"""
PLAIN = {"LC_ALL": "C", "TZ": "UTC", "COLORFGBG": None, "NO_COLOR": None, "COLUMNS": None}
# ip takes the rest of its own name for the object: `iplink show`.
NAMES = ("ip", "ipnetns", "iplink", "ipaddr", "iproute")
SETTLE_DEADLINE = 1.5
STEADY_DEADLINE = 30.0
FAILED = {"success": False, "failure": True}


@dataclass(frozen=True, slots=True)
class Programs:
    """The environments in which the word `ip` means the one program or the other."""

    oracle: dict[str, str | None]
    ours: dict[str, str | None]


def programs(directory: Path) -> Programs:
    """Write the launchers into a directory; DIFF_OURS=ip makes both sides the real ip."""
    for side in ("oracle", "ours"):
        (directory / side).mkdir()
    real = next(Path(place, "ip") for place in os.get_exec_path() if os.path.exists(f"{place}/ip"))
    for name in NAMES:
        (directory / "oracle" / name).symlink_to(real)
    if os.environ.get("DIFF_OURS") == "ip":
        return Programs(_environment(directory / "oracle"), _environment(directory / "oracle"))
    for name in NAMES:
        (directory / "ours" / name).write_text(LAUNCHER)
        (directory / "ours" / name).chmod(0o755)
    ours = _environment(directory / "ours") | {"NETWRIGHT_NO_EXEC": "1"}
    return Programs(_environment(directory / "oracle"), ours)


def _environment(first: Path) -> dict[str, str | None]:
    return PLAIN | {"PATH": f"{first}:{os.environ['PATH']}"}


@dataclass(slots=True)
class Side:
    """One prepared sandbox and how to start `ip` in it."""

    box: Sandbox
    env: dict[str, str | None]
    oracle: dict[str, str | None]
    normalise: Callable[[str], str]
    pids: dict[str, int] = field(default_factory=dict)

    def words(self, step: Step) -> list[str]:
        """The step's words with {NAME} replaced by the PID of that process."""
        replaced = step.words
        for tag, pid in self.pids.items():
            replaced = [word.replace("{" + tag + "}", str(pid)) for word in replaced]
        return replaced

    def run(self, step: Step) -> Result:
        """Run a compared command line."""
        return self.box.run(self.words(step), env=self.env, stdin=step.stdin)

    def prepare(self, step: Step) -> None:
        """Run a step of a set-up: with the real ip, and it must succeed."""
        if step.verb not in ("ip", "do"):
            getattr(self, f"_{step.verb}")(step)
            return
        result = self.box.run(self.words(step), env=self.oracle, stdin=step.stdin)
        if result.code != 0:
            raise SandboxError(f"{step.where}: {step.text}: exit {result.code}: {result.err}")

    def settle(self) -> None:
        """Wait for what the kernel still has to do. What stays open is seen in the state, if it matters."""
        self.box.call(INSIDE / "settle.py", "settle", SETTLE_DEADLINE)

    def fingerprints(self) -> dict[str, str]:
        """One for each namespace. Waits until the kernel has settled."""
        return self.box.call(INSIDE / "fingerprint.py", "settled_fingerprints", SETTLE_DEADLINE)

    def state(self, namespaces: list[str]) -> dict[str, object]:
        """The state of these namespaces, normalised."""
        return state(self.box, namespaces, self.normalise)

    def watch(self, step: Step) -> int:
        """Start a monitor, line-buffered, and return its PID once it listens."""
        argv = ["stdbuf", "-oL", *self.words(step)]
        pid = self.box.popen(argv, env=self.env, out="/run/monitor.out", err="/run/monitor.err")
        self.box.call(INSIDE / "monitor.py", "caught_up", pid, 30.0)
        return pid

    def seen(self, step: Step, pid: int) -> str:
        """What a monitor has printed, after it has read everything."""
        self.box.call(INSIDE / "monitor.py", "caught_up", pid, 30.0)
        result = Result(0, self.box.read("/run/monitor.out"), self.box.read("/run/monitor.err"))
        return outcome(step, result, self.normalise)

    def _quiet(self, step: Step) -> None:
        self.box.quiet(*step.words)

    def _spawn(self, step: Step) -> None:
        tag, *netns = step.words
        # A number that is the same in both twins and cannot be mistaken for another in the output.
        self.box.write("/proc/sys/kernel/ns_last_pid", str(20000 + 100 * len(self.pids)))
        self.pids[tag] = self.box.popen(["sleep", "600"], netns=netns[0] if netns else None)

    def _write(self, step: Step) -> None:
        self.box.write(step.words[0], step.stdin)

    def _sysctl(self, step: Step) -> None:
        netns, key, value = step.words
        argv = ["sh", "-c", f"echo {value} > /proc/sys/{key.replace('.', '/')}"]
        self._succeed(step, argv, None if netns == "-" else netns)

    def _shell(self, step: Step) -> None:
        self._succeed(step, ["sh", "-ec", *step.words], None)

    def _send(self, step: Step) -> None:
        netns, address, count, size = step.words
        code = "import socket,sys; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        code += f"for _ in range({int(count)}): s.sendto(bytes({int(size)}), ({address!r}, 9))"
        self._succeed(step, [sys.executable, "-IS", "-c", code], None if netns == "-" else netns)

    def _succeed(self, step: Step, argv: list[str], netns: str | None) -> None:
        result = self.box.run(argv, netns=netns)
        if result.code != 0:
            raise SandboxError(f"{step.where}: {step.verb} {step.text}: {result.err}")


class Twins:
    """The two sides, prepared alike. `said` is what the normalisers count as chosen by the case."""

    def __init__(self, programs: Programs, setup: list[Step], said: str):
        # With PIDs of their own: `netns 1` in a case must mean the box, never the machine.
        boxes = [Sandbox(pids=True, etc=True, wait=False) for _ in range(2)]
        self.sides = []
        for box, env in zip(boxes, (programs.oracle, programs.ours), strict=True):
            self.sides.append(Side(box, env, programs.oracle, Twin(said)))
        for side in self.sides:
            build(side, setup)
        self._compared: list[dict[str, str]] = [{}, {}]

    def __enter__(self) -> "Twins":
        return self

    def __exit__(self, *exc_info: object) -> None:
        for side in self.sides:
            side.box.close()

    def prepare(self, step: Step) -> None:
        """Run a step of the harness on both sides."""
        for side in self.sides:
            side.prepare(step)
            side.settle()

    def difference_of_command(self, step: Step) -> str:
        """Run a command line on both sides; the unified diff of what they gave back, empty if they agree."""
        theirs, ours = [side.run(step) for side in self.sides]
        unexpected = surprise(step, theirs)
        if unexpected:
            return unexpected
        left, right = self.sides
        return difference(
            outcome(step, theirs, left.normalise), outcome(step, ours, right.normalise), f"{step.where}: {step.text}"
        )

    def difference_of_state(self, after: str) -> str:
        """The diff of both sides' states, once both have settled, where either has changed since they were equal."""
        deadline = time.monotonic() + STEADY_DEADLINE
        while time.monotonic() < deadline:
            prints = [side.fingerprints() for side in self.sides]
            if set(prints[0]) != set(prints[1]):
                continue
            changed = _changed(self._compared, prints)
            theirs, ours = [side.state(changed) for side in self.sides]
            if theirs == ours:
                self._compared = prints
                return ""
        theirs, ours = [side.state(all_namespaces(side.box)) for side in self.sides]
        return difference(readable(theirs), readable(ours), f"state after {after}") or f"state after {after}: unsteady"


def _changed(before: list[dict[str, str]], now: list[dict[str, str]]) -> list[str]:
    """The names of the namespaces whose fingerprint is another one on either side."""
    return [name for name in now[0] if any(old.get(name) != new[name] for old, new in zip(before, now, strict=True))]


def build(side: Side, setup: list[Step]) -> None:
    """Bring a fresh box into the state of a world."""
    side.box.ready()
    side.box.quiet()
    for step in setup:
        side.prepare(step)
    side.settle()


def surprise(step: Step, theirs: Result) -> str:
    """The real ip itself did not do what the case expects of it: the case is wrong."""
    if step.expected in FAILED and FAILED[step.expected] != (theirs.code != 0):
        return f"{step.where}: {step.text}: {step.expected} expected, but ip: exit {theirs.code}: {theirs.err}"
    return ""


def outcome(step: Step, result: Result, normalise: Callable[[str], str]) -> str:
    """What is compared of a result: exit code, stdout, the first line of stderr."""
    command = step.text
    first = result.err.splitlines()[0] if result.err.strip() else result.err
    out = common_form(command, "out", normalise(result.out))
    return f"exit {result.code}\n-- stdout\n{out}-- stderr\n{common_form(command, 'err', normalise(first))}\n"


def difference(theirs: str, ours: str, title: str) -> str:
    """A unified diff with blanks at line ends made visible; empty if there is none."""
    if theirs == ours:
        return ""
    lines = unified_diff(_visible(theirs), _visible(ours), "ip", "ours", lineterm="", n=4)
    return "\n".join([title, *lines])


def _visible(text: str) -> list[str]:
    return [f"{line}$" if line.endswith(" ") else line for line in text.split("\n")]


def requirements(group: Group) -> list[str]:
    """What the group's world and steps need beyond namespaces."""
    steps = [*group.world.all_steps(), *group.steps]
    return [word for step in steps if step.verb == "needs" for word in step.words]


def setup_of(world: World) -> list[Step]:
    """The steps that make a world."""
    return [step for step in world.all_steps() if step.verb != "needs"]
