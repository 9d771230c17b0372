"""Addresses as they are printed: with -resolve by the name of the host, else as they are."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .context import Context


def host(context: "Context", address: str) -> str:
    """The address, or with -resolve the name that the system has for it."""
    if not context.options.resolve:
        return address
    import _socket

    try:
        name: str = _socket.gethostbyaddr(address)[0]
    except OSError:
        return address
    return name
