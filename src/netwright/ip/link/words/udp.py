"""Options that vxlan and geneve have in common: both carry frames in UDP."""

from ...exits import wrong
from ...words import unsigned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .options import One

_MOST_NETWORKS = 1 << 24
_MOST_LABELS = 1 << 20
DF = ("unset", "set", "inherit")


def vni(one: "One") -> None:
    """A network's number, 24 bits."""
    text = one.words.next()
    found = unsigned(text)
    if found is None or found >= _MOST_NETWORKS:
        raise wrong(text, "invalid id", why="a network identifier is a number from 0 to 16777215")
    one.values[one.field] = found


def hops(text: str) -> int:
    """A TTL, 0 to 255."""
    found = unsigned(text)
    if found is None:
        raise wrong(text, "invalid TTL", why="a number from 1 to 255, auto or inherit belongs here")
    if found > 255:
        raise wrong(text, "TTL must be <= 255")
    return found


def tos(one: "One") -> None:
    """A name of /etc/iproute2/rt_dsfield, a number in hex, or inherit."""
    one.values[one.field] = type_of_service(one.words.next())


def type_of_service(text: str) -> int:
    """The number of a TOS; 1 for inherit."""
    from ...tables import table

    if text == "inherit":
        return 1
    named = [number for number, name in table("rt_dsfield").items() if name == text]
    found = named[0] if named else unsigned(text, 16, bits=8)
    if found is None:
        raise wrong(text, "bad TOS value", why="a number in hex from 0 to ff, or a name of /etc/iproute2/rt_dsfield")
    return found


def df(one: "One") -> None:
    """Whether the don't-fragment bit is set outside."""
    text = one.words.next()
    if text not in DF:
        raise wrong(text, "DF must be 'unset', 'set' or 'inherit'")
    one.values[one.field] = DF.index(text)


def label(one: "One") -> None:
    """An IPv6 flow label, 20 bits."""
    text = one.words.next()
    found = unsigned(text)
    if found is None or found >= _MOST_LABELS:
        raise wrong(text, "invalid flowlabel", why="a flow label is a number from 0 to 1048575")
    one.values[one.field] = found
