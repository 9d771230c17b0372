"""Addresses as /proc/net writes them."""

import sys

import pytest

from netwright.kernel.ports import Owner, _meet, packed, unpacked

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
    assert unpacked(CASES[address]) == address


def test_an_owner_in_words():
    assert [str(Owner(7, "nginx")), str(Owner(0))] == ["process 7 (nginx)", "a process of another user"]


@pytest.mark.parametrize(
    ("socket", "sent_to", "heard"),
    [
        ("0.0.0.0", "", True), ("127.0.0.1", "", True), ("::1", "", True),
        ("127.0.0.1", "0.0.0.0", True), ("::", "0.0.0.0", True), ("::1", "0.0.0.0", False), ("0.0.0.0", "::", False),
        ("127.0.0.1", "192.0.2.1", False), ("0.0.0.0", "192.0.2.1", True), ("::", "192.0.2.1", True), ("0.0.0.0", "fd00::1", False),
        ("fd00::1", "fd00::1", True), ("fd00::2", "fd00::1", False), ("::", "fd00::1", True),
    ],
)  # fmt: skip
def test_who_hears_what_is_sent_to_an_address(socket: str, sent_to: str, heard: bool):
    assert _meet("tcp6" if ":" in socket else "tcp", packed(socket), sent_to) is heard
