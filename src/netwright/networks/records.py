"""What was attached, written down before it is made: one small file for each attachment, below the run directory.

    .attached/DEVICE/KEY     {"boot", "owner", "port", "bridge", "netns", "elements", …}

How it works. Whoever attaches writes the record first and removes it last, so that a command that was killed at any point has
left a record of all that may be there; removing is the same whatever was reached. Attachments of one bridge share a directory:
whether somebody else still needs the bridge is one look. After another boot nothing of it is there any more.
"""

import os

from ..errors import CallFailed
from ..model.jsontext import read, write
from ..model.value import value
from .directories import absent, made, refused, run_directory, write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Element = tuple[str, str]

_KEPT = 100  # characters of a long name that stand before its digest
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:@")


@value
class Record:
    """`owner` (cni/NET/ID/eth0, web:eth0 …) has on `device` (a bridge, or a name for what has none) these `elements` of the
    firewall, these `ports` (devices of the host) and these `routes` (to, device) there; `bridge` says whether the device was made by us. `sure`: the elements are in; before that somebody else may have
    one of them. `data` is its maker's."""

    owner: str
    device: str
    ports: "tuple[str, ...]" = ()
    elements: "tuple[Element, ...]" = ()
    bridge: bool = False
    netns: str = ""
    data: "dict[str, Any]" = {}
    sure: bool = False
    routes: "tuple[tuple[str, str], ...]" = ()


def boot_id() -> str:
    """A number that is new after every start of the machine."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def directory(device: str = "") -> str:
    """Where records are; with a device: where its own are."""
    top = f"{run_directory()}/.attached"
    return f"{top}/{key(device)}" if device else top


def key(text: str) -> str:
    """A file's name for any text: other characters as %XX; what would be too long by its digest."""
    out = _encoded(text)
    if len(out) <= 200:
        return out
    from hashlib import sha256

    return out[:_KEPT] + "-" + sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _encoded(text: str) -> str:
    out = "".join(chr(b) if b in _PLAIN else f"%{b:02X}" for b in text.encode("utf-8", "surrogateescape"))
    return "%2E" + out[1:] if out.startswith(".") else out


def path_of(device: str, owner: str) -> str:
    """The record's file."""
    return f"{directory(device)}/{key(owner)}"


def put(record: Record) -> None:
    """Write it down, whole or not at all. CallFailed with the way out."""
    document = {
        "boot": boot_id(), "owner": record.owner, "device": record.device, "ports": record.ports, "elements": record.elements,
        "bridge": record.bridge, "netns": record.netns, "data": record.data, "sure": record.sure, "routes": record.routes,
    }  # fmt: skip
    path = path_of(record.device, record.owner)
    try:
        _put(directory(record.device), path, write(document).encode())
    except OSError as error:
        raise refused(f"cannot write down {path}", error.errno or 0) from None


def _put(place: str, path: str, data: bytes) -> None:
    """The directory is made again where somebody removes it, empty, at this moment."""
    for last in (False, False, True):
        made(place)
        try:
            write_whole(path, data, f"{path}~{os.getpid()}")
            return
        except FileNotFoundError:
            if last:
                raise


def _is_unfinished(name: str) -> bool:
    """A file whose writer was killed."""
    _, mark, pid = name.rpartition("~")
    return bool(mark) and not os.path.exists(f"/proc/{pid}")


def get(device: str, owner: str) -> "Record | None":
    """The record of this boot; None when there is none, or none that can be read."""
    return _read(path_of(device, owner))


def _read(path: str) -> "Record | None":
    boot = boot_id()
    try:
        with open(path, "rb") as file:
            text = file.read()
    except OSError as error:
        absent(path, error.errno)
        return None
    try:
        found = read(text)
        if found["boot"] != boot:
            return None
        elements = tuple((name, element) for name, element in found["elements"])
        ports = tuple(str(port) for port in found["ports"])
        routes = tuple((to, device) for to, device in found.get("routes", ()))
        return Record(found["owner"], found["device"], ports, elements, found["bridge"], found["netns"], found["data"], found["sure"], routes)
    except (ValueError, KeyError, TypeError):
        return None  # cut short: `sweep` removes it


def listed(device: str) -> "list[str]":
    """The names of a device's files, for whoever asks of_device, others and remove about them while he holds its lock: hundreds are
    listed once."""
    return _names(directory(device))


def remove(device: str, owner: str, names: "list[str] | None" = None) -> None:
    """It is gone, with what a writer that was killed has left; so are the directories in which nothing is left."""
    _unlink(path_of(device, owner))
    unfinished = f"{key(owner)}~"
    for name in listed(device) if names is None else names:
        if name.startswith(unfinished) and _is_unfinished(name):
            _unlink(f"{directory(device)}/{name}")
    for place in (directory(device), directory()):
        try:
            os.rmdir(place)
        except OSError:
            return  # others are there, or were quicker


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise CallFailed(f"cannot remove {path}: {error.strerror}", error.errno or 0) from None


def of_device(device: str, names: "list[str] | None" = None) -> "Iterator[Record]":
    """Every record on a device."""
    return _in(directory(device), names=names)


def everything() -> "Iterator[Record]":
    """Every record of this boot."""
    return signed("")


def signed(owners: str) -> "Iterator[Record]":
    """Every record whose owner begins so; of the others not even the files are opened."""
    start = _encoded(owners)[:_KEPT]
    for name in _names(directory()):
        yield from (record for record in _in(f"{directory()}/{name}", start) if record.owner.startswith(owners))


def naming(word: str) -> "Iterator[Record]":
    """Every record whose owner has this word in it, as far as the file's name tells; the others are not opened."""
    part = _encoded(word)
    for place in _names(directory()):
        for name in _names(f"{directory()}/{place}"):
            if part in name and "~" not in name and (record := _read(f"{directory()}/{place}/{name}")) is not None:
                yield record


def _in(place: str, beginning: str = "", names: "list[str] | None" = None) -> "Iterator[Record]":
    for name in _names(place) if names is None else names:
        if "~" not in name and name.startswith(beginning) and (record := _read(f"{place}/{name}")) is not None:
            yield record


def _names(place: str) -> "list[str]":
    try:
        return os.listdir(place)
    except OSError as error:
        absent(place, error.errno)
        return []


def others(device: str, owner: str = "", names: "list[str] | None" = None) -> bool:
    """Whether somebody else is written down on the device (or, without a device, anywhere)."""
    if not device:
        return any(True for _ in everything())
    mine = key(owner)
    if names is not None:
        return any(name != mine and "~" not in name for name in names)
    try:
        with os.scandir(directory(device)) as entries:
            return any(entry.name != mine and "~" not in entry.name for entry in entries)
    except OSError as error:
        absent(directory(device), error.errno)
        return False


def tidy() -> None:
    """Remove what writers that were killed have left; no file is opened for it."""
    for place in _names(directory()):
        for name in _names(f"{directory()}/{place}"):
            if _is_unfinished(name):
                _unlink(f"{directory()}/{place}/{name}")


def sweep() -> "list[str]":
    """Remove what is of another boot or was cut short; what was removed."""
    out = []
    for place, _, names in os.walk(directory(), topdown=False):
        for name in names:
            path = f"{place}/{name}"
            if _is_unfinished(name) or ("~" not in name and _read(path) is None):
                _unlink(path)
                out.append(path)
    return out
