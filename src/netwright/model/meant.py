"""What was probably meant by a word that nobody knows."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(word: str, known: "Iterable[str]") -> str:
    """The question about the known word that is most like it; "" when none is.

    >>> did_you_mean("wbe", ["db", "web"]), did_you_mean("x", ["db", "web"])
    ('did you mean "web"?', '')
    """
    from difflib import get_close_matches  # only errors pay for it

    close = get_close_matches(word, list(known), 1)
    return f'did you mean "{close[0]}"?' if close else ""
