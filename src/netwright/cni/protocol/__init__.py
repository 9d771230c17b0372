"""The CNI protocol, versions 0.1.0 to 1.1.0, as values: a call with its configuration, a result, an error.

Source: SPEC.md of CNI 1.1.0. Nothing here acts; cni/main.py reads the process's environment and input and answers. The names below
are imported when they are first used: to say which versions are spoken takes none of them.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .call import Call
    from .config import Config
    from .errors import CniError
    from .result import Address, Dns, Interface, Result, Route
    from .section import Section

_HOME = {
    "Address": "result", "Call": "call", "CniError": "errors", "Config": "config", "Dns": "result", "Interface": "result",
    "Result": "result", "Route": "result", "Section": "section",
}  # fmt: skip

__all__ = ["Address", "Call", "CniError", "Config", "Dns", "Interface", "Result", "Route", "Section"]


def __getattr__(name: str) -> object:
    """PEP 562: find a name in its module."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(__import__(f"{__name__}.{_HOME[name]}", fromlist=[name]), name)
    globals()[name] = found
    return found
