"""The containers of `nw run`: which there are, whether they run, whose namespace is whose; and the end of those that were killed.

    .containers/NAME/lock        held while the container is made or taken away
                     alive       held by who supervises its program, for life: that is how it is known to run, even after kill -9
                     state       {"boot", "mode", "of", "pid", "argv", …}
                     net         its network namespace (none: the machine's own, or another container's)
                     hosts, resolv.conf, hostname: what its programs find in /etc

How it works. A namespace belongs to its container, not to the program: while another container shares it (`of`), it stays, with all
its attachments, when the program ends, and the next container of that name takes it up. Whoever is last takes it away. A
supervisor that was killed leaves its directory, which nobody holds; whoever comes next (`collect`) ends what is left of it.
"""

import errno
import fcntl
import json
import os
import time
from contextlib import contextmanager

from ..errors import Busy, Conflict, Gone, Invalid, NetwrightError
from . import files, members, names
from .directories import absent, made, refused, run_directory, write_whole
from .mistakes import near, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .store import Store

    State = dict[str, Any]

_PATIENCE = 60.0  # as in locks.py


def top() -> str:
    """The directory of all containers."""
    return f"{run_directory()}/.containers"


def place(name: str) -> str:
    """The directory of one."""
    return f"{top()}/{name}"


def known() -> "list[str]":
    """Names of all containers that are written down."""
    try:
        return sorted(name for name in os.listdir(top()) if not names.why_not_container(name))
    except OSError as error:
        absent(top(), error.errno)
        return []


def state(name: str) -> "State | None":
    """What is written down of one in this boot; None when nothing is."""
    from .records import boot_id

    boot = boot_id()
    try:
        with open(f"{place(name)}/state", encoding="utf-8") as file:
            found: State = json.load(file)
        return found if found["boot"] == boot else None
    except OSError as error:
        absent(f"{place(name)}/state", error.errno)
        return None
    except (ValueError, KeyError, TypeError):
        return None


def write_state(name: str, content: "State") -> None:
    """Write it down, whole or not at all. CallFailed."""
    from .records import boot_id

    path = f"{place(name)}/state"
    try:
        write_whole(path, json.dumps({**content, "boot": boot_id()}).encode(), f"{path}~")
    except OSError as error:
        raise refused(f"cannot write down {path}", error.errno or 0) from None


# -- life ----------------------------------------------------------------------------------------------------------------------


def is_alive(name: str) -> bool:
    """Whether somebody supervises its program."""
    try:
        fd = os.open(f"{place(name)}/alive", os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        absent(f"{place(name)}/alive", error.errno)
        return False
    try:
        # Shared: whoever only asks is in nobody's way who asks too.
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def live(name: str) -> int:
    """The open file by which this process, and its forks, are the supervisor of the container, as long as it is open."""
    fd = os.open(f"{place(name)}/alive", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    _wait_for(fd, name)
    return fd


def users(name: str) -> "list[str]":
    """Containers that run in the namespace of this one."""
    return [other for other in known() if other != name and (found := state(other)) and found.get("of") == name and is_alive(other)]


@contextmanager
def held(name: str, *, make: bool = False, wait: bool = True) -> "Iterator[str]":
    """Nobody else makes this container or takes it away; its directory. Gone when there is none; Busy."""
    fd = -1
    while fd < 0:
        if make:
            made(place(name))
        try:
            fd = _locked(name, wait)
        except FileNotFoundError:
            if not make:
                raise gone(name) from None
    try:
        yield place(name)
    finally:
        os.close(fd)


def _locked(name: str, wait: bool) -> int:
    """The lock, -1 where the directory was taken away meanwhile."""
    path = f"{place(name)}/lock"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _wait_for(fd, name, _PATIENCE if wait else 0.0)
        if os.path.exists(path) and os.path.samestat(os.stat(path), os.fstat(fd)):
            return fd
    except FileNotFoundError:
        pass
    except NetwrightError:
        os.close(fd)
        raise
    os.close(fd)
    return -1


def _wait_for(fd: int, name: str, seconds: float = _PATIENCE) -> None:
    until, pause = time.monotonic() + seconds, 0.001
    while True:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                why = f"another process has been at it for {seconds:g} s"
                raise Busy(f"the container {name} is being made or taken away", why=why, fix="try again; who it is: nw containers") from None
        time.sleep(pause)
        pause = min(pause * 1.5, 0.02)


def gone(*absent: str) -> Gone:
    """There is none of that name; of none of those names."""
    fix = "nw containers lists them; nw run --name NAME … starts one"
    if len(absent) == 1:
        return Gone(f"there is no container {shown(absent[0])}", why=near(absent[0], known()), fix=fix)
    return Gone(f"there are no containers {', '.join(map(shown, absent))}", fix=fix)


# -- its namespace -------------------------------------------------------------------------------------------------------------


def pin(directory: str) -> int:
    """A new network namespace, bound to DIRECTORY/net; its open file. CallFailed."""
    from ..kernel.bound import new_namespace

    return new_namespace(f"{directory}/net")


def has_namespace(name: str) -> bool:
    """Whether a namespace of its own is still bound in its directory."""
    from ..kernel.bound import is_namespace

    return is_namespace(f"{place(name)}/net")


def opened(name: str) -> int:
    """The open file of its namespace. Gone."""
    from ..kernel.namespaces import open_namespace

    return open_namespace(f"{place(name)}/net")


def path_of(name: str) -> str:
    """The path of the namespace that a container runs in. Gone."""
    mine = None if names.why_not_container(name) else state(name)
    if mine is None:
        raise gone(name)
    owner = mine.get("of") or name
    return f"{place(owner)}/net" if has_namespace(owner) else f"/proc/{mine['pid']}/ns/net"


def found(store: "Store", reference: str) -> "tuple[str, str]":
    """(name, path of the namespace) of a container to be connected: one of ours, or any namespace that can be named (`ip netns`, a
    PID, a path, docker:NAME, LAB/HOST). Gone, Invalid, Conflict."""
    mine = None if names.why_not_container(reference) else state(reference)
    if mine is not None and has_namespace(reference):
        return reference, f"{place(reference)}/net"
    if mine is not None and mine.get("of"):
        other = mine["of"]
        raise Conflict(f"{reference} has the network of {other}", fix=f"connect that one: nw connect NETWORK {other}")
    if mine is not None:
        raise Conflict(f"{reference} has the machine's own network", why="it was started with --network host", fix="start it with another --network")
    path, name = _of_others(reference)
    for one in store.attachments(container=name):
        if one.details.get("netns") != path and members_differ(one.details.get("netns", ""), path):
            raise Conflict(f"the name {name} is another namespace's", why=one.details.get("netns", ""), fix=f"give this one another: ip netns attach NAME PID; or nw disconnect {one.attachment.network} {name}")
    return name, path


def members_differ(one: str, other: str) -> bool:
    """Whether two paths lead to two namespaces."""
    try:
        return not os.path.samestat(os.stat(one), os.stat(other))
    except OSError:
        return False  # the first is gone: the name is free


def _of_others(reference: str) -> "tuple[str, str]":
    """(path, name) of a namespace that is no container of ours."""
    from ..kernel.references import locate

    path = locate(reference)
    if not os.path.exists(path):
        why = near(reference, [*known(), *_namespaces()])
        raise Gone(f"there is no container and no network namespace {shown(reference)}", why=why, fix="nw containers and ip netns list tell which there are")
    _can_be_connected(reference, path)
    parts = path.split("/")
    name = parts[2] if path.startswith("/proc/") and path.endswith("/ns/net") and len(parts) == 5 else reference.rpartition(":")[2].rpartition("/")[2]
    if why := names.why_not_container(name):
        raise Invalid(f"{shown(reference)} cannot be connected under that name", why=why, fix="give the namespace a name: ip netns attach NAME PID")
    return path, name


def _can_be_connected(reference: str, path: str) -> None:
    """It is a namespace, and not the one that the bridges are in: an address of their subnet and their gateway would be its own."""
    from ..kernel.bound import is_namespace

    if not is_namespace(path):
        raise Invalid(f"{shown(reference)} is no network namespace", why=f"{path} is an ordinary file", fix="a name of ip netns list, a PID, or a path such as /proc/PID/ns/net")
    if not members_differ(path, "/proc/thread-self/ns/net"):
        raise Conflict(f"{shown(reference)} has the machine's own network", fix="it reaches every network as it is; nw containers and ip netns list tell whom to connect")


def _namespaces() -> "list[str]":
    from ..kernel.namespaces import names as namespaces

    return namespaces()


# -- the end -------------------------------------------------------------------------------------------------------------------


def collect(store: "Store") -> "list[str]":
    """End what is left of containers whose supervisor is no more; their names. What cannot be ended is told in store.notices."""
    out = []
    everyone = [name for name in known() if not is_alive(name)]
    # Those that share first: they may be the last that kept a namespace.
    for name in sorted(everyone, key=lambda one: not (state(one) or {}).get("of")):
        try:
            if settle(store, name, wait=False):
                out.append(name)
        except NetwrightError as error:
            store.notices.append(f"what is left of the container {name} could not be taken away: {error}")
    return out + _without_directory(store)


def _without_directory(store: "Store") -> "list[str]":
    """Attachments of containers whose directory somebody removed."""
    start = f"{top()}/"
    lost = [one.container for one in store.attachments() if one.details.get("netns", "").startswith(start) and not os.path.exists(place(one.container))]
    for name in dict.fromkeys(lost):
        members.leave(store, name)
    return lost


def settle(store: "Store", name: str, *, wait: bool = True) -> bool:
    """Take a container away, unless it runs or somebody shares its namespace; whether it went. Nothing when there is none."""
    of = ""
    try:
        with held(name, wait=wait) as directory:
            if is_alive(name):
                return False
            mine = state(name) or {}
            _end_rest(name, mine)
            of = str(mine.get("of", ""))
            if users(name):
                return False
            members.leave(store, name)
            _remove(directory)
    except (Gone, Busy):
        return False
    if of and not is_alive(of):
        settle(store, of, wait=wait)
    return True


def _end_rest(name: str, mine: "State") -> None:
    """Programs that a killed supervisor left; once."""
    from ..kernel.contained import end_marked

    if mine.get("mark"):
        end_marked(mine["mark"])
        write_state(name, {**mine, "mark": "", "pid": 0})


def _remove(directory: str) -> None:
    """The lock goes last: who waits for it finds that the directory is gone, and not that it is empty."""
    from ..kernel.bound import let_go

    let_go(f"{directory}/net")
    for entry in sorted(os.listdir(directory), key=lambda one: one == "lock"):
        try:
            os.unlink(f"{directory}/{entry}")
        except FileNotFoundError:
            continue
        except OSError as error:
            raise refused(f"cannot remove {directory}/{entry}", error.errno or 0) from None
    try:
        os.rmdir(directory)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.ENOENT):  # somebody waits already to make it anew
            raise refused(f"cannot remove {directory}", error.errno or 0) from None


# -- its files -----------------------------------------------------------------------------------------------------------------


def write_files(store: "Store", name: str) -> None:
    """/etc/hosts and /etc/resolv.conf as its networks are now: programs that run see the new text. Nothing for who has none.

    CallFailed.
    """
    mine = state(name)
    if mine is None or not has_namespace(name):
        return
    there = store.attachments(container=name)
    networks = [store.network(one.attachment.network) for one in there]
    order = sorted(range(len(there)), key=lambda at: not there[at].details.get("default"))
    gateways = list(dict.fromkeys(leg.gateway for at in order for leg in there[at].attachment.legs if leg.gateway))
    addresses = [leg.host for at in order for leg in there[at].attachment.legs]
    ours = [s.router for at in order if networks[at].driver == "bridge" and networks[at].dns.on for s in networks[at].subnets if s.router]
    search = mine["search"] or [d for at in order for d in (networks[at].dns.domain, *networks[at].dns.search) if d]
    first = [next((g for g in gateways if (":" in g) == six), "") for six in (False, True)]
    more = [(n, a) for n, given in mine["hosts"] for a in ((given,) if given != "host-gateway" else first) if a]
    servers = files.nameservers(ours, mine["dns"], machine_servers() if there else ())
    texts = {
        "hosts": files.hosts(files.names_of(mine["hostname"], mine["domainname"]), addresses, [g for g in first if g], more),
        "resolv.conf": files.resolv_conf(servers, list(dict.fromkeys(search)), mine["options"], "" if there else "without a network there is nobody to ask"),
        "hostname": f"{mine['hostname']}\n",
    }
    for file, text in texts.items():
        rewrite(f"{place(name)}/{file}", text)


def machine_servers() -> "tuple[str, ...]":
    """Whom the machine asks."""
    from .dns.upstream import parse

    for path in (files.RESOLV, "/run/systemd/resolve/resolv.conf"):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                found = parse(file.read())[0]
        except OSError:
            continue
        if any(not files.is_loopback(server) for server in found):
            return found
    return ()


def rewrite(path: str, text: str) -> None:
    """The same file with a new text: it lies over others by its inode."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            os.fchmod(fd, 0o644)  # for programs of every user, whatever our umask
            os.pwrite(fd, data, 0)
            os.ftruncate(fd, len(data))
        finally:
            os.close(fd)
    except OSError as error:
        raise refused(f"cannot write {path}", error.errno or 0) from None
