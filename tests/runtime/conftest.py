"""Fixtures of the tests with real clients: each client on a private host of its own."""

import os
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "kernel"))
sys.path.insert(0, str(Path(__file__).with_name("clients")))

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
def clients() -> None:
    """Skips (in CI: fails) where no container can be run."""
    if os.getuid() != 0:
        missing("a container runtime needs root")
    if reason := unavailable():
        missing(reason)
    for program, package in (("runc", "runc"), ("nft", "nftables")):
        if shutil.which(program) is None:
            missing(f"{program} is not installed (Debian: {package})")
