"""`nw map --format png`: by whichever renderer there is."""

from pathlib import Path

import pytest

from netwright.cli import map_png
from netwright.errors import CallFailed
from netwright.hostmap.drawing.formats import drawn
from netwright.hostmap.drawing.layout import layout
from netwright.hostmap.model import HostMap, Space

HOST = HostMap(host="h", here="1", namespaces=(Space(id="1", name="host"), Space(id="2", name="red")))
SVG = '<svg xmlns="x" width="10" height="10.5"/>'


def test_the_size_is_the_one_of_the_picture():
    laid = layout(HOST)
    assert map_png.size(drawn(HOST, "svg")) == (laid.width, laid.height)
    assert map_png.size(SVG) == (10, 10.5)


def test_no_renderer_is_told_beforehand_and_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(map_png.NoRenderer, match="librsvg2-bin"):
        map_png.png(SVG)


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
    assert map_png.png(SVG) == b"PNG of " + SVG.encode()


def test_a_renderer_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    _renderer(tmp_path, "rsvg-convert", "echo out of ink >&2; exit 3")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CallFailed, match="out of ink"):
        map_png.png(SVG)
