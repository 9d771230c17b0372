"""What can go wrong, as a tree; each error says what, where, why and the fix.

    NetwrightError
    ├── Invalid         the request itself is wrong (a name, a number, a word); nothing was asked of the kernel
    ├── Gone            a namespace, device or file that is not there (any more)
    ├── Conflict        something of that name is there already
    ├── Busy            somebody else holds a lock for too long
    ├── CallFailed      a system call failed (mount, setns, open …): its errno
    └── KernelError     the kernel said no: errno, its own words, the attribute it means
        ├── NotPermitted    EPERM, EACCES: which capability, and how to get it
        ├── NotSupported    EOPNOTSUPP and relatives: which feature of the kernel is missing
        ├── Missing         ENOENT, ENODEV, ESRCH: what the request refers to is not there
        ├── Exists          EEXIST: what the request makes is there already
        └── Refused         every other answer
"""

import errno as _errno
import os as _os


class NetwrightError(Exception):
    """Any error of this package: `what` happened, `why`, and the `fix` (a command where there is one); both may be empty."""

    def __init__(self, what: str, *, why: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what, self.why, self.fix = what, why, fix

    def __str__(self) -> str:
        more = "; ".join(part for part in (self.why, self.fix) if part)
        return f"{self.what}: {more}" if more else self.what


class Invalid(NetwrightError):
    """The request is wrong in itself."""


class Gone(NetwrightError):
    """What was named is not there."""


class Conflict(NetwrightError):
    """What was to be made is there already."""


class Busy(NetwrightError):
    """A lock was not to be had in time."""


class CallFailed(NetwrightError):
    """A system call failed: `errno` says how."""

    def __init__(self, what: str, errno: int, *, why: str = "", fix: str = "") -> None:
        super().__init__(what, why=why, fix=fix)
        self.errno = errno


class KernelError(NetwrightError):
    """The kernel refused: `errno`, its `message` (extended ack, may be empty), the offending `attribute`, its `policy`."""

    def __init__(
        self, errno: int, message: str = "", *, attribute: str = "", policy: str = "", subject: str = "", fix: str = ""
    ) -> None:
        self.errno, self.message, self.attribute, self.policy = errno, message, attribute, policy
        words = message or _os.strerror(errno)
        detail = f" ({attribute}{': ' + policy if policy else ''})" if attribute else ""
        super().__init__(f"{subject + ': ' if subject else ''}{words}{detail}", fix=fix)


class NotPermitted(KernelError):
    """EPERM or EACCES."""


class NotSupported(KernelError):
    """This kernel lacks the feature."""


class Missing(KernelError):
    """What the request refers to is not there."""


class Exists(KernelError):
    """What the request makes is there already."""


class Refused(KernelError):
    """Any other answer of the kernel."""


_KINDS: dict[int, type[KernelError]] = {
    _errno.EPERM: NotPermitted,
    _errno.EACCES: NotPermitted,
    _errno.EOPNOTSUPP: NotSupported,
    _errno.EAFNOSUPPORT: NotSupported,
    _errno.EPROTONOSUPPORT: NotSupported,
    _errno.ENOSYS: NotSupported,
    _errno.ENOENT: Missing,
    _errno.ENODEV: Missing,
    _errno.ESRCH: Missing,
    _errno.EEXIST: Exists,
}


def kernel_error(
    errno: int, message: str = "", *, attribute: str = "", policy: str = "", subject: str = "", fix: str = ""
) -> KernelError:
    """The leaf of the tree that fits `errno`."""
    kind = _KINDS.get(errno, Refused)
    return kind(errno, message, attribute=attribute, policy=policy, subject=subject, fix=fix)
