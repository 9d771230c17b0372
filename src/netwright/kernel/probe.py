"""Has this kernel X? It is tried, in a network namespace made for it, and there are three answers: yes, no, could not find out.

X is a kind of link ("vlan"), a queueing discipline ("netem"), "nftables", or "vlan_filtering" of bridges. Neither the kernel's
configuration nor /proc/modules is read: a module that is loaded when it is first needed counts.
"""

from __future__ import annotations

import errno
import os

from ..errors import Invalid, KernelError
from ..model.kinds import MODULES
from ..model.value import value
from .netlink import CREATE, EXCL, Netlink
from .spaces import run_apart
from .syscalls import CLONE_NEWNET, unshare

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

YES, NO, UNKNOWN = "yes", "no", "unknown"
_ROOT, _INGRESS = 0xFFFFFFFF, 0xFFFFFFF1
_TUNSETIFF, _IFF_TAP_NO_PI = 0x400454CA, 0x1002


@value
class Answer:
    """`has` is yes, no or unknown; `why` says what is missing, or why it could not be found out."""

    word: str
    has: str
    why: str = ""


_answers: dict[str, Answer] = {}


def words() -> tuple[str, ...]:
    """Everything that can be asked for."""
    from .tc_kinds import _OTHERS, KINDS

    # teql is loaded by hand as a device; there is no adding it to one.
    return tuple(sorted({*MODULES, *KINDS, *_OTHERS, *_FEATURES} - {"teql"}))


def ask(word: str) -> Answer:
    """The answer for one word; yes and no are remembered. Invalid for a word that nobody knows, with the nearest one."""
    if word not in _answers:
        if word not in words():
            from ..model.meant import did_you_mean

            fix = did_you_mean(word, words()) or "known are: " + ", ".join(words())
            raise Invalid(f'"{word}" is nothing that a kernel is known to have or to lack', fix=fix)
        answer = _tried(word)
        if answer.has == UNKNOWN:
            return answer
        _answers[word] = answer
    return _answers[word]


def _tried(word: str) -> Answer:
    work = _FEATURES.get(word) or (_link if word in MODULES else _queue)

    def body() -> str:
        unshare(CLONE_NEWNET)
        return work(word)

    try:
        missing = run_apart(body)
    except (OSError, KernelError) as error:
        why = "making a network namespace needs CAP_SYS_ADMIN" if error.errno == errno.EPERM else str(error)
        return Answer(word, UNKNOWN, f"could not find out whether this kernel has {word}: {why}")
    return Answer(word, NO, missing) if missing else Answer(word, YES)


# -- each gives what is missing, "" when nothing is ------------------------------------------------------------------------


def _link(kind: str) -> str:
    """A kind that is known complains about what it was not given, or is made; only an unknown one is "not supported"."""
    from . import rtnl
    from .kinds import why_not

    if kind == "tun":
        return _tun(why_not(kind))
    with Netlink() as netlink:
        lower = {"index": 0}
        if kind != "veth":
            _made(netlink, "veth", "lower", {})
            lower = {"index": rtnl.link_by_name(netlink, "lower")["index"]}  # type: ignore[index]
        try:
            _made(netlink, kind, "probe", {"link": lower["index"]} if lower["index"] else {})
        except KernelError as error:
            return why_not(kind) if error.errno == errno.EOPNOTSUPP else ""
    return ""


def _made(netlink: Netlink, kind: str, name: str, more: dict[str, int]) -> None:
    from . import rtnl

    netlink.request(rtnl.LINK.request(rtnl.NEWLINK, CREATE | EXCL, {}, {"ifname": name, "linkinfo": {"kind": kind}, **more}))


def _tun(missing: str) -> str:
    import fcntl
    from struct import pack

    try:
        fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
            return f"{missing}, or this machine has no /dev/net/tun"
        raise
    try:
        fcntl.ioctl(fd, _TUNSETIFF, pack("16sH22x", b"probe", _IFF_TAP_NO_PI))
    finally:
        os.close(fd)
    return ""


def _queue(kind: str) -> str:
    """At a place of the device itself ENOENT can only mean that nobody knows the kind."""
    from .tc import why_not
    from .tc_layouts import NEWQDISC, TC

    with Netlink() as netlink:
        parent = _INGRESS if kind in ("ingress", "clsact") else _ROOT
        try:
            netlink.request(TC.request(NEWQDISC, CREATE | EXCL, {"index": 1, "parent": parent}, {"kind": kind}))
        except KernelError as error:
            return why_not(kind) if error.errno == errno.ENOENT else ""
    return ""


def _nftables(_: str) -> str:
    from .nfnetlink import Nfnetlink, tables
    from .process import is_there

    try:
        with Nfnetlink() as netlink:
            tables(netlink)
    except KernelError as error:
        if error.errno in (errno.EPROTONOSUPPORT, errno.EINVAL, errno.EOPNOTSUPP):
            return "this kernel lacks CONFIG_NF_TABLES (nftables)"
        raise
    return "" if is_there("nft") else "there is no nft program in PATH (package nftables)"


def _vlan_filtering(_: str) -> str:
    from . import bridge_vlan, rtnl

    with Netlink() as netlink:
        _made(netlink, "bridge", "probe", {})
        link = rtnl.link_by_name(netlink, "probe")
        assert link is not None
        try:
            bridge_vlan.add(netlink, link["index"], 2, "", True)
        except KernelError as error:
            if error.errno == errno.EOPNOTSUPP:
                return f"this kernel lacks {bridge_vlan.OPTION} (VLANs of bridges)"
            raise
    return ""


_FEATURES: dict[str, Callable[[str], str]] = {"nftables": _nftables, "vlan_filtering": _vlan_filtering}
