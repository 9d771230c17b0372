"""`netns add NAME`"""

from ...plan.ops import AddNamespace
from ..context import Context
from ..exits import LOCAL, Exit


def main(context: Context, words: list[str]) -> int:
    """Make a namespace and its name; extra words are ignored, as ip does."""
    if not words:
        raise Exit(LOCAL, "No netns name specified", fix="nw netns add NAME")
    return context.apply(AddNamespace(words[0]))
