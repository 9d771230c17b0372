"""The IPAM plugin `static`: the addresses that the configuration, or the runtime, says.

    {"type": "static", "addresses": [{"address": "10.1.0.2/24", "gateway": "10.1.0.1"}], "routes": […], "dns": {…}}

CNI_ARGS "IP" (and "GATEWAY") adds addresses, "args"."cni"."ips" puts others in their place, the capability "ips" in the place of both.
"""

from ..protocol.errors import CONFLICT, CniError
from ..protocol.result import Address, Result
from ..protocol.section import address, prefixed
from ..protocol.versions import at_least, read_dns, read_route
from .requested import requested

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..protocol.call import Call

CAPABILITIES: tuple[str, ...] = ("ips",)


def add(call: "Call") -> Result:
    """The addresses, as they are said."""
    found = wanted(call)
    call.config.settle()
    return found


def delete(call: "Call") -> None:
    """Nothing was taken."""


def check(call: "Call") -> None:
    """The addresses of the result are those of the configuration. CniError 102."""
    found, result = wanted(call), call.config.prev_result
    call.config.settle()
    has = {one.address for one in result.addresses} if result else set()
    missing = [one.address for one in found.addresses if one.address not in has]
    if result is None or missing:
        what = f"the result does not have {', '.join(missing)}" if result else "prevResult is missing"
        raise CniError(CONFLICT, f"static: {what}", "the configuration was changed after ADD: DEL, then ADD again")


def gc(call: "Call", valid: "frozenset[tuple[str, str]]") -> None:
    """Nothing is kept."""


def status(call: "Call") -> None:
    """Ready whenever the configuration makes sense."""
    wanted(call)
    call.config.settle()


def wanted(call: "Call") -> Result:
    """The result; mistakes go to the configuration's list."""
    config, ipam = call.config, call.config.ipam
    found = [Address(one.prefixed("address", needed=True), one.address("gateway")) for one in ipam.sections("addresses")]
    asked = list(requested(call))
    found += [_asked(call, where, text) for where, text in asked if where == "CNI_ARGS IP"]
    for source in ("args.cni.ips", "runtimeConfig.ips"):
        instead = [_asked(call, where, text) for where, text in asked if where == source]
        found = instead or found
    found = _with_gateways(call, [one for one in found if one.address])
    for family in (4, 6):
        if sum(one.family == family for one in found) > 1 and not at_least(config.cni_version, "0.3.0"):
            ipam.wrong("addresses", f"CNI version {config.cni_version} does not support more than 1 address per family")
    addresses = [one.address for one in found]
    for text in sorted({text for text in addresses if addresses.count(text) > 1}):
        ipam.wrong("addresses", f"{text} is there twice")
    routes = tuple(route for route in map(read_route, ipam.sections("routes")) if route.to)
    return Result((), tuple(found), routes, read_dns(ipam.section("dns")))


def _asked(call: "Call", where: str, text: str) -> Address:
    try:
        return Address(prefixed(text))
    except ValueError as error:
        call.config.mistakes.append(f"{where}: {error}")
        return Address("")


def _with_gateways(call: "Call", found: "list[Address]") -> "list[Address]":
    """CNI_ARGS GATEWAY is for each address in whose network it is."""
    from ...model.addressing import around, number_of, split
    from ...model.value import replace

    for text in call.args.get("GATEWAY", "").split(","):
        if not text.strip():
            continue
        try:
            gateway = address(text.strip())
        except ValueError as error:
            call.config.mistakes.append(f"CNI_ARGS GATEWAY: {error}")
            continue
        found = [replace(one, gateway=gateway) if around(*split(one.address)).holds(*number_of(gateway)) else one for one in found]
    return found
