"""Which of a host's addresses another host would use."""

from ..model.state import State

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..model.address import Address


def nearest(state: State, name: str, source: str) -> str:
    """An address of `name` in a subnet that `source` is in too; else its first, IPv4 before IPv6; "" when it has none."""
    there = _ordered(state, name)
    if source and source != name and source in state.namespaces:
        from ipaddress import ip_interface

        mine = {ip_interface(a.address).network for a in state.namespaces[source].addresses}
        for address in there:
            if ip_interface(address.address).network in mine:
                return address.address.partition("/")[0]
    return there[0].address.partition("/")[0] if there else ""


def every(state: State, name: str) -> list[str]:
    """All addresses of a host, without lengths, IPv4 first."""
    return [found.address.partition("/")[0] for found in _ordered(state, name)]


def _ordered(state: State, name: str) -> "list[Address]":
    namespace = state.namespaces[name]
    order = {device: number for number, device in enumerate(namespace.devices)}
    return sorted(namespace.addresses, key=lambda a: (a.family, order.get(a.link, 99), a.address))
