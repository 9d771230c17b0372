"""`ip link property add|del dev NAME altname NAME …`: further names of a device."""

from ...plan.ops import AddAltname, DeleteAltname
from ..exits import SYNTAX, Exit, Usage, duplicate_or_garbage, no_device, wrong
from ..words import Words, matches
from .devices import as_setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..context import Context
    from .command import Links


def operation(words: list[str], links: "Links", family: int = 0) -> AddAltname | DeleteAltname:
    """The operation that the words behind `link property` mean."""
    reader = Words(words)
    if not reader.more:
        raise Usage("link")
    verb = reader.next()
    if not matches(verb, "add") and not matches(verb, "del"):
        raise Usage("link") if matches(verb, "help") else Exit(SYNTAX, "Operator required", fix="add or del belongs here")
    device, names = _read(reader)
    index = links.index(device)
    if not index:
        raise no_device(device)
    head = {"index": as_setting(device, index), **({"family": family} if family else {})}
    return (AddAltname if matches(verb, "add") else DeleteAltname)(head, {"prop_list": names})


def _read(words: Words) -> tuple[str, list[str]]:
    device, names = "", []
    while words.more:
        if words.take_prefix("altname"):
            names.append(_checked(words.next(), "not a valid altname"))
        elif matches(words.peek, "help"):
            raise Usage("link")
        else:
            words.take("dev")
            name = words.next()
            if device:
                raise duplicate_or_garbage("dev", name)
            device = _checked(name, '"dev" not a valid ifname')
    if not device:
        text = 'Not enough of information: "dev" argument is required.'
        raise Exit(SYNTAX, text, fix="name the device: dev NAME")
    return device, names


def _checked(name: str, message: str) -> str:
    if not name or any(c in "/ \t\n\v\f\r" for c in name):
        raise wrong(name, message, why="a name has at least one byte, no '/' and no white space")
    return name


def main(context: "Context", words: list[str]) -> int:
    """Add or take away alternative names."""
    return context.apply(operation(words, context.links, context.options.family))
