"""Namespaces by the names that Docker, podman, containerd, Kubernetes, LXC and systemd have for them: `docker:web`, wherever a namespace
can be named (`nw -n docker:web address`, `nw netns exec`, `nw connect`, `nw run --network container:docker:web`).

The map knows these names, so it is taken when one is met, without what nobody asks for, and not before.
"""

import os

from ..errors import Gone
from .main import RUNTIMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..hostmap.model import HostMap, Owner, Space

_LISTED = 'nw map --container "*" shows them'


def path_of(runtime: str, name: str) -> str:
    """The path of the namespace that a runtime's container has. Gone with the nearest name when there is none, or no way in."""
    host = _taken()
    found = [space for space, owner in _owners(host) if owner.kind == runtime and is_called(owner, name)]
    if not found:
        why = "; ".join(problem.what for problem in host.problems if problem.kind in ("names", "unreadable", "unentered"))
        hint = near(name, {owner.name for _, owner in _owners(host) if owner.kind == runtime})
        raise Gone(f'there is no container "{name}" of {runtime} that runs', why=why, fix="; ".join([*hint, _LISTED]))
    return way_in(found[0])


def path_of_any(name: str, ours: "list[str]") -> str:
    """The same for a name alone, whichever runtime has it. Mistakes when none has, or several; `ours` are the names that would have
    come first."""
    from ..networks.mistakes import Mistake, Mistakes

    host = _taken()
    found = {space.id: (space, owner) for space, owner in _owners(host) if owner.kind != "systemd" and is_called(owner, name)}
    words = list(dict.fromkeys(f"{owner.kind}:{owner.name}" for _, owner in found.values()))
    if len(words) == 1:
        return way_in(next(iter(found.values()))[0])
    if words:
        raise Mistakes([Mistake(("--network",), f'"{name}" is the name of several: {", ".join(words)}', f"say which: container:{words[0]}")])
    known = {f"{owner.kind}:{owner.name}" for _, owner in _owners(host) if owner.kind != "systemd"} | set(ours)
    meant = {word.partition(":")[2] or word: word for word in sorted(known)}
    hint = [fix.replace(f'"{plain}"', f'"{word}"') for fix in near(name, set(meant)) for plain, word in meant.items() if f'"{plain}"' in fix]
    raise Mistakes([Mistake(("--network",), f'there is no container "{name}"', "; ".join([*hint, f"nw containers lists ours, {_LISTED.replace('them', 'all')}"]))])


def is_called(owner: "Owner", name: str) -> bool:
    """By its name, GROUP/NAME, its id or six or more digits of that."""
    return name in (owner.name, f"{owner.group}/{owner.name}", owner.id) or (len(name) >= 6 and owner.id.startswith(name))


def way_in(space: "Space") -> str:
    """A path at which this namespace can be opened now: one that lasts, where there is one. Gone."""
    for path in _paths(space):
        try:
            if os.stat(path).st_ino == space.inode:
                return path
        except OSError:
            continue  # ended, or not ours to look at
    raise Gone(f"{space.name} cannot be entered", why=space.why or "nothing that holds it may be opened", fix="run it with sudo" if os.geteuid() else "")


def _paths(space: "Space") -> "Iterator[str]":
    for holder in sorted(space.holders, key=lambda one: (one.kind not in ("name", "bind"), one.elsewhere)):
        if holder.kind in ("name", "bind"):
            yield f"/proc/{holder.pid}/root{holder.path}" if holder.elsewhere else holder.path
        elif holder.kind == "process":
            yield f"/proc/{holder.pid}/ns/net"
        elif holder.kind == "thread":
            yield f"/proc/{holder.pid}/task/{holder.number}/ns/net"
        elif holder.kind == "fd":
            yield f"/proc/{holder.pid}/fd/{holder.number}"


def near(name: str, known: "set[str]") -> "list[str]":
    """What may have been meant, as a question; nothing when no name is like it."""
    from ..model.meant import did_you_mean

    return [question] if (question := did_you_mean(name, sorted(known))) else []


def _owners(host: "HostMap") -> "Iterator[tuple[Space, Owner]]":
    return ((space, owner) for space in host.namespaces for owner in space.owners if owner.kind in RUNTIMES)


def _taken() -> "HostMap":
    from ..hostmap.take import take

    return take(sockets=False)
