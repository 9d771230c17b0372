"""A system call by its number, for those that neither Python nor our extension has. syscall(2)

The numbers above 423 are the same on every architecture but Alpha and MIPS, where such a call is one that does not exist (ENOSYS).
"""

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)


def syscall(number: int, *arguments: "int | bytes | bytearray") -> int:
    """Its result. A bytearray is written to. OSError when it fails."""
    return _checked(_libc.syscall(ctypes.c_long(number), *map(_argument, arguments)))


def open_by_handle_at(mount: int, handle: bytes, flags: int) -> int:
    """open_by_handle_at(2); its number is not the same everywhere, but the C library has it. OSError when it fails."""
    return _checked(_libc.open_by_handle_at(mount, ctypes.c_char_p(handle), flags))


def _checked(found: int) -> int:
    if found < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return found


def _argument(given: "int | bytes | bytearray") -> object:
    if isinstance(given, bytearray):
        return (ctypes.c_char * len(given)).from_buffer(given)
    return ctypes.c_char_p(given) if isinstance(given, bytes) else ctypes.c_long(given)
