"""The case files: plain text, read here. `cases/*.txt` looks like this:

    # a comment
    world two names                       a set-up that groups of cases share
        needs tun                         (skip the world where this is missing)
        ip netns add a                    run with the real ip; must succeed
        quiet a                           no address detection in namespace a: see Sandbox.quiet
    world three names on two names        the same, built upon another world
        ip netns add c
    read every mode                       lines that change nothing: both programs in one and the same sandbox
        ip {,-d,-j,-j -p} netns list      braces as in a shell: four command lines
        ! ip netns list a/b               `!` in front: the real ip must fail here (and must not, without it)
        ? ip link add d0 type dummy       `?` in front: depends on the kernel, either is well
    change add and delete                 lines that change something: twin sandboxes, compared after each line
        ip netns add d
        ip -batch -
        | netns add e                     lines after `|` are the stdin of the command above
        do ip link set lo up              run with the real ip in both, not compared
    watch ip -o monitor link              twin sandboxes, one monitor each; then the lines below, with the real ip
        ip link set lo up

A title ends at two blanks or the end of the line. Words are split as a shell splits them; in quotes, \\n, \\t and
\\xff stand for those bytes. {a*17} is seventeen times the letter; {NAME} is the PID of what `spawn NAME [netns]`
started. Other steps: `write PATH` with `|` lines, `sysctl NETNS KEY VALUE` and `send NETNS ADDRESS COUNT SIZE` (UDP)
with `-` for the first namespace, `shell COMMAND`.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

DIRECTORY = Path(__file__).with_name("cases")
OBJECTS = ("netns", "link", "address", "route", "neighbour", "rule", "monitor")
EXPECTED = {"!": "failure", "?": "either"}


@dataclass(slots=True)
class Step:
    """One line of a block: a command line to compare (`verb` is "ip"), or a step of the harness."""

    verb: str
    words: list[str]
    where: str
    expected: str = "success"
    stdin: str = ""

    @property
    def text(self) -> str:
        return shlex.join(self.words)


@dataclass(slots=True)
class World:
    """A set-up."""

    name: str
    base: "World | None"
    steps: list[Step] = field(default_factory=list)

    def all_steps(self) -> list[Step]:
        return [*(self.base.all_steps() if self.base else []), *self.steps]


@dataclass(slots=True)
class Group:
    """Command lines under one title, to be run in one world: `kind` is read, change or watch."""

    kind: str
    title: str
    world: World
    watched: Step | None = None
    steps: list[Step] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"{self.world.name}: {self.title}"

    @property
    def commands(self) -> list[Step]:
        """The command lines that are compared."""
        return [self.watched] if self.watched else [step for step in self.steps if step.verb == "ip"]

    @property
    def said(self) -> str:
        """All words of set-up and steps."""
        steps = [*self.world.all_steps(), *self.steps]
        return "\n".join(f"{step.text}\n{step.stdin}" for step in steps)


class CaseError(Exception):
    """A case file that cannot be read, with its file and line."""


def groups(directory: Path = DIRECTORY) -> list[Group]:
    """All groups of all files, in the order of file names and lines."""
    return [group for path in sorted(directory.glob("*.txt")) for group in _read(path)]


def object_of(words: list[str]) -> str:
    """The object that a command line is about, "front end" if it gets to none."""
    word = next(iter(_after_options(words)), "")
    named = [name for name in OBJECTS if word and name.startswith(word.replace("neighbor", "neighbour"))]
    return named[0] if named else "front end"


def _after_options(words: list[str]) -> list[str]:
    rest = words[words.index("ip") + 1 :] if "ip" in words else []
    while rest and rest[0].startswith("-"):
        rest = rest[2:] if re.fullmatch(r"--?(n|net|netns|f|family|b|batch|rc|l)", rest[0]) else rest[1:]
    return rest


def _read(path: Path) -> list[Group]:
    worlds: dict[str, World] = {}
    found: list[Group] = []
    block: World | Group | None = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        where = f"{path.name}:{number}"
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line[0].isspace():
            block = _heading(line, where, worlds, found)
        elif block is None:
            raise CaseError(f"{where}: a line before any heading")
        elif line.lstrip().startswith("|"):
            block.steps[-1].stdin += line.lstrip()[1:].removeprefix(" ") + "\n"
        else:
            block.steps += _steps(line.strip(), where)
    return found


def _heading(line: str, where: str, worlds: dict[str, World], found: list[Group]) -> World | Group:
    kind, _, rest = line.partition(" ")
    title = rest.split("  ")[0].strip()
    if kind == "world":
        name, _, base = title.partition(" on ")
        worlds[name] = World(name, worlds[base] if base else None)
        return worlds[name]
    if kind not in ("read", "change", "watch") or not worlds:
        raise CaseError(f"{where}: unknown heading: {line}")
    watched = Step("ip", _words(title), where) if kind == "watch" else None
    found.append(Group(kind, title, list(worlds.values())[-1], watched))
    return found[-1]


def _steps(line: str, where: str) -> Iterator[Step]:
    mark, _, rest = line.partition(" ")
    if mark == "shell":
        yield Step("shell", [rest], where)
        return
    expected = EXPECTED.get(mark)
    for text in _expanded(rest if expected else line):
        words = _words(text)
        if not words:
            raise CaseError(f"{where}: empty")
        is_command = words[0].startswith("ip") or words[0] == "env"
        yield Step("ip" if is_command else words[0], words if is_command else words[1:], where, expected or "success")


def _expanded(text: str) -> Iterator[str]:
    """Braces as a shell expands them: a{b,c} is ab and ac."""
    match = re.search(r"\{([^{}]*,[^{}]*)\}", text)
    if match is None:
        yield text
        return
    for choice in match[1].split(","):
        yield from _expanded(text[: match.start()] + choice + text[match.end() :])


def _words(text: str) -> list[str]:
    text = re.sub(r"\{(.)\*(\d+)\}", lambda match: match[1] * int(match[2]), text)
    return [_unescaped(word) for word in shlex.split(text)]


def _unescaped(word: str) -> str:
    word = word.replace("\\n", "\n").replace("\\t", "\t")
    return re.sub(r"\\x([0-9a-f]{2})", lambda match: bytes.fromhex(match[1]).decode("utf-8", "surrogateescape"), word)
