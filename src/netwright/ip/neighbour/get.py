"""`ip neighbour get`: one entry of the kernel's table."""

from ...kernel import rtnl
from ..exits import LOCAL, Exit, Usage, duplicate, duplicate_or_garbage, no_device
from ..prefix import Prefix, address
from ..words import Words, matches
from .show import print_neighbour
from .states import PROXY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..context import Context


def main(context: "Context", words: list[str]) -> int:
    """Print the one neighbour that the words name."""
    from ...errors import KernelError

    header, values = parse(context, words)
    try:
        found = rtnl.get(context.netlink, rtnl.GETNEIGH, header, values)
    except KernelError as error:
        raise context.refusal(error) from None
    context.out.open_array()
    print_neighbour(context, found)
    context.out.close_array()
    context.out.finish_json()
    return 0


def parse(context: "Context", words: list[str]) -> "tuple[dict[str, int], dict[str, Any]]":
    """Header and attributes of the question."""
    to: Prefix | None = None
    device, flags, cursor = None, 0, Words(words)
    while cursor.more:
        if cursor.take("dev"):
            device = cursor.next()
            continue
        proxy = cursor.take_prefix("proxy")
        if proxy:
            flags = PROXY
        else:
            cursor.take("to")
        to = _destination(context, cursor.next(), to, proxy=proxy)
    if to is None or not to.family or (device is None and not flags):
        raise Exit(LOCAL, "Device and address are required arguments.", fix="nw neigh get ADDR dev NAME")
    index = 0 if device is None else context.links.index(device)
    if device is not None and not index:
        raise no_device(device)
    return {"family": to.family, "flags": flags, "index": index}, {"dst": to.setting}


def _destination(context: "Context", word: str, before: Prefix | None, *, proxy: bool) -> Prefix:
    if matches(word, "help"):
        raise Usage("neighbour")
    if before:
        raise duplicate("address", word) if proxy else duplicate_or_garbage("to", word)
    return address(word, context.options.family)
