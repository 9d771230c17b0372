"""Options that make no sense, told before anything is done."""

from __future__ import annotations

import os

import pytest


def check_usage(config: pytest.Config) -> None:
    """UsageError for what cannot work."""
    mode = config.getini("netwright")
    if mode not in ("auto", "off"):
        raise pytest.UsageError(f"netwright = {mode}: it is auto or off")
    from . import distributes

    for option in ("lab_keep", "lab_shell_on_fail"):
        if config.getoption(option) not in (None, False) and distributes(config):
            raise pytest.UsageError(f"--{option.replace('_', '-')} needs the labs in this process: leave -n out (or give -n0)")
    host = config.getoption("lab_shell_on_fail")
    if host and os.path.exists(host.partition("::")[0]):
        raise pytest.UsageError(f"--lab-shell-on-fail took {host} for the name of a host: write --lab-shell-on-fail=HOST, or put it behind the files")
    _check_required(config)


def _check_required(config: pytest.Config) -> None:
    from ..kernel import probe
    from .needs import required

    known = {*probe.words(), "root"}
    for word in sorted(required(config) - known):
        from difflib import get_close_matches

        close = get_close_matches(word, known, 1)
        raise pytest.UsageError(f"--require={word}: nobody knows that" + (f', did you mean "{close[0]}"?' if close else f"; known are {', '.join(sorted(known))}"))
