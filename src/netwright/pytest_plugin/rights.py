"""The right to make network namespaces: as root there is nothing to do, else this process goes into a user namespace.

That is possible only while there is one thread: at the end of collection; with xdist before the workers are started, which
inherit it. The process keeps its user, its files and its network; see docs/pytest.md for what is different.
"""

from __future__ import annotations

import os

import pytest

from ..errors import NetwrightError
from ..kernel import userns
from ..kernel.syscalls import CLONE_NEWNET, setns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from ..kernel.lacks import Lack

_WHY_NOT = pytest.StashKey[str]()
_HOW = "labs need root or a user namespace"


def obtain(config: pytest.Config) -> str:
    """See that labs can be made; "" when they can, else why not. It is tried once."""
    if _WHY_NOT not in config.stash:
        config.stash[_WHY_NOT] = _tried(config)
    return config.stash[_WHY_NOT]


def _tried(config: pytest.Config) -> str:
    if userns.capable():
        return ""
    if config.getini("netwright") == "off":
        return f"{_HOW}, and netwright = off keeps this process from going into one"
    if hasattr(config, "workerinput"):
        return f"{_HOW}: {_words(userns.preflight()) or 'the process that started the workers got none (was it started with -p no:netwright?)'}"
    try:
        userns.gain()
    except NetwrightError as error:
        return f"{_HOW}: {_words(userns.preflight()) or error}"
    return ""


def _words(lacks: tuple[Lack, ...]) -> str:
    return "; ".join(map(str, lacks))


def insist(config: pytest.Config) -> None:
    """Go on only where labs can be made: else the test is skipped, or fails where that may not be."""
    why_not = obtain(config)
    if why_not:
        skip_or_fail(config, why_not)


def skip_or_fail(config: pytest.Config, why: str) -> None:
    """Skip; fail with --require-netwright, and on a CI machine, where a skip would be seen by nobody."""
    if config.getoption("require_netwright") or os.environ.get("CI", "").lower() not in ("", "0", "false"):
        pytest.fail(why, pytrace=False)
    skip(why)


def skip(why: str) -> NoReturn:
    """pytest.skip, told at the test's own line."""
    raise pytest.skip.Exception(why, _use_item_location=True)


_stranded: list[bool] = []


def stranded() -> bool:
    """Whether a thread that leaves this network may not come back: it belongs to another user namespace than ours."""
    if not _stranded:
        fd = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            setns(fd, CLONE_NEWNET)
            _stranded.append(False)
        except PermissionError:
            _stranded.append(True)
        finally:
            os.close(fd)
    return _stranded[0]
