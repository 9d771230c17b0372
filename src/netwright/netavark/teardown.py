"""`netavark teardown`: everything of the container, whatever of it is still there. What goes wrong is told in the end."""

import os
from functools import partial

from ..errors import NetwrightError
from . import making, plugins
from .making import How
from .settings import KNOWN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .parts import Part
    from .protocol import Asked, Network, Wish


def teardown(asked: "Asked", mistakes: "list[str]", how: How) -> "list[str]":
    """Take the container off its networks; what went wrong, in words."""
    from .setup import part_of

    inside = _opened(how.netns)
    errors = list(mistakes)
    try:
        _tried(errors, "names", lambda: forget(asked, asked.networks.values(), how))
        for wish in asked.wishes:
            network = asked.networks.get(wish.network)
            if network is None:
                continue
            # What makes no sense is no reason to leave the rest behind.
            wrong: list[str] = []
            part = part_of(asked, wish, network, wrong) if network.driver in KNOWN else None
            _tried(errors, network.name, partial(removed, asked, wish, network, None if wrong else part, inside, how))
        if asked.ports:
            _tried(errors, "ports", lambda: making.taken_along(asked.container))
    finally:
        if inside is not None:
            os.close(inside)
    return errors


def forget(asked: "Asked", networks: "Iterable[Network]", how: How) -> None:
    """The container's names are known no more."""
    named = [network for network in networks if network.dns]
    if named:
        from .names import forgotten

        forgotten(asked, named, how)


def removed(asked: "Asked", wish: "Wish", network: "Network", part: "Part | None", inside: "int | None", how: How) -> None:
    """Take the container off one network. What is gone is no error."""
    if network.driver not in KNOWN:
        plugins.run("teardown", asked, wish, network, how)
        return
    if network.ipam == "dhcp" and inside is not None:
        from . import dhcp

        dhcp.release(asked.container, network.name, wish.interface, how.netns)
    making.ways_gone(network, inside)
    if network.driver == "bridge":
        making.bridge_gone(asked.container, network, part)
    else:
        making.on_parent_gone(asked.container, network, wish.interface, inside)
    _flows_end(asked, part)


def _flows_end(asked: "Asked", part: "Part | None") -> None:
    """A UDP port's old flows would go on to an address that is another container's next."""
    if part is not None and any(port.protocol == "udp" for port in asked.ports):
        from ..networks import flows

        flows.forget(asked.ports, part.legs)


def _opened(path: str) -> "int | None":
    try:
        return making.opened(path)
    except NetwrightError:
        return None  # the container is gone, and its end of everything with it


def _tried(errors: "list[str]", what: str, do: "Callable[[], None]") -> None:
    try:
        do()
    except (NetwrightError, OSError) as error:
        errors.append(f"{what}: {error}")
