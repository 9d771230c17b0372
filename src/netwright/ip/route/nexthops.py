"""`nexthop [via [FAMILY] ADDRESS] [dev NAME] [weight N] [onlink] [realms R] nexthop …`: several ways to one destination."""

from ...model.routing import ONLINK
from ..exits import SYNTAX, Exit, wrong
from ..link.devices import as_setting
from ..words import Words, matches, unsigned
from . import values
from .change import Said, read_gateway

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def read_nexthops(words: Words, said: Said) -> "list[dict[str, Any]]":
    """All nexthops up to the end of the words. Exit 255 for anything else."""
    found = []
    while words.more:
        word = words.next()
        if word != "nexthop":
            raise _expected(word)
        if not words.more:
            raise Exit(SYNTAX, 'Error: unexpected end of line after "nexthop"', fix="nexthop via ADDRESS, or nexthop dev NAME")
        found.append(_one(words, said))
    return found


def _one(words: Words, said: Said) -> "dict[str, Any]":
    hop: dict[str, Any] = {"flags": 0, "hops": 0, "ifindex": 0, "attributes": {}}
    while words.more and _read(words, said, hop):
        pass
    return hop


def _read(words: Words, said: Said, hop: "dict[str, Any]") -> bool:
    """Take one keyword with its value; False when the next word is none."""
    if words.take("via"):
        hop["attributes"].update(read_gateway(words, said))
    elif words.take("dev"):
        hop["ifindex"] = _device(words.next(), said)
    elif words.take("weight"):
        hop["hops"] = _weight(words.next()) - 1
    elif words.take("onlink"):
        hop["flags"] |= ONLINK
    elif matches(words.peek, "realms"):
        words.next()
        hop["attributes"]["flow"] = values.realms(words.next(), '"realm" value is invalid')
    elif words.take("encap"):
        said.read_encapsulation(words)
    elif words.take("as"):
        said.read_new_destination(words)
    else:
        return False
    return True


def _device(name: str, said: Said) -> str | int:
    index = said.context.links.index(name)
    if not index:
        raise Exit(SYNTAX, f'Cannot find device "{name}"\nError: cannot parse nexthop')
    return as_setting(name, index)


def _weight(word: str) -> int:
    weight = unsigned(word)
    if weight is None or not 1 <= weight <= 256:
        raise wrong(word, '"weight" is invalid', why="a number from 1 to 256 belongs here")
    return weight


def _expected(word: str) -> Exit:
    why = "what belongs to the whole route stands before the first nexthop"
    return Exit(
        SYNTAX,
        f'Error: "nexthop" or end of line is expected instead of "{word}"',
        why=why,
        fix=values.similar(word, ["nexthop", "via", "dev", "weight", "onlink", "realms"]),
    )
