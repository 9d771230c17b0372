"""Which namespaces of a map are meant: by name, by kind, by container, or those on the way from one to another. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase

from ..errors import Gone, Invalid
from ..model.value import replace
from .model import HostMap, Link, Space
from .spoken import number, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import End

CONTAINERS = ("docker", "podman", "kubernetes", "containerd", "container", "lxc", "machine", "cni")


def named(host: HostMap, word: str) -> list[Space]:
    """Namespaces that a word means: a name on the map, an owner's name or the beginning of its id, a name in /run/netns, an inode, a
    path of it, a PID that is in it; with * and ? a pattern of names."""
    exact = [space for space in host.namespaces if word in (space.name, space.id, f"net:[{space.inode}]", *space.names)]
    if exact:
        return exact
    if word.startswith("/"):
        return _at_path(host, word)
    if any(c in word for c in "*?["):
        return [space for space in host.namespaces if any(fnmatchcase(name, word) for name in (space.name, *space.names))]
    return [space for space in host.namespaces if _is_owned(space, word) or _holds(space, word)]


def _at_path(host: HostMap, path: str) -> list[Space]:
    """By a mount, or by the file of a process, which is there without being a holder by its path."""
    path = path.removeprefix("/var") if path.startswith("/var/run/") else path
    _, _, pid, *rest = (*path.split("/"), "", "")
    if path.startswith("/proc/") and pid.isdigit() and rest[:2] == ["ns", "net"]:
        return [space for space in host.namespaces if _holds(space, pid)]
    name = path.removeprefix("/run/netns/")
    bound = [space for space in host.namespaces if any(holder.path == path and not holder.elsewhere for holder in space.holders)]
    return bound or [space for space in host.namespaces if name != path and name in space.names]


def _is_owned(space: Space, word: str) -> bool:
    if not word:
        return False  # a process that has just ended has no name any more
    return any(word in (owner.name, f"{owner.group}/{owner.name}") or (len(word) >= 6 and owner.id.startswith(word)) for owner in space.owners)


def _holds(space: Space, word: str) -> bool:
    pid = number(word)
    return pid > 0 and any(holder.pid == pid and holder.kind in ("process", "thread") for holder in space.holders)


def the_one(host: HostMap, word: str) -> Space:
    """The namespace that a word means. Gone, with the nearest name, when there is none; Invalid when there are several."""
    found = named(host, word)
    if len(found) > 1:
        some = ", ".join(shown(space.name) for space in found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        raise Invalid(f'"{shown(word)}" means {len(found)} namespaces', why=some, fix="say which one, by its name")
    if found:
        return found[0]
    from difflib import get_close_matches

    close = get_close_matches(word, [space.name for space in host.namespaces], 1)
    fix = f'did you mean "{shown(close[0])}"?' if close else "names are listed by: nw map"
    raise Gone(f'there is no namespace "{shown(word)}" on the map', fix=fix)


def of_kinds(host: HostMap, kinds: Iterable[str]) -> set[str]:
    """Ids of namespaces whose owner is of one of these kinds, or that have a device of one."""
    wanted = set(kinds)
    return {space.id for space in host.namespaces if wanted & {owner.kind for owner in space.owners} or wanted & {link.kind for link in space.links}}


def of_containers(host: HostMap, word: str) -> set[str]:
    """Ids of the containers that a word means; "" is all of them. Gone when there is none."""
    there = {space.id for space in host.namespaces if any(owner.kind in CONTAINERS for owner in space.owners)}
    if not word:
        return there
    found = {space.id for space in named(host, word)} & there
    if not found:
        raise Gone(f'there is no container "{shown(word)}" on the map', fix="they are listed by: nw map --kind docker --kind podman")
    return found


def of_lab(host: HostMap, lab: str) -> set[str]:
    """Ids of the hosts and switches of a lab. Gone when there is no such lab, with those of others that are called so."""
    found = [(owner.group, space.id) for space in host.namespaces for owner in space.owners if owner.kind == "lab"]
    ids = {id for name, id in found if name == lab}
    if not ids:
        others = sorted({name for name, _ in found if name.rpartition(":")[2] == lab})
        fix = "say whose: " + ", ".join(f"--lab {shown(name)}" for name in others) if others else "labs that are up are listed by: nw ls"
        raise Gone(f'there is no lab "{shown(lab)}" on the map', fix=fix)
    return ids


# -- the way from one to another -------------------------------------------------------------------------------------------


def steps(host: HostMap) -> dict[str, list[tuple[End, End]]]:
    """From each namespace: (device here, device there) over cables, and from what stands on a device to it and back."""
    out: dict[str, list[tuple[End, End]]] = {space.id: [] for space in host.namespaces}
    for space in host.namespaces:
        for link in space.links:
            here = (space.id, link.name)
            for there in (link.peer, link.lower):
                if there and there[0] != space.id and there[0] in out:
                    out[space.id].append((here, there))
                    if there is link.lower:
                        out[there[0]].append((there, here))
    return out


def path(host: HostMap, one: str, other: str) -> list[tuple[End, End]]:
    """The shortest way by cables from one namespace to another: (device left by, device come in by), one for each hop. Gone when
    nothing connects them."""
    if one == other:
        return []
    ways = steps(host)
    came: dict[str, tuple[End, End]] = {}
    edge = [one]
    while edge and other not in came:
        later = []
        for id in edge:
            for here, there in ways[id]:
                if there[0] not in came and there[0] != one:
                    came[there[0]] = here, there
                    later.append(there[0])
        edge = later
    if other not in came:
        raise _apart(host, one, other)
    out = []
    at = other
    while at != one:
        out.append(came[at])
        at = came[at][0][0]
    return out[::-1]


def _apart(host: HostMap, one: str, other: str) -> Gone:
    """Nothing that we can see connects them."""
    ends = [space for id in (one, other) if (space := host.space(id))]
    closed = [space for space in host.namespaces if space.state == "unseen"]
    mine = [space for space in ends if space.state == "unseen"]
    why = f"what is in {shown(mine[0].name)} is not known: {shown(mine[0].why)}" if mine else ""
    why = why or ("other namespaces could not be looked into" if closed else "")
    fix = next((problem.fix for problem in host.problems if problem.kind == "unentered" and problem.fix), "nw map shows what is connected")
    return Gone(f"no cable leads from {shown(ends[0].name)} to {shown(ends[-1].name)}", why=why, fix=fix)


def restricted(host: HostMap, ids: Iterable[str]) -> HostMap:
    """The map of these namespaces alone; ends in others stay as names of where they are."""
    wanted = set(ids)
    return replace(
        host,
        namespaces=tuple(space for space in host.namespaces if space.id in wanted),
        cables=tuple(cable for cable in host.cables if cable.one[0] in wanted or cable.other[0] in wanted),
    )


def on_the_way(host: HostMap, hops: list[tuple[End, End]]) -> HostMap:
    """The map of a way: its namespaces with the devices that it uses, and the switches that these are ports of."""
    used: dict[str, set[str]] = {}
    for hop in hops:
        for id, name in hop:
            used.setdefault(id, set()).add(name)
    spaces = [_with_devices(space, used[space.id]) for space in host.namespaces if space.id in used]
    return replace(restricted(host, used), namespaces=tuple(spaces), cables=tuple(c for c in host.cables if c.one in {e for h in hops for e in h}))


def _with_devices(space: Space, names: set[str]) -> Space:
    masters = {link.master for link in space.links if link.name in names and link.master}

    def stays(link: Link) -> bool:
        return link.name in names or link.name in masters

    kept = {link.name for link in space.links if stays(link)}
    return replace(space, links=tuple(filter(stays, space.links)), addresses=tuple(a for a in space.addresses if a.link in kept))
