"""What a configuration says about DHCP: the keys of "ipam" that upstream has, read and checked.

    {"type": "dhcp", "daemonSocketPath": "/run/cni/dhcp.sock", "priority": 100, "suppress": ["gateway"],
     "provide": [{"option": "host-name", "value": "web"}, {"option": "12", "fromArg": "K8S_POD_NAME"}],
     "request": [{"option": "interface-mtu"}, {"skipDefault": true}]}

A value is sent as the bytes of its text. "interface-mtu", when it stands under "request", is also set on the device.
"""

from ...model.value import value
from . import options, packet
from .places import SOCKET

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..protocol import Config, Section

_GATEWAY = "gateway"


@value
class Wishes:
    """Options to send and to ask for; the metric of routes; whether to leave the gateway out; whether to set the MTU."""

    provided: "tuple[tuple[int, bytes], ...]" = ()
    requested: "tuple[int, ...]" = options.DEFAULTS
    priority: int = 0
    without_gateway: bool = False
    sets_mtu: bool = False


def wishes(config: "Config", args: "Mapping[str, str]") -> Wishes:
    """The wishes; mistakes go to the configuration's list."""
    ipam = config.ipam
    said = _requested(ipam)
    suppressed = ipam.texts("suppress")
    for word in suppressed:
        if word != _GATEWAY:
            ipam.wrong("suppress", f'"{word}" cannot be left out; "{_GATEWAY}" can')
    skip = any(one.flag("skipDefault") for one in ipam.sections("request"))
    requested = tuple(dict.fromkeys(said if skip else (*options.DEFAULTS, *said)))
    return Wishes(_provided(ipam, args), requested, ipam.number("priority"), _GATEWAY in suppressed, packet.MTU in said)


def socket_path(config: "Config") -> str:
    """Where the daemon listens."""
    path = config.ipam.text("daemonSocketPath") or SOCKET
    if not path.startswith("/") or len(path.encode("utf-8", "surrogateescape")) > 100:
        config.ipam.wrong("daemonSocketPath", "it is a path from / on, of at most 100 bytes (unix(7))")
    return path


def _requested(ipam: "Section") -> "tuple[int, ...]":
    found = [_number(one) for one in ipam.sections("request") if one.text("option") or not one.flag("skipDefault")]
    return tuple(one for one in found if one)


def _provided(ipam: "Section", args: "Mapping[str, str]") -> "tuple[tuple[int, bytes], ...]":
    found: dict[int, bytes] = {}
    for one in ipam.sections("provide"):
        number, argument = _number(one), one.text("fromArg")
        text = args.get(argument, one.text("value")) if argument else one.text("value")
        data = text.encode("utf-8", "surrogateescape")
        if not text and not argument:
            one.wrong("value", "it is missing, and so is fromArg")
        elif number in options.OURS:
            one.wrong("option", f"{number} is the client's own affair")
        elif len(data) > 255:
            one.wrong("value", f"{len(data)} bytes are too many; an option has at most 255")
        elif data and number:
            found[number] = data
    return tuple(found.items())


def _number(one: "Section") -> int:
    try:
        return options.number(one.text("option"))
    except ValueError as error:
        one.wrong("option", str(error))
        return 0
