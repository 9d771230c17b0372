"""Helps of these tests are found, records are on a disk of the test's own, and no kernel is asked what it has."""

import sys
from pathlib import Path

import pytest

from netwright.kernel import probe

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def run_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETWRIGHT_RUN_DIR", str(tmp_path / "run"))


@pytest.fixture(autouse=True)
def kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(probe._answers, "vlan_filtering", probe.Answer("vlan_filtering", probe.YES))
