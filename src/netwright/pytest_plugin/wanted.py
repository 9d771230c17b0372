"""Which tests want labs; and the labs that stand now."""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .labs import Labs

FIXTURES = ("lab", "module_lab", "netns")
LIVE: pytest.StashKey[list[Labs]] = pytest.StashKey()


def wants_namespaces(item: pytest.Item) -> bool:
    """Whether the test will need the right to make namespaces."""
    return uses_labs(item) or item.get_closest_marker("needs_kernel") is not None


def uses_labs(item: pytest.Item) -> bool:
    """Whether one of the fixtures that the test uses, itself or through others, is ours; somebody else's may be called the same."""
    names = set(getattr(item, "fixturenames", ())).intersection(FIXTURES)
    return bool(names) and any(_is_ours(item, name) for name in names)


def _is_ours(item: pytest.Item, name: str) -> bool:
    """The last definition of a name is the one in use; it may ask for the one that it overrides."""
    found: Any = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {}).get(name, ())
    for definition in reversed(found):
        if definition.func.__module__ == __package__:
            return True
        if name not in definition.argnames:
            return False
    return False
