"""`nw map --format png`: by whichever renderer there is."""

from pathlib import Path

import pytest

from netwright.cli import map_png
from netwright.errors import CallFailed

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10.5" viewBox="0 0 10 10.5"/>'


@pytest.fixture(autouse=True)
def only_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which nothing is installed but what the test made."""
    monkeypatch.setattr(map_png, "find_program", lambda name, **_: str(tmp_path / name) if (tmp_path / name).exists() else None)


def _renderer(directory: Path, name: str, body: str) -> None:
    program = directory / name
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)


RENDERERS = {
    "rsvg-convert": 'printf "PNG of "; exec /bin/cat',
    "chromium": 'for w; do case $w in --screenshot=*) out=${w#*=};; file://*) in=${w#file://};; esac; done; printf "PNG of " >"$out"; /bin/cat "$in" >>"$out"',
}


@pytest.mark.parametrize("name", RENDERERS)
def test_png_by_whatever_is_there(name: str, tmp_path: Path):
    _renderer(tmp_path, name, RENDERERS[name])
    assert map_png.png(SVG) == b"PNG of " + SVG.encode()


@pytest.mark.parametrize("name", RENDERERS)
def test_a_renderer_that_fails(name: str, tmp_path: Path):
    _renderer(tmp_path, name, "exit 3")
    with pytest.raises(CallFailed, match="ended with 3"):
        map_png.png(SVG)


def test_no_renderer_at_all():
    with pytest.raises(CallFailed, match="librsvg2-bin"):
        map_png.png(SVG)
