"""Names and indices of devices as a command sees them: what ip(8) keeps in its link map."""

from ..kernel import rtnl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..kernel.rtnl import Message
    from .context import Context


class Links:
    """name(index), index(name), message(index): asked of the kernel once each."""

    def __init__(self, context: "Context") -> None:
        self._context = context
        self._at: dict[int, Message | None] = {}

    def learn(self, messages: "list[Message]") -> None:
        """Remember the links of a dump."""
        for message in messages:
            self._at[message["index"]] = message

    def learn_event(self, message: "Message", *, keep_name: bool) -> None:
        """Remember a link that an event tells of; `keep_name`: of one that is known only the flags."""
        old = self._at.get(message["index"])
        if old is not None and keep_name:
            old.header["flags"] = message["flags"]
        else:
            self._at[message["index"]] = message

    def fill(self) -> "list[Message]":
        """Dump all links (as ip does before it prints addresses or routes), remember and return them."""
        found = rtnl.dump(self._context.netlink, rtnl.GETLINK, {}, {"ext_mask": rtnl.EXT_FILTER_VF | rtnl.EXT_FILTER_SKIP_STATS})
        self.learn(found)
        return found

    def message(self, index: int) -> "Message | None":
        """The link with this index, or None."""
        if index not in self._at:
            self._at[index] = self._context.session.link_at(index)
        return self._at[index]

    def name(self, index: int) -> str:
        """Its name; `*` for 0 and `if7` where there is no device 7."""
        if index == 0:
            return "*"
        link = self.message(index)
        return str(link["ifname"]) if link and "ifname" in link else f"if{index}"

    def index(self, name: str) -> int:
        """The index behind a name (an alternative name and `if7` count too), 0 when there is none."""
        link = self._context.session.link(name) if name else None
        if link is not None:
            self._at[link["index"]] = link
            return int(link["index"])
        if name[:2] == "if" and name[2:].isdigit():
            return int(name[2:])
        return 0

    def flags(self, index: int) -> int:
        """IFF_* of the link, 0 when it is not there."""
        link = self.message(index)
        return int(link["flags"]) if link else 0

    def type(self, index: int) -> int:
        """ARPHRD_* of the link, 0xffff... (no type) when it is not there."""
        link = self.message(index)
        return int(link["type"]) if link else -1
