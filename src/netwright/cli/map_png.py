"""A picture as PNG, by a program that is installed: rsvg-convert, or a headless Chromium. Neither is needed for anything else."""

import os

from ..errors import CallFailed
from ..kernel.exchange import exchange
from ..kernel.process import find_program

_RSVG = "rsvg-convert"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_LARGEST = 16000  # pixels of a side that Chromium draws


def renderer() -> str:
    """The path of the program that will do it. CallFailed when there is none."""
    for name in (_RSVG, *_BROWSERS):
        if program := find_program(name, but_not=[]):
            return program
    raise CallFailed("nothing here makes a PNG", 2, why="it takes rsvg-convert or chromium", fix="apt-get install librsvg2-bin; or --format svg, html")


def png(svg: str) -> bytes:
    """CallFailed when there is no such program, or it cannot do it."""
    program = renderer()
    if program.rpartition("/")[2] != _RSVG:
        return _by_browser(program, svg)
    code, out = exchange(program, [program, "--format=png", "--unlimited"], dict(os.environ), svg.encode())
    if code == 0 and out:
        return out
    raise CallFailed(f"rsvg-convert ended with {code}", 5, fix="take another format: --format svg")


def _by_browser(program: str, svg: str) -> bytes:
    from tempfile import TemporaryDirectory

    width, height = _size(svg)
    with TemporaryDirectory(prefix="netwright-png-") as place:
        with open(f"{place}/map.svg", "w", encoding="utf-8") as file:
            file.write(svg)
        # Chromium refuses its own sandbox to root; what it is given is a file of ours.
        words = ["--headless", "--disable-gpu", "--hide-scrollbars", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        words += [f"--user-data-dir={place}/profile", f"--window-size={width},{height}", f"--screenshot={place}/map.png", f"file://{place}/map.svg"]
        code, _ = exchange(program, [program, *words], dict(os.environ), b"")
        try:
            with open(f"{place}/map.png", "rb") as file:
                return file.read()
        except OSError:
            raise CallFailed(f"{program} ended with {code} and no picture", 5, fix="take another format: --format svg") from None


def _size(svg: str) -> tuple[int, int]:
    """Width and height in pixels, as the picture says them."""
    import re

    found = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', svg[:2000])
    sides = [float(found[1]), float(found[2])] if found else [1600.0, 1200.0]
    return min(int(sides[0]) + 1, _LARGEST), min(int(sides[1]) + 1, _LARGEST)
