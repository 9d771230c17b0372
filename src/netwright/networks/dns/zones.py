"""The directory of zones: NETWORK.json for each network, NETWORK@ID.host for each container on it. Each is written whole, or not at all.

Where: $NETWRIGHT_RUN_DIR/.dns, else /run/netwright/.dns. Containers have files of their own so that one more costs the same whether there
are none or a thousand; a network's file may have hosts too, which is how it is written by hand. Who changes something holds one lock
and renames a new file over the old; the responder is told by the kernel (inotify), and `responder.ensure` waits until it knows.
"""

import os

from ...errors import CallFailed, Gone, Invalid
from ...model.value import replace
from ..directories import refused, write_whole
from . import zone as zones
from .zone import Host, Zone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ZONE, HOST = ".json", ".host"
_LOCK, _DRAFT = "zones.lock", ".new"


def where(directory: str = "") -> str:
    """The directory of zones."""
    return directory or f"{os.environ.get('NETWRIGHT_RUN_DIR') or '/run/netwright'}/.dns"


def made(directory: str = "") -> str:
    """The same; it is there afterwards. CallFailed."""
    path = where(directory)
    try:
        os.makedirs(path, 0o700, exist_ok=True)
    except OSError as error:
        raise _failed(f"cannot make {path}", error) from None
    return path


# -- names of files ----------------------------------------------------------------------------------------------------------


def zone_file(network: str) -> str:
    """The name of a network's file. Invalid for what is no name of a network."""
    if why := zones.why_no_network(network):
        raise Invalid(f"{network!r} is no name of a network", why=why)
    return f"{network}{ZONE}"


def host_file(network: str, id: str) -> str:
    """The name of a container's file; what could mean something in a file's name is written as %XX."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "".join(f"%{b:02X}" for b in c.encode()) for c in id)
    if not plain or len(plain) > 120:
        raise Invalid(f"{id!r} is no id of a container for names", why="it has 1 to 120 characters")
    return f"{zone_file(network).removesuffix(ZONE)}@{plain}{HOST}"


def network_of(file: str) -> str:
    """The network that a file of the directory belongs to; "" when it is none of ours."""
    if file[0] == ".":
        return ""
    if file.endswith(ZONE):
        return file.removesuffix(ZONE)
    return file.rpartition("@")[0] if file.endswith(HOST) else ""


def files(directory: str = "", start: str = "") -> list[str]:
    """The files of networks and containers, of those whose name begins so."""
    try:
        found = [name for name in os.listdir(where(directory)) if name.startswith(start)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _failed(f"cannot read {where(directory)}", error) from None
    return sorted(name for name in found if name.endswith((ZONE, HOST)) and network_of(name))


def names(directory: str = "") -> list[str]:
    """The networks that have a file."""
    return [name.removesuffix(ZONE) for name in files(directory) if name.endswith(ZONE)]


def _host_files(network: str, directory: str) -> list[str]:
    start = f"{network}@"  # an id has no @ in a file's name
    return [name for name in files(directory, start) if name.endswith(HOST) and network_of(name) == network]


# -- reading -----------------------------------------------------------------------------------------------------------------


def read_file(name: str, directory: str = "") -> Zone | Host | None:
    """What a file says; None when it is not there. Invalid with every mistake in it, CallFailed."""
    path = f"{where(directory)}/{name}"
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _failed(f"cannot read {path}", error) from None
    if name.endswith(HOST):
        return zones.read_host(text, path)
    found = zones.read(text, path)
    if found.network != network_of(name):
        raise Invalid(f"{path} speaks of network {found.network!r}", fix=f"call it {found.network}{ZONE}, or remove it")
    return found


def read(network: str, directory: str = "") -> Zone | None:
    """A network's names with all its containers, None when it has no file. Invalid with every mistake in one of the files."""
    zone = read_file(zone_file(network), directory)
    if not isinstance(zone, Zone):
        return None
    return joined(zone, (read_file(name, directory) for name in _host_files(network, directory)))


def joined(zone: Zone, hosts: "Iterator[Zone | Host | None]") -> Zone:
    """A network's file and those of its containers. One with the same id takes the place of the one in the network's file."""
    found = {host.id: host for host in zone.hosts}
    found.update((host.id, host) for host in hosts if isinstance(host, Host))
    return replace(zone, hosts=tuple(found.values()))


# -- writing -----------------------------------------------------------------------------------------------------------------


def write(zone: Zone, directory: str = "") -> None:
    """Write a network's names in the place of all that was there. Invalid, CallFailed."""
    made(directory)
    with _Lock(directory):
        _put(zone_file(zone.network), zones.write(zone), directory)
        for name in _host_files(zone.network, directory):
            _remove(name, directory)


def configure(zone: Zone, directory: str = "") -> None:
    """Write everything but the hosts, which stay as they are. Invalid, CallFailed."""
    made(directory)
    with _Lock(directory):
        _configure(zone, directory)


def remove(network: str, directory: str = "") -> None:
    """Take a network's names away, if it has any."""
    name = zone_file(network)
    if files(directory):
        with _Lock(directory):
            _remove(name, directory)
            for host in _host_files(network, directory):
                _remove(host, directory)


def attach(network: str, host: Host, directory: str = "") -> None:
    """Add a container to a network, or put its new names and addresses in the place of the old. Gone when there is no such network."""
    with _Lock(made(directory)):
        if not os.path.exists(f"{where(directory)}/{zone_file(network)}"):
            raise Gone(f"network {network} has no names", fix="nw network reload")
        _put(host_file(network, host.id), zones.write_host(host), directory)


def attach_or_make(zone: Zone, host: Host, directory: str = "") -> None:
    """The same where the network may be new, or different: everything but the hosts is as in `zone` afterwards."""
    with _Lock(made(directory)):
        _configure(zone, directory)
        _put(host_file(zone.network, host.id), zones.write_host(host), directory)


def detach(network: str, id: str, directory: str = "", *, last: bool = False) -> None:
    """Take a container out of a network; nothing happens when it, or the network, is not there. `last`: with its last container the
    network's file goes too."""
    keep(network, lambda other: other != id, directory, last=last, only=id)


def keep(network: str, valid: "Callable[[str], bool]", directory: str = "", *, last: bool = False, only: str = "") -> None:
    """Take out every container whose id is not valid (any more). A file that cannot be read goes too, for nobody knows whose it is;
    `only`: just this id's file is looked at, whatever is in it."""
    if not os.path.isdir(where(directory)):
        return
    with _Lock(directory):
        mine = _host_files(network, directory)
        gone = {host_file(network, only)} & set(mine) if only else {name for name in mine if not _is_valid(name, valid, directory)}
        for name in gone:
            _remove(name, directory)
        zone = _tolerant(zone_file(network), directory)
        kept = tuple(host for host in zone.hosts if valid(host.id)) if isinstance(zone, Zone) else ()
        if last and not kept and len(gone) == len(mine):
            _remove(zone_file(network), directory)
        elif isinstance(zone, Zone) and kept != zone.hosts:
            _put(zone_file(network), zones.write(replace(zone, hosts=kept)), directory)


def _is_valid(name: str, valid: "Callable[[str], bool]", directory: str) -> bool:
    host = _tolerant(name, directory)
    return isinstance(host, Host) and valid(host.id)


def _tolerant(name: str, directory: str) -> Zone | Host | None:
    try:
        return read_file(name, directory)
    except Invalid:
        return None


def _configure(zone: Zone, directory: str) -> None:
    """A file that cannot be read is made anew."""
    before = _tolerant(zone_file(zone.network), directory)
    after = replace(zone, hosts=before.hosts if isinstance(before, Zone) else ())
    if after != before:
        _put(zone_file(zone.network), zones.write(after), directory)


def _put(name: str, text: str, directory: str) -> None:
    # In front a dot: the reader takes no notice of it. One name is enough, for there is one writer at a time.
    draft, path = f"{where(directory)}/{_DRAFT}", f"{where(directory)}/{name}"
    try:
        write_whole(path, text.encode(), draft)
    except OSError as error:
        raise _failed(f"cannot write {path}", error) from None


def _remove(name: str, directory: str) -> None:
    path = f"{where(directory)}/{name}"
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _failed(f"cannot remove {path}", error) from None


class _Lock:
    """One writer at a time; the kernel lets go of it when the process ends."""

    def __init__(self, directory: str) -> None:
        self._path, self._draft = f"{where(directory)}/{_LOCK}", f"{where(directory)}/{_DRAFT}"

    def __enter__(self) -> "_Lock":
        import fcntl

        try:
            self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise _failed(f"cannot open {self._path}", error) from None
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        try:
            os.unlink(self._draft)  # of a writer that was killed
        except OSError:
            pass
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)


def _failed(what: str, error: OSError) -> CallFailed:
    return refused(what, error.errno or 0, error.strerror or str(error))
