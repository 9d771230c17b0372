"""`nw WORDS…` as a process of its own, forked from one that has everything imported: a tenth of the time of a new Python.

`nw(words, faults)` for Sandbox.call; `python networks_nw.py WORDS…` for a process that is started. Faults: `{"kill": 7}` ends it with
SIGKILL at its 7th step (a message to the kernel, a transaction, a file), `{"days": 1}` moves its clock.
"""

import sys

from dying import count_operations, killed_at
from forked import forked, imported

PLACES = "NW_TEST_PYTHONPATH"
COMMANDS = ("network", "connect", "disconnect", "publish")
PARTS = ("members", "standing", "publish", "request", "store", "looking", "dns.zones", "dns.responder", "containers")


def nw(words: list[str], faults: dict[str, int], env: dict[str, str]) -> dict[str, object]:
    """Runs it to its end: code (negative for a signal), out, err."""
    modules = [f"netwright.cli.{name}" for name in COMMANDS] + [f"netwright.networks.{name}" for name in PARTS]
    imported(env[PLACES].split(":"), *modules)
    return forked(lambda: _main(words, faults), env)


def _main(words: list[str], faults: dict[str, int]) -> int:
    if "kill" in faults:
        die_at(faults["kill"])
    if "days" in faults:
        _move_clock(faults["days"])
    from netwright.cli.main import main

    return main(["nw", *words])


def _move_clock(days: int) -> None:
    import time

    now = time.time
    time.time = lambda: now() + 86400 * days


def die_at(step: int) -> None:
    """From now on this process ends before the given step of those that others can see."""
    from netwright.networks import copies, records, tables
    from netwright.networks.dns import responder, zones
    from netwright.networks.store import Store

    counted = killed_at(step)
    count_operations(counted)

    def around(owner: object, name: str) -> None:
        work = getattr(owner, name)

        def wrapped(*arguments: object, **more: object) -> object:
            counted()
            return work(*arguments, **more)

        setattr(owner, name, wrapped)

    # A copy is written just before a transaction ends: the step after it comes after that.
    steps = {
        records: ("put", "remove"), tables: ("put", "take_out", "load", "remove_if_last"), zones: ("configure", "attach", "detach", "remove"),
        copies: ("save", "write_whole", "remove"), responder: ("ensure",), Store: ("close",),
    }  # fmt: skip
    for owner, names in steps.items():
        for name in names:
            around(owner, name)


if __name__ == "__main__":
    from netwright.cli.main import main

    sys.exit(main(["nw", *sys.argv[1:]]))
