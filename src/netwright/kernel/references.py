"""How a namespace is named: NAME, PID, a path, and forms of later origin such as `docker:NAME` and `LAB/HOST`.

A resolver turns what stands behind its scheme into something that can be opened: a path or a PID. Each part of the product
that knows such names registers its resolver here; nothing is imported before a reference of its scheme is met.
"""

import os

from ..errors import CallFailed, Gone, Invalid
from ..model.names import is_namespace_name

DIRECTORY = "/run/netns"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Resolver = Callable[[str], str]

_resolvers: "dict[str, Resolver]" = {}


def register(scheme: str, resolver: "Resolver") -> None:
    """From now on `SCHEME:REST` is opened at resolver(REST), a path or a PID in digits. The scheme `lab` gets `LAB/HOST`."""
    _resolvers[scheme] = resolver


def path_of(name: str) -> str:
    """The file of a name, whether it is there or not."""
    return f"{DIRECTORY}/{name}"


def exists(name: str) -> bool:
    """True when there is an entry of that name (whatever its state)."""
    return is_namespace_name(name) and os.path.lexists(path_of(name))


def locate(reference: str) -> str:
    """The path to open for a reference: a name wins over a PID. Invalid or Gone when it cannot be resolved."""
    if reference.startswith(("./", "../")):
        # ip looks below the netns directory whatever a name begins with
        return path_of(reference) if os.path.exists(path_of(reference)) else reference
    if reference.startswith("/"):
        return reference
    if exists(reference):
        return path_of(reference)
    if reference.isascii() and reference.isdigit():
        return f"/proc/{int(reference)}/ns/net"
    scheme, colon, rest = reference.partition(":")
    if colon:
        return _resolved(scheme, rest, reference)
    if "/" in reference:
        return _resolved("lab", reference, reference)
    return path_of(reference)


def _resolved(scheme: str, rest: str, reference: str) -> str:
    if scheme not in _resolvers:
        known = ", ".join(f"{name}:" for name in sorted(_resolvers)) or "none yet"
        form = "LAB/HOST" if scheme == "lab" and "/" in reference else f"{scheme}:"
        raise Invalid(
            f'Cannot open network namespace "{reference}": no resolver for {form}',
            why=f"known forms are NAME, PID, /a/path; schemes: {known}",
            fix=f"for a container, give the PID of one of its processes: nw -n PID …{_docker_hint(scheme, rest)}",
        )
    found = _resolvers[scheme](rest)
    return f"/proc/{found}/ns/net" if found.isdigit() else found


def _docker_hint(scheme: str, rest: str) -> str:
    if scheme in ("docker", "podman") and rest:
        return f" ({scheme} inspect -f '{{{{.State.Pid}}}}' {rest})"
    return ""


def open_namespace(reference: str | int) -> int:
    """An open fd (close-on-exec; the caller closes it) of the network namespace `reference`: NAME, PID, path, fd form.

    Gone when there is nothing of that name; CallFailed when it cannot be opened; Invalid for an unknown scheme.
    """
    path = f"/proc/{reference}/ns/net" if isinstance(reference, int) else locate(reference)
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise cannot_open(str(reference), path, error) from None


def cannot_open(reference: str, path: str, error: OSError) -> Gone | CallFailed:
    """`Cannot open network namespace "X": …`, with the reason and the nearest name."""
    text = f'Cannot open network namespace "{reference}": {error.strerror}'
    if isinstance(error, FileNotFoundError):
        return Gone(text, why=f"{path} is not there", fix=_fix(reference))
    if isinstance(error, PermissionError):
        why = f"{path} may be opened by its owner only; another user's process needs CAP_SYS_PTRACE"
        return CallFailed(text, error.errno or 0, why=why, fix="run it with sudo")
    return CallFailed(text, error.errno or 0)


def _fix(name: str) -> str:
    from ..model.meant import did_you_mean

    try:
        known = os.listdir(DIRECTORY)
    except OSError:
        known = []
    return did_you_mean(name, known) or ("names are listed by: nw netns list" if known else f"make it with: nw netns add {name}")
