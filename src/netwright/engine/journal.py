"""What a lab is and what is being done to it, written down before it is done: sqlite3, one file per lab.

How it works. Everything inside a lab hangs on its holder: when that process is gone, so is all of it, and nothing needs to be
remembered. The journal holds what the kernel cannot tell: which process the holder is, what was wanted, what is being changed
into what (`changing`: after a crash the next command leads back or forth), and what the lab has outside of its holder:
names in /run/netns, a relay for ports, an uplink. Each is written here first and made then, so that a killed command leaves
nothing that the next one cannot find. A journal of another boot speaks of things that are no more.
"""

from __future__ import annotations

import errno
import json
import os

from ..errors import CallFailed, Gone
from ..model.plain import from_plain, to_plain
from ..model.state import State
from ..model.value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outside (kind TEXT, name TEXT, data TEXT NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
"""
VERSION = "1"


def boot_id() -> str:
    """A number that is new after every start of the machine."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


@value
class Outside:
    """Something that a lab has outside of its holder: `kind` pin, relay, uplink …, its `name`, and what is needed to remove it."""

    kind: str
    name: str
    data: dict[str, Any]


def _is_of_this_boot(db: sqlite3.Connection) -> bool:
    return bool(db.execute("SELECT value FROM fact WHERE key='boot'").fetchone() == (boot_id(),))


def _made_anew(db: sqlite3.Connection) -> None:
    """Of another boot, or new. Looked at again under the database's lock: somebody else may just have made it."""
    db.execute("BEGIN IMMEDIATE")
    if not _is_of_this_boot(db):
        db.execute("DELETE FROM fact")
        db.execute("DELETE FROM outside")
        db.execute("INSERT INTO fact VALUES ('boot', ?), ('version', ?)", (boot_id(), VERSION))
    db.execute("COMMIT")


class Journal:
    """The journal in a lab's directory. CallFailed when it cannot be opened or written (disk full, read-only).

    With `make` False it must be there: Gone when it is not. `down` may remove it while others look.
    """

    def __init__(self, directory: str, *, make: bool = True) -> None:
        import sqlite3

        self.path = f"{directory}/lab.db"
        try:
            self._db = self._opened("rwc" if make else "rw")
        except sqlite3.DatabaseError as error:
            if not make and not os.path.exists(self.path):
                raise Gone(f"there is nothing written down in {directory}", why="the lab has just gone down", fix="nw ls") from None
            raise self._broken(error) from None

    def _opened(self, mode: str) -> sqlite3.Connection:
        import sqlite3

        quoted = self.path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
        db = sqlite3.connect(f"file:{quoted}?mode={mode}", timeout=10, isolation_level=None, uri=True)
        try:
            # The file lives as long as the boot: nothing has to reach a disk.
            db.executescript("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;" + _SCHEMA)
            if not _is_of_this_boot(db):
                _made_anew(db)
        except sqlite3.DatabaseError:
            db.close()
            raise
        return db

    def _broken(self, error: Exception) -> CallFailed:
        why = str(error)
        full = isinstance(error, OSError) or "full" in why
        return CallFailed(f"cannot use the journal {self.path}", 28 if full else 5, why=why, fix="make room, or make the directory writable; `nw gc` removes a broken one")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _do(self, sql: str, arguments: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        import sqlite3

        try:
            return self._db.execute(sql, arguments).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._broken(error) from None

    # -- facts -----------------------------------------------------------------------------------------------------------

    def get(self, key: str) -> Any:
        """A fact, None when it is not there."""
        found = self._do("SELECT value FROM fact WHERE key=?", (key,))
        return json.loads(found[0][0]) if found else None

    def put(self, **facts: Any) -> None:
        """Write facts down, all of them or none; None takes one away."""
        self._do("BEGIN IMMEDIATE")
        for key, fact in facts.items():
            if fact is None:
                self._do("DELETE FROM fact WHERE key=?", (key,))
            else:
                self._do("INSERT OR REPLACE INTO fact VALUES (?, ?)", (key, json.dumps(fact)))
        self._do("COMMIT")

    def state(self, key: str) -> State | None:
        """A State that was written down."""
        found = self.get(key)
        return None if found is None else from_plain(found)

    # -- changes ---------------------------------------------------------------------------------------------------------

    def begin(self, want: State) -> None:
        """From now on the lab is being led to `want`; `wanted` is still what it was before."""
        self.put(changing=to_plain(want))

    def done(self, want: State, **more: Any) -> None:
        """It is what it shall be; `more` facts in the same stroke."""
        self.put(wanted=to_plain(want), changing=None, **more)

    def went_back(self) -> None:
        """The change was taken back."""
        self.put(changing=None)

    # -- outside ---------------------------------------------------------------------------------------------------------

    def outside(self, kind: str = "") -> list[Outside]:
        """What the lab has outside of its holder."""
        rows = self._do("SELECT kind, name, data FROM outside WHERE kind=? OR ?=''", (kind, kind))
        return [Outside(k, n, json.loads(d)) for k, n, d in rows]

    def will_make(self, thing: Outside) -> None:
        """Said before it is made."""
        self._do("INSERT OR REPLACE INTO outside VALUES (?, ?, ?)", (thing.kind, thing.name, json.dumps(thing.data)))

    def has_gone(self, thing: Outside) -> None:
        """Said after it was removed."""
        self._do("DELETE FROM outside WHERE kind=? AND name=?", (thing.kind, thing.name))


def remove_files(directory: str) -> None:
    """Remove a lab's directory and what we put into it."""
    for name in ("lab.db", "lab.db-journal", "lab.db-wal", "lab.db-shm", "relay.log", "entry", "hosts", "entry.new", "hosts.new", "lock"):
        try:
            os.unlink(f"{directory}/{name}")
        except FileNotFoundError:
            pass
    try:
        os.rmdir(directory)
    except FileNotFoundError:
        pass
    except OSError as error:
        # ENOTEMPTY: another command has the next lock there already, or somebody put a file of his own there.
        if error.errno != errno.ENOTEMPTY:
            raise
