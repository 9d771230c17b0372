"""Reservations on disk, in the format of upstream's host-local, so that one can switch to it and back at any time.

    DATADIR/NETWORK/10.1.0.2               "CONTAINER\\r\\nINTERFACE": the address is taken
    DATADIR/NETWORK/last_reserved_ip.0     where the first set of ranges goes on
    DATADIR/NETWORK/lock                   flock(2), the same that upstream takes
    DATADIR/NETWORK/.netwright/            ours, which upstream passes over

How it works. Upstream reads every file to find those of one container. Here `.netwright/CONTAINER:INTERFACE` has the addresses of an
owner, the boot in which they were taken and the namespace they were taken for. `.netwright/seen` has the boot and the times of
the last change of both directories when we last left them: where they are the same, nobody was here since, and the index is right.
Otherwise everything is read once and the index put right. That makes a killed process harmless, whatever it had written.

What was taken in an earlier boot is nobody's any more, and is given back then. For our own the boot id says so; for those that
upstream made, the time of the file does, and only where the clock has not been set since the machine started.
"""

import os
import time

from ...kernel.inet import aton
from ...model.value import value
from ..disk import Told, lock, read, remove, write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

DEFAULT = "/var/lib/cni/networks"
LONGEST_WAIT = 15.0  # seconds for the lock
_OWN, _SEEN, _NEWLINE = ".netwright", "seen", "\r\n"


@value
class Owner:
    """What the index knows of one (container, interface): `netns` is "DEVICE:INODE PATH", "" where nobody knows."""

    boot: str = ""
    netns: str = ""
    addresses: "tuple[str, ...]" = ()


class Store:
    """The reservations of one network, locked: `with Store(directory) as store: …`. CniError 5 and 11."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._own = f"{directory}/{_OWN}"
        self._lock = -1
        self.boot = ""

    def __enter__(self) -> "Store":
        self.boot = _boot()
        with Told(self.directory):
            os.makedirs(self._own, 0o755, exist_ok=True)
            self._lock = lock(f"{self.directory}/lock", longest=LONGEST_WAIT)
            seen = read(f"{self._own}/{_SEEN}").split()
            if seen != [self.boot, *self._changed()]:
                self.scan(seen[:1] == [self.boot])
        return self

    def __exit__(self, kind: "type[BaseException] | None", error: "BaseException | None", trace: "TracebackType | None") -> None:
        path = f"{self._own}/{_SEEN}"
        try:
            if not os.path.exists(path):
                write(path, "")  # to make it changes the time that is to be written into it
            write(path, " ".join((self.boot, *self._changed())))
        except OSError:
            pass  # a full disk: the next one reads everything instead
        os.close(self._lock)

    # -- questions -------------------------------------------------------------------------------------------------------

    def owner(self, container: str, ifname: str) -> Owner:
        """What an owner has; without addresses when nothing."""
        known = self._owner(_key(container, ifname))
        has = tuple(one for one in known.addresses if self._content(one) in (f"{container}{_NEWLINE}{ifname}", container))
        if has or not ifname:
            return Owner(known.boot, known.netns, has)
        return self.owner(container, "")  # files of the first versions have no interface in them

    def owners(self) -> "dict[tuple[str, str], Owner]":
        """All of them."""
        keys = [name for name in os.listdir(self._own) if ":" in name]
        return {tuple(name.split(":", 1)): self._owner(name) for name in keys}  # type: ignore[misc]

    def taken(self) -> "set[str]":
        """The addresses that are taken, by whomever."""
        return {name for name in os.listdir(self.directory) if _is_address(name)}

    def holder(self, address: str) -> str:
        """Who has an address, in words."""
        container, _, ifname = self._content(address).partition(_NEWLINE)
        return f"{ifname} of container {container}" if ifname else container or "nobody"

    def last(self, n: int) -> str:
        """The address that the n-th set of ranges handed out last; "" when that cannot be said."""
        text = read(f"{self.directory}/last_reserved_ip.{n}").strip()
        return text if _is_address(text) else ""

    # -- changes ---------------------------------------------------------------------------------------------------------

    def reserve(self, address: str, container: str, ifname: str, n: int) -> bool:
        """Take an address for an owner, out of the n-th set; False when it is taken."""
        path = f"{self.directory}/{address}"
        with Told(self.directory):
            try:
                fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
            except FileExistsError:
                if self._content(address):
                    return False
                fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)  # whoever made it was killed before writing
            try:
                os.write(fd, f"{container}{_NEWLINE}{ifname}".encode("utf-8", "surrogateescape"))
                write(f"{self.directory}/last_reserved_ip.{n}", address)
            except OSError:
                os.unlink(path)
                raise
            finally:
                os.close(fd)
        return True

    def remember(self, container: str, ifname: str, addresses: "tuple[str, ...]", netns: str) -> None:
        """Write down what an owner has now, in this boot."""
        with Told(self.directory):
            self._index(_key(container, ifname), Owner(self.boot, netns, addresses))

    def release(self, container: str, ifname: str) -> None:
        """Give back whatever an owner has."""
        with Told(self.directory):
            if not self.owner(container, ifname).addresses:
                self.scan(True)  # the index may be damaged, and this is the last time that anybody asks
            for address in self.owner(container, ifname).addresses:
                self._unlink(address)
            for key in (_key(container, ifname), _key(container, "")):
                if not self.owner(*key.split(":", 1)).addresses:
                    remove(f"{self._own}/{key}")

    def give_back(self, address: str) -> None:
        """Give back one address."""
        with Told(self.directory):
            self._unlink(address)

    def scan(self, seen: bool) -> None:
        """Read every reservation, drop what a crash or an earlier boot left, put the index right.

        `seen`: the directory was looked after in this boot, so what the index does not know is of this boot as well.
        """
        before = self.owners()
        after: dict[tuple[str, str], Owner] = {}
        start = 0.0 if seen else _started()
        for address in sorted(self.taken()):
            content = self._content(address)
            container, line, ifname = content.partition(_NEWLINE)
            known = before.get((container, ifname), Owner())
            mine = address in known.addresses and self._is_older(address, _key(container, ifname))
            stale = known.boot != self.boot if mine else os.stat(f"{self.directory}/{address}").st_mtime < start
            if not content or (line and stale):
                self._unlink(address)
            elif _is_key(container, ifname):
                had = after.get((container, ifname), Owner(known.boot if mine else "", known.netns if mine else ""))
                after[container, ifname] = Owner(had.boot or self.boot, had.netns, (*had.addresses, address))
        for key in before.keys() - after.keys():
            remove(f"{self._own}/{_key(*key)}")
        for key, owner in after.items():
            if before.get(key) != owner:
                self._index(_key(*key), owner)

    def _changed(self) -> "tuple[str, str]":
        return str(os.stat(self.directory).st_mtime_ns), str(os.stat(self._own).st_mtime_ns)

    def _is_older(self, address: str, key: str) -> bool:
        """Whether a reservation is the one that the index means: it is always written first."""
        return os.stat(f"{self.directory}/{address}").st_mtime_ns <= os.stat(f"{self._own}/{key}").st_mtime_ns

    def _content(self, address: str) -> str:
        return read(f"{self.directory}/{address}").strip()

    def _unlink(self, address: str) -> None:
        remove(f"{self.directory}/{address}")

    def _index(self, key: str, owner: Owner) -> None:
        write(f"{self._own}/{key}", "\n".join((owner.boot, owner.netns, *owner.addresses)))

    def _owner(self, key: str) -> Owner:
        boot, netns, *addresses = [*read(f"{self._own}/{key}").split("\n"), ""]
        return Owner(boot, netns, tuple(one for one in addresses if _is_address(one)))


def _key(container: str, ifname: str) -> str:
    return f"{container}:{ifname}"


def _is_key(container: str, ifname: str) -> bool:
    """Whether it can be a file's name; anybody may have written anything into a reservation."""
    text = container + ifname
    return bool(container) and len(os.fsencode(text)) < 230 and not any(c in "/:\0\r\n" for c in text)


def _is_address(text: str) -> bool:
    try:
        aton(text)
    except ValueError:
        return False
    return True


def _boot() -> str:
    """OSError where there is no /proc: without it every lease would be taken for an earlier boot's."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def _started() -> float:
    """When the machine started, by the clock as it was then; the earliest of what can be found out.

    A clock that was set since then makes what was written earlier look older than the start. /dev is filled by the kernel at the
    start and shows the clock of that moment.
    """
    started = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    try:
        started = min(started, os.stat("/dev/full").st_ctime)
    except OSError:
        pass
    return started - 1.0
