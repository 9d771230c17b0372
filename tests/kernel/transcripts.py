"""The examples of a page, run as they are printed: `Reader(box, "ordinary").read(page)`; what is not so comes back as a list.

A page is read from top to bottom, as a person would, in one directory:

    ```yaml       with a first line `# NAME.yaml` is written into that file; every other one is a piece of a file, and not run
    ```console    `$ COMMAND` is run by an ordinary user, `# COMMAND` by root, and has to print what stands below it. A line `…`
                  stands for any lines. `COMMAND &` runs until the end of the page; what follows it may need some time
    ```python     with `def test_` in it: a file of tests, run by pytest; `print(…)  # TEXT` prints TEXT; others just succeed

Numbers that are never the same twice (times, MAC addresses, processes …) may be others: `plain` says which.

With NETWRIGHT_RECORD_DOCS=1 in the environment the output goes into the page where it differs, instead of failing the test.
"""

import os
import re
import sys
import sysconfig
import time
from dataclasses import dataclass, field

from sandbox import SOURCE, Sandbox, missing
from users import _prefix, _python

HOME = "/run/home"
SHOWN_HOME = "/home/ana"
RECORD = os.environ.get("NETWRIGHT_RECORD_DOCS", "") not in ("", "0")
PATHS = [str(SOURCE), *dict.fromkeys(path for path in sys.path if path.endswith("-packages"))]
PROGRAM = f"import sys; sys.path += {PATHS!r}; from netwright.cli.main import main; sys.exit(main(['nw', *sys.argv[1:]]))"
PATIENCE = 3.0 if RECORD else 60.0  # seconds that what was started in the background may take

_BLOCK = re.compile(r"^```(yaml|console|python)\n(.*?)^```", re.M | re.S)
_NOT_TWICE_THE_SAME = [
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "WHEN"),
    (r"\b\d\d:\d\d:\d\d\.\d+", "WHEN"),
    (r"in \d+\.\d\d s\b", "in T s"),
    (r"\bin \d+\.\d\d ms\b", "in T ms"),
    (r"time[= ]\d+(\.\d+)? ?ms", "time=T ms"),
    (r"= [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms", "= T ms"),
    (r"\bfe80::[0-9a-f:]+", "fe80::X"),
    (r"\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b", "MAC"),
    (r"@if\d+", "@ifN"),
    (r"\bfd[0-9a-f]{2}(:[0-9a-f]{1,4}){2}:", "fdXX:"),  # the host's own prefix
    (r"\(\d+\.\d ms\)", "(T ms)"),
    (r"process \d+", "process PID"),
    (r'"created": [\d.]+', '"created": WHEN'),
    (r" +\d+ +(?=python3 -m)", " PID "),
    (r"^(\w+) +\d+ +(?=\S*python)", r"\1 PID "),
    (r"\S*/?python[\d.]*(?= -m)", "python3"),
    (r" +", " "),
    (r" $", ""),
]


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page: its language, its text, and the line on which it begins."""

    language: str
    text: str
    line: int


@dataclass(slots=True)
class Entry:
    """A command of a console block with what is shown below it."""

    prompt: str
    command: str
    output: str = ""


def blocks(page: str) -> list[Block]:
    """The blocks that are examples, in order."""
    return [Block(found[1], found[2], page.count("\n", 0, found.start()) + 1) for found in _BLOCK.finditer(page)]


def entries(text: str) -> list[Entry]:
    """The commands of a console block. A `#` that continues no prompt is output: scripts begin with one, so root's is `# nw …`."""
    out: list[Entry] = []
    for line in text.splitlines(keepends=True):
        if line.startswith("$ ") or re.match(r"# (nw|ip|sysctl|nft|python3) ", line):
            out.append(Entry(line[0], line[2:].rstrip("\n")))
        elif out:
            out[-1].output += line
    return out


def plain(text: str) -> list[str]:
    """The lines without what is never the same twice."""
    lines = []
    for line in text.replace(HOME, SHOWN_HOME).splitlines():
        for pattern, word in _NOT_TWICE_THE_SAME:
            line = re.sub(pattern, word, line)
        lines.append(line)
    return lines


def fits(shown: str, got: str) -> bool:
    """Whether the page shows what came; `…` alone on a line is any number of lines."""
    pattern = "".join("(?:.*\n)*?" if line.strip() == "…" else re.escape(line) + "\n" for line in plain(shown))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in plain(got))) is not None


@dataclass(slots=True)
class Reader:
    """Somebody who types a page into a box. What `#` does is root's; `$` is `user`."""

    box: Sandbox
    user: str = "ordinary"
    wrong: list[str] = field(default_factory=list)
    done: int = 0
    _background: list[int] = field(default_factory=list)
    _last: int = 0
    _waited: bool = False  # in vain: once is enough

    def __post_init__(self) -> None:
        self.box.run(["mkdir", "-p", f"{HOME}/run", f"{HOME}/bin"])
        for name, words in {"nw": f'-IS -c "{PROGRAM}"', "python3": ""}.items():
            self.box.write(f"{HOME}/bin/{name}", f'#!/bin/sh\nexec {python_of(self.box, self.user)} {words} "$@"\n')
        self.box.run(["chmod", "-R", "a+rwX", HOME])
        self.box.run(["chmod", "a+x", f"{HOME}/bin/nw", f"{HOME}/bin/python3"])

    def read(self, page: str) -> str:
        """Do everything on the page; the page with the output that came."""
        out, end = [], 0
        for found in _BLOCK.finditer(page):
            block = Block(found[1], found[2], page.count("\n", 0, found.start()) + 1)
            out += [page[end : found.start(2)], self.do(block)]
            end = found.end(2)
        self.finish()
        return "".join([*out, page[end:]])

    def finish(self) -> None:
        """End what runs in the background."""
        for pid in self._background:
            self.box.kill(pid)
            self.box.wait(pid)
        self._background.clear()

    def do(self, block: Block) -> str:
        """Do one block; the same with the output that came."""
        if block.language == "console":
            return "".join(map(self._typed, [(block, entry) for entry in entries(block.text)]))
        if block.language == "yaml" and (name := re.match(r"# ([\w.-]+\.ya?ml)\b", block.text)):
            self.box.write(f"{HOME}/{name[1]}", block.text)
            self.box.run(["chmod", "666", f"{HOME}/{name[1]}"])
        if block.language == "python" and "def test_" in block.text:
            self._tested(block)
        return block.text

    def _typed(self, item: tuple[Block, Entry]) -> str:
        block, entry = item
        self.done += 1
        got = self.type(entry.prompt, entry.command)
        deadline = time.monotonic() + PATIENCE
        while self._background and entry.output and not (fits(entry.output, got) or self._waited):
            got = self.type(entry.prompt, entry.command)
            self._waited = time.monotonic() > deadline
        if fits(entry.output, got):
            return f"{entry.prompt} {entry.command}\n{entry.output}"
        self.wrong.append(f"line {block.line} ff.: {entry.prompt} {entry.command}\n{got}")
        return f"{entry.prompt} {entry.command}\n{got.replace(HOME, SHOWN_HOME)}"

    def type(self, prompt: str, command: str) -> str:
        """Run a line; what it prints, its complaints included."""
        who = [] if prompt == "#" else _prefix(self.user)
        if command.endswith(" &"):
            self._background.append(self.box.popen([*who, "sh", "-c", f"cd {HOME}; exec {command[:-2]}"], env=self._environment(prompt)))
            return ""
        done = self.box.run([*who, "sh", "-c", f"exec 2>&1; cd {HOME}; (exit {self._last}); {command}"], env=self._environment(prompt))
        self._last = done.code
        return done.out

    def _environment(self, prompt: str) -> dict[str, str | None]:
        changes = {"HOME": HOME, "PATH": f"{HOME}/bin:{os.environ.get('PATH', '')}:/usr/sbin:/sbin", "TERM": "dumb", "SHELL": "/bin/sh", "LC_ALL": "C.UTF-8"}
        return {**changes, "XDG_RUNTIME_DIR": None if prompt == "#" else f"{HOME}/run", "COLUMNS": "100", "CI": None, "NETWRIGHT_RUNTIME_DIR": None, "NETWRIGHT_STATE_DIR": f"{HOME}/state"}

    def _tested(self, block: Block) -> None:
        """A file of tests."""
        self.done += 1
        self.box.write(f"{HOME}/test_line_{block.line}.py", block.text)
        options = ["-p", "no:cacheprovider", "-q", "--rootdir", HOME, f"--basetemp={HOME}/tmp-{self.user}", "-p", "netwright.pytest_plugin"]
        program = f"import sys; sys.path[:0] = {PATHS!r}; import pytest; sys.exit(pytest.main(sys.argv[1:], []))"
        argv = [*_prefix(self.user), python_of(self.box, self.user), "-c", program, *options, f"{HOME}/test_line_{block.line}.py"]
        done = self.box.run(argv, env={**self._environment("$"), "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, timeout=180.0)
        if done.code:
            self.wrong.append(f"line {block.line} ff.: pytest\n{done.out}{done.err}")


def python_of(box: Sandbox, user: str) -> str:
    """A Python that the user's shell may start too: right after setpriv(1) more is allowed than one exec later."""
    other = f"/usr/bin/python{sysconfig.get_python_version()}"
    for path in (_python(box, user), other):
        if box.run([*_prefix(user), "sh", "-c", f"{path} -c pass; exit $?"]).code == 0:
            return path
    missing(f"no Python that the user of these tests ({user}) may run")
    raise AssertionError


def run_python(box: Sandbox, user: str, code: str) -> list[str]:
    """A program, without root by `nw rootless`; what `print(…)  # TEXT` should have printed and did not."""
    python = python_of(box, user)
    rootless = [] if user == "root" else [python, "-IS", "-c", PROGRAM, "rootless"]
    program = f"import sys; sys.path += {PATHS!r}\n{code}"
    done = box.run([*_prefix(user), *rootless, python, "-c", program], env={"HOME": HOME, "PYTHONDONTWRITEBYTECODE": "1"}, timeout=180.0)
    if done.code:
        return [done.err]
    printed = iter(plain(done.out))
    return [f"not printed in its place: {text}\n{done.out}" for text in re.findall(r"^ *print\(.*\) +# (.*)$", code, re.M) if plain(text)[0] not in printed][:1]


def python_in(page: str) -> str:
    """The Python blocks of a page as one program, tests left out."""
    return "\n".join(block.text for block in blocks(page) if block.language == "python" and "def test_" not in block.text)
