"""`nw map --format …`: which format, what is refused beforehand, and where the picture goes."""

from pathlib import Path

import pytest

from netwright.cli import pictures
from netwright.cli.words import Wrong
from netwright.errors import CallFailed, Conflict
from netwright.hostmap import rendering
from netwright.hostmap.model import HostMap, Space

HOST = HostMap(host="h", here="1", namespaces=(Space(id="1", name="host"), Space(id="2", name="red", names=("red", "rouge"))))


@pytest.mark.parametrize(
    ("given", "output", "wanted"),
    [("", "a.svg", "svg"), ("", "A.HTML", "html"), ("dot", "a.svg", "dot"), ("", "a.mmd", "mermaid"), ("", "a.gv", "dot"), ("", "", ""), ("", "a.txt", "")],
)
def test_the_format_can_be_read_off_the_name(given: str, output: str, wanted: str):
    assert pictures.format_of(given, output) == wanted


def test_what_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    there = tmp_path / "map.svg"
    there.write_text("old")
    with pytest.raises(Conflict, match="--force"):
        pictures.check("svg", str(there), False)
    pictures.check("svg", str(there), True)
    with pytest.raises(Wrong, match="svg html dot mermaid png"):
        pictures.check("gif", "", False)
    with pytest.raises(Wrong, match="light dark auto"):
        pictures.check("svg", "", False, "blue")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(rendering.NoRenderer, match="librsvg2-bin"):
        pictures.check("png", "a.png", False)


@pytest.mark.parametrize("format", ["svg", "html", "dot", "mermaid"])
@pytest.mark.parametrize("opened", [(), ("all",), ("rouge",), ("2",)])
def test_pictures(format: str, opened: tuple[str, ...]):
    assert b"red" in pictures.picture(HOST, format, opened)


def test_a_name_that_nobody_has():
    with pytest.raises(Wrong, match='"blue"'):
        pictures.picture(HOST, "svg", ("blue",))


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]):
    pictures.put(b"new", str(tmp_path / "a"))
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"new")]
    with pytest.raises(CallFailed, match="No such file"):
        pictures.put(b"new", str(tmp_path / "nowhere" / "a"))


def _renderer(directory: Path, name: str, body: str) -> None:
    program = directory / name
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("rsvg-convert", 'while [ "$1" != -o ]; do shift; done; printf "PNG of " >"$2"; /bin/cat "$3" >>"$2"'),
        ("chromium", 'for w; do case $w in --screenshot=*) out=${w#*=};; file://*) in=${w#file://};; esac; done; printf "PNG of " >"$out"; /bin/cat "$in" >>"$out"'),
    ],
)
def test_png_by_whatever_is_there(name: str, body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    _renderer(tmp_path, name, body)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert rendering.png("<svg/>", 10, 10) == b"PNG of <svg/>"


def test_a_renderer_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    _renderer(tmp_path, "rsvg-convert", "echo out of ink >&2; exit 3")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CallFailed, match="out of ink"):
        rendering.png("<svg/>", 10, 10)
