"""`nw WORDS…` as a process of its own, forked from one that has everything imported: a tenth of the time of a new Python.

`nw(words, faults)` for Sandbox.call; `python networks_nw.py WORDS…` for a process that is started. Faults: `{"kill": 7}` ends it with
SIGKILL at its 7th step (a message to the kernel, a transaction, a file), `{"days": 1}` moves its clock.
"""

import importlib
import os
import sys

from dying import count_operations, killed_at

PLACES = "NW_TEST_PYTHONPATH"
COMMANDS = ("network", "connect", "disconnect", "publish")


def nw(words: list[str], faults: dict[str, int], env: dict[str, str]) -> dict[str, object]:
    """Runs it to its end: code (negative for a signal), out, err."""
    _import(env[PLACES].split(":"))
    files = [os.memfd_create(name) for name in ("out", "err")]
    pid = os.fork()
    if pid == 0:
        _child(words, faults, env, files)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    out, err = (_content(fd) for fd in files)
    return {"code": code, "out": out, "err": err}


def _content(fd: int) -> str:
    os.lseek(fd, 0, os.SEEK_SET)
    with os.fdopen(fd, "rb") as file:
        return os.fsdecode(file.read())


def _import(places: list[str]) -> None:
    for place in places:
        if place not in sys.path:
            sys.path.append(place)
    for name in COMMANDS:
        importlib.import_module(f"netwright.cli.{name}")
    for name in ("members", "standing", "publish", "request", "store", "looking", "dns.zones", "dns.responder", "containers"):
        importlib.import_module(f"netwright.networks.{name}")


def _child(words: list[str], faults: dict[str, int], env: dict[str, str], files: list[int]) -> None:
    code = 70
    try:
        os.setsid()
        nothing = os.open("/dev/null", os.O_RDONLY)
        for fd, number in zip((nothing, *files), (0, 1, 2), strict=True):
            os.dup2(fd, number)
        os.environ.update(env)
        streams = ((0, "r", "strict"), (1, "w", "strict"), (2, "w", "backslashreplace"))
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(fd, mode, errors=errors) for fd, mode, errors in streams)
        code = _main(words, faults)
    finally:
        if sys.exc_info()[0]:
            import traceback

            traceback.print_exc()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


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
