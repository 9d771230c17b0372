"""Mistakes of a network or a connection, told with the options whose words they are."""

from contextlib import contextmanager

from ..model.value import replace
from ..networks.mistakes import Mistake, Mistakes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_OPTIONS = {
    "name": "NAME", "container": "CONTAINER", "subnet": "--subnet", "subnets": "--subnet", "network": "--subnet", "reserved": "--reserve",
    "servers": "--dns", "trusted": "--trust", "macvlan_mode": "--mode", "labels": "--label", "icc": "--no-icc", "addresses": "--ip",
    "mac": "--mac-address", "aliases": "--alias",
}  # fmt: skip
_SAME = (
    "driver", "gateway", "range", "reserve", "mtu", "device", "parent", "domain", "search", "allow", "bind", "ingress", "egress", "label",
    "interface", "publish",
)  # fmt: skip

_RATES = ("ingress", "egress")  # they are read as -o would be


@contextmanager
def as_options() -> "Iterator[None]":
    """Mistakes that come out of here have an option in the place of a path."""
    try:
        yield
    except Mistakes as error:
        raise Mistakes(replace(problem, path=(option(problem.path),)) for problem in error.problems) from None


@contextmanager
def gathered(wrong: "list[Mistake]", before: str = "") -> "Iterator[None]":
    """Mistakes that come out of here go into the list. `before`: the option of which the path is the word."""
    try:
        yield
    except Mistakes as error:
        wrong += (replace(problem, path=(f"{before} {problem.path[0]}",)) if before else problem for problem in error.problems)


def option(path: "tuple[str | int, ...]") -> str:
    """`--subnet` of ("subnets", 0, "network"); what is no field's name stays as it is."""
    words = [part for part in path if isinstance(part, str)]
    if words[:1] == ["option"]:
        return f"--{words[-1]}" if words[-1] in _RATES else f"-o {words[-1]}"
    found = (_OPTIONS.get(word, f"--{word}" if word in _SAME else "") for word in reversed(words))
    return next((one for one in found if one), words[-1] if words else "")
