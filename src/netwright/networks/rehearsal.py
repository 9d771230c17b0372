"""`nw run --dry-run`: the commands that would make the network of a container. Nothing is done: what has to be there to be looked at
(a namespace without a name) and to be chosen (leases) is given back."""

import os

from . import attaching, firewall, joining, members, running, standing, wanted
from .files import HOSTS, RESOLV
from .mistakes import told
from .wanted import NETWORKS, Wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .joining import Joining
    from .network import Network
    from .store import Store


class _Enough(Exception):
    """The transaction is not to be kept."""


def steps(asked: Wanted) -> "list[str]":
    """A command each. NetwrightError as `nw run` would have it."""
    from shlex import join

    from ..kernel.spaces import run_apart
    from ..kernel.syscalls import CLONE_NEWNET, unshare
    from .store import Store

    running.allowed()
    out: list[str] = []
    with Store() as store:
        running.check(store, asked)
        if asked.mode != NETWORKS:
            return [] if asked.mode != "none" else ["ip netns add box", "ip -n box link set lo up"]

        def work() -> int:
            unshare(CLONE_NEWNET)
            return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)

        inside = run_apart(work)
        try:
            out += ["ip netns add box", *_all(store, asked, inside)]
        finally:
            os.close(inside)
    return [*out, f"# files laid over {HOSTS} and {RESOLV}", f"ip netns exec box {join(asked.argv)}"]


def _all(store: "Store", asked: Wanted, inside: int) -> "Iterator[str]":
    names = store.networks()
    if standing.DEFAULT in [on.network for on in asked.on] and standing.DEFAULT not in names:
        yield f"nw network create {standing.DEFAULT}"
        return
    for item in wanted.joinings(asked, asked.name or "box", names):
        yield from _one(store, names[item.network], item, inside)


def _one(store: "Store", network: "Network", item: "Joining", inside: int) -> "list[str]":
    from ..plan.explain import shell

    out: list[str] = []
    told(list(joining.mistakes(item, network)))
    try:
        with store.change():
            attachment, _ = joining.settled(store, network, item, inside)
            out += [shell(op) for op in attaching.steps(inside, members.wiring_of(network, attachment))]
            out += [shell(op) for op in firewall.added(members.elements(network, attachment))]
            raise _Enough
    except _Enough:
        pass
    return out
