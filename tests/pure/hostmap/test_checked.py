"""Files that are nearly maps."""

import copy
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from host_sample import MAP

from netwright.hostmap import checked, plain
from netwright.hostmap.model import HostMap

DOCUMENT = plain.to_plain(MAP)


def changed(path: tuple, value: object) -> HostMap:
    """The sample with something else at a place; what is read before any check."""
    document = copy.deepcopy(DOCUMENT)
    at = document
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return plain.made(HostMap, document)


def test_a_map_is_one() -> None:
    assert list(checked.mistakes(MAP)) == []
    assert list(checked.mistakes(plain.made(HostMap, DOCUMENT))) == []


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("host",), 7, "host is not a text"), (("namespaces", 0, "name"), None, "namespaces[0].name is not a text"),
        (("namespaces", 1, "id"), "1", "namespaces[1].id is there twice"), (("namespaces", 0, "held"), [1], "namespaces[0].held is not a list of [name, number]"),
        (("namespaces", 0, "links", 2, "mtu"), "big", "namespaces[0].links[2].mtu is not a number"),
        (("namespaces", 0, "links", 2, "up"), 1, "namespaces[0].links[2].up is not true or false"),
        (("namespaces", 0, "links", 3, "peer"), ["101"], "namespaces[0].links[3].peer is not [id, device]"),
        (("namespaces", 0, "links", 3, "port"), [7], "namespaces[0].links[3].port is not a list of [name, value]"),
        (("namespaces", 0, "addresses", 0, "address"), 1, "namespaces[0].addresses[0].address is not a text"),
        (("namespaces", 0, "links", 2, "counters"), {"rx_bytes": "x"}, "namespaces[0].links[2].counters.rx_bytes is not a number"),
        (("cables", 0, "one"), ["a"], "cables[0].one is not [id, device]"),
    ],
)  # fmt: skip
def test_what_is_no_map_is_said_with_its_place(path: tuple, value: object, said: str) -> None:
    assert list(checked.mistakes(changed(path, value))) == [said]


def test_every_type_of_the_map_is_known() -> None:
    def below(kind: type) -> set[type]:
        return {kind}.union(*(below(inner) for inner in plain.INNER.get(kind, {}).values()))

    for kind in below(HostMap):
        for name, annotation in kind.__annotations__.items():
            told = annotation if isinstance(annotation, str) else annotation.__name__
            assert told in checked.TYPES or name in plain.INNER.get(kind, {}), f"{kind.__name__}.{name}: {told}"
