"""Texts: made harmless, cut to their room, sorted as people count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.hostmap.drawing.words import cells, clean, cut, escaped, natural


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("eth0", "eth0"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("tab\there", "tab\\x09here"),
        ("left\u202eright", "left\\u202eright"),
        ("half\ud800", "half\\ud800"),
        ("far\U000e0001", "far\\U000e0001"),
        ("名前", "名前"),
    ],
)
def test_clean(text: str, wanted: str):
    assert clean(text) == wanted


@given(st.text())
def test_nothing_escaped_can_act(text: str):
    found = escaped(text)
    assert not set(found) & set("<>\"'")
    assert found.isprintable()
    found.encode()


@given(st.text(), st.integers(0, 40))
def test_cut_keeps_to_its_room(text: str, room: int):
    assert cells(cut(text, room)) <= room
    assert cut(text, room) == text or cells(text) > room


@pytest.mark.parametrize(
    ("text", "room", "wanted"),
    [("project-web-1", 20, "project-web-1"), ("project-web-1", 9, "proj…eb-1"), ("東京大阪", 5, "東…阪"), ("ab", 1, "…"), ("ab", 0, "")],
)
def test_cut(text: str, room: int, wanted: str):
    assert cut(text, room) == wanted


def test_natural_order():
    assert sorted(["c10", "c2", "c", "c1", "b3c2", "b3c10"], key=natural) == ["b3c2", "b3c10", "c", "c1", "c2", "c10"]
