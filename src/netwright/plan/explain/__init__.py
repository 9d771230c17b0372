"""An operation as the command that a person would type, as an English sentence, as JSON; a plan as a shell script.

One file per object; those of ip, bridge and tc have `words(op) -> list[str]` (without the program and `-n`), the others
`shell(op)`. `command(op)` joins words, quoted for a shell. (A submodule must not be called like a function here: importing it would
put it in the function's place.)
"""

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from ..ops import Op

_FILES = {
    "AddNamespace": "netns", "AttachNamespace": "netns", "DeleteNamespace": "netns", "SetNsid": "netns",
    "AddLink": "link", "SetLink": "link", "DeleteLink": "link", "AddAltname": "link", "DeleteAltname": "link",
    "AddAddress": "address", "DeleteAddress": "address", "AddRoute": "route", "DeleteRoute": "route",
    "AddNeighbour": "neighbour", "DeleteNeighbour": "neighbour", "AddRule": "rule", "DeleteRule": "rule",
    "AddVlan": "vlan", "DeleteVlan": "vlan", "AddQdisc": "tc", "DeleteQdisc": "tc",
    "AddFilter": "tc_filter", "DeleteFilter": "tc_filter",
}  # fmt: skip
_SHELL = {
    "SetSysctl": "sysctl", "PutTable": "nft", "DeleteTable": "nft", "AddElements": "nft", "DeleteElements": "nft",
    "PutFile": "files", "RemoveFile": "files",
}  # fmt: skip
_BRIDGE = 7


def words(op: "Op") -> list[str]:
    """The words of the command behind `program(op)`: ["-n", "red", "link", "set", …]."""
    own: list[str] = _module(_FILES[type(op).__name__]).words(op)
    namespace = getattr(op, "namespace", "")
    return (["-n", namespace] if namespace else []) + own


def program(op: "Op") -> str:
    """The program that takes `words(op)`: ip, bridge or tc."""
    file = _FILES[type(op).__name__]
    if file == "neighbour":
        header: Mapping[str, Any] = op.header  # type: ignore[union-attr]
        return "bridge" if header["family"] == _BRIDGE else "ip"
    return {"vlan": "bridge", "tc": "tc", "tc_filter": "tc"}.get(file, "ip")


def command(op: "Op") -> str:
    """`ip link set dev eth0 up`: to be pasted into a shell. For operations that have `words`."""
    return joined([program(op), *words(op)])


def line(arguments: list[str], namespace: str = "") -> str:
    """Words of ip as one line for a shell; `namespace`: where the whole command works."""
    return joined(["ip", *(["-n", namespace] if namespace else []), *arguments])


def shell(op: "Op") -> str:
    """Any operation as what a shell can run: one command, or several lines with a here-document. No line end behind it."""
    name = type(op).__name__
    if name in _FILES:
        return command(op)
    text: str = _module(_SHELL[name]).shell(op)
    return text


def sentence(op: "Op") -> str:
    """`In web1, give eth0 the address 10.7.1.2/24.`"""
    text: str = _module("sentences").sentence(op)
    return text


def plain(op: "Op") -> "dict[str, Any]":
    """{"op": "AddAddress", "namespace": "web1", its fields …, "command": …, "sentence": …}, fit for JSON."""
    found: dict[str, Any] = _module("json_form").plain(op)
    return found


def script(ops: "Iterable[Op]", views: "Mapping[str, Iterable[str]] | None" = None) -> str:
    """The whole as a script for /bin/sh that stops at the first mistake. `views`: the namespaces that see the files of each view."""
    text: str = _module("scripts").script(ops, views or {})
    return text


def _module(name: str) -> "Any":
    return import_module(f".{name}", __package__)


_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,=")


def joined(arguments: "Iterable[str]") -> str:
    """Words as one line for a shell."""
    return " ".join(map(quoted, arguments))


def quoted(word: str) -> str:
    """A word that a shell takes as it is."""
    if word and all(c in _PLAIN for c in word):
        return word
    return "'" + word.replace("'", "'\"'\"'") + "'"
