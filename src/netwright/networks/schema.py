"""The tables of networks.db, and how a new one comes to be: whole and all at once under its name, or not at all."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import closing, contextmanager

from ..engine.journal import boot_id
from . import copies
from .directories import remove

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = 1
NAME = "networks.db"
TABLES = {
    "meta": "key TEXT PRIMARY KEY, value TEXT NOT NULL",
    "networks": "name TEXT PRIMARY KEY, created REAL NOT NULL, data TEXT NOT NULL",
    # number: 4 or 16 bytes, so that they sort as numbers do. owner "": nobody now, kept for the name. turn: when it was last taken
    # or given back, in an order that no clock disturbs.
    "leases": "network TEXT, family INTEGER, number BLOB, owner TEXT NOT NULL, name TEXT NOT NULL, mac TEXT NOT NULL, since REAL NOT NULL,"
    " boot TEXT NOT NULL, turn INTEGER NOT NULL, PRIMARY KEY (network, family, number)",
    "attachments": "owner TEXT PRIMARY KEY, container TEXT NOT NULL, network TEXT NOT NULL, since REAL NOT NULL, boot TEXT NOT NULL,"
    " data TEXT NOT NULL, details TEXT NOT NULL",
    "ports": "protocol TEXT, host_ip TEXT, host_port INTEGER, port INTEGER NOT NULL, count INTEGER NOT NULL, owner TEXT, network TEXT NOT NULL,"
    " boot TEXT NOT NULL, PRIMARY KEY (protocol, host_ip, host_port, owner)",
    "cursors": "network TEXT, subnet TEXT, number BLOB NOT NULL, PRIMARY KEY (network, subnet)",
}
_INDEXES = (
    "CREATE INDEX leases_by_name ON leases (network, name)",
    "CREATE INDEX leases_by_owner ON leases (owner)",
    "CREATE INDEX leases_by_turn ON leases (network, family, owner, turn)",
    "CREATE INDEX attachments_by_network ON attachments (network)",
    "CREATE INDEX attachments_by_container ON attachments (container)",
    "CREATE INDEX ports_by_owner ON ports (owner)",
)
SCHEMA = (*(f"CREATE TABLE {name} ({columns}) WITHOUT ROWID" for name, columns in TABLES.items()), *_INDEXES)


def connect(path: str, patience: float, mode: str = "rw") -> sqlite3.Connection:
    """An open database; sqlite3's own errors."""
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    db = sqlite3.connect(f"file:{quoted}?mode={mode}", timeout=patience, isolation_level=None, uri=True)
    try:
        # In WAL mode NORMAL loses the last changes when the power goes, and never the file.
        db.execute("PRAGMA synchronous=NORMAL")
        return db
    except sqlite3.Error:
        db.close()
        raise


@contextmanager
def alone(directory: str) -> Iterator[None]:
    """Only one process at a time makes a database or moves one aside."""
    file = os.open(f"{directory}/networks.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def make(directory: str, run: str, broken: str = "") -> bool:
    """Make the database, with what there are copies of, and what can still be read of a `broken` one. Called with `alone`.

    True when something was found to fill it with. It gets its name when it is whole: who opens it finds all or nothing.
    """
    path = f"{directory}/{NAME}"
    new = f"{path}.new"
    for left in (new, f"{new}-wal", f"{new}-shm", f"{new}-journal", f"{path}-wal", f"{path}-shm"):
        # A log of a database that is gone would be played into the new one.
        remove(left)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    with closing(connect(new, 5.0)) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("BEGIN IMMEDIATE")
        for statement in SCHEMA:
            db.execute(statement)
        db.execute(f"PRAGMA user_version={VERSION}")
        db.execute("INSERT INTO meta VALUES ('boot', ?)", (boot_id(),))
        found = copies.restore(db, run)
        found = (_salvage(db, broken) if broken else False) or found
        db.execute("COMMIT")
    os.rename(new, path)
    return found


def _salvage(db: sqlite3.Connection, broken: str) -> bool:
    """Read what can be read of a damaged database into a new one. What is in it already stays."""
    before = db.total_changes
    try:
        with closing(connect(broken, 0.0, "ro")) as old:
            if old.execute("PRAGMA user_version").fetchone() != (VERSION,):
                return False
            for table in TABLES:
                _rows(db, old, table)
    except sqlite3.DatabaseError:
        pass  # nothing of it can be read
    return db.total_changes > before


def _rows(db: sqlite3.Connection, old: sqlite3.Connection, table: str) -> None:
    try:
        for row in old.execute(f"SELECT * FROM {table}"):
            db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    except sqlite3.DatabaseError:
        pass  # the rest of this table cannot be read


def move_aside(directory: str) -> str:
    """Give a damaged database another name, and its log with it; that name. Called with `alone`."""
    path = f"{directory}/{NAME}"
    number = 1
    while os.path.lexists(f"{path}.broken-{number}"):
        number += 1
    aside = f"{path}.broken-{number}"
    for end in ("", "-wal", "-shm"):
        try:
            os.rename(path + end, aside + end)
        except FileNotFoundError:
            pass
    return aside
