"""Helps of these tests are found, records are on a disk of the test's own, and no kernel is asked what it has."""

import sys
from itertools import count
from pathlib import Path

import pytest

from netwright.kernel import probe

sys.path.insert(0, str(Path(__file__).parent))


NUMBERS = count()


@pytest.fixture(scope="session")
def run_directories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run")


@pytest.fixture(autouse=True)
def run_directory(run_directories: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another for each test. Few write there: nothing is made before."""
    monkeypatch.setenv("NETWRIGHT_RUN_DIR", str(run_directories / str(next(NUMBERS))))


@pytest.fixture(autouse=True)
def kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(probe._answers, "vlan_filtering", probe.Answer("vlan_filtering", probe.YES))
