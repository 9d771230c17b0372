"""A kernel's refusal with the operation it refused, why, and what to do."""

from __future__ import annotations

import errno

from ..errors import KernelError, kernel_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..plan.ops import MessageOp

_FIXES = {
    errno.EPERM: "needs CAP_NET_ADMIN in the user namespace that owns the namespace: run with sudo, or inside unshare -Urnm",
    errno.EEXIST: "it is there already: change it with set(), or delete it first",
    errno.ENODEV: "the device is not there (any more): see links.list()",
    errno.ENETUNREACH: "the gateway is in no network of this namespace: add an address in its network and set the link up",
    errno.ESRCH: "there is nothing like that to delete or change: see list()",
    errno.EADDRNOTAVAIL: "the address is not on that link: see addresses.list()",
    errno.ENETDOWN: "set the link up first",
}


def refused(error: KernelError, op: MessageOp, label: str) -> KernelError:
    """The same error, with its subject and a fix."""
    return kernel_error(
        error.errno,
        error.message,
        attribute=error.attribute,
        policy=error.policy,
        subject=subject(op, label),
        fix=error.fix or _FIXES.get(error.errno, ""),
    )


def subject(op: MessageOp, label: str) -> str:
    """`AddRoute red default via 10.0.0.9`: the operation in one line."""
    header, settings = op.header, op.settings
    prefix = header.get("prefixlen", header.get("dst_len"))
    address = _text(settings.get("local") or settings.get("dst"))
    words = [type(op).__name__, label, settings.get("ifname") or ""]
    if address:
        words.append(f"{address}/{prefix}" if prefix is not None else address)
    elif prefix == 0:
        words.append("default")
    for word, name in (("via", _text(settings.get("gateway"))), ("dev", header.get("index") or settings.get("oif"))):
        if name and not (word == "dev" and "ifname" in settings):
            words.append(f"{word} {name}")
    return " ".join(word for word in words if word)


def _text(address: object) -> str:
    """An address as text, however the operation has it."""
    from ..kernel.inet import ntoa

    return ntoa(address) if isinstance(address, bytes) and len(address) in (4, 16) else str(address or "")
