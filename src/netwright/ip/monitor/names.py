"""Names of devices while they change: what link events say counts, and what is not known is asked for each time."""

from ...errors import KernelError
from ...kernel import rtnl
from ..links import Links

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context


class LivingLinks(Links):
    """Links that are kept up to date by `see`; a device that was not found may be there the next time."""

    def message(self, index: int) -> "Message | None":
        """The link with this index as it was last heard of, or None."""
        found = super().message(index)
        if found is None:
            del self._at[index]
        return found

    def read_anew(self) -> None:
        """After events were lost."""
        self._at.clear()
        self.fill()

    def see(self, message: "Message") -> None:
        """Remember a link from an event, or forget one that is gone. The name ip keeps to the name that it heard first."""
        if message.kind == rtnl.DELLINK:
            self._at.pop(message["index"], None)
        else:
            self.learn_event(message, keep_name=self._context.applet)


class LinksElsewhere(LivingLinks):
    """The links of the namespace that has the number `nsid` here."""

    def __init__(self, context: "Context", nsid: int) -> None:
        super().__init__(context)
        self._netlink, self._nsid = context.netlink, nsid

    def message(self, index: int) -> "Message | None":
        """The link with this index there, or None."""
        if index in self._at:
            return self._at[index]
        values = {"target_netnsid": self._nsid, "ext_mask": rtnl.EXT_FILTER_SKIP_STATS}
        try:
            self._at[index] = rtnl.get(self._netlink, rtnl.GETLINK, {"index": index}, values)
        except KernelError:
            return None
        return self._at[index]
