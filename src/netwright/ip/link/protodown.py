"""Why a link is held down by an agent: the bits of IFLA_PROTO_DOWN_REASON, by the names in /etc/iproute2/protodown_reasons.d."""

import os

from ..tables import DIRECTORY
from ..words import strtol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context


def reasons(context: "Context", message: "Message") -> list[str]:
    """The reasons by name, those without one by number."""
    found = message.get("proto_down_reason")
    # ip looks at a broadcast address where it means to look whether there are reasons: without one it shows none.
    if found is None or "broadcast" not in message:
        return []
    bits = found.get("value", 0) & 0xFF
    names = {} if context.options.numeric or not bits else _names()
    return [names.get(bit, str(bit)) for bit in range(8) if bits >> bit & 1]


def _names() -> dict[int, str]:
    out: dict[int, str] = {}
    directory = f"{DIRECTORY}/protodown_reasons.d"
    try:
        files = [name for name in os.listdir(directory) if name.endswith(".conf") and name[0] != "."]
    except FileNotFoundError:
        return out
    for name in files:
        with open(f"{directory}/{name}", encoding="utf-8", errors="surrogateescape") as file:
            rows = [line.split("#")[0].split() for line in file]
        numbered = [(strtol(row[0]), row[1]) for row in rows if len(row) >= 2]
        out.update({number: reason for number, reason in numbered if number is not None})
    return out
