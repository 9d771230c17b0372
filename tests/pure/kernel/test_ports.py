"""Addresses as /proc/net writes them."""

import sys

import pytest

from netwright.kernel.ports import Owner, packed

CASES = {
    "127.0.0.1": "0100007F",
    "0.0.0.0": "00000000",
    "192.0.2.7": "070200C0",
    "::": "0" * 32,
    "::1": "00000000000000000000000001000000",
    "2001:db8::1": "B80D0120000000000000000001000000",
}


@pytest.mark.skipif(sys.byteorder != "little", reason="the cases are those of a little-endian machine")
@pytest.mark.parametrize("address", CASES)
def test_an_address_in_the_words_of_proc(address: str):
    assert packed(address) == CASES[address]


def test_an_owner_in_words():
    assert [str(Owner(7, "nginx")), str(Owner(0))] == ["process 7 (nginx)", "a process of another user"]
