"""The plugin `bandwidth`: how fast a container may receive (ingress) and send (egress).

    {"type": "bandwidth", "capabilities": {"bandwidth": true}}
    {"type": "bandwidth", "ingressRate": 10000000, "ingressBurst": 1000000, "egressRate": …, "egressBurst": …,
     "unshapedSubnets": ["10.0.0.0/8"]}

Rates are bits a second, bursts bits. The configuration's own go before the runtime's, as upstream has it.
"""

import os

from ...engine.narrow import Spots, look_at
from ...errors import NetwrightError
from ...model.qdisc import Qdisc
from ...model.state import Namespace, State
from ...model.value import replace
from ...networks import attaching, bandwidth, records
from ...networks.bandwidth import Limit, Shape
from ...networks.locks import locked
from ...networks.records import Record
from ...networks.wiring import BOX, HOST, Wiring
from ...plan import ops
from ..protocol.errors import CONFLICT, INVALID_CONFIG, UNKNOWN_CONTAINER, CniError
from ..protocol.result import Interface
from . import chained, common

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..protocol.call import Call
    from ..protocol.result import Result
    from ..protocol.section import Section
    from .common import Valid

CAPABILITIES: "tuple[str, ...]" = ("bandwidth",)
DEVICE, PART = "@bandwidth", "bandwidth"
_KEYS = ("ingressRate", "ingressBurst", "egressRate", "egressBurst", "shapedSubnets", "unshapedSubnets")
_MOST = 1 << 62
_ENTRANCE = Qdisc("", "ingress", "ingress", "ffff:")


def settings(call: "Call") -> Shape:
    """What the configuration or the runtime asks for. CniError 7 with all mistakes."""
    config = call.config
    source = config if any(key in config for key in _KEYS) else config.runtime_config.section("bandwidth")
    found = shaping(source, bandwidth.ifb_name(common.owner(call)))
    config.settle()
    return found


def shaping(source: "Section", device: str) -> Shape:
    """The same of any section that has these keys; mistakes go to the configuration's list."""
    ingress, egress = _limit(source, "ingress"), _limit(source, "egress")
    only, but = _networks(source, "shapedSubnets"), _networks(source, "unshapedSubnets")
    if only and but:
        source.wrong("unshapedSubnets", "unshapedSubnets and shapedSubnets cannot be both specified: leave one of them out")
    return Shape(ingress, egress, only, but, device if egress.rate else "")


def _limit(source: "Section", side: str) -> Limit:
    rate, burst = source.number(f"{side}Rate", most=_MOST), source.number(f"{side}Burst", most=_MOST)
    if rate and not burst:
        source.wrong(f"{side}Burst", "if rate is set, burst must also be set")
    if burst and not rate:
        source.wrong(f"{side}Rate", "if burst is set, rate must also be set")
    if burst // 8 >= 0xFFFFFFFF:
        source.wrong(f"{side}Burst", "burst cannot be more than 4GB")
    return Limit(rate, burst)


def _networks(source: "Section", key: str) -> "tuple[str, ...]":
    from ...model.addressing import around, split
    from ..protocol.section import prefixed

    out = []
    for number, text in enumerate(source.texts(key)):
        try:
            out.append(str(around(*split(prefixed(text)))))
        except ValueError as error:
            source.wrong(f"{key}[{number}]", str(error))
    return tuple(dict.fromkeys(out))


# -- ADD -------------------------------------------------------------------------------------------------------------------------


def add(call: "Call") -> "Result":
    """The result of the plugin before, and the device through which goes what comes from the container."""
    how = settings(call)
    result = chained.before(call, "bandwidth")
    if not (how.to.rate or how.back.rate):
        return result
    port = host_end(call)
    wiring = described(port, how, told=True)
    made = (how.device,) if how.device else ()
    owner = common.owner(call, PART)
    record = Record(owner, DEVICE, made, netns=call.netns, data={"port": port, "index": _index(port)})
    after = attaching.attach(None, wiring, record)
    mine = tuple(Interface(name, after.namespaces[HOST].devices[name].address) for name in made)
    known = {one.name for one in mine}
    return replace(result, interfaces=(*(one for one in result.interfaces if one.name not in known or one.sandbox), *mine))


def host_end(call: "Call") -> str:
    """The host's end of the container's cable, as the kernel has it. CniError 3, 7."""
    from ...kernel.nsid import nsid_of_fd

    inside = common.opened(call)
    try:
        with Spots({HOST: None, BOX: inside}) as place:
            box, host = place.session(BOX), place.session(HOST)
            link = box.link(call.ifname)
            if link is None:
                raise CniError(UNKNOWN_CONTAINER, f'there is no device "{call.ifname}" in the container', "bandwidth comes after the plugin that makes it")
            is_cable = link.get("linkinfo", {}).get("kind") == "veth"
            here = is_cable and link.get("link_netnsid") == nsid_of_fd(box.netlink, place.fd(HOST))
            far = host.link_at(link["link"]) if here else None
            if far is None:
                fix = "rates are limited at the host's end of a cable: bridge and ptp make one"
                raise CniError(INVALID_CONFIG, f"container interface {call.ifname} has no veth peer on the host", fix)
            return str(far["ifname"])
    finally:
        os.close(inside)


def _index(port: str) -> int:
    with attaching.on_host() as place:
        link = place.session(HOST).link(port)
    return int(link["index"]) if link is not None else 0


def described(port: str, how: Shape, told: bool = False) -> Wiring:
    """What should be there: the host's end as it is, with its queues; the other device."""
    now = attaching.seen(port).namespaces[HOST]
    if told and port in now.devices:
        _tell(how, now.devices[port].mtu)
    alone = Wiring(State({HOST: Namespace(now.devices, now.addresses, now.routes)}), {HOST: (port,)})
    return bandwidth.on_wiring(alone, port, how)


def _tell(how: Shape, mtu: int) -> None:
    for limit in (how.to, how.back):
        if said := bandwidth.too_small(limit, mtu):
            chained.say(f"bandwidth: {said}")


# -- DEL, CHECK, GC --------------------------------------------------------------------------------------------------------------


def delete(call: "Call") -> None:
    """The queues, and the device that they led through; also where nobody wrote it down."""
    owner = common.owner(call, PART)
    record = records.get(DEVICE, owner) or Record(owner, DEVICE, (bandwidth.ifb_name(common.owner(call)),))
    port = str(record.data.get("port", ""))
    if port and _index(port) == record.data.get("index"):  # and not a device that got its name later
        _without_queues(port)
    attaching.detach(record)


def _without_queues(port: str) -> None:
    """First: a filter that leads to a device which is gone would swallow everything."""
    from ...engine.enact import enact

    with locked(DEVICE), Spots({HOST: None}) as place:
        like = State({HOST: Namespace(qdiscs=frozenset({_ENTRANCE}))})
        found = look_at(place, {HOST: (port,)}, like=like).namespaces[HOST].qdiscs
        mine = [q for q in found if not q.leaf_class and (q.kind, q.handle) in (("tbf", "1:"), ("htb", "1:"), ("ingress", "ffff:"))]
        try:
            enact([ops.DeleteQdisc(q, HOST) for q in mine], place)
        except NetwrightError as error:
            chained.say(f"bandwidth: {port} keeps its queues: {error}")


def check(call: "Call") -> None:
    """CniError 102 where a queue is not as it was made."""
    common.previous(call)
    how = settings(call)
    if not (how.to.rate or how.back.rate):
        return
    port = host_end(call)
    todo = common.in_words(attaching.steps(None, described(port, how)))
    if todo:
        raise CniError(CONFLICT, f"the limits of {call.ifname} of {call.container} are not as they were set", f"to do: {' '.join(todo)}")


def gc(call: "Call", valid: "Valid") -> None:
    """Devices of containers that are no more."""
    common.collect(call, valid, PART)


def status(call: "Call") -> None:
    """CniError 50 where the configuration's own limits cannot be: this kernel has no such queue or device."""
    how = settings(call)
    kinds = (*(("tbf",) if how.to.rate else ()), *(("tbf", "ingress", "ifb") if how.back.rate else ()))
    if not kinds:
        return
    from ...kernel import probe
    from ..protocol.errors import NOT_AVAILABLE

    for kind in dict.fromkeys(kinds):
        answer = probe.ask(kind)
        if answer.has == probe.NO:
            raise CniError(NOT_AVAILABLE, f"bandwidth cannot be limited: no {kind}", answer.why)
