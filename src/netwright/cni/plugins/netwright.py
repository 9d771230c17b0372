"""The plugin `netwright`: bridge, addresses, published ports, limits, isolation and names in one go.

    {"cniVersion": "1.1.0", "name": "web", "type": "netwright", "subnet": "10.78.0.0/16"}

Keys are those of bridge and host-local. `subnet` or `subnets` stand for `ipam`; `isGateway`, `isDefaultGateway` and `ipMasq` are on unless
said otherwise; the bridge is called cni-NAME. `ingressPolicy` (same-bridge, open, isolated) says who may talk to the containers, and
`allow` names other bridges that may all the same. `dns`: false for no names; an object says domain, search, options, and whom the
responder asks for other names. Everything is one record and one transaction of the firewall.
"""

from ...errors import NetwrightError
from ...model.jsontext import Twice
from ...model.value import replace
from ...networks import firewall, flows, records
from .. import delegate
from ..protocol.config import Config
from ..protocol.result import Dns
from . import bridged, common, portmap
from .bridged import Besides

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...networks.bandwidth import Shape
    from ...networks.records import Record
    from ..protocol.call import Call
    from ..protocol.result import Result
    from .bridged import Settings
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ("portMappings", "bandwidth", "ips", "ipRanges", "mac", "aliases", "dns")
POLICIES = ("same-bridge", "open", "isolated", "")
_ON = ("isGateway", "isDefaultGateway", "ipMasq")
_SHARED = ("bridges", "allowed")
_OWN = ("subnet", "subnets")


def add(call: "Call") -> "Result":
    """All of it, or nothing."""
    call, how, besides = _read(call)
    named = has_names(call, how)
    portmap.refuse_listened(besides.ports)
    result = bridged.add(call, how, besides)
    try:
        flows.forget(besides.ports, common.legs(result.addresses))
        _warn(call, how)
        result = replace(result, dns=dns_of(call, result))
        if not named or not any(a.gateway for a in result.addresses):
            return result
        from .. import names

        names.tell(call, result)
        return replace(result, dns=names.answered(result.dns, result))
    except (NetwrightError, OSError):
        common.take_back(lambda: delete(call))
        raise


def _warn(call: "Call", how: "Settings") -> None:
    """Say what of others stands in the way, when a bridge gets its first container: rules of others are read by nft, and may be many."""
    if records.others(bridge_of(call), common.owner(call)):
        return
    from .chained import say
    from .firewall import in_the_way

    for said in in_the_way((how.routed,)):
        say(said)


def delete(call: "Call") -> None:
    """Everything of the attachment, whatever is left of it."""
    call = with_defaults(call)
    record = records.get(bridge_of(call), common.owner(call))
    common.each([lambda: _forget_names(call, record), lambda: bridged.delete(call)])
    if record is not None:
        portmap.forget(record)


def check(call: "Call") -> None:
    """CniError 102 where something is not as it was made."""
    call, how, besides = _read(call)
    bridged.check(call, how, besides)
    delegate.ipam(call).check(call)
    if has_names(call, how) and any(a.gateway for a in common.previous(call).addresses):
        from .. import names

        names.check(call)


def gc(call: "Call", valid: "Valid") -> None:
    """What is no longer valid: attachments, addresses, names."""
    call = with_defaults(call)
    from .. import names

    common.each([lambda: common.collect(call, valid), lambda: delegate.ipam(call).gc(call, valid), lambda: names.keep(call, valid)])


def status(call: "Call") -> None:
    """Whether an ADD would work. CniError 50; 51 where somebody else's chain drops what should pass."""
    from ..protocol.errors import LIMITED_CONNECTIVITY, CniError
    from .firewall import in_the_way

    call, how, _ = _read(call)
    bridged.needs_nft()
    bridged.status(call, how)
    dropped = in_the_way((how.routed,))
    if dropped:
        raise CniError(LIMITED_CONNECTIVITY, dropped[0], "; ".join(dropped[1:]))


# -- the configuration -------------------------------------------------------------------------------------------------------------


def with_defaults(call: "Call") -> "Call":
    """The same call, in bridge's words: what is not said is filled in, and `subnet` becomes an ipam section."""
    config = call.config
    gateway = config.plain("isGateway") is not False
    more: dict[str, object] = {name: gateway for name in _ON if name not in config}
    if "ipMasq" in more:
        more["ipMasq"] = True
    if "bridge" not in config:
        more["bridge"] = bridge_name(config.name)
    if not config.ipam and (ranges := _ranges(config)):
        more["ipam"] = {"type": "host-local", "ranges": ranges}
    low = {name.lower() for name in more}
    data = Twice({name: item for name, item in config.data.items() if name.lower() not in low} | more)
    data.twice = config.data.twice if isinstance(config.data, Twice) else ()
    found = Config(data, lenient=config.lenient)
    found.mistakes += config.mistakes
    return replace(call, config=found)


def _ranges(config: Config) -> "list[object]":
    """The sets of ranges that `subnet` and `subnets` stand for; host-local looks at them closely."""
    subnets = [text for text in (config.text("subnet"), *config.texts("subnets")) if text]
    return [[{"subnet": text}] for text in dict.fromkeys(subnets)]


def bridge_name(network: str) -> str:
    """cni-NETWORK; for a long one with a part of its digest, so that two are never one bridge."""
    from zlib import crc32

    return f"cni-{network}" if len(network) <= 11 else f"cni-{network[:4]}-{crc32(network.encode()) & 0xFFFFFF:06x}"


def bridge_of(call: "Call") -> str:
    """The bridge's name."""
    return call.config.text("bridge")


def _read(call: "Call") -> "tuple[Call, Settings, Besides]":
    """Everything that the configuration and the runtime say. CniError 7 with all mistakes."""
    twice = bool(call.config.ipam) and any(key in call.config for key in _OWN)
    call = with_defaults(call)
    config = call.config
    if not config.ipam and config.flag("isGateway"):
        config.wrong("subnet", 'it is missing, as in "10.78.0.0/16"; a network without addresses says "isGateway": false')
    if twice:
        config.wrong("subnet", "it stands for an ipam section: say one of the two")
    ports, shape = portmap.mapped(call), _shape(call)
    policy = config.text("ingressPolicy", "same-bridge", choices=POLICIES) or "same-bridge"
    allowed = _allowed(config)
    _names_read(call)
    how = bridged.settings(call)
    if policy == "isolated":
        how = replace(how, isolated=True)
    return call, how, Besides(ports, _elements(call, how.routed, policy, allowed), _SHARED, shape, plain=True)


def _allowed(config: Config) -> "tuple[str, ...]":
    """The bridges whose containers may come in."""
    from ...model.names import why_not_device_name

    found = tuple(dict.fromkeys(config.texts("allow")))
    for name in found:
        if why := why_not_device_name(name) or ("it has a quote" if '"' in name else ""):
            config.wrong("allow", f"{name[:40]!r} is no bridge: {why}")
    return found


def _elements(call: "Call", bridge: str, policy: str, allowed: "tuple[str, ...]") -> "tuple[tuple[str, str], ...]":
    """Who may talk to the containers of the bridge. What all on it have in common is signed by the network."""
    if policy == "open":
        return ()
    network = f"cni/{call.config.name}"
    out = list(firewall.device(bridge, ["bridges"], network))
    if policy == "same-bridge":
        out.append(firewall.pair("allowed", bridge, bridge, network))
    return (*out, *(firewall.pair("allowed", other, bridge, network) for other in allowed))


def _shape(call: "Call") -> "Shape | None":
    """Limits, by the plugin bandwidth's own keys or by its capability."""
    said = call.config.runtime_config.section("bandwidth")
    if not said and not any(f"{way}{what}" in call.config for way in ("ingress", "egress") for what in ("Rate", "Burst")):
        return None
    from . import bandwidth

    found = bandwidth.settings(call)
    return found if found.to.rate or found.back.rate else None


# -- names -------------------------------------------------------------------------------------------------------------------------


def has_names(call: "Call", how: "Settings") -> bool:
    """Whether containers have names: unless it is said that they have not, or there is no gateway that could be asked."""
    return how.gateway and call.config.plain("dns") is not False


def _names_read(call: "Call") -> None:
    """Mistakes in what is said of names go to the configuration's list."""
    config = call.config
    found = config.plain("dns")
    if found is True and config.plain("isGateway") is False:
        config.wrong("dns", "the gateway is who is asked for names: isGateway has to be on")
    if found is not None and not isinstance(found, (bool, dict)):
        config.wrong("dns", "true, false, or an object with domain, search, options, nameservers")
    if isinstance(found, dict):
        common.dns_of(call, Dns())
    from .. import names

    names.aliases(call)
    names.servers(call)


def dns_of(call: "Call", result: "Result") -> Dns:
    """The runtime's wish, else the configuration's, else what the IPAM plugin found."""
    said = call.config.runtime_config.section("dns")
    wish = Dns(said.texts("servers"), "", said.texts("searches"), said.texts("options"))
    found = result.dns
    return Dns(wish.nameservers or found.nameservers, found.domain, wish.search or found.search, wish.options or found.options)


def _forget_names(call: "Call", record: "Record | None") -> None:
    from .. import names

    found = call.config.prev_result
    mine = {a.host for a in common.of_interface(call, found)} if found else set()
    mine |= {element.partition(" ")[0] for name, element in record.elements if name in ("own4", "own6")} if record else set()
    names.forget(call, mine)
