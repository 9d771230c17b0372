"""`vrf NAME`: a device that stands for a routing table."""

from ...model.routing import TABLE_MAIN
from ..exits import Exit, wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..context import Context


def table_of(context: "Context", name: str) -> int:
    """The table of the vrf called `name`; `default` is the main table where no device is called so. Exit 255 for others."""
    link = context.session.link(name)
    if link is None and name == "default":
        return TABLE_MAIN
    info = link.get("linkinfo") if link else None
    data = info.get("data") if info and info.get("kind") == "vrf" else None
    table = data.get("table") if data else None
    if not table:
        raise _not_a_vrf(name, there=link is not None)
    return int(table)


def check(context: "Context", name: str) -> None:
    """Exit 255 when there is no vrf called `name`."""
    link = context.session.link(name)
    info = link.get("linkinfo") if link else None
    if info is None or info.get("kind") != "vrf":
        raise _not_a_vrf(name, there=link is not None)


def _not_a_vrf(name: str, *, there: bool) -> Exit:
    return wrong(name, "Invalid VRF", why=f"{name} is no vrf" if there else f'there is no device "{name}"')
