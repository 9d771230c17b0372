"""What a thread is permitted, and keeping it for the programs that it starts. capabilities(7)"""

from __future__ import annotations

NET_ADMIN = 12
SYS_ADMIN = 21
SETFCAP = 31

_VERSION_3 = 0x20080522  # linux/capability.h
_PR_CAP_AMBIENT = 47  # linux/prctl.h
_PR_CAP_AMBIENT_RAISE = 2


def effective() -> int:
    """The effective capabilities of the calling thread, a bit each. OSError where /proc is not there."""
    with open("/proc/thread-self/status", encoding="ascii", errors="replace") as file:
        return next((int(line[7:], 16) for line in file if line.startswith("CapEff:")), 0)


def has(*numbers: int) -> bool:
    """True when the calling thread has each of these."""
    wanted = sum(1 << number for number in numbers)
    return effective() & wanted == wanted


def keep_for_programs() -> None:
    """Let every program that the calling thread starts have what it is permitted itself. OSError.

    A program that is executed by a user other than root has only its ambient capabilities, and what is raised there must
    be inheritable first.
    """
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable: for the numbers 0 to 31, then from 32 on
    _checked(ctypes, libc.capget(header, data))
    data[2], data[5] = data[1], data[4]
    _checked(ctypes, libc.capset(header, data))
    permitted = data[1] | data[4] << 32
    for number in range(permitted.bit_length()):
        if permitted >> number & 1:
            _checked(ctypes, libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, number, 0, 0))


def _checked(ctypes: object, result: int) -> None:
    if result < 0:
        import os

        number = ctypes.get_errno()  # type: ignore[attr-defined]
        raise OSError(number, os.strerror(number))
