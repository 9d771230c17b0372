"""The markers: needs_root, needs_kernel("netem", "vlan")."""

from __future__ import annotations

import os

import pytest

from ..errors import Invalid
from ..kernel import probe
from . import rights


def check_markers(item: pytest.Item) -> None:
    """Skip the test when something is missing; --require makes that a failure."""
    if item.get_closest_marker("needs_root") and os.geteuid() != 0:
        _lacking(item.config, "root", f"this test needs root, and this is user {os.geteuid()}")
    for marker in item.iter_markers("needs_kernel"):
        for word in marker.args:
            _check(item.config, word)


def _check(config: pytest.Config, word: str) -> None:
    why_not = rights.obtain(config)
    try:
        answer = probe.ask(word)
    except Invalid as error:
        pytest.fail(f"needs_kernel({word!r}): {error}", pytrace=False)
    if answer.has == probe.NO:
        _lacking(config, word, answer.why)
    elif answer.has == probe.UNKNOWN:
        why = f"could not find out whether this kernel has {word}: {why_not}" if why_not else answer.why
        if word in required(config):
            pytest.fail(why, pytrace=False)
        rights.skip_or_fail(config, why)


def required(config: pytest.Config) -> set[str]:
    """What --require names."""
    return {word.strip() for given in config.getoption("require") for word in given.split(",") if word.strip()}


def _lacking(config: pytest.Config, word: str, why: str) -> None:
    if word in required(config):
        pytest.fail(f"{why} (--require={word})", pytrace=False)
    rights.skip(why)
