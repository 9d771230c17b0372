"""`netns NAME|PID|PATH` and `link-netns NAME` among the words of a link."""

import os

from ..exits import KERNEL, Exit, wrong
from ..words import signed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..context import Context
    from .command import Command


def place(reference: str, command: "Command") -> "dict[str, Any]":
    """The setting that puts a device into a namespace. A name or path wins over a PID. Exit 255 when it is neither."""
    if reference in ("", ".", ".."):
        # ip opens the netns directory itself for these, and the kernel says what it thinks of that.
        raise Exit(KERNEL, "RTNETLINK answers: Invalid argument", why=f'"{reference}" is no name of a namespace')
    # A path here is one from the working directory; elsewhere ip takes `./a` for a name below the netns directory.
    found = os.path.abspath(reference) if reference.startswith(("./", "../")) else reference
    if command.namespace_exists(found):
        return {"net_ns_fd": found}
    pid = signed(reference)
    if pid is not None:
        return {"net_ns_pid": pid & 0xFFFFFFFF}
    raise wrong(reference, 'Invalid "netns" value', **_advice(reference))


def _advice(reference: str) -> dict[str, str]:
    from ...errors import NetwrightError
    from ...kernel import namespaces
    from ...model.meant import did_you_mean

    if "/" in reference or ":" in reference:
        try:
            os.close(namespaces.open_namespace(reference))
        except NetwrightError as error:
            return {"why": error.what, "fix": error.fix}
    names = namespaces.names()
    known = ", ".join(sorted(names)[:8]) + (" …" if len(names) > 8 else "")
    otherwise = f"there are: {known}" if names else f"make it first: ip netns add {reference}"
    return {"why": f'there is no namespace "{reference}"', "fix": did_you_mean(reference, names) or otherwise}


def number_link_netns(settings: "dict[str, Any]", context: "Context") -> "dict[str, Any]":
    """`settings` with the number of the namespace that `link-netns` names (its own, and the peer's), given where none was."""
    linkinfo = settings.get("linkinfo", {})
    data = linkinfo.get("data", {})
    for end in ("peer", "peer_info"):
        if end in data:
            data = {**data, end: number_link_netns(data[end], context)}
            settings = {**settings, "linkinfo": {**linkinfo, "data": data}}
    name = settings.get("link_netnsid")
    return {**settings, "link_netnsid": _number(name, context)} if isinstance(name, str) else settings


def _number(name: str, context: "Context") -> int:
    from ...errors import KernelError, NetwrightError
    from ...kernel import namespaces
    from ...kernel.nsid import get_nsid, set_nsid

    try:
        fd = namespaces.open_namespace(name)
    except NetwrightError:
        raise _invalid(name) from None
    try:
        number = get_nsid(context.netlink, fd)
        if number < 0:
            set_nsid(context.netlink, fd, -1)
            number = get_nsid(context.netlink, fd)
    except KernelError:
        raise _invalid(name) from None
    finally:
        os.close(fd)
    return number


def _invalid(name: str) -> Exit:
    return wrong(name, 'Invalid "link-netns" value', **_advice(name))
