"""Fixtures of the kernel tests. Every one of them works in a Sandbox: the machine's own network is never touched."""

import os
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sandbox import Sandbox, missing, unavailable

NETNS_DIRECTORY = Path("/run/netns")


def _traces() -> dict[str, list[str]]:
    """What a test could leave behind on the machine."""
    return {
        "names in /run/netns": sorted(os.listdir(NETNS_DIRECTORY)) if NETNS_DIRECTORY.is_dir() else [],
        "devices": sorted(os.listdir("/sys/class/net")),
        "own namespaces": [os.readlink(f"/proc/self/ns/{kind}") for kind in ("mnt", "net", "user")],
        "child processes": _children(),
    }


def _children() -> list[str]:
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:  # there is none, which is quicker to find out than who they are
        return []
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                # The names of other people's processes may be any bytes.
                stat = Path(entry.path, "stat").read_text(errors="surrogateescape")
            except (FileNotFoundError, ProcessLookupError):
                continue
            name, _, rest = stat.rpartition(")")
            if int(rest.split()[1]) == os.getpid():
                found.append(name)
    return sorted(found)


@pytest.fixture(scope="session", autouse=True)
def namespaces() -> None:
    """Skips (in CI: fails) all kernel tests where no sandbox can be made."""
    reason = unavailable()
    if reason:
        missing(reason)


@pytest.fixture
def no_leak() -> Iterator[None]:
    """Nothing of what a test does may be seen outside of its sandboxes."""
    before = _traces()
    yield
    deadline = time.monotonic() + 20.0
    while (after := _traces()) != before and time.monotonic() < deadline:
        select.select([], [], [], 0.05)  # what is going away, or is somebody else's, may need a moment
    assert after == before, "the test left something behind on the machine"


@pytest.fixture
def sandbox(no_leak: None) -> Iterator[Sandbox]:
    """A fresh sandbox for one test."""
    with Sandbox() as box:
        yield box
