"""`nw gc [--dry-run]`: remove what killed commands and dead holders left, and nothing else."""

from ..errors import NetwrightError
from .text import put, put_json
from .words import Words


def main(words: list[str]) -> int:
    """A line for each lab with which something was done."""
    given = Words(words, {"--dry-run": "", "-n": "--dry-run", "--json": ""})
    from ..lab.gc import known, one

    found, failed = [], None
    for name in known():
        try:
            found.append(one(name, "--dry-run" in given))
        except NetwrightError as error:  # the others are looked at all the same
            failed = error
    done = [collected for collected in found if collected.what]
    if "--json" in given:
        put_json([{"lab": collected.lab, "what": collected.what} for collected in done])
    else:
        for collected in done:
            put(f"{collected.lab}: {collected.what}")
        if not done and failed is None:
            put("nothing to do: every lab is well")
    if failed is not None:
        raise failed
    return 0
