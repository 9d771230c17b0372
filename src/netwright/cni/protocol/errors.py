"""The errors of CNI: a code, what happened (`message`), and what to do about it (`details`)."""

from ...errors import Busy, Gone, Invalid, KernelError, NetwrightError, NotSupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INCOMPATIBLE_VERSION = 1
UNSUPPORTED_FIELD = 2  # the message has the key and the value
UNKNOWN_CONTAINER = 3  # nothing is there, so nothing needs to be cleaned up
INVALID_ENVIRONMENT = 4
IO_FAILURE = 5
DECODING_FAILURE = 6
INVALID_CONFIG = 7
INVALID_NETNS = 8
TRY_AGAIN_LATER = 11
NOT_AVAILABLE = 50  # STATUS: no ADD will work
LIMITED_CONNECTIVITY = 51  # STATUS: no ADD will work, and containers that are there may be cut off
# From 100 on the codes are the plugin's own.
KERNEL_REFUSED = 100
KERNEL_LACKS = 101
CONFLICT = 102  # a name, an address or a port is somebody else's
EXHAUSTED = 103  # no address is left
DELEGATE_FAILED = 104
INTERNAL = 999


class CniError(NetwrightError):
    """What a plugin answers when it cannot: `code`, `message`, and `details` that say what to do. See the codes above."""

    def __init__(self, code: int, message: str, details: str = "") -> None:
        super().__init__(message, why=details)
        self.code, self.message, self.details = code, message, details


def as_cni_error(error: "NetwrightError | OSError") -> CniError:
    """The same error in CNI's words."""
    if isinstance(error, CniError):
        return error
    if isinstance(error, OSError):
        where = f"{error.filename}: " if isinstance(error.filename, str) else ""
        return CniError(IO_FAILURE, f"{where}{error.strerror or error}")
    details = "; ".join(part for part in (error.why, error.fix) if part)
    return CniError(_code(error), error.what, details)


def _code(error: NetwrightError) -> int:
    from ...errors import CallFailed, Conflict, Exists

    error = getattr(error, "error", error)  # PlanFailed: what one of its operations was refused for
    kinds: tuple[tuple[type[NetwrightError] | tuple[type[NetwrightError], ...], int], ...] = (
        (Invalid, INVALID_CONFIG),
        (Busy, TRY_AGAIN_LATER),
        (Gone, UNKNOWN_CONTAINER),
        (CallFailed, IO_FAILURE),
        (NotSupported, KERNEL_LACKS),
        ((Conflict, Exists), CONFLICT),
        (KernelError, KERNEL_REFUSED),
    )
    return next((code for kind, code in kinds if isinstance(error, kind)), INTERNAL)


def as_json(error: CniError, version: str) -> "dict[str, Any]":
    """The document that goes to stdout."""
    document = {"cniVersion": version, "code": error.code, "msg": error.message}
    return document | ({"details": error.details} if error.details else {})
