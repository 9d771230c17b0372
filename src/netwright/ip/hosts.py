"""Addresses as they are printed: in numbers, or with -resolve as the names of hosts."""

from ..kernel.inet import host_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .context import Context

_names: dict[str, str] = {}


def host(context: "Context", text: str) -> str:
    """The address `text`, or with -resolve the name that the resolver has for it."""
    if not context.options.resolve:
        return text
    if text not in _names:
        _names[text] = _resolved(text)
    return _names[text]


def _resolved(text: str) -> str:
    try:
        return host_name(text.removeprefix("::ffff:") if "." in text else text)
    except OSError:
        return text
