"""nftables by message: which tables there are, whether anything changed, elements and tables in one transaction.

How it works. What changes nftables travels between NFNL_MSG_BATCH_BEGIN and _END: all of it happens or nothing does. The
kernel works on a batch within sendmsg, so when that returns every answer is there to be read; the batch's own errors (no
such subsystem, no permission, a commit that failed) carry the number of BATCH_BEGIN. Attributes are big-endian.
Sources: linux/netfilter/nfnetlink.h, nf_tables.h; nfnetlink_rcv_batch in net/netfilter/nfnetlink.c.
"""

from __future__ import annotations

import _socket
import errno
from struct import Struct

from ..errors import CallFailed, KernelError, kernel_error
from .codec import NESTED, attribute, each, split
from .netlink import ACK, CREATE, REQUEST, Netlink, Raw, Request, messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Pair = tuple[bytes, bytes | None, str]  # key, the data attributes of a map, a comment
    Found = tuple[bytes, str]

FAMILY_NUMBERS = {"inet": 1, "ip": 2, "arp": 3, "netdev": 5, "bridge": 7, "ip6": 10}
_NAMES = {number: name for name, number in FAMILY_NUMBERS.items()}
ADMIN = "it takes CAP_NET_ADMIN in the user namespace that owns the network namespace"
_PROTOCOL, _SUBSYSTEM = 12, 10
_BEGIN, _END = 0x10, 0x11
_NEWTABLE, _GETTABLE, _DELTABLE, _GETSET = 0, 1, 2, 10
_NEWCHAIN, _GETCHAIN, _NEWRULE, _GETRULE = 3, 4, 6, 7
_HOOKS, _LAYER_3 = ("prerouting", "input", "forward", "output", "postrouting"), ("ip", "ip6", "inet")
_NEWSETELEM, _GETSETELEM, _DELSETELEM, _GETGEN, _DESTROYSETELEM = 12, 13, 14, 16, 30
# The length of an attribute has 16 bits, and all elements of a message are in one.
_MOST = 60_000
_DORMANT = 1  # NFT_TABLE_F_DORMANT

_HEADER = Struct("=IHHII")
_FAMILY = Struct(">BBH")
_WORD = Struct(">I")


def _kind(message: int) -> int:
    return _SUBSYSTEM << 8 | message


def _head(family: str) -> bytes:
    return _FAMILY.pack(FAMILY_NUMBERS.get(family, 0), 0, 0)


def _name(kind: int, text: str) -> bytes:
    return attribute(kind, text.encode("utf-8", "surrogateescape") + b"\0")


def nest(kind: int, payload: bytes) -> bytes:
    """An attribute that holds attributes, as nf_tables demands it to be marked."""
    return attribute(kind | NESTED, payload)


class Nfnetlink(Netlink):
    """A netlink socket for netfilter. `inside`: an open fd of the namespace it lives in. KernelError where there is none.

    `kept`: it outlives a `with`. Closing one waits until the kernel has freed what was deleted (nft_rcv_nl_event: 8 ms), which
    costs nothing while something else waits for the same.
    """

    kept = False

    def __init__(self, inside: int | None = None) -> None:
        try:
            super().__init__(_PROTOCOL, inside=inside)
        except OSError as error:
            if error.errno != errno.EPROTONOSUPPORT:
                raise
            raise kernel_error(error.errno, subject="nftables", fix="this kernel lacks CONFIG_NF_TABLES") from None

    def __enter__(self) -> Nfnetlink:
        return self

    def __exit__(self, *_: object) -> None:
        if not self.kept:
            self.close()

    def _verdict(self, answer: Raw, request: Request) -> KernelError | None:
        error = super()._verdict(answer, request)
        if error and error.errno == errno.EPERM:
            error.fix = ADMIN
        return error

    def batch(self, requests: Sequence[Request]) -> list[KernelError | None]:
        """All or nothing; for each request None or its error. KernelError when the whole batch is refused, CallFailed when
        it is too big for the socket (E2BIG)."""
        begin = self._sequence + 1
        self._sequence += len(requests) + 2
        edge = _FAMILY.pack(0, 0, _SUBSYSTEM)
        packed = [_HEADER.pack(20, _BEGIN, REQUEST, begin, 0), edge]
        for number, request in enumerate(requests, begin + 1):
            head = _HEADER.pack(16 + len(request.body), request.kind, request.flags | REQUEST | ACK, number, 0)
            packed += [head, request.body, b"\0" * (-len(request.body) & 3)]
        packed += [_HEADER.pack(20, _END, REQUEST, self._sequence, 0), edge]
        try:
            self.socket.send(b"".join(packed))
        except OSError as error:
            if error.errno not in (errno.EMSGSIZE, errno.ENOBUFS):
                raise
            raise CallFailed("too much for one transaction", errno.E2BIG, why=error.strerror or "") from None
        return self._answers(begin, requests)

    def _answers(self, begin: int, requests: Sequence[Request]) -> list[KernelError | None]:
        results: list[KernelError | None] = [None] * len(requests)
        heard = 0
        whole: KernelError | None = None
        for answer in self._waiting():
            at = answer.sequence - begin - 1
            if at == -1:
                whole = whole or self._verdict(answer, requests[0])
            elif 0 <= at < len(requests):
                results[at] = results[at] or self._verdict(answer, requests[at])
                heard += 1
        if whole or heard < len(requests):
            raise whole or kernel_error(errno.EAGAIN, "not every part of the transaction was answered")
        return results

    def _waiting(self) -> list[Raw]:
        out: list[Raw] = []
        while True:
            try:
                out += messages(self.socket.recv(1 << 17, _socket.MSG_DONTWAIT))
            except BlockingIOError:
                return out

    def change(self, requests: Sequence[Request]) -> None:
        """The same; the first error is raised."""
        for error in self.batch(requests):
            if error:
                raise error


# -- questions -----------------------------------------------------------------------------------------------------------


def tables(netlink: Netlink) -> list[tuple[str, str]]:
    """(family, name) of every table. KernelError: NotPermitted without CAP_NET_ADMIN, even to look."""
    request = Request(_kind(_GETTABLE), 0, _head(""), subject="the list of tables")
    found = [m for m in netlink.dump(request) if m.kind == _kind(_NEWTABLE)]
    return [(_NAMES.get(m.body[0], str(m.body[0])), _text(split(m.body, 4).get(1, b""))) for m in found]


def chains(netlink: Netlink) -> list[tuple[str, str, str, str, str]]:
    """(family, table, name, hook, policy) of every chain; hook "" for one that is only jumped to. Costs the same whatever is in sets.
    `nft list chains`"""
    out = []
    for message in netlink.dump(Request(_kind(_GETCHAIN), 0, _head(""), subject="the list of chains")):
        if message.kind != _kind(_NEWCHAIN):
            continue
        found, family = split(message.body, 4), _NAMES.get(message.body[0], str(message.body[0]))
        hooked = split(found[4]) if 4 in found else {}
        number = _WORD.unpack(hooked[1])[0] if 1 in hooked else -1
        hook = _HOOKS[number] if family in _LAYER_3 and 0 <= number < len(_HOOKS) else ""
        policy = "drop" if 5 in found and not _WORD.unpack(found[5])[0] else "accept"
        out.append((family, _text(found.get(1, b"")), _text(found.get(3, b"")), hook, policy))
    return out


def rule_counts(netlink: Netlink, family: str, table: str, names: Sequence[str]) -> list[int]:
    """How many rules each chain of a table has, where nothing jumps to it; -1 where it is not there, or the whole table is dormant."""
    head = _head(family) + _name(1, table)
    (found,) = netlink.each(_kind(_GETTABLE), [head], subject=f"table {family} {table}")
    if found is None or _WORD.unpack(split(found.body, 4).get(2, b"\0" * 4))[0] & _DORMANT:
        return [-1] * len(names)
    chains = netlink.each(_kind(_GETCHAIN), [head + _name(3, name) for name in names], subject=f"chains of {family} {table}")
    return [-1 if one is None else _WORD.unpack(split(one.body, 4)[6])[0] for one in chains]


def rules(netlink: Netlink, family: str, table: str) -> list[tuple[str, str]]:
    """(chain, comment) of every rule of a table, in its order; [] where there is no such table. `nft list table FAMILY NAME`"""
    request = Request(_kind(_GETRULE), 0, _head(family) + _name(1, table), subject=f"rules of {family} {table}")
    found = [split(m.body, 4) for m in netlink.dump(request) if m.kind == _kind(_NEWRULE)]
    # Before Linux 4.6 (and for a name that it does not know) the kernel answers with those of all tables.
    mine = [rule for rule in found if _text(rule.get(1, b"")) == table]
    return [(_text(rule.get(2, b"")), _comment(rule.get(7, b""))) for rule in mine]


def refuses_rest(netlink: Netlink, family: str, table: str, chain: str) -> bool:
    """Whether the last rule of a chain drops or rejects whatever comes so far."""
    body = _head(family) + _name(1, table) + _name(2, chain)
    found = [split(m.body, 4) for m in netlink.dump(Request(_kind(_GETRULE), 0, body, subject="rules")) if m.kind == _kind(_NEWRULE)]
    mine = [rule for rule in found if (_text(rule.get(1, b"")), _text(rule.get(2, b""))) == (table, chain)]
    said = [split(one) for _, one in each(mine[-1].get(4, b""))] if mine else []
    words = [(_text(one.get(1, b"")), split(one.get(2, b""))) for one in said]
    rest = [(name, more) for name, more in words if name != "counter"]
    return len(rest) == 1 and _refuses(*rest[0])


def _refuses(name: str, more: dict[int, bytes]) -> bool:
    """An expression: reject, iptables' target of that name, or the verdict drop."""
    if name == "target":
        return _text(more.get(1, b"")) == "REJECT"
    verdict = split(split(more.get(2, b"")).get(2, b"")).get(1, b"") if name == "immediate" else b""
    return name == "reject" or verdict == _WORD.pack(0)


def generation(netlink: Netlink) -> int:
    """A number that is another one after any change of the namespace's nftables: `nft` anything."""
    (answer, *_) = netlink.get(Request(_kind(_GETGEN), 0, _head(""), subject="the generation of nftables"))
    return int(_WORD.unpack(split(answer.body, 4)[1])[0])


def set_definition(netlink: Netlink, family: str, table: str, name: str) -> tuple[int, int, int, int]:
    """(flags, key type, data type, key length) of a set, in nft's numbers. Missing when there is none."""
    body = _head(family) + _name(1, table) + _name(2, name)
    (answer, *_) = netlink.get(Request(_kind(_GETSET), 0, body, subject=f"set {family} {table} {name}"))
    found = split(answer.body, 4)

    def number(kind: int) -> int:
        return int(_WORD.unpack(found[kind])[0]) if len(found.get(kind, b"")) == 4 else 0

    return number(3), number(4), number(6), number(5)


def _text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def elements(netlink: Netlink, family: str, table: str, name: str, keys: Sequence[bytes]) -> list[Found | None]:
    """(the map's data, the comment) of the element with each key; None for one that is not there. `nft get element`"""
    if not keys:
        return []
    # All keys of a set have one length: what stands before them is the same.
    like = nest(3, nest(1, nest(1, attribute(1, keys[0]))))
    pad = b"\0" * (-len(keys[0]) & 3)
    before = _head(family) + _name(1, table) + _name(2, name) + like[: -len(keys[0] + pad)]
    bodies = [before + key + pad for key in keys]
    subject = f"element of {family} {table} {name}"
    return [_found(answer) for answer in netlink.each(_kind(_GETSETELEM), bodies, subject=subject, absent=errno.ENOENT)]


def _found(answer: Raw | None) -> Found | None:
    if answer is None:
        return None
    found = split(split(split(answer.body, 4).get(3, b"")).get(1, b""))
    return split(found.get(2, b"")).get(1, b""), _comment(found.get(6, b""))


def _comment(userdata: bytes) -> str:
    """The comment among nft's own notes on an element: type, length, bytes."""
    at = 0
    while at + 2 <= len(userdata):
        kind, size = userdata[at], userdata[at + 1]
        if kind == 0:
            return _text(userdata[at + 2 : at + 2 + size])
        at += 2 + size
    return ""


# -- changes -------------------------------------------------------------------------------------------------------------


def delete_table(family: str, name: str) -> Request:
    """`nft delete table FAMILY NAME`: Missing when there is none."""
    return Request(_kind(_DELTABLE), 0, _head(family) + _name(1, name), subject=f"delete table {family} {name}")


def add_elements(family: str, table: str, name: str, pairs: Iterable[Pair]) -> list[Request]:
    """`nft add element`: nothing happens to those that are there; Exists for a map's key that has another value."""
    return _elements(_NEWSETELEM, CREATE, family, table, name, pairs, "add element")


def delete_elements(family: str, table: str, name: str, pairs: Iterable[Pair], *, present: bool = False) -> list[Request]:
    """`nft destroy element`: those that are not there are no error (with `present` they are, as before Linux 6.3)."""
    keys: list[Pair] = [(key, None, "") for key, *_ in pairs]
    message = _DELSETELEM if present else _DESTROYSETELEM
    return _elements(message, 0, family, table, name, keys, "delete element")


def _said(comment: str) -> bytes:
    """NFTA_SET_ELEM_USERDATA with NFTNL_UDATA_SET_ELEM_COMMENT"""
    if not comment:
        return b""
    data = comment.encode("utf-8", "surrogateescape")[:126] + b"\0"
    return attribute(6, bytes((0, len(data))) + data)


def _elements(
    message: int, flags: int, family: str, table: str, name: str, pairs: Iterable[Pair], verb: str
) -> list[Request]:
    head = _head(family) + _name(1, table) + _name(2, name)
    subject = f"{verb} {family} {table} {name}"
    out: list[Request] = []
    part = bytearray()
    for key, data, comment in pairs:
        # NFTA_LIST_ELEM { NFTA_SET_ELEM_KEY { NFTA_DATA_VALUE }, NFTA_SET_ELEM_DATA { … }, NFTA_SET_ELEM_USERDATA }
        part += nest(1, nest(1, attribute(1, key)) + (nest(2, data) if data is not None else b"") + _said(comment))
        if len(part) > _MOST:
            out.append(Request(_kind(message), flags, head + nest(3, bytes(part)), subject=subject))
            part.clear()
    if part:
        out.append(Request(_kind(message), flags, head + nest(3, bytes(part)), subject=subject))
    return out
