"""What is written down about container networks: networks, leases, attachments, ports. sqlite3, one file for the machine.

How it works. Each command opens the file, makes its changes in one transaction (`with store.change():`) and goes; a command that
is killed leaves what was there before. Rows of leases, attachments and ports carry the boot that they are of: after a restart of
the machine nobody has them any more, and addresses are kept for the names that had them. A file that is damaged is moved aside,
told about, and made anew from the copies under /run and from what can still be read of it; so is one that is gone.
"""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import time
from contextlib import contextmanager

from ..engine.journal import boot_id
from ..errors import Busy, CallFailed, Conflict, Gone, Invalid, NetwrightError
from ..model.value import value
from . import copies, plain, schema
from .directories import made, refused, run_directory, state_directory
from .mistakes import near
from .network import Network, from_plain, to_plain
from .values import Attachment, Port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..model.addressing import Net

PATIENCE = 30.0
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_ERRNO = {
    sqlite3.SQLITE_FULL: 28, sqlite3.SQLITE_READONLY: 30, sqlite3.SQLITE_CANTOPEN: 13, sqlite3.SQLITE_PERM: 13, sqlite3.SQLITE_AUTH: 13,
}  # fmt: skip


@value
class Attached:
    """One attachment as it is written down: `container` is the name or id, `details` is what else its maker wants to find again."""

    container: str
    attachment: Attachment
    since: float
    details: dict[str, Any]


class Damaged(Exception):
    """The file is no database any more (never leaves this module)."""


class Store:
    """The open database. `notices` are for the user: what was damaged, where it is now.

    Busy when somebody else holds it for `patience` seconds, CallFailed when it cannot be read or written, Conflict when a newer
    version of this program made it.
    """

    def __init__(self, directory: str = "", run: str = "", *, patience: float = PATIENCE) -> None:
        self.directory, self.run = directory or state_directory(), run or run_directory()
        self.path = f"{self.directory}/{schema.NAME}"
        self.notices: list[str] = []
        self.new_boot = False  # whether this is the first to open it since the machine started
        self._patience, self._depth, self._inode = patience, 0, 0
        self._touched: dict[tuple[str, str], None] = {}
        made(self.directory)
        self._open()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- opening ---------------------------------------------------------------------------------------------------------

    def _open(self) -> None:
        for _ in range(3):
            try:
                self._db = self._connected()
                self._made_for_this_boot()
                return
            except Damaged:
                self._renew()
        raise CallFailed(f"{self.path} is damaged again and again", 5, why="what is written to it does not stay", fix="look at the disk: dmesg")

    def _connected(self) -> sqlite3.Connection:
        if not os.path.lexists(self.path):
            self._make("")
        try:
            db = schema.connect(self.path, self._patience)
            try:
                self._inode = os.stat(self.path).st_ino
                found = db.execute("PRAGMA user_version").fetchone()[0]
                if found == 0:
                    raise Damaged  # an empty file, or somebody else's: ours get their name when they are whole
                db.execute("SELECT value FROM meta LIMIT 1").fetchall()
            except BaseException:
                db.close()
                raise
        except sqlite3.Error as error:
            raise self._told(error) from None
        if found > schema.VERSION:
            db.close()
            raise Conflict(f"{self.path} is of a newer version of netwright", why=f"its format is {found}, and {schema.VERSION} is known here", fix="use that version, or move the file away")
        return db

    def _make(self, broken: str) -> None:
        try:
            with schema.alone(self.directory):
                if os.path.lexists(self.path):
                    return
                if schema.make(self.directory, self.run, broken) and not broken:
                    self.notices.append(f"{self.path} was gone; it was made anew from what is known in {self.run}")
        except sqlite3.Error as error:
            raise self._told(error) from None
        except OSError as error:
            raise refused(f"cannot make {self.path}", error.errno or 0) from None

    def _renew(self) -> None:
        """Move the damaged file aside, unless somebody else has done so, and make a new one."""
        try:
            with schema.alone(self.directory):
                if self._inode and self._is_another():
                    return
                aside = schema.move_aside(self.directory)
                try:
                    schema.make(self.directory, self.run, aside)
                except sqlite3.DatabaseError as error:
                    raise self._told(error) from None
        except OSError as error:
            raise refused(f"cannot replace the damaged {self.path}", error.errno or 0) from None
        self.notices.append(f"{self.path} was damaged: it is now {aside}, and what could be found again is in a new one (nw network ls)")

    def _is_another(self) -> bool:
        try:
            return os.stat(self.path).st_ino != self._inode
        except FileNotFoundError:
            return True

    def _made_for_this_boot(self) -> None:
        """After a restart of the machine nothing is attached. Names keep their addresses."""
        boot = boot_id()
        if self._do("SELECT value FROM meta WHERE key='boot'") == [(boot,)]:
            return
        with self.change():
            if self._do("SELECT value FROM meta WHERE key='boot'") == [(boot,)]:
                return  # somebody else was faster
            self.new_boot = True
            copies.clear(self.run)
            self._do("DELETE FROM leases WHERE boot!=? AND name=''", (boot,))
            self._do("UPDATE leases SET owner='', boot=? WHERE boot!=?", (boot, boot))
            for table in ("attachments", "ports"):
                self._do(f"DELETE FROM {table} WHERE boot!=?", (boot,))
            self._do("INSERT OR REPLACE INTO meta VALUES ('boot', ?)", (boot,))
            for (name,) in self._do("SELECT name FROM networks"):
                self._touched["network", name] = None

    # -- transactions ----------------------------------------------------------------------------------------------------

    @contextmanager
    def change(self) -> Iterator[None]:
        """All changes inside are made together, or none of them. One within another is a part of it."""
        if self._depth:
            yield
            return
        self._begin()
        self._depth = 1
        try:
            yield
            self._copy()
            self.do("COMMIT")
        except BaseException:
            self._undo()
            raise
        finally:
            self._depth = 0
            self._touched.clear()

    def _copy(self) -> None:
        try:
            for thing in self._touched:
                copies.save(self._db, self.run, thing)
        except sqlite3.Error as error:
            raise self._seen(self._told(error)) from None

    def _begin(self) -> None:
        for _ in range(3):
            try:
                self._do("BEGIN IMMEDIATE")
            except Damaged:
                self._reopen(renew=True)
                continue
            if not self._is_another():
                return
            # The file was replaced while it was open here: what is written now would be lost.
            self._do("ROLLBACK")
            self._reopen(renew=False)
        raise Busy(f"{self.path} is replaced again and again", fix=f"who does it: fuser -v {self.directory}")

    def _reopen(self, *, renew: bool) -> None:
        self._db.close()
        if renew:
            self._renew()
        self._db = self._connected()

    def _undo(self) -> None:
        try:
            if self._db.in_transaction:  # a full disk has rolled back by itself
                self._db.execute("ROLLBACK")
            if self._touched and not self._is_another():
                self._db.execute("BEGIN IMMEDIATE")  # copies are written by one at a time
                self._copy()
        except (sqlite3.Error, NetwrightError):
            pass  # the error that led here is the one to tell; a copy of what never was is put right by the next change
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def do(self, sql: str, arguments: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """Run one statement (for leases.py); its rows. A damaged file is replaced, and then CallFailed says so."""
        try:
            return self._do(sql, arguments)
        except Damaged as error:
            raise self._seen(error) from None

    def _do(self, sql: str, arguments: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(sql, arguments).fetchall()
        except sqlite3.Error as error:
            raise self._told(error) from None
        except UnicodeEncodeError as error:
            raise Invalid("a name is no text", why=f"{error.object!a:.80} is not UTF-8") from None

    def stream(self, sql: str, arguments: tuple[object, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of one statement, as they are wanted."""
        try:
            yield from self._db.execute(sql, arguments)
        except sqlite3.Error as error:
            raise self._seen(self._told(error)) from None

    def _seen(self, error: Exception) -> Exception:
        """A damaged file that was seen in the middle of something is replaced, and that has to be done again."""
        if not isinstance(error, Damaged):
            return error
        self._renew()
        return CallFailed(f"{self.path} was damaged", 5, why=self.notices[-1] if self.notices else "it was replaced", fix="do it again")

    def touch(self, kind: str, key: str) -> None:
        """The copy of a "network" or an "owner" is to be written with this change."""
        self._touched[kind, key] = None

    def _told(self, error: sqlite3.Error) -> Exception:
        """An error of sqlite3 as one of ours."""
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _DAMAGED or (code == sqlite3.SQLITE_ERROR and "no such" in str(error)):
            return Damaged()
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return Busy(f"{self.path} is held", why=f"another command has worked on it for {self._patience:g} s", fix=f"who it is: fuser -v {self.path}")
        number = _ERRNO.get(code, errno.EIO)
        if number == errno.EIO and _is_full(self.directory):
            number = errno.ENOSPC  # sqlite3 says "disk I/O error" where its index of the log has no room
        return refused(f"cannot use {self.path}", number, str(error))

    # -- copies ----------------------------------------------------------------------------------------------------------

    def tidy(self) -> None:
        """Remove copies of what was never committed, because who wrote them was killed; write those that somebody removed."""
        if copies.names(self.run) == self._copied():
            return
        with self.change():
            for thing in self._things():
                self._touched[thing] = None
            copies.keep(self.run, self._copied())

    def _things(self) -> list[tuple[str, str]]:
        owners = "SELECT owner FROM attachments UNION SELECT owner FROM leases WHERE owner!='' UNION SELECT owner FROM ports"
        return [(kind, key) for kind, sql in (("network", "SELECT name FROM networks"), ("owner", owners)) for (key,) in self.do(sql)]

    def _copied(self) -> set[str]:
        return {copies.name_of(thing) for thing in self._things()}

    # -- facts of the host -----------------------------------------------------------------------------------------------

    def ula(self) -> Net:
        """The host's own /48 of IPv6, chosen at random once."""
        from .pools import ula

        with self.change():
            found = self.do("SELECT value FROM meta WHERE key='ula'")
            seed = bytes.fromhex(found[0][0]) if found else os.urandom(5)
            if not found:
                self.do("INSERT INTO meta VALUES ('ula', ?)", (seed.hex(),))
        return ula(seed)

    # -- networks --------------------------------------------------------------------------------------------------------

    def networks(self) -> dict[str, Network]:
        """All networks by name, in order."""
        return {name: _network(name, data) for name, data in self.do("SELECT name, data FROM networks ORDER BY name")}

    def network(self, name: str) -> Network:
        """One. Gone, with what there is."""
        found = self.do("SELECT data FROM networks WHERE name=?", (name,))
        if found:
            return _network(name, found[0][0])
        known = [row[0] for row in self.do("SELECT name FROM networks")]
        raise Gone(f'there is no network "{name}"', why=near(name, known), fix=f"make it with: nw network create {name}" if name.isprintable() else "nw network ls")

    def created(self, name: str) -> float:
        """When it was made, in seconds since 1970; 0 when there is none."""
        found = self.do("SELECT created FROM networks WHERE name=?", (name,))
        return float(found[0][0]) if found else 0.0

    def put(self, network: Network) -> None:
        """Write a network down, in place of what had its name."""
        with self.change():
            data = json.dumps(to_plain(network))
            self.do("INSERT INTO networks VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET data=excluded.data", (network.name, time.time(), data))
            self.touch("network", network.name)

    def drop(self, name: str) -> None:
        """Forget a network with its addresses. Conflict while something is attached to it; nothing when there is none."""
        with self.change():
            used = sorted({row[0] for row in self.do("SELECT container FROM attachments WHERE network=?", (name,))})
            if used:
                raise Conflict(f"the network {name} is used by {', '.join(used[:5])}" + (f" and {len(used) - 5} more" if len(used) > 5 else ""), fix=f"nw network disconnect {name} {used[0]}")
            for table, column in (("networks", "name"), ("leases", "network"), ("cursors", "network"), ("ports", "network")):
                self.do(f"DELETE FROM {table} WHERE {column}=?", (name,))
            self.touch("network", name)

    # -- attachments -----------------------------------------------------------------------------------------------------

    def attach(self, container: str, attachment: Attachment, details: dict[str, Any] | None = None) -> None:
        """Write an attachment down, and its ports as taken. (Before it is made: what is written can be found and removed.)"""
        boot, now, owner = boot_id(), time.time(), attachment.owner
        with self.change():
            row = (owner, container, attachment.network, now, boot, json.dumps(plain.plain(attachment)), json.dumps(details or {}))
            # `since` stays: by it one sees which came first.
            kept = "container=excluded.container, network=excluded.network, boot=excluded.boot, data=excluded.data, details=excluded.details"
            self.do(f"INSERT INTO attachments VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (owner) DO UPDATE SET {kept}", row)
            self.do("DELETE FROM ports WHERE owner=?", (owner,))
            for port in attachment.ports:
                where = (port.protocol, port.host_ip, port.host_port, port.port, port.count, owner, attachment.network, boot)
                self.do("INSERT OR REPLACE INTO ports VALUES (?, ?, ?, ?, ?, ?, ?, ?)", where)
            self.touch("owner", owner)

    def detach(self, owner: str) -> None:
        """Forget an attachment and its ports; its addresses go by leases.release. Nothing when there is none."""
        with self.change():
            for table in ("attachments", "ports"):
                self.do(f"DELETE FROM {table} WHERE owner=?", (owner,))
            self.touch("owner", owner)

    def attachments(self, network: str = "", container: str = "", owner: str = "") -> list[Attached]:
        """What is attached: to a network, of a container, of an owner; "" is any."""
        asked = {"network": network, "container": container, "owner": owner}
        given = {column: text for column, text in asked.items() if text}
        where = " AND ".join(f"{column}=?" for column in given) or "1"
        rows = self.do(f"SELECT container, data, since, details FROM attachments WHERE {where} ORDER BY container, owner", tuple(given.values()))
        return [Attached(name, plain.attachment(json.loads(data)), since, json.loads(details)) for name, data, since, details in rows]

    def ports(self) -> list[tuple[Port, str]]:
        """All ports that are published, each with its owner: what publish.settled wants to know."""
        rows = self.do("SELECT protocol, host_ip, host_port, port, count, owner FROM ports ORDER BY host_port, protocol, host_ip")
        return [(Port(*row[:5]), row[5]) for row in rows]


def _is_full(directory: str) -> bool:
    try:
        return os.statvfs(directory).f_bavail == 0
    except OSError:
        return False


def _network(name: str, data: str) -> Network:
    try:
        return from_plain(json.loads(data))
    except (ValueError, NetwrightError) as error:
        raise CallFailed(f"the network {name} is written down wrongly", 22, why=str(error), fix=f"nw network rm --force {name}") from None
