"""nsid -> the name of that namespace in the netns directory, as `link-netns NAME` shows it.

The kernel knows nsids, the directory knows names: each name is opened and its nsid asked for. The kernel's own dump of nsids
would be one request instead of many, but it ends after the first buffer.
"""

import os

from ..kernel.nsid import get_nsid
from ..kernel.references import DIRECTORY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .context import Context


def netns_name(context: "Context", nsid: int) -> str:
    """The name of the namespace that has this nsid here, or `` when it has none. The directory is read once."""
    if nsid < 0:
        return ""
    if context.netns_names is None:
        context.netns_names = _names(context)
    return context.netns_names.get(nsid, "")


def _names(context: "Context") -> dict[int, str]:
    found: dict[int, str] = {}
    try:
        entries = os.listdir(DIRECTORY)
    except OSError:
        return found
    for name in entries:
        nsid = _nsid(context, name)
        if nsid >= 0:
            # Of several names of one namespace, ip shows the one that the directory gives first.
            found.setdefault(nsid, name)
    return found


def _nsid(context: "Context", name: str) -> int:
    """The nsid behind a name; -1 when it has none. A dead name gives the kernel's words on stderr, as with ip."""
    from ..errors import KernelError

    try:
        fd = os.open(f"{DIRECTORY}/{name}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return -1
    try:
        return get_nsid(context.netlink, fd)
    except KernelError as error:
        from .front import kernel_words

        context.stderr(f"{kernel_words(error)}\n")
        return -1
    finally:
        os.close(fd)
