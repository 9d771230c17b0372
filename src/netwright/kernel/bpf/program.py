"""A program for the kernel: put together, loaded, run once. bpf(2), linux/bpf.h

Only what a walk over the kernel's own lists takes: calls of helpers, loads, stores, one map for the result.
"""

from __future__ import annotations

import ctypes
import os
from struct import Struct

from .._syscall import syscall

_NUMBERS = {"x86_64": 321, "aarch64": 280, "riscv64": 280, "loongarch64": 280, "s390x": 351, "ppc64le": 361}
_MAP_CREATE, _MAP_LOOKUP, _PROG_LOAD, _TEST_RUN = 0, 1, 5, 10
_ARRAY, _RAW_TRACEPOINT = 2, 17
_INSTRUCTION = Struct("=BBhi")
_LOOKUP_ELEM, CURRENT_TASK, READ_KERNEL = 1, 35, 113


def _bpf(command: int, attributes: bytes) -> int:
    machine = os.uname().machine
    if machine not in _NUMBERS:
        raise OSError(38, os.strerror(38))
    room = bytearray(attributes.ljust(144, b"\0"))
    return syscall(_NUMBERS[machine], command, room, len(room))


class Code:
    """Instructions, one after the other. Registers by number: 0 the result of a call, 1-5 its arguments, 6-9 kept, 10 the stack."""

    def __init__(self) -> None:
        self._code: list[bytes] = []

    def _add(self, operation: int, to: int = 0, source: int = 0, offset: int = 0, number: int = 0) -> Code:
        self._code.append(_INSTRUCTION.pack(operation, to | source << 4, offset, number))
        return self

    def copy(self, to: int, source: int) -> Code:
        """to = source"""
        return self._add(0xBF, to, source)

    def put(self, to: int, number: int) -> Code:
        """to = number"""
        return self._add(0xB7, to, number=number)

    def add(self, to: int, number: int) -> Code:
        """to += number"""
        return self._add(0x07, to, number=number)

    def load(self, to: int, source: int, offset: int) -> Code:
        """to = 8 bytes at source + offset"""
        return self._add(0x79, to, source, offset)

    def store(self, to: int, offset: int, source: int) -> Code:
        """8 bytes at to + offset = source"""
        return self._add(0x7B, to, source, offset)

    def store_word(self, to: int, offset: int, number: int) -> Code:
        """4 bytes at to + offset = number"""
        return self._add(0x62, to, 0, offset, number)

    def call(self, helper: int) -> Code:
        """A helper of the kernel."""
        return self._add(0x85, number=helper)

    def skip_unless_zero(self, register: int, count: int) -> Code:
        """Go on `count` instructions later when it is not 0."""
        return self._add(0x55, register, 0, count, 0)

    def end(self) -> Code:
        """Return 0."""
        return self.put(0, 0)._add(0x95)

    def map_value(self, fd: int) -> Code:
        """register 0 = the room for results; the program ends where there is none."""
        self._add(0x18, 1, 1, number=fd)._add(0)
        self.store_word(10, -4, 0).copy(2, 10).add(2, -4).call(_LOOKUP_ELEM)
        return self.skip_unless_zero(0, 2).end()

    def extend(self, other: Code) -> Code:
        """The other's instructions."""
        self._code += other._code
        return self

    def __len__(self) -> int:
        return len(self._code)

    def bytes(self) -> bytes:
        """What the kernel takes."""
        return b"".join(self._code)


class Room:
    """A map with one value of `size` bytes, in which a program leaves what it found. OSError."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.fd = _bpf(_MAP_CREATE, Struct("=IIIII").pack(_ARRAY, 4, size, 1, 0))

    def read(self) -> bytes:
        """What is in it."""
        key, value = ctypes.create_string_buffer(4), ctypes.create_string_buffer(self.size)
        _bpf(_MAP_LOOKUP, Struct("=IIQQQ").pack(self.fd, 0, ctypes.addressof(key), ctypes.addressof(value), 0))
        return value.raw

    def close(self) -> None:
        """Let go of it."""
        os.close(self.fd)


def loaded(code: Code) -> int:
    """The file of a program that `run` can run. OSError: EPERM without CAP_BPF and CAP_PERFMON, EACCES when the kernel finds fault
    with it."""
    text = code.bytes()
    instructions, license = ctypes.create_string_buffer(text, len(text)), ctypes.create_string_buffer(b"GPL")
    head = Struct("=IIQQIIQ").pack(_RAW_TRACEPOINT, len(code), ctypes.addressof(instructions), ctypes.addressof(license), 0, 0, 0)
    return _bpf(_PROG_LOAD, head)


def run(program: int, argument: int) -> None:
    """Run it once, now, in this process; `argument` is the first word of its context. OSError."""
    context = (ctypes.c_uint64 * 12)(argument)
    _bpf(_TEST_RUN, Struct("=IIIIQQIIIIQQII").pack(program, 0, 0, 0, 0, 0, 0, 0, 96, 0, ctypes.addressof(context), 0, 0, 0))
