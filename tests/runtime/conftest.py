"""Fixtures of the tests with real clients: each client on a private host of its own."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "kernel"))
sys.path.insert(0, str(Path(__file__).with_name("clients")))

import environment  # noqa: F401 - before the sandbox takes its copy of it
from host import until
from sandbox import missing, unavailable


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with the image that all containers are made of."""
    import image as made

    if not made.is_static():
        missing("there is no /bin/busybox that needs no libraries (Debian: busybox-static)")
    path = tmp_path_factory.mktemp("image") / "box.tar"
    made.write(path)
    return path


@pytest.fixture(scope="session")
def clients() -> Iterator[None]:
    """Skips (in CI: fails) where no container can be run; in the end the machine is as it was."""
    if os.getuid() != 0:
        missing("a container runtime needs root")
    if reason := unavailable():
        missing(reason)
    for program, package in (("runc", "runc"), ("nft", "nftables")):
        if shutil.which(program) is None:
            missing(f"{program} is not installed (Debian: {package})")
    before = _traces()
    yield
    until(lambda: not _traces() - before, f"a client left something behind on the machine: {sorted(_traces() - before)}")


def _traces() -> set[str]:
    """What a client could leave on the machine itself: devices, named namespaces, control groups of tests, as their names tell."""
    places = [f"{place}/{name}" for place in ("/sys/class/net", "/run/netns") if os.path.isdir(place) for name in os.listdir(place)]
    return {*places, *(path for path, _, _ in os.walk("/sys/fs/cgroup") if "/netwright-test-" in path)}
