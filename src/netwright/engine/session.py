"""A session: one netlink socket in one namespace, and the numbers behind names there."""

import os

from ..errors import Gone, KernelError
from ..kernel.netlink import Netlink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..kernel.ahead import Ahead
    from ..kernel.rtnl import Message


class Session:
    """Work in the namespace of the open fd `inside` (None: the caller's own). Close it, or use it in a `with`."""

    def __init__(self, inside: int | None = None) -> None:
        self._netlink: Netlink | None = None if inside is None else Netlink(inside=inside)
        self.ahead: Ahead | None = None
        self.chosen: dict[str, int] = {}
        self._open: dict[str, int] = {}

    @property
    def netlink(self) -> Netlink:
        """The socket; in the caller's own namespace it is opened when first needed."""
        if self._netlink is None:
            self._netlink = Netlink()
        return self._netlink

    @property
    def opened(self) -> bool:
        """True when the socket is open."""
        return self._netlink is not None

    def close(self) -> None:
        """Close the socket and the namespaces that were opened for a message."""
        if self._netlink is not None:
            self._netlink.close()
        self.release()

    def release(self) -> None:
        """Close the namespaces that were opened for messages which are sent now."""
        for fd in self._open.values():
            os.close(fd)
        self._open.clear()

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- Lookup: what encoding asks ----------------------------------------------------------------------------------

    def index(self, name: str) -> int:
        """The index of the device called `name`: chosen by an operation of this batch, or asked of the kernel."""
        if name in self.chosen:
            return self.chosen[name]
        link = self.link(name)
        if link is None:
            raise Gone(f'Cannot find device "{name}"')
        return int(link["index"])

    def namespace(self, reference: str) -> int:
        """An open fd of the namespace called `reference` (a name, a path, a PID); closed by `release`."""
        if reference not in self._open:
            from ..kernel.namespaces import open_namespace

            self._open[reference] = open_namespace(reference)
        return self._open[reference]

    # -- reads -------------------------------------------------------------------------------------------------------

    def link(self, name: str) -> "Message | None":
        """The link called `name`, or None."""
        from ..kernel import rtnl

        return rtnl.link_by_name(self.netlink, name)

    def link_at(self, index: int) -> "Message | None":
        """The link with this index, or None."""
        from ..kernel import rtnl

        try:
            return rtnl.get(self.netlink, rtnl.GETLINK, {"index": index}, {"ext_mask": rtnl.EXT_FILTER_SKIP_STATS})
        except KernelError:
            return None
