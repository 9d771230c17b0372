"""`type veth peer …`: behind `peer` stands the whole grammar of a link once more."""

from ...exits import LOCAL, Exit, duplicate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...words import Words
    from ..command import Command


def read(kind: str, words: "Words", command: "Command") -> "dict[str, Any]":
    """{"peer": the other end}."""
    first = words.next()
    if first != "peer":
        # ip answers on stdout here.
        command.said = _USAGE
        raise Exit(LOCAL, why=f'"{first}" is no option of veth', fix="only peer may follow: … type veth peer name NAME")
    return {"peer": peer(words, command)}


_USAGE = """Usage: ip link <options> type veth [peer <options>]
To get <options> type 'ip link add help'
"""


def peer(words: "Words", command: "Command") -> "dict[str, Any]":
    """The other end of a cable: its header's fields and its settings in one dict."""
    from ..parse import header, read_link, settle

    wanted = read_link(words, command)
    settle(wanted, words, command)
    if wanted.kind is not None:
        raise duplicate("type", wanted.kind)
    head = {name: value for name, value in header(wanted, command).items() if name != "family"}
    return {**head, **wanted.settings}
