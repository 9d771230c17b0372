"""Drivers that are programs: netavark's plugin API. `PLUGIN setup|teardown NS` and `PLUGIN create`, JSON in and out."""

import os

from ..errors import CallFailed, Gone, NetwrightError
from ..model.jsontext import read, write
from .making import How

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .protocol import Asked, Network, Wish


class PluginFailed(NetwrightError):
    """A plugin said no, or something that makes no sense."""


def find(driver: str, places: "tuple[str, ...]") -> str:
    """The program of a driver. Gone."""
    if driver and "/" not in driver and "\0" not in driver and driver not in (".", ".."):
        for place in places:
            if os.access(path := f"{place}/{driver}", os.X_OK) and os.path.isfile(path):
                return path
    known = "bridge, macvlan, ipvlan"
    raise Gone(f'unknown network driver "{driver}"', why=f"it is none of {known}, and no plugin in {', '.join(places) or 'any plugin directory'}")


def run(verb: str, asked: "Asked", wish: "Wish", network: "Network", how: How) -> "dict[str, Any]":
    """Have a plugin set a network up or tear it down; what it answers."""
    document = {
        "container_id": asked.container, "container_name": asked.name, "port_mappings": asked.plain_ports,
        "network": network.plain, "network_options": wish.plain,
    }  # fmt: skip
    return call(find(network.driver, how.plugins), [verb, how.netns], document, answers=verb == "setup")


def call(path: str, words: "list[str]", document: "Any", *, answers: bool = True) -> "dict[str, Any]":
    """Run a plugin. PluginFailed with what it says."""
    from ..kernel.exchange import exchange

    name = os.path.basename(path)
    try:
        code, out = exchange(path, [path, *words], dict(os.environ), write(document).encode())
    except OSError as error:
        raise CallFailed(f'cannot start plugin "{name}"', error.errno or 0, why=error.strerror or "") from None
    if code > 128:
        raise PluginFailed(f'plugin "{name}" failed', why=f"ended by signal {code - 128}")
    found: Any = None
    try:
        found = read(out) if answers or code else {}
    except ValueError as error:
        raise PluginFailed(f'plugin "{name}" failed', why=f"exit code {code}, what it said is no JSON: {error}") from None
    if code:
        said = found.get("error") if isinstance(found, dict) else None
        raise PluginFailed(f'plugin "{name}" failed', why=f"exit code {code}, message: {said}")
    if not isinstance(found, dict):
        raise PluginFailed(f'plugin "{name}" failed', why="its answer is no object")
    return found
