"""An operation as the `ip` command that a person would type.

One file per object; each has `words(op) -> list[str]` (without `ip` and `-n`). `command(op)` joins them, quoted for a shell.
"""

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..ops import Op

_FILES = {
    "AddNamespace": "netns", "AttachNamespace": "netns", "DeleteNamespace": "netns", "SetNsid": "netns",
    "AddLink": "link", "SetLink": "link", "DeleteLink": "link", "AddAltname": "link", "DeleteAltname": "link",
    "AddAddress": "address", "DeleteAddress": "address", "AddRoute": "route", "DeleteRoute": "route",
    "AddNeighbour": "neighbour", "DeleteNeighbour": "neighbour", "AddRule": "rule", "DeleteRule": "rule",
}  # fmt: skip


def words(op: "Op") -> list[str]:
    """The words of the command behind `ip`: ["-n", "red", "link", "set", …]."""
    module = import_module(f".{_FILES[type(op).__name__]}", __package__)
    own: list[str] = module.words(op)
    namespace = getattr(op, "namespace", "")
    return (["-n", namespace] if namespace else []) + own


def command(op: "Op") -> str:
    """`ip link set dev eth0 up`: to be pasted into a shell."""
    return line(words(op))


def line(arguments: list[str], namespace: str = "") -> str:
    """Words of ip as one line for a shell; `namespace`: where the whole command works."""
    return " ".join(["ip", *map(_quoted, ["-n", namespace] if namespace else []), *map(_quoted, arguments)])


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,=")


def _quoted(word: str) -> str:
    if word and all(c in _PLAIN for c in word):
        return word
    return "'" + word.replace("'", "'\"'\"'") + "'"
