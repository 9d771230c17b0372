"""Addresses by DHCP: asked of the CNI plugin `dhcp`, as a program of its own, whose daemon keeps and renews them."""

import os
import sys

from ..errors import NetwrightError
from ..model.jsontext import read, write
from ..model.value import value
from ..networks.values import Leg

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .parts import Part

_PATIENCE = 8.0  # seconds; as long as netavark's
_PROGRAM = "import sys; sys.path.append({source!r}); from netwright.cni.main import main; sys.exit(main(['dhcp']))"


class NoLease(NetwrightError):
    """No address was to be had."""


@value
class Lease:
    """What the server gave."""

    legs: "tuple[Leg, ...]" = ()
    servers: "tuple[str, ...]" = ()
    domains: "tuple[str, ...]" = ()


def lease(part: "Part", netns: str) -> Lease:
    """An address for an interface that is there and up. NoLease."""
    provided = [{"option": "host-name", "value": part.asked.hostname}] if part.asked.hostname else []
    whose = part.asked.container, part.network.name, part.wish.interface, netns
    try:
        found = _call("ADD", *whose, provided)
    except TimeoutError:
        release(*whose)  # so that nobody goes on asking
        raise NoLease(f"unable to obtain lease on {part.network.name}", why=f"no DHCP server answered within {_PATIENCE:g} s") from None
    legs = tuple(Leg(one["address"], one.get("gateway", "")) for one in found.get("ips", ()))
    dns = found.get("dns") or {}
    domain = [dns["domain"]] if dns.get("domain") else []
    return Lease(legs, tuple(dns.get("nameservers", ())), tuple(dict.fromkeys([*domain, *dns.get("search", ())])))


def release(container: str, network: str, interface: str, netns: str) -> None:
    """Give it back, while the interface is still there. NoLease."""
    _call("DEL", container, network, interface, netns, [])


def _call(command: str, container: str, network: str, interface: str, netns: str, provided: "list[dict[str, str]]") -> "dict[str, Any]":
    from ..kernel.exchange import exchange

    environment = {
        **os.environ, "CNI_COMMAND": command, "CNI_CONTAINERID": container, "CNI_IFNAME": interface, "CNI_NETNS": netns, "CNI_PATH": "/opt/cni/bin",
    }  # fmt: skip
    config = {"cniVersion": "1.0.0", "name": network, "type": "dhcp", "ipam": {"type": "dhcp", "provide": provided}}
    source = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    argv = [sys.executable, "-I", "-S", "-E", "-c", _PROGRAM.format(source=source)]
    code, out = exchange(sys.executable, argv, environment, write(config).encode(), _PATIENCE)
    try:
        found = read(out) if out.strip() else {}
    except ValueError:
        found = {}
    if code:
        raise NoLease(f"unable to obtain lease on {network}: {found.get('msg', f'exit code {code}')}", why=str(found.get("details", "")))
    return found if isinstance(found, dict) else {}
