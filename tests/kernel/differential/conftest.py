"""The two programs that the tests of this directory compare."""

import subprocess

import pytest
from differential.twins import Programs, programs
from sandbox import missing


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """The two programs to compare. The oracle is one release: others print other things."""
    version = subprocess.run(["ip", "-V"], capture_output=True, text=True).stdout
    if "iproute2-6.1." not in version:
        missing(f"the oracle is iproute2 6.1, this is {version.strip()}")
    return programs(tmp_path_factory.mktemp("programs"))
