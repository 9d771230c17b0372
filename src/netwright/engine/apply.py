"""Operations -> kernel, in order, as few messages round the world as can be.

`apply` sends operations of one namespace in one pipelined batch; the answer is one result per operation. Names are turned
into numbers here: a device that an earlier operation of the same batch makes with a chosen index is known by that index, any
other is asked for, after what was queued before it has been sent.
"""

from __future__ import annotations

from ..errors import Gone, KernelError
from ..kernel import rtnl
from ..kernel.netlink import APPEND, CREATE, EXCL, REPLACE, Request
from ..kernel.rtnl import Family
from ..plan import ops
from .session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..plan.ops import MessageOp, Op

_VERBS = {
    "add": CREATE | EXCL,
    "change": REPLACE,
    "replace": CREATE | REPLACE,
    "append": CREATE | APPEND,
    "prepend": CREATE,
    "test": EXCL,
    "": 0,
}
# (message type, family, flags by verb where they differ from the table above)
_MESSAGES: dict[type, tuple[int, Family, dict[str, int]]] = {
    ops.AddLink: (rtnl.NEWLINK, rtnl.LINK, {"change": 0}),
    ops.SetLink: (rtnl.NEWLINK, rtnl.LINK, {}),
    ops.DeleteLink: (rtnl.DELLINK, rtnl.LINK, {}),
    ops.AddAltname: (rtnl.NEWLINKPROP, rtnl.LINK, {"": EXCL | CREATE | APPEND}),
    ops.DeleteAltname: (rtnl.DELLINKPROP, rtnl.LINK, {}),
    ops.AddAddress: (rtnl.NEWADDR, rtnl.ADDRESS, {}),
    ops.DeleteAddress: (rtnl.DELADDR, rtnl.ADDRESS, {}),
    ops.AddRoute: (rtnl.NEWROUTE, rtnl.ROUTE, {}),
    ops.DeleteRoute: (rtnl.DELROUTE, rtnl.ROUTE, {}),
    ops.AddNeighbour: (rtnl.NEWNEIGH, rtnl.NEIGHBOUR, {}),
    ops.DeleteNeighbour: (rtnl.DELNEIGH, rtnl.NEIGHBOUR, {}),
    ops.AddRule: (rtnl.NEWRULE, rtnl.RULE, {"": CREATE | EXCL}),
    ops.DeleteRule: (rtnl.DELRULE, rtnl.RULE, {}),
}


def request(op: MessageOp, session: Session) -> Request:
    """The rtnetlink message that `op` is; names looked up in `session`. Gone when a device or namespace is not there."""
    kind, family, verbs = _MESSAGES[type(op)]
    verb = getattr(op, "verb", "")
    flags = verbs[verb] if verb in verbs else _VERBS[verb]
    header: dict[str, Any] = op.header
    if isinstance(header.get("index"), str):
        header = {**header, "index": session.index(header["index"])}
    return family.request(kind, flags, header, op.settings, session)


def _remember(op: MessageOp, session: Session) -> None:
    """A link that is made with a chosen index is known by its name from now on."""
    if type(op) is not ops.AddLink or not op.header.get("index"):
        return
    name, index = op.settings.get("ifname"), op.header["index"]
    if name and isinstance(index, int) and "net_ns_fd" not in op.settings:
        session.chosen[name] = index


def _namespace_op(op: Op, session: Session) -> None:
    from ..kernel import namespaces

    if isinstance(op, ops.AddNamespace):
        namespaces.create(op.name, session.ahead if session.ahead and session.ahead.more else None)
    elif isinstance(op, ops.AttachNamespace):
        namespaces.attach(op.name, op.pid)
    elif isinstance(op, ops.DeleteNamespace):
        namespaces.delete(op.name)
    elif isinstance(op, ops.SetNsid):
        namespaces.set_nsid(session.netlink, session.namespace(op.name), op.nsid)


def apply_one(op: Op, session: Session) -> None:
    """Do one operation. KernelError, Gone, Conflict or Invalid when it cannot be done."""
    if type(op) not in _MESSAGES:
        return _namespace_op(op, session)
    try:
        return session.netlink.request(request(op, session))  # type: ignore[arg-type]
    finally:
        session.release()


def apply(wanted: Sequence[MessageOp], session: Session) -> list[KernelError | None]:
    """Do many rtnetlink operations in the session's namespace; for each None or the kernel's error, in order."""
    queue: list[Request] = []
    results: list[KernelError | None] = []
    for op in wanted:
        if _unknown(op, session):
            results += session.netlink.transact(queue)
            queue = []
        try:
            queue.append(request(op, session))
        except Gone:
            lost = [r for before, r in zip(wanted, results, strict=False) if r and isinstance(before, ops.AddLink)]
            if not lost:
                raise
            # It is not there because it could not be made: that is the error of all that comes after.
            return [*results, *lost[:1] * (len(wanted) - len(results))]
        _remember(op, session)
    results += session.netlink.transact(queue)
    session.release()
    return results


def _unknown(op: MessageOp, session: Session) -> bool:
    """True when a name in `op` must be asked for, so that what is queued has to be sent before."""
    names = [op.header.get("index"), *(op.settings.get(key) for key in ("master", "link", "oif", "iif"))]
    return any(isinstance(name, str) and name not in session.chosen for name in names)
