"""A picture as PNG, by whichever program of this machine can draw SVG: rsvg-convert, or a Chromium without a window."""

import os

from ..errors import CallFailed, NetwrightError
from ..kernel.run import run

RENDERERS = ("rsvg-convert", "chromium", "chromium-browser", "google-chrome")
TIMEOUT = 60.0
# No renderer takes more pixels than this at a side.
LARGEST = 16000


class NoRenderer(NetwrightError):
    """None of RENDERERS is installed."""


def renderer() -> str:
    """The path of the first of RENDERERS. NoRenderer."""
    from shutil import which

    found = next((path for name in RENDERERS if (path := which(name))), None)
    if not found:
        raise NoRenderer(
            "this machine has no program that draws PNG", why="looked for " + ", ".join(RENDERERS),
            fix="apt install librsvg2-bin, or take --format svg, which every browser shows",
        )  # fmt: skip
    return found


def png(svg: str, width: float, height: float) -> bytes:
    """The picture, drawn at twice its size where that is not too large. NoRenderer; CallFailed when the program fails."""
    from tempfile import TemporaryDirectory

    program = renderer()
    scale = max(0.05, min(2.0, LARGEST / max(width, height, 1)))
    with TemporaryDirectory(prefix="netwright-") as directory:
        source, target = os.path.join(directory, "map.svg"), os.path.join(directory, "map.png")
        with open(source, "w", encoding="utf-8") as file:
            file.write(svg)
        if program.endswith("rsvg-convert"):
            words = [program, "--unlimited", "-z", f"{scale:g}", "-o", target, source]
        else:
            words = _chromium(program, directory, width, height, scale, source, target)
        return _drawn(words, target)


def _chromium(program: str, directory: str, width: float, height: float, scale: float, source: str, target: str) -> list[str]:
    # Its sandbox refuses to work for root; what is drawn is our own text, in which every name is escaped.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return [
        program, "--headless", *sandbox, "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={directory}/profile",
        f"--window-size={round(width)},{round(height)}", f"--force-device-scale-factor={scale:g}", f"--screenshot={target}", f"file://{source}",
    ]  # fmt: skip


def _drawn(words: list[str], target: str) -> bytes:
    inside = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        ended = run(inside, words, timeout=TIMEOUT)
    finally:
        os.close(inside)
    if ended.code or not os.path.exists(target):
        said = ended.err.strip().splitlines()
        raise CallFailed(f"{words[0]} drew nothing", 0, why=said[-1] if said else f"it ended with {ended.code}")
    with open(target, "rb") as file:
        return file.read()
