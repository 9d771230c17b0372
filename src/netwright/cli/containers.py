"""`nw containers`: containers of nw run, and namespaces that are connected."""

from .report import harmless
from .text import put, put_json, table
from .words import Words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def main(words: list[str]) -> int:
    """A line for each: its networks and addresses, its ports, its program."""
    from ..networks import damage, listing
    from .docker_words import LIST
    from .network import broken, opened, told

    given = Words(words, {"--json": "", "--quiet": "", "-q": "--quiet"}, "[CONTAINER…]", instead=LIST)
    with opened() as store:
        rows = listing.rows(store, given.names)
        damaged = [] if "--json" in given or "--quiet" in given else damage.seen(store)
    if "--json" in given:
        put_json(rows)
    elif "--quiet" in given:
        for row in rows:
            put(row["name"])
    elif not rows:
        put("there is no container; start one with: nw run COMMAND")
    else:
        put(table(("CONTAINER", "STATUS", "NETWORK", "ADDRESSES", "PORTS", "PID", "COMMAND"), [_cells(row) for row in rows]).rstrip("\n"))
    told("containers", broken(damaged))
    return 0


def _cells(row: "dict[str, Any]") -> "tuple[str, ...]":
    addresses = [a.partition("/")[0] for network in row["networks"].values() for a in network["addresses"]]
    networks = ", ".join(row["networks"]) or (f"{row['mode']}:{row['of']}" if row["of"] else row["mode"] if row["mode"] != "networks" else "-")
    command = harmless(" ".join(row["command"])).replace("\n", "\\n")
    return (
        row["name"], row["status"], networks, ", ".join(addresses) or "-", ", ".join(row["ports"]) or "-", str(row["pid"] or "-"),
        (command if len(command) <= 40 else f"{command[:39]}…") or "-",
    )  # fmt: skip
