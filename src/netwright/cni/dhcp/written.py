"""Leases written down, one small file each, so that a daemon that is started anew goes on with them.

They are stamped with the machine's boot: after a reboot there are no namespaces for them, and the clock has begun anew. A file that
cannot be understood is a lease that nobody keeps; it is removed, and told.
"""

import os

from ...model.jsontext import read, write
from ...model.value import value
from ...networks.directories import remove, write_whole
from .client import Identity
from .lease import Lease, from_plain, to_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


@value
class Record:
    """Whose lease it is, where its device is (`place` tells whether the namespace at the path `netns` is still that one)."""

    container: str
    network: str
    ifname: str
    netns: str
    place: str
    who: Identity
    sets_mtu: bool = False
    lease: "Lease | None" = None

    @property
    def key(self) -> str:
        """What tells it from others; also the client's id."""
        return key(self.container, self.network, self.ifname)


def key(container: str, network: str, ifname: str) -> str:
    """CNI's own client id: a lease that its daemon got is recognised by the server when we ask."""
    return f"{container}/{network}/{ifname}"


def client_id(text: str) -> bytes:
    """Option 61: type 0 (no hardware address), then the text, as much of it as has room."""
    return b"\0" + text.encode()[:254]


class Written:
    """The directory of one daemon's leases."""

    def __init__(self, directory: str, boot: str, note: "Callable[[str], None]") -> None:
        self.directory, self._boot, self._note = directory, boot, note

    def save(self, record: Record) -> None:
        """Write a lease down, in one step. OSError."""
        path = self._path(record.key)
        write_whole(path, write(_to_plain(record, self._boot)).encode(), f"{path}.new")

    def forget(self, key: str) -> None:
        """Remove it, if it is there."""
        remove(self._path(key))

    def all(self) -> "list[Record]":
        """Those of this boot; others are removed."""
        out = []
        for name in sorted(os.listdir(self.directory)):
            if name.endswith((".json", ".new")) and (record := self._one(f"{self.directory}/{name}")):
                out.append(record)
        return out

    def _one(self, path: str) -> "Record | None":
        try:
            with open(path, "rb") as file:
                data = read(file.read())
            if path.endswith(".json") and data["boot"] == self._boot:
                return _from_plain(data)
        except (ValueError, KeyError, TypeError) as error:
            self._note(f"{path}: cannot be understood, and is removed ({type(error).__name__}: {error})")
        os.unlink(path)
        return None

    def _path(self, key: str) -> str:
        from hashlib import sha256

        return f"{self.directory}/{sha256(key.encode()).hexdigest()[:32]}.json"


def _to_plain(record: Record, boot: str) -> "dict[str, Any]":
    who = record.who
    assert record.lease is not None
    return {
        "boot": boot, "container": record.container, "network": record.network, "ifname": record.ifname,
        "netns": record.netns, "place": record.place, "sets_mtu": record.sets_mtu,
        "mac": who.mac.hex(), "client_id": who.client_id.hex(), "broadcast": who.broadcast,
        "provided": [[number, data.hex()] for number, data in who.provided], "requested": who.requested,
        "lease": to_plain(record.lease),
    }  # fmt: skip


def _from_plain(data: "dict[str, Any]") -> Record:
    provided = tuple((int(number), bytes.fromhex(text)) for number, text in data["provided"])
    requested = tuple(int(number) for number in data["requested"])
    mac, client = bytes.fromhex(data["mac"]), bytes.fromhex(data["client_id"])
    who = Identity(mac, client, provided, requested, bool(data["broadcast"]))
    words: dict[str, Any] = {name: str(data[name]) for name in ("container", "network", "ifname", "netns", "place")}
    return Record(**words, who=who, sets_mtu=bool(data["sets_mtu"]), lease=from_plain(data["lease"]))
