"""What may be changed from the page: a device is set up or down, and nothing else. Only after `nw web --control`.

How it works. The page sends {"space": id, "link": name, "up": true or false}. Both are looked up on the map, and an operation of plan/ops.py is
made from what is found there; it goes to the kernel through a socket in that namespace. No text of a request becomes part of a command.
"""

import os

from ..engine.enact import enact
from ..engine.narrow import Spots
from ..errors import Conflict, Gone, Invalid, NetwrightError
from ..hostmap.drawing.words import clean
from ..hostmap.live import opening
from ..hostmap.model import link_of
from ..model.value import value
from ..plan import ops
from ..plan.explain import joined, shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..hostmap.model import HostMap, Space

_UP = 1
_FORM = {"space": str, "link": str, "up": bool}


@value
class Order:
    """What the page asks for."""

    space: str
    link: str
    up: bool


@value
class Action:
    """What is done: the operation, in which namespace, and the command that would do the same."""

    space: "Space"
    op: ops.SetLink
    command: str


def order(body: bytes) -> Order:
    """The request in words. Invalid when it is anything else."""
    import json

    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or {key: type(given) for key, given in found.items()} != _FORM:
        raise Invalid('this is not {"space": id, "link": name, "up": true or false}')
    return Order(**found)


def action(host: "HostMap", wanted: Order) -> Action:
    """Look it up. Gone for what is not on the map, Conflict for what would take the page itself away."""
    space = host.space(wanted.space)
    if space is None:
        raise Gone("this namespace is not on the map (any more)")
    link = link_of(space, wanted.link)
    if link is None:
        raise Gone(f"this device is not in {space.name or space.id} (any more)")
    own = space.id == host.here
    if own and ("loopback" in link.flags or link.name == "lo"):
        raise Conflict(f"{link.name} of this namespace stays as it is", why="the page itself comes through it", fix=f"if you mean it: ip link set dev {link.name} down")
    name = space.names[0] if space.names and not own else ""
    op = ops.SetLink({"index": link.name, "flags": _UP if wanted.up else 0, "change": _UP}, {}, name)
    return Action(space, op, clean(_command(space, op, own)))


def _command(space: "Space", op: ops.SetLink, own: bool) -> str:
    """ip -n knows names in /run/netns only; any other namespace is entered by what holds it."""
    if own or op.namespace:
        return shell(op)
    for holder in space.holders:
        path = holder.path if holder.kind == "bind" and not holder.elsewhere else f"/proc/{holder.pid}/ns/net" if holder.kind == "process" else ""
        if path:
            return f"{joined(['nsenter', f'--net={path}'])} {shell(op)}"
    return f"{shell(op)}  # in {space.name or space.id}"


def carry_out(wanted: Action, here: str) -> None:
    """Do it; takes a moment, so not in the loop's thread. `here`: the id of our own namespace. Gone, or what the kernel says."""
    fd = opening.opened(wanted.space, here)
    if fd < 0:
        raise Gone(f"{wanted.space.name or wanted.space.id} cannot be entered", why="nothing that held it does so any more, or it is not yours to enter")
    try:
        with Spots({wanted.op.namespace: fd}) as place:
            enact([wanted.op], place)
    finally:
        os.close(fd)


def status(error: NetwrightError) -> int:
    """Of HTTP."""
    return 400 if isinstance(error, Invalid) else 404 if isinstance(error, Gone) else 409
