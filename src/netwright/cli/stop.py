"""`nw stop CONTAINER…`: end containers of nw run."""

from .text import put
from .words import Words, Wrong


def main(words: list[str]) -> int:
    """Prints the name of each when it is gone."""
    from ..networks import containers, running
    from .network import opened

    given = Words(words, {"--time": "SECONDS", "-t": "--time", "--signal": "SIGNAL", "-s": "--signal"}, "CONTAINER…")
    number, seconds = _signal(given.get("--signal", "TERM")), given.seconds("--time", 10.0)
    with opened() as store:
        names = list(dict.fromkeys(given.names))
        if absent := [name for name in names if containers.state(name) is None]:
            raise containers.gone(*absent)
        for name in names:
            running.stop(store, name, number, seconds)
            put(name)
    return 0


def _signal(text: str) -> int:
    """TERM, SIGTERM or 15."""
    import signal

    word = text.upper()
    if text.isascii() and text.isdigit() and 0 < int(text) <= 64:
        return int(text)
    found = getattr(signal, word if word.startswith("SIG") else f"SIG{word}", None)
    if not isinstance(found, signal.Signals):
        raise Wrong(f'"{text}" is no signal', fix="as in TERM, INT or 15")
    return int(found)
