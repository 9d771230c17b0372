"""netwright: Linux network namespaces and the container networks made of them.

The names below are imported when they are first used: `import netwright` itself costs nothing. See docs/library.md.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .errors import (
        Busy,
        CallFailed,
        Conflict,
        Exists,
        Gone,
        Invalid,
        KernelError,
        Missing,
        NetwrightError,
        NotPermitted,
        NotSupported,
        Refused,
    )
    from .kernel.holders import Holder, Holders
    from .kernel.run import Completed, ProgramFailed
    from .lab.host import Host
    from .lab.lab import Lab
    from .library.aevents import AsyncEvents
    from .library.batch import Batch, BatchFailed
    from .library.events import Event, Events
    from .library.namespace import Namespace
    from .library.sweep import sweep
    from .model.address import Address
    from .model.link import Link
    from .model.neighbour import Neighbour
    from .model.route import Nexthop, Route
    from .model.rule import Rule

_HOME = {
    "Busy": "errors", "CallFailed": "errors", "Conflict": "errors", "Exists": "errors", "Gone": "errors", "Invalid": "errors",
    "KernelError": "errors", "Missing": "errors", "NetwrightError": "errors", "NotPermitted": "errors",
    "NotSupported": "errors", "Refused": "errors",
    "Holder": "kernel.holders", "Holders": "kernel.holders", "Completed": "kernel.run", "ProgramFailed": "kernel.run",
    "Host": "lab.host", "Lab": "lab.lab",
    "AsyncEvents": "library.aevents", "Batch": "library.batch", "BatchFailed": "library.batch", "Event": "library.events",
    "Events": "library.events", "Namespace": "library.namespace", "sweep": "library.sweep",
    "Address": "model.address", "Link": "model.link", "Neighbour": "model.neighbour", "Nexthop": "model.route",
    "Route": "model.route", "Rule": "model.rule",
}  # fmt: skip

__all__ = [
    "Address", "AsyncEvents", "Batch", "BatchFailed", "Busy", "CallFailed", "Completed", "Conflict", "Event", "Events",
    "Exists", "Gone", "Holder", "Holders", "Host", "Invalid", "KernelError", "Lab", "Link", "Missing", "Namespace", "Neighbour",
    "NetwrightError", "Nexthop", "NotPermitted", "NotSupported", "ProgramFailed", "Refused", "Route", "Rule", "sweep",
]  # fmt: skip


def __getattr__(name: str) -> object:
    """PEP 562: find a public name in its module."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
