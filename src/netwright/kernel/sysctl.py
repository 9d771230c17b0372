"""Settings of a network namespace, below /proc/sys/net: `sysctl -n KEY`, `sysctl -w KEY=VALUE`.

/proc/sys/net shows the namespace of the thread that opens a file there, so one short-lived thread goes in and does all that is
asked of one namespace. Keys are as in sysctl(8): dots between names, a slash for a dot inside of a name
(`net.ipv4.conf.eth0/1.rp_filter` is that of the device eth0.1). Words of a value are separated by one tab.
Files that this namespace does not have belong to the whole machine, or to a feature that the kernel was built without.
"""

from __future__ import annotations

import os
from errno import EACCES, EINVAL, EIO, ENOENT, ENOTDIR, EPERM, ERANGE, EROFS

from ..errors import CallFailed, Invalid, NetwrightError, NotPermitted
from ..model.value import value
from .spaces import run_there

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import TypeVar

    T = TypeVar("T")

_TOP = "/proc/sys"
_ROOM = 1 << 16
# There, but with nothing to read: no such file, write-only (route.flush), not set yet (stable_secret).
_ABSENT = (ENOENT, ENOTDIR)
_UNREADABLE = (*_ABSENT, EACCES, EPERM, EIO)
_MACHINE = "it is one for the whole machine"


def path_of(key: str) -> str:
    """The file of a key. Invalid for one that is not below net.

    >>> path_of("net.ipv4.conf.eth0/1.rp_filter")
    '/proc/sys/net/ipv4/conf/eth0.1/rp_filter'
    """
    parts = [part.replace("/", ".") for part in key.split(".")]
    if parts[0] != "net" or len(parts) < 2:
        raise Invalid(f'"{key}" is no setting of a namespace', why="these begin with net.", fix="for example net.ipv4.ip_forward")
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise Invalid(f'"{key}" is no key of a setting', why="between its dots are the names of files", fix="a dot inside a name is written as /")
    return "/".join([_TOP, *parts])


def normal(text: str) -> str:
    """A value with one tab between its words."""
    return "\t".join(text.split())


def read(inside: int, keys: Iterable[str]) -> dict[str, str]:
    """The values of keys in the namespace of the fd `inside`; a key that is not there, or cannot be read, is left out.

    Invalid for what is no key; CallFailed when the namespace cannot be entered.
    """
    paths = _paths(keys)

    def work() -> dict[str, str]:
        found = {key: _text(path) for key, path in paths.items()}
        return {key: text for key, text in found.items() if text is not None}

    return _inside(inside, work)


def _text(path: str) -> str | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return normal(os.read(fd, _ROOM).decode("utf-8", "surrogateescape"))
        finally:
            os.close(fd)
    except OSError as error:
        if error.errno in _UNREADABLE:
            return None
        raise


def write(inside: int, values: Mapping[str, str]) -> None:
    """Set keys in the namespace of the fd `inside`. All of them are opened before the first is written.

    Invalid (no such key, or a value that it does not take; all mistakes at once), NotPermitted, CallFailed.
    """
    paths = _paths(values)
    problems = _inside(inside, lambda: _written(paths, values))
    if problems:
        raise _joined([_explained(problem, paths[problem.key], values[problem.key]) for problem in problems])


@value
class Problem:
    """A key that could not be set: the errno, and what was seen while still inside.

    `writable` by its mode; `above`, `missing` and `siblings`: the nearest directory, the name that is not there, those that are.
    """

    key: str
    errno: int
    writable: bool = True
    above: str = ""
    missing: str = ""
    siblings: tuple[str, ...] = ()


def _written(paths: Mapping[str, str], values: Mapping[str, str]) -> list[Problem]:
    files: dict[str, int] = {}
    problems: list[Problem] = []
    try:
        for key, path in paths.items():
            try:
                files[key] = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
            except OSError as error:
                problems.append(_seen(key, path, error.errno or 0))
        for key, fd in files.items() if not problems else ():
            try:
                # In one piece: the kernel takes each write for a whole value.
                os.write(fd, values[key].encode("utf-8", "surrogateescape") + b"\n")
            except OSError as error:
                problems.append(Problem(key, error.errno or 0))
    finally:
        for fd in files.values():
            os.close(fd)
    return problems


def _seen(key: str, path: str, number: int) -> Problem:
    if number not in _ABSENT:
        return Problem(key, number, bool(os.stat(path).st_mode & 0o222) if os.path.exists(path) else True)
    above, _, missing = path.rpartition("/")
    while not os.path.isdir(above):
        above, _, missing = above.rpartition("/")
    try:
        return Problem(key, number, True, above, missing, tuple(sorted(os.listdir(above))))
    except OSError:
        return Problem(key, number, True, above, missing)


# -- what went wrong -----------------------------------------------------------------------------------------------------------


def _explained(problem: Problem, path: str, text: str) -> NetwrightError:
    key, number = problem.key, problem.errno
    if problem.above:
        return _unknown(problem, path)
    if number in (EACCES, EPERM, EROFS):
        return NotPermitted(number, subject=f"cannot set {key}", fix=_who_may(problem, path))
    if number in (EINVAL, ERANGE, ENOENT):  # ENOENT: net.ipv4.tcp_congestion_control, of an algorithm
        return Invalid(f'{key} does not take "{text}"', why=os.strerror(number), fix=f"see it with: sysctl {key}")
    return CallFailed(f'cannot set {key} to "{text}": {os.strerror(number)}', number)


def _unknown(problem: Problem, path: str) -> Invalid:
    from difflib import get_close_matches

    key, above, missing = problem.key, problem.above, problem.missing
    if above.endswith(("/ipv4/conf", "/ipv6/conf", "/ipv4/neigh", "/ipv6/neigh")):
        return Invalid(f"there is no {key}", why=f"this namespace has no device {missing}", fix="it has " + ", ".join(problem.siblings))
    if os.path.exists(path):
        return Invalid(f"there is no {key} in this namespace", why=_MACHINE, fix=f"sudo sysctl -w {key}=…")
    names = [name for name in get_close_matches(missing, problem.siblings, 3) if name != missing]
    near = [f"{above}/{name}" + path.removeprefix(f"{above}/{missing}") for name in names]
    return Invalid(f"this kernel has no such setting: {key}", fix=f"did you mean {' or '.join(map(key_of, near))}?" if near else "")


def key_of(path: str) -> str:
    """The key of a file: the opposite of `path_of`."""
    return ".".join(part.replace(".", "/") for part in path.removeprefix(_TOP + "/").split("/"))


def _who_may(problem: Problem, path: str) -> str:
    if problem.errno == EROFS:
        return "/proc/sys is mounted read-only here (as in most containers)"
    if not problem.writable:
        # Read-only in a namespace, and not where we come from: the limits of net.core show everywhere.
        elsewhere = os.path.exists(path) and os.stat(path).st_mode & 0o222
        return f"{_MACHINE}: sudo sysctl -w {problem.key}=…" if elsewhere else "it can only be read here"
    return "this needs CAP_NET_ADMIN in the user namespace that owns the namespace"


def _joined(errors: list[NetwrightError]) -> NetwrightError:
    if len(errors) == 1:
        return errors[0]
    return Invalid(f"{len(errors)} settings are refused", why="; ".join(map(str, errors)))


# -- there and back ------------------------------------------------------------------------------------------------------------


def _paths(keys: Iterable[str]) -> dict[str, str]:
    paths, wrong = {}, []
    for key in keys:
        try:
            paths[key] = path_of(key)
        except Invalid as error:
            wrong.append(error)
    if wrong:
        raise _joined([*wrong])
    return paths


def _inside(inside: int, work: Callable[[], T]) -> T:
    try:
        return run_there(inside, work)
    except OSError as error:
        raise CallFailed(f"cannot reach the settings of the namespace: {error.strerror}", error.errno or 0) from None
