"""Copies of what the database holds about this boot, a file for each thing under /run: when the database is lost, it is made anew
from them.

A file holds rows: of a network its own, of an owner (one interface of a container) those of its attachment, leases and ports. It
is written before the change is committed, so that nothing is committed without a copy; the database is locked then, so nobody else
writes one.
"""

from __future__ import annotations

import json
import os

from ..engine.journal import boot_id
from .directories import absent, made, refused, remove, write_whole
from .names import file_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from typing import Any

    Thing = tuple[str, str]

# A lab is a directory of its name; none begins with a dot.
_PLACE, _UNFINISHED = ".networks", ".new"
_OF = {"network": (("networks", "name"),), "owner": (("attachments", "owner"), ("leases", "owner"), ("ports", "owner"))}


def save(db: sqlite3.Connection, run: str, thing: Thing) -> None:
    """Let the copy of a ("network", name) or ("owner", owner) be what the database holds. CallFailed when it cannot be written."""
    kind, key = thing
    rows = {table: [_plain(row) for row in db.execute(f"SELECT * FROM {table} WHERE {column}=?", (key,))] for table, column in _OF[kind]}
    rows = {table: found for table, found in rows.items() if found}
    path = f"{run}/{_PLACE}/{name_of(thing)}"
    try:
        if rows:
            made(path.rpartition("/")[0])
            write_whole(path, json.dumps({"boot": boot_id(), "rows": rows}).encode(), f"{path}{_UNFINISHED}")
        else:
            remove(path)
            remove(f"{path}{_UNFINISHED}")  # of somebody who was killed
    except OSError as error:
        raise refused(f"cannot write {path}", error.errno or 0) from None


def name_of(thing: Thing) -> str:
    """The name of a copy's file."""
    return f"{thing[0]}-{file_name(thing[1])}.json"


def names(run: str) -> set[str]:
    """The files that there are."""
    try:
        return set(os.listdir(f"{run}/{_PLACE}"))
    except OSError as error:
        absent(f"{run}/{_PLACE}", error.errno)
        return set()


def keep(run: str, wanted: set[str]) -> None:
    """Remove all others. Called while nobody else writes one."""
    for name in names(run) - wanted:
        try:
            remove(f"{run}/{_PLACE}/{name}")
        except OSError as error:
            raise refused(f"cannot remove {run}/{_PLACE}/{name}", error.errno or 0) from None


def _plain(row: tuple[Any, ...]) -> list[Any]:
    return [{"bytes": item.hex()} if isinstance(item, bytes) else item for item in row]


def clear(run: str) -> None:
    """Remove all: they are of another boot."""
    place = f"{run}/{_PLACE}"
    try:
        for file in os.listdir(place):
            os.unlink(f"{place}/{file}")
    except FileNotFoundError:
        pass
    except OSError as error:
        raise refused(f"cannot remove what is in {place}", error.errno or 0) from None


def restore(db: sqlite3.Connection, run: str) -> bool:
    """Put the rows of all copies of this boot into an empty database; whether there were any. Files that make no sense are left out."""
    from sqlite3 import DatabaseError

    place, boot, before = f"{run}/{_PLACE}", boot_id(), db.total_changes
    try:
        files = sorted(os.listdir(place))
    except FileNotFoundError:
        return False
    for file in files:
        if not file.endswith(".json"):
            continue
        try:
            with open(f"{place}/{file}", encoding="utf-8", errors="surrogateescape") as opened:
                data = json.load(opened)
            if data["boot"] == boot:
                _insert(db, data["rows"])
        except OSError as error:
            absent(f"{place}/{file}", error.errno)
        except (ValueError, KeyError, TypeError, AttributeError, DatabaseError):
            continue
    return db.total_changes > before


def _insert(db: sqlite3.Connection, rows: dict[str, Any]) -> None:
    for table, found in rows.items():
        if table in ("networks", "attachments", "leases", "ports"):
            for row in found:
                values = [bytes.fromhex(item["bytes"]) if isinstance(item, dict) else item for item in row]
                db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(values))})", values)
