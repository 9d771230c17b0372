"""Locks between processes."""

from inspect import signature

from netwright.engine.ready import wait_until_ready
from netwright.networks import containers, locks


def test_whoever_waits_has_more_patience_than_who_waits_for_a_carrier_with_the_lock():
    longest = signature(wait_until_ready).parameters["seconds"].default
    assert 1.5 * longest <= locks._PATIENCE
    assert 1.5 * longest <= containers._PATIENCE
