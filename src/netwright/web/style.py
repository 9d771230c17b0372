"""The colours of the page and of the drawing on it, light or dark, as a style sheet of its own: the page's policy allows none inside."""

from ..hostmap.drawing import palette

# what the page calls them -> (light, dark)
COLOURS = {
    "paper": ("#ffffff", "#12161c"), "bar": ("#f4f6f9", "#1b212a"), "ink": ("#1a2028", "#e8ecf1"), "soft": ("#4a5462", "#b3bdc9"),
    "edge": ("#c9d1db", "#39424e"), "accent": ("#0b66a8", "#6bb8f0"), "alarm": ("#b3261e", "#ff8a80"), "flash": ("#f2a900", "#ffd166"),
    "good": ("#1d7244", "#6fcf97"),
}  # fmt: skip


def sheet(dark: bool) -> str:
    """All of it for one of both."""
    colours = "".join(f"--{name}:{pair[dark]};" for name, pair in COLOURS.items())
    return f":root{{color-scheme:{'dark' if dark else 'light'};{colours}}}{palette.shape() if not dark else ''}{palette.style(dark)}"
