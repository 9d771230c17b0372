"""What labs and container networks of ours know of namespaces, for the map: the rooms do not know each other, the command does."""

import os

from ..hostmap import known
from ..hostmap.model import Owner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def register_all() -> None:
    """Tell the map where to ask."""
    known.register("lab", labs)
    known.register("container", containers)


def labs() -> "Iterator[tuple[str, Owner]]":
    """Hosts of the labs of every user whose directory can be read, by the names that their holders have bound."""
    own = _own()
    found: dict[int, tuple[str, int, str, bool]] = {}
    for top in _tops():
        for name in _listed(top):
            pid, user = _holder(f"{top}/{name}/entry"), _user(f"{top}/{name}")
            if pid and user >= 0:  # one directory can have two paths, a holder has one lab
                found.setdefault(pid, (name, user, top, os.path.realpath(top) == own))
    names = told_apart(list(found.values()), os.geteuid())
    for name, pid in zip(names, found, strict=True):
        below = f"/proc/{pid}/root/run/netns"
        for host in _listed(below):
            yield f"{below}/{host}", Owner("lab", f"{name}/{host}", group=name)


def told_apart(labs: "list[tuple[str, int, str, bool]]", me: int) -> list[str]:
    """How (name, user, directory, is that the one for our own labs) are called: by the name, where no other is called so, or it is our
    own; else as USER:NAME; where that user has several of this name, as DIRECTORY:NAME."""
    return [_called(lab, [other for other in labs if other[0] == lab[0]], me) for lab in labs]


def _called(lab: "tuple[str, int, str, bool]", alike: "list[tuple[str, int, str, bool]]", me: int) -> str:
    name, user, top, here = lab
    same = [other for other in alike if other[1] == user]
    if len(alike) == 1 or here or (user == me and len(same) == 1 and not any(other[3] for other in alike)):
        return name
    return f"{_login(user)}:{name}" if len(same) == 1 else f"{top}:{name}"


def _own() -> str:
    """The directory that labs of our own are in when nothing else is said."""
    from ..lab import runtime

    return os.path.realpath(os.environ.get("NETWRIGHT_RUNTIME_DIR") or runtime._usual())


def _login(user: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def _user(path: str) -> int:
    """Whose it is; -1 when it has gone."""
    try:
        return os.stat(path).st_uid
    except OSError:
        return -1


def _tops() -> "list[str]":
    """/run/netwright, that of each user who is logged in, those of users without such a place; and those that we are told."""
    given = os.environ.get("NETWRIGHT_RUNTIME_DIR", "")
    own = os.environ.get("XDG_RUNTIME_DIR", "")
    users = [f"/run/user/{uid}/netwright" for uid in _listed("/run/user")]
    others = [f"/tmp/{name}" for name in _listed("/tmp") if name.startswith("netwright-")]
    return [top for top in dict.fromkeys([given, own and f"{own}/netwright", "/run/netwright", *users, *others]) if top]


def _listed(path: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(path) if not name.startswith("."))
    except OSError:
        return []


def _holder(path: str) -> int:
    """The living holder that a lab's entry names; 0 when there is none in this boot."""
    from ..kernel.holder import Holder, alive

    try:
        with open(path, encoding="utf-8") as file:
            boot, pid, start = file.readline().split()
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            same = file.read().strip() == boot
        return int(pid) if same and alive(Holder(int(pid), int(start))) else 0
    except (OSError, ValueError):
        return 0


def containers() -> "Iterator[tuple[str, Owner]]":
    """Containers of `nw run`, and what else is attached to a network of ours."""
    from ..networks import containers as ours
    from ..networks import records

    for name in ours.known():
        yield f"{ours.place(name)}/net", Owner("container", name)
    for record in records.everything():
        if record.netns and (owner := _attached(record.owner)):
            yield record.netns, owner


def _attached(owner: str) -> Owner | None:
    """A record's owner: cni/NETWORK/ID/eth0 of the CNI plugins; NAME:eth0 of `nw connect`, which says no more than the name."""
    parts = owner.split("/")
    if len(parts) != 4 or parts[0] != "cni":
        return None
    id = parts[2]
    return Owner("cni", id[:12] if len(id) == 64 and id.isalnum() else id, id, parts[1])
