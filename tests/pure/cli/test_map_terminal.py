"""`nw map` on a terminal: as wide as it is and no wider, coloured or not; in a pipe whole and plain."""

import json
import os
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from host_sample import MAP

from netwright.hostmap.drawing.words import cells
from netwright.hostmap.model import Link, Space
from netwright.hostmap.plain import to_plain
from netwright.hostmap.tree import lines, tree
from netwright.model.value import replace

SOURCE = Path(__file__).resolve().parents[3] / "src"
RUN = "import sys; from netwright.cli.main import main; sys.exit(main(['nw', *sys.argv[1:]]))"
WIDE = Space("900", "容器" * 20, links=(Link(2, "eth0", "veth", True, "up"), Link(3, "eth1", "veth", True, "up")))
WHOLE = replace(MAP, namespaces=(*MAP.namespaces, WIDE), problems=())


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("map") / "map.json"
    path.write_text(json.dumps(to_plain(WHOLE)))
    return str(path)


def shown(given: str, columns: int, **environment: str) -> list[str]:
    """The lines that a terminal of so many columns gets."""
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (50, columns))
    clean = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR", "TERM")}
    argv = [sys.executable, "-c", RUN, "map", "--from", given]
    done = subprocess.Popen(argv, stdin=theirs, stdout=theirs, env={**clean, "PYTHONPATH": str(SOURCE), "TERM": "xterm", **environment})
    os.close(theirs)
    text = b""
    try:
        while data := os.read(ours, 1 << 16):
            text += data
    except OSError:
        pass  # EIO: nobody has the other side open any more
    os.close(ours)
    assert done.wait() == 0
    return text.decode().split("\r\n")[:-1]


def plain(line: str) -> str:
    """Without colours."""
    parts = line.split("\x1b[")
    return parts[0] + "".join(part.partition("m")[2] for part in parts[1:])


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_lines_are_cut_to_the_width(columns: int, given: str) -> None:
    found = shown(given, columns)
    assert any("\x1b[" in line for line in found)
    assert max(cells(plain(line)) for line in found) <= columns
    assert any(line.endswith("…") for line in map(plain, found)) is (columns == 40)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_without_colours_too(environment: dict[str, str], given: str) -> None:
    found = shown(given, 40, **environment)
    assert [line for line in found if "\x1b" in line] == []
    assert max(map(cells, found)) <= 40
    assert any(line.endswith("…") for line in found)
    assert len(found) == len(lines(tree(WHOLE)))


def test_a_pipe_gets_the_whole_lines(given: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "COLUMNS": "40"}
    done = subprocess.run([sys.executable, "-c", RUN, "map", "--from", given], env=environment, stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout.splitlines() == lines(tree(WHOLE))
