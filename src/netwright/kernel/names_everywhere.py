"""Which named namespaces have a device of some name: one thread goes through them all."""

import os

from ..errors import NetwrightError
from . import rtnl
from .namespaces import names
from .netlink import Netlink
from .references import open_namespace


def namespaces_with_link(name: str) -> list[str]:
    """The names of the namespaces in which a device is called `name`; those that cannot be entered are passed over."""
    return [space for space in names() if _has(space, name)]


def _has(space: str, name: str) -> bool:
    try:
        fd = open_namespace(space)
    except NetwrightError:
        return False
    try:
        with Netlink(inside=fd) as netlink:
            return rtnl.link_by_name(netlink, name) is not None
    except OSError:
        return False
    finally:
        os.close(fd)
