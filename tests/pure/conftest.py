"""What makes tests/pure quick.

Property tests try a tenth of the examples they say; NETWRIGHT_EXAMPLES=1 or more (`make fuzz`) for a long search. Every run tries
others, so what one run does not find the next may. How long one example takes is never a failure: machines are busy.

The thousands of tests and the modules they import stay to the end: the garbage collector need not look at them again and again."""

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

# These tell of the speed of the machine, and of the luck of a search.
CHANCE = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
FACTOR = float(os.environ.get("NETWRIGHT_EXAMPLES", "0.1"))

settings.register_profile("netwright", settings(), deadline=None, suppress_health_check=CHANCE)
settings.load_profile("netwright")
gc.disable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Scale them."""

    def fewer(said: settings) -> settings:
        return settings(said, max_examples=max(8, round(said.max_examples * FACTOR)))

    for item in items:
        test = getattr(item, "function", None)
        if said := getattr(test, "_hypothesis_internal_use_settings", None):
            test._hypothesis_internal_use_settings = fewer(said)
    for walk in {item.cls for item in items if isinstance(getattr(getattr(item, "cls", None), "settings", None), settings)}:
        walk.settings = fewer(walk.settings)


def pytest_collection_finish() -> None:
    """From here on there is garbage."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()
