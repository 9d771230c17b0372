"""What makes tests/pure quick.

Property tests try a tenth of the examples they say, and eight at least; NETWRIGHT_EXAMPLES=1 or more (`make fuzz`) for a long
search. Every run tries others, so what one run does not find the next may. How long one example takes is never a failure: machines
are busy.

The garbage collector would look at thousands of tests, and at the modules they import, again and again, and find 100 MB in all: it
waits until these tests are over. In a long search it works as ever."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# These tell of the speed of the machine, and of the luck of a search.
CHANCE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
FACTOR = float(os.environ.get("NETWRIGHT_EXAMPLES", "0.1"))
HERE = str(Path(__file__).parent)

settings.register_profile("netwright", settings(), deadline=None, suppress_health_check=CHANCE)
settings.load_profile("netwright")
gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Scale them."""

    def fewer(said: settings) -> settings:
        return settings(said, max_examples=max(8, round(said.max_examples * FACTOR)))

    # Once for each test, which may stand for many items.
    for test in {item.function for item in items if hasattr(item, "function")}:
        if said := getattr(test, "_hypothesis_internal_use_settings", None):
            test._hypothesis_internal_use_settings = fewer(said)
    for walk in {item.cls for item in items if isinstance(getattr(getattr(item, "cls", None), "settings", None), settings)}:
        walk.settings = fewer(walk.settings)


def pytest_collection_finish(session: pytest.Session) -> None:
    """From here on there is garbage."""
    gc.freeze()
    if FACTOR >= 1 or not session.items or not _ours(session.items[0]):
        gc.enable()


def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    if nextitem is None:
        gc.freeze()  # the process ends: what for?
    elif not _ours(nextitem):
        gc.enable()


def _ours(item: pytest.Item | None) -> bool:
    return item is not None and str(item.path).startswith(HERE)
