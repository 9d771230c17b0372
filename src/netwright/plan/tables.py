"""What makes one namespace's nftables another's: a table at a time, or only elements of its sets where nothing else differs."""

from . import ops

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..model.nft import Set, Table
    from .ops import Op

    Tables = Mapping[tuple[str, str], Table]


def difference(now: "Tables", want: "Tables", namespace: str) -> "list[Op]":
    """The operations that make `now` into `want`; none when they are equal.

    A table is put as a whole, in one transaction, unless only elements of plain sets and maps differ. The order of a set's
    flags does not count, nor does what packets have added to a dynamic set.
    """
    plan: list[Op] = [ops.DeleteTable(family, name, namespace) for family, name in now if (family, name) not in want]
    for key, table in want.items():
        have = now.get(key)
        if have is None or not _same_but_elements(have, table):
            plan.append(ops.PutTable(table, namespace))
        else:
            plan += _elements(have, table, namespace)
    return plan


def _same_but_elements(have: "Table", want: "Table") -> bool:
    # A chain that is jumped to may stand anywhere, so the order of chains says nothing.
    if have.chains != want.chains or have.sets.keys() != want.sets.keys():
        return False
    return all(_same_set(have.sets[name], what) for name, what in want.sets.items())


def _same_set(have: "Set", want: "Set") -> bool:
    if (have.type, have.data, set(have.flags)) != (want.type, want.data, set(want.flags)):
        return False
    # The kernel refuses an interval beside one that it touches until that one is gone, and any change of a constant set.
    return not _missing_or_surplus(have, want) or not {"interval", "constant"} & set(want.flags)


def _missing_or_surplus(have: "Set", want: "Set") -> bool:
    surplus = set() if "dynamic" in want.flags else have.elements - want.elements
    return bool(surplus or want.elements - have.elements)


def _elements(have: "Table", want: "Table", namespace: str) -> "Iterator[Op]":
    """Deletions first: a key of a map holds one value at a time."""
    for name, what in want.sets.items():
        old = have.sets[name].elements
        gone = () if "dynamic" in what.flags else tuple(sorted(old - what.elements))
        new = tuple(sorted(what.elements - old))
        if gone:
            yield ops.DeleteElements(want.family, want.name, name, gone, namespace)
        if new:
            yield ops.AddElements(want.family, want.name, name, new, namespace)
