"""What was probably meant by a word that nobody knows."""

import pytest

from netwright.model.meant import did_you_mean


@pytest.mark.parametrize(
    ("word", "known", "said"),
    [
        ("wbe", ["db", "web"], 'did you mean "web"?'),
        ("wbe", {"web": 1}, 'did you mean "web"?'),
        ("front", ("back", "fornt"), 'did you mean "fornt"?'),
        ("x", ["db", "web"], ""),
        ("web", [], ""),
    ],
)
def test_did_you_mean(word: str, known: object, said: str):
    assert did_you_mean(word, known) == said
