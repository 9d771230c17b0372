"""Numbers with names: /etc/iproute2/rt_tables, rt_protos, rt_scopes, rt_realms, rt_dsfield, group, and their .d directories."""

import os

from .words import strtol

DIRECTORY = "/etc/iproute2"

_BUILT_IN = {
    "rt_protos": {
        0: "unspec", 1: "redirect", 2: "kernel", 3: "boot", 4: "static", 8: "gated", 9: "ra", 10: "mrt", 11: "zebra",
        12: "bird", 13: "dnrouted", 14: "xorp", 15: "ntk", 16: "dhcp", 18: "keepalived", 42: "babel", 186: "bgp",
        187: "isis", 188: "ospf", 189: "rip", 192: "eigrp",
    },
    "rt_scopes": {0: "global", 255: "nowhere", 254: "host", 253: "link", 200: "site"},
    "rt_tables": {253: "default", 254: "main", 255: "local"},
    "rt_realms": {0: "unknown"},
    "rt_dsfield": {0: "0"},
    "group": {0: "default"},
}  # fmt: skip
_with_directory = ("rt_protos", "rt_tables")
_read: dict[str, dict[int, str]] = {}


def table(which: str) -> dict[int, str]:
    """number -> name of one of the files, with the built-in names below them."""
    if which not in _read:
        _read[which] = dict(_BUILT_IN[which])
        for path in _files(which):
            _read[which].update(_entries(path))
    return _read[which]


def _files(which: str) -> list[str]:
    paths = [f"{DIRECTORY}/{which}"]
    if which in _with_directory and os.path.isdir(f"{DIRECTORY}/{which}.d"):
        paths += [f"{DIRECTORY}/{which}.d/{name}" for name in os.listdir(f"{DIRECTORY}/{which}.d") if name.endswith(".conf") and name[0] != "."]
    return paths


def _entries(path: str) -> dict[int, str]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            lines = [line.split("#")[0].split() for line in file]
    except OSError:
        return {}
    numbered = [(strtol(line[0]), line[1]) for line in lines if len(line) >= 2]
    return {number: name for number, name in numbered if number is not None}


def name_of(which: str, number: int, *, numeric: bool = False) -> str:
    """The name of `number`, or the number in decimal."""
    return str(number) if numeric else table(which).get(number, str(number))


def number_of(which: str, word: str, high: int = 255) -> int | None:
    """The number of a name (exact), or of a number in words; None when it is neither or beyond `high`."""
    for number, name in table(which).items():
        if name == word:
            return number
    found = strtol(word)
    return found if found is not None and 0 <= found <= high else None
