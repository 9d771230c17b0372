"""`-n NAME`: the process goes into a namespace, by setns alone.

ip(8) makes a mount namespace and a new /sys for that, as `netns exec` does; netlink needs neither, and a namespace added from
inside such a mount namespace would leave a dead name outside.
"""

from ..errors import NetwrightError
from .exits import SYNTAX, Exit


def enter(reference: str) -> None:
    """Move this process into the namespace called `reference` (a name, a path, a PID, `docker:NAME` …). Exit 255 if it can't."""
    from ..kernel import namespaces

    try:
        namespaces.enter(reference)
    except NetwrightError as error:
        raise Exit(SYNTAX, error.what, why=error.why, fix=error.fix) from None
