"""`nw exec LAB/HOST COMMAND…` and nothing else: the shortest way in, with next to no modules.

The same as lab/entry.py and kernel/holder.py do with every check and every word; where anything is unusual this comes back
before it has done anything, and the long way tells what is the matter. It saves 3 ms of imports, half of what Python itself
takes to start; a test runner that starts a thousand commands feels it.
"""

import os

from ..kernel._syscalls import mount, setns, unshare

_NEWNS, _NEWUSER, _NEWPID, _NEWNET = 0x00020000, 0x10000000, 0x20000000, 0x40000000
_BIND, _REC = 4096, 16384
# What lies on /sys and is nothing of the network's: it stays where programs look for it.
_BELOW_SYS = ("/sys/fs/cgroup", "/sys/fs/bpf", "/sys/kernel/debug", "/sys/kernel/tracing", "/sys/kernel/security")


def become_in_lab(reference: str, argv: list[str]) -> int:
    """Become the program in the host; in the child that is left when that fails, the exit code. -1: nothing was done."""
    lab, _, host = reference.partition("/")
    found = _found(lab, host)
    if found is None:
        return -1
    pid, start, view = found
    try:
        fd = os.pidfd_open(pid)
    except OSError:
        return -1
    try:
        # Asked after opening: from here on the number means no other process.
        if _start(pid) != start or not _moved(fd, pid):
            return -1
    finally:
        os.close(fd)
    from ..kernel.inside import go_on_in_child

    go_on_in_child()
    warning = _settle(host, view)
    return _become(lab, host, argv, warning)


def _found(lab: str, host: str) -> tuple[int, int, str] | None:
    """The holder's pid and start time, and the host's view, when the lab runs and has such a host."""
    directory = f"{_top()}/{lab}"
    if not lab or not host or "/" in host or lab[0] in ".-":
        return None
    try:
        with open(f"{directory}/hosts", "rb") as file:
            if host != "@" and host.encode() + b"\n" not in file.read().splitlines(keepends=True):
                return None
        with open(f"{directory}/entry", "rb") as file:
            if os.fstat(file.fileno()).st_uid != os.getuid():
                return None
            lines = file.read().decode().splitlines()
        with open("/proc/sys/kernel/random/boot_id", "rb") as file:
            boot = file.read().strip().decode()
        there, pid, start = lines[0].split()
    except (OSError, ValueError, IndexError):
        return None
    if there != boot:
        return None
    return int(pid), int(start), next((line[len(host) + 1 :] for line in lines[1:] if line.startswith(f"{host} ")), "")


def _top() -> str:
    given = os.environ.get("NETWRIGHT_RUNTIME_DIR")
    if given or os.getuid() == 0:
        return given or "/run/netwright"
    return os.environ.get("XDG_RUNTIME_DIR", "/nowhere") + "/netwright"


def _start(pid: int) -> int:
    """When it started; 0 when it has ended."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return 0
    return 0 if fields[0] in (b"Z", b"X") else int(fields[19])


def _moved(fd: int, pid: int) -> bool:
    """Move this process into the lab with one setns(2); False when it may not."""
    try:
        place = os.getcwd()
    except FileNotFoundError:
        place = "/"
    try:
        own, its = os.stat("/proc/self/ns/user"), os.stat(f"/proc/{pid}/ns/user")
        setns(fd, _NEWNS | _NEWNET | _NEWPID | (0 if own.st_ino == its.st_ino else _NEWUSER))
    except OSError:
        return False
    if os.geteuid() != 0:
        os.setresgid(0, 0, 0)
        os.setresuid(0, 0, 0)
    _go(place)
    return True


def _go(place: str) -> None:
    try:
        os.chdir(place)
    except OSError:
        os.chdir("/")


def _settle(host: str, view: str) -> str:
    """The host's network, its files, a /sys with its devices; what could not be had, in words."""
    net = os.open(f"/run/netns/{host}", os.O_RDONLY | os.O_CLOEXEC)
    if view:
        place = os.getcwd()
        mounts = os.open(f"/run/nw-lab/views/{view}", os.O_RDONLY | os.O_CLOEXEC)
        setns(mounts, _NEWNS)
        os.close(mounts)
        _go(place)
    setns(net, _NEWNET)
    os.close(net)
    if host == "@":
        return ""
    try:
        unshare(_NEWNS)
        device = os.stat("/sys").st_dev
        kept = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in _BELOW_SYS if _lies_on(path, device)]
        mount(host.encode(), b"/sys", b"sysfs", 0, None)
        for path, fd in kept:
            mount(f"/proc/self/fd/{fd}".encode(), path.encode(), None, _BIND | _REC, None)
    except OSError as error:
        return f"mount of /sys failed: {error.strerror}: /sys does not show the devices of {host}"
    return ""


def _lies_on(path: str, device: int) -> bool:
    try:
        return os.stat(path).st_dev != device
    except OSError:
        return False


def _become(lab: str, host: str, argv: list[str], warning: str) -> int:
    if warning:
        from .exec import told

        told("exec", warning)
    environment = {**os.environ, "NETWRIGHT_LAB": lab, "NETWRIGHT_HOST": host}
    name, failure = argv[0], FileNotFoundError(2, os.strerror(2))
    # Not os.execvpe: it imports `warnings`, for half a millisecond.
    for place in [""] if "/" in name else environment.get("PATH", "/bin:/usr/bin").split(":"):
        try:
            os.execve(name if "/" in name else f"{place or '.'}/{name}", argv, environment)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            failure = error  # type: ignore[assignment]
    from .exec import failed_to_run

    return failed_to_run("exec", name, failure)
