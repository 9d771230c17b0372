"""`--update-golden` writes the golden pictures anew; the difference is what a reviewer reads."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option, unless another directory's tests have it already."""
    try:
        parser.addoption("--update-golden", action="store_true", help="write golden files anew")
    except ValueError:
        pass


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether they are to be written."""
    return bool(request.config.getoption("--update-golden", default=False))
