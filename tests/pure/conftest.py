"""How many examples property tests try: a fifth of what they say, so that all of tests/pure is quick; NETWRIGHT_EXAMPLES=1 or more
(`make fuzz`) for a long search. Every run tries others, so what one run does not find the next may."""

import os

import pytest

FACTOR = float(os.environ.get("NETWRIGHT_EXAMPLES", "0.2"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Scale them."""
    from hypothesis import settings

    for item in items:
        test = getattr(item, "function", None)
        said = getattr(test, "_hypothesis_internal_use_settings", None)
        if said is not None:
            test._hypothesis_internal_use_settings = settings(said, max_examples=max(8, round(said.max_examples * FACTOR)))
