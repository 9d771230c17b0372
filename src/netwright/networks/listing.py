"""Containers for people and JSON: those of `nw run`, and namespaces that are connected to a network."""

from . import containers
from .publish import text_of_port

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .store import Attached, Store


def rows(store: "Store", only: "Sequence[str]" = ()) -> "list[dict[str, Any]]":
    """A dict for each, or for those that are named. Gone for a name that is nobody's."""
    there: dict[str, list[Attached]] = {}
    for one in store.attachments():
        there.setdefault(one.container, []).append(one)
    ours = {name: mine for name in containers.known() if (mine := containers.state(name)) is not None}
    names = [*ours, *(name for name in there if name not in ours)]
    for name in only:
        if name not in names:
            raise containers.gone(name)
    return [_row(name, ours.get(name), there) for name in names if not only or name in only]


def _row(name: str, mine: "dict[str, Any] | None", there: "dict[str, list[Attached]]") -> "dict[str, Any]":
    if mine is None:
        netns = there[name][0].details.get("netns", "")
        return {"name": name, "status": "connected", "mode": "namespace", "of": "", **_networks(there[name]), "pid": 0, "command": [], "netns": netns}
    netns = f"{containers.place(mine['of'] or name)}/net" if mine["mode"] != "host" else ""
    status = _status(name)
    return {
        "name": name, "status": status, "mode": mine["mode"], "of": mine["of"], **_networks(there.get(mine["of"] or name, ())),
        "pid": mine["program"] if status == "running" else 0,  # by now it may be anybody's
        "command": mine["argv"], "netns": netns, "hostname": mine["hostname"], "since": mine["since"], "labels": mine["labels"],
    }  # fmt: skip


def _status(name: str) -> str:
    if containers.is_alive(name):
        return "running"
    users = containers.users(name)
    return f"ended, {', '.join(users)} has its network" if users else "ended"


def _networks(there: "Sequence[Attached]") -> "dict[str, Any]":
    networks = {
        one.attachment.network: {"interface": one.attachment.interface, "mac": one.attachment.mac, "addresses": [leg.address for leg in one.attachment.legs]}
        for one in there
    }
    return {"networks": networks, "ports": [text_of_port(port) for one in there for port in one.attachment.ports]}
