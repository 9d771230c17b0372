"""A plan -> the kernel. The one place where a list of operations becomes what it says.

How it works. Operations are taken in order, in runs that belong together: new namespaces are made by one thread, each with its
socket; messages for one namespace go out in one batch; sysctls of one namespace are written in one visit. New devices get
indices that we choose, so that nothing has to be asked back. Removing what is gone already counts as done. The first refusal
ends it: what was done so far stays, and going back is a plan from what is then there to what was before.
"""

from __future__ import annotations

import errno

from ..errors import KernelError, NetwrightError
from ..model.value import replace
from ..plan import ops
from .apply import _MESSAGES, apply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from ..plan.ops import Op
    from .files import Overlay
    from .place import Place

    Progress = Callable[[int], None]

_REMOVALS = (ops.DeleteLink, ops.DeleteAddress, ops.DeleteRoute, ops.DeleteNeighbour, ops.DeleteRule)
_ELEMENTS = (ops.AddElements, ops.DeleteElements)
_GONE = (errno.ENOENT, errno.ENODEV, errno.ESRCH, errno.EADDRNOTAVAIL)
DOOMED = 0x6E78  # a link group of its own, for devices that go all at once
_MANY = 4


class PlanFailed(NetwrightError):
    """An operation of a plan was refused: `op`, the `error`, and how many operations were `done` before it."""

    def __init__(self, op: Op, error: NetwrightError, done: int) -> None:
        from ..plan.explain import shell

        super().__init__(f"{shell(op).splitlines()[0]}: {error.what}", why=error.why, fix=error.fix)
        self.op, self.error, self.done = op, error, done


def enact(plan: Sequence[Op], place: Place, overlay: Overlay | None = None, progress: Progress | None = None) -> None:
    """Do every operation of the plan in the namespaces of `place`. PlanFailed at the first that is refused.

    `overlay` takes the files; `progress` is called with the number of operations that are done.
    """
    done = 0
    for run in runs(plan):
        do: Callable[[list[Any], Any, Any, int], None] = _DO.get(type(run[0]), _messages)
        do(run, place, overlay, done)
        done += len(run)
        if progress:
            progress(done)


def runs(plan: Sequence[Op]) -> Iterator[list[Op]]:
    """The plan cut into pieces that can be done as one."""
    run: list[Op] = []
    for op in plan:
        if run and not _together(run[0], op):
            yield run
            run = []
        run.append(op)
    if run:
        yield run


def _together(first: Op, op: Op) -> bool:
    if isinstance(first, (ops.AddNamespace, ops.PutFile, ops.RemoveFile)):
        return type(op) is type(first)
    if getattr(first, "namespace", None) != getattr(op, "namespace", None):
        return False
    if type(first) in _MESSAGES:
        return type(op) in _MESSAGES and isinstance(first, ops.DeleteLink) == isinstance(op, ops.DeleteLink)
    if isinstance(first, _ELEMENTS):
        return isinstance(op, _ELEMENTS) and (first.family, first.table) == (op.family, op.table)
    return type(first) is type(op) and isinstance(op, (ops.SetSysctl, ops.AddVlan, ops.AddQdisc, ops.AddFilter))


# -- messages ------------------------------------------------------------------------------------------------------------------


def _messages(run: list[Any], place: Place, _: Overlay | None, done: int) -> None:
    session = place.session(run[0].namespace)
    wanted = _at_once(run) if isinstance(run[0], ops.DeleteLink) and len(run) >= _MANY else run
    if place.chooses and any(isinstance(op, ops.AddLink) for op in wanted):
        wanted = [_with_indices(op, place) if isinstance(op, ops.AddLink) else op for op in wanted]
    try:
        results = apply(wanted, session)
    except NetwrightError as error:
        if isinstance(run[0], _REMOVALS) and len(run) == 1:
            return  # the device is not there any more
        raise PlanFailed(run[0], error, done) from None
    for number, (op, refused) in enumerate(zip(wanted, results, strict=True)):
        if refused and not (isinstance(op, _REMOVALS) and refused.errno in _GONE):
            raise PlanFailed(run[min(number, len(run) - 1)], _explained(refused, op), done + number)


def _at_once(run: list[ops.DeleteLink]) -> list[Any]:
    """Removing a device takes the kernel about 22 ms; a whole group at once hardly more."""
    namespace = run[0].namespace
    marked = [ops.SetLink({"index": op.header["index"]}, {"group": DOOMED}, namespace) for op in run]
    return [*marked, ops.DeleteLink({"index": 0}, {"group": DOOMED}, namespace)]


def _with_indices(op: ops.AddLink, place: Place) -> ops.AddLink:
    """The same with a chosen index for the device and for its far end."""
    settings = op.settings
    target = place.session(settings.get("net_ns_fd") or op.namespace)
    header = {**op.header, "index": target.next_index()}
    target.chosen[settings["ifname"]] = header["index"]
    peer = settings["linkinfo"].get("data", {}).get("peer")
    if peer:
        far = place.session(peer.get("net_ns_fd") or op.namespace)
        index = far.next_index()
        far.chosen[peer["ifname"]] = index
        info = settings["linkinfo"]
        settings = {**settings, "linkinfo": {**info, "data": {**info["data"], "peer": {**peer, "index": index}}}}
    return replace(op, header=header, settings=settings)


_FIXES = {
    errno.EPERM: "this needs CAP_NET_ADMIN in the user namespace that owns the namespace",
    errno.ENETUNREACH: "the gateway is in no network of that namespace",
    errno.ENETDOWN: "the device is down",
    errno.EEXIST: "something of that name is there that somebody else made",
    errno.ENOBUFS: "the kernel had no buffer for it: try again, or raise net.core.wmem_max",
}


def _explained(error: KernelError, op: Any) -> KernelError:
    """The kernel's refusal with what it means here."""
    info = op.settings.get("linkinfo", {}) if isinstance(op, (ops.AddLink, ops.SetLink)) else {}
    if info and error.errno == errno.EOPNOTSUPP:
        from ..kernel import bridge_vlan
        from ..kernel.kinds import why_not

        if "vlan_filtering" in info.get("data", {}):
            error.why = bridge_vlan.why_not()
        elif isinstance(op, ops.AddLink) and info.get("kind"):
            error.why = why_not(info["kind"])
    error.why = error.why or _FIXES.get(error.errno, "")
    return error


# -- the rest ------------------------------------------------------------------------------------------------------------------


def _as_failure(op: Op, done: int, work: Callable[..., object], *arguments: object) -> None:
    try:
        work(*arguments)
    except NetwrightError as error:
        raise PlanFailed(op, error, done) from None


def _add_namespaces(run: list[Any], place: Place, _: Overlay | None, done: int) -> None:
    _as_failure(run[0], done, place.create, [op.name for op in run])


def _delete_namespace(run: list[Any], place: Place, _: Overlay | None, done: int) -> None:
    from ..errors import Gone

    for op in run:
        try:
            place.delete(op.name)
        except Gone:
            pass  # it went by itself
        except NetwrightError as error:
            raise PlanFailed(op, error, done) from None


def _set_sysctls(run: list[Any], place: Place, _: Overlay | None, done: int) -> None:
    from ..kernel import sysctl

    values = {op.key: op.value for op in run}
    inside = place.fd(run[0].namespace)
    off = [key for key, value in values.items() if key.startswith("net.bridge.bridge-nf-call") and value == "0"]
    # Where br_netfilter is not loaded there is nothing to switch off.
    missing = set(off) - set(sysctl.read(inside, off)) if off else set()
    try:
        sysctl.write(inside, {key: value for key, value in values.items() if key not in missing})
    except NetwrightError as error:
        refused = next((op for op in run if op.key in error.what.split()), run[0])
        raise PlanFailed(refused, error, done) from None


def _vlans(run: list[Any], place: Place, _: Overlay | None, done: int) -> None:
    from ..kernel import bridge_vlan

    session = place.session(run[0].namespace)
    for number, op in enumerate(run):
        index = session.index(op.link)
        if isinstance(op, ops.AddVlan):
            _as_failure(op, done + number, bridge_vlan.add, session.netlink, index, op.vid, op.flags, op.own)
        else:
            _as_failure(op, done + number, bridge_vlan.delete, session.netlink, index, op.vid, op.own)


def _qdiscs(run: list[Any], place: Place, _: Overlay | None, done: int) -> None:
    from ..kernel import tc

    session = place.session(run[0].namespace)
    for number, op in enumerate(run):
        index = session.index(op.qdisc.link)
        if isinstance(op, ops.AddQdisc):
            _as_failure(op, done + number, tc.add, session.netlink, op.qdisc, index, op.verb)
        else:
            _delete_qdisc(op, session.netlink, index, done + number)


def _delete_qdisc(op: Any, netlink: Any, index: int, done: int) -> None:
    from ..kernel import tc

    try:
        tc.delete(netlink, op.qdisc, index)
    except KernelError as error:
        if error.errno not in _GONE:
            raise PlanFailed(op, error, done) from None


def _filters(run: list[Any], place: Place, _: Overlay | None, done: int) -> None:
    from ..kernel import tc_filters

    session = place.session(run[0].namespace)
    for number, op in enumerate(run):
        index = session.index(op.filter.link)
        if isinstance(op, ops.AddFilter):
            target = session.index(op.filter.redirect) if op.filter.redirect else 0
            _as_failure(op, done + number, tc_filters.add, session.netlink, op.filter, index, target)
        else:
            try:
                tc_filters.delete(session.netlink, op.filter, index)
            except KernelError as error:
                if error.errno not in _GONE:
                    raise PlanFailed(op, error, done + number) from None


def _tables(run: list[Any], place: Place, _: Overlay | None, done: int) -> None:
    from ..kernel import nft

    def work(op: Any) -> None:
        inside = place.fd(op.namespace)
        if isinstance(op, ops.PutTable):
            nft.put(inside, op.table)
        else:
            nft.delete(inside, op.family, op.name)

    for number, op in enumerate(run):
        _as_failure(op, done + number, work, op)


def _elements(run: list[Any], place: Place, _: Overlay | None, done: int) -> None:
    """All sets of one table in one transaction."""
    from ..kernel import nft

    changes = [("add" if isinstance(op, ops.AddElements) else "delete", op.set, op.elements) for op in run]
    namespace, family, table = run[0].namespace, run[0].family, run[0].table
    _as_failure(run[0], done, lambda: nft.change(place.fd(namespace), family, table, changes, place.nfnetlink(namespace)))


def _files(run: list[Any], _: Place, overlay: Overlay | None, done: int) -> None:
    if overlay is None:
        return  # a place whose programs see the machine's own files
    for number, op in enumerate(run):
        if isinstance(op, ops.PutFile):
            _as_failure(op, done + number, overlay.put, op.view, op.path, op.text)
        else:
            _as_failure(op, done + number, overlay.remove, op.view, op.path)


_DO: dict[type[Any], Callable[[list[Any], Any, Any, int], None]] = {
    ops.AddNamespace: _add_namespaces,
    ops.DeleteNamespace: _delete_namespace,
    ops.SetSysctl: _set_sysctls,
    ops.AddVlan: _vlans,
    ops.DeleteVlan: _vlans,
    ops.AddQdisc: _qdiscs,
    ops.DeleteQdisc: _qdiscs,
    ops.AddFilter: _filters,
    ops.DeleteFilter: _filters,
    ops.PutTable: _tables,
    ops.DeleteTable: _tables,
    ops.AddElements: _elements,
    ops.DeleteElements: _elements,
    ops.PutFile: _files,
    ops.RemoveFile: _files,
}
