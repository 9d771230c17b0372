"""`type ipvlan` and `type ipvtap`: a mode and at most one flag."""

from ....model.kinds.ipvlan import FLAGS, MODES
from ...exits import LOCAL, Exit, Usage
from ...words import matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...words import Words
    from ..command import Command


def read(kind: str, words: "Words", command: "Command") -> "dict[str, Any]":
    """The attributes of an ipvlan; the flags are always told, as ip does."""
    values: dict[str, Any] = {"flags": 0}
    flag_given = False
    while words.more:
        word = words.next()
        flag = next((name for name in FLAGS if matches(word, name)), "")
        if matches(word, "mode"):
            values["mode"] = _mode(words.next())
        elif flag and not flag_given:
            values["flags"], flag_given = FLAGS[flag], True
        elif matches(word, "help"):
            raise Usage("link", LOCAL)
        else:
            fix = "only one of bridge, private, vepa may be given" if flag else "mode l2|l3|l3s, bridge, private or vepa"
            raise Exit(LOCAL, f'{kind}: unknown option "{word}"?', fix=fix)
    return values


def _mode(text: str) -> int:
    if text not in MODES:
        raise Exit(LOCAL, 'Error: argument of "mode" must be either "l2", "l3" or "l3s"')
    return MODES.index(text)
