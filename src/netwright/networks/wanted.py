"""What `nw run` is asked for, as a value, and everything that is wrong with it, told at once. The facts are given."""

from ..model.addressing import net, number_of
from ..model.value import replace, value
from . import names
from .joining import Joining, why_not_hardware
from .mistakes import Mistake, Mistakes, Wrong, near, shown
from .publish import LOCAL, exposed, parse_all
from .request import rate
from .standing import DEFAULT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .network import Network
    from .publish import Publish

NETWORKS, HOST, NONE, CONTAINER = "networks", "host", "none", "container"
GATEWAY = "host-gateway"


@value
class On:
    """One network that is wanted, and what of it."""

    network: str
    addresses: "tuple[str, ...]" = ()
    mac: str = ""
    aliases: "tuple[str, ...]" = ()
    interface: str = ""


@value
class Wanted:
    """`mode`: networks (those in `on`), host, none or container (that of `of`). `publish`, `expose`, `hosts`, `labels`, `ingress` and
    `egress` are as they were written; `ips`, `mac`, `aliases`, `interface` belong to the networks, see `placed`."""

    argv: "tuple[str, ...]" = ()
    name: str = ""
    mode: str = NETWORKS
    of: str = ""
    on: "tuple[On, ...]" = (On(DEFAULT),)
    ips: "tuple[str, ...]" = ()
    mac: str = ""
    aliases: "tuple[str, ...]" = ()
    interface: str = ""
    publish: "tuple[str, ...]" = ()
    expose: "tuple[str, ...]" = ()
    publish_all: bool = False
    hostname: str = ""
    domainname: str = ""
    dns: "tuple[str, ...]" = ()
    search: "tuple[str, ...]" = ()
    options: "tuple[str, ...]" = ()
    hosts: "tuple[str, ...]" = ()
    ingress: str = ""
    egress: str = ""
    labels: "tuple[str, ...]" = ()


# -- reading --network ---------------------------------------------------------------------------------------------------------


def with_networks(wanted: Wanted, texts: "Sequence[str]") -> Wanted:
    """`host`, `none`, `container:X`, or networks: NAME, or name=NAME,ip=…,alias=…. Mistakes."""
    alone = [text for text in texts if text in (HOST, NONE) or text.partition(":")[0] == CONTAINER]
    if alone and len(texts) > 1:
        raise Mistakes([Mistake(("--network",), f"{shown(alone[0])} and another network", "host, none and container:NAME stand alone")])
    if alone:
        mode, _, of = alone[0].partition(":")
        if mode == CONTAINER and not of:
            raise Mistakes([Mistake(("--network",), "container: whose network?", "write container:NAME; nw containers lists them")])
        return replace(wanted, mode=mode, of=of, on=())
    return replace(wanted, on=tuple(_on(text) for text in texts) or wanted.on)


_KEYS = ("name", "ip", "ip6", "mac-address", "alias", "interface")


def _on(text: str) -> On:
    if "=" not in text:
        return On(text)
    found: dict[str, list[str]] = {key: [] for key in _KEYS}
    for part in text.split(","):
        key, _, word = part.partition("=")
        key = {"mac": "mac-address", "network": "name"}.get(key, key)
        if key not in found:
            fix = near(key, _KEYS) if "=" in part else f"write name={part},…" if not found["name"] else "write KEY=VALUE"
            raise Mistakes([Mistake(("--network",), f"{shown(part)} is unknown" if "=" in part else f"{shown(part)} has no key", fix)])
        found[key].append(word)
    if not found["name"]:
        raise Mistakes([Mistake(("--network",), f"{shown(text)} names no network", "write name=NETWORK,ip=ADDRESS")])
    last = {key: words[-1] if words else "" for key, words in found.items()}
    return On(last["name"], (*found["ip"], *found["ip6"]), last["mac-address"], tuple(found["alias"]), last["interface"])


# -- what is wrong -------------------------------------------------------------------------------------------------------------


_OF_NETWORKS = {
    "--publish": "publish", "--publish-all": "publish_all", "--expose": "expose", "--ip": "ips", "--mac-address": "mac", "--network-alias": "aliases",
    "--interface": "interface", "--ingress": "ingress", "--egress": "egress",
}  # fmt: skip
_OF_FILES = {
    "--hostname": "hostname", "--domainname": "domainname", "--dns": "dns", "--dns-search": "search", "--dns-option": "options", "--add-host": "hosts",
}  # fmt: skip
_WHY_NOT = {
    HOST: ("the program has the machine's own network", "it can be reached where it listens; leave the option out, or take another network"),
    NONE: ("without a network there is nothing to give it", "leave the option out, or name a network"),
    CONTAINER: ("the network is the other container's", "say it where that one is started: nw run --name {of}, or nw connect, nw publish"),
}


def mistakes(wanted: Wanted, networks: "Mapping[str, Network]") -> "list[Mistake]":
    """Every one. (That the name is free, and the program there, others know.)"""
    return list(dict.fromkeys([
        *_refused(wanted), *_words(wanted), *_ports(wanted), *_hosts(wanted), *_rates(wanted), *_on_networks(wanted, networks),
    ]))  # fmt: skip


def _refused(wanted: Wanted) -> "Iterator[Mistake]":
    """Options that have no meaning in the mode."""
    if wanted.mode == NETWORKS:
        return
    what, fix = _WHY_NOT[wanted.mode]
    for option, field in {**_OF_NETWORKS, **(_OF_FILES if wanted.mode == CONTAINER else {})}.items():
        if getattr(wanted, field):
            yield Mistake((option,), f"not with --network {wanted.mode}: {what}", fix.replace("{of}", wanted.of))


def _words(wanted: Wanted) -> "Iterator[Mistake]":
    if wanted.name and (why := names.why_not_container(wanted.name)):
        yield Mistake(("--name",), why)
    for option, text, check in (("--hostname", wanted.hostname, names.why_not_hostname), ("--domainname", wanted.domainname, names.why_not_domain)):
        if text and (why := check(text)):
            yield Mistake((option,), why)
    for text in wanted.dns:
        yield from _address("--dns", text)
    for text in wanted.search:
        if text != "." and (why := names.why_not_domain(text)):
            yield Mistake(("--dns-search",), why)
    for text in wanted.options:
        if not text or not text.isprintable() or not text.isascii() or any(c.isspace() for c in text):
            yield Mistake(("--dns-option",), f"{shown(text)} is no option of resolv.conf(5)", "as in ndots:2 or timeout:1")
    for text in wanted.labels:
        if not text.partition("=")[0]:
            yield Mistake(("--label",), f"{shown(text)} is no label", "write KEY=VALUE")


def _address(option: str, text: str) -> "Iterator[Mistake]":
    try:
        number_of(text)
    except ValueError:
        yield Mistake((option,), f"{shown(text)} is no address", "as in 192.0.2.53 or 2001:db8::53")


def _ports(wanted: Wanted) -> "Iterator[Mistake]":
    try:
        publishes(wanted, LOCAL)
    except Mistakes as error:
        for problem in error.problems:
            yield Mistake((f"--publish {problem.path[0]}",), problem.what, problem.fix)
    if wanted.publish_all and not wanted.expose:
        yield Mistake(("--publish-all",), "which ports? A program says nothing of its own", "name them: -P --expose 80, or -p 80")
    if wanted.expose and not wanted.publish_all:
        yield Mistake(("--expose",), "published is nothing by that", "write -P as well; other containers reach every port anyhow")


def publishes(wanted: Wanted, bind: "tuple[str, ...]") -> "tuple[Publish, ...]":
    """The ports; `bind`: where no address is given. Mistakes with all of theirs."""
    found = parse_all(wanted.publish, bind)
    more = tuple(exposed(text, bind) for text in wanted.expose) if wanted.publish_all else ()
    return (*found, *(item for item in more if item not in found))


def added(text: str) -> "tuple[str, str]":
    """NAME:ADDRESS (or NAME=ADDRESS) of --add-host. Wrong."""
    at = min((text.index(mark) for mark in ":=" if mark in text), default=len(text))
    name, address = text[:at], text[at + 1 :]
    if not name or not address:
        raise Wrong(f"{shown(text)} is no name with an address", "write NAME:ADDRESS, as in db:192.0.2.7")
    if why := names.why_not_hostname(name):
        raise Wrong(why)
    address = address[1:-1] if address[:1] == "[" and address[-1:] == "]" else address
    if address != GATEWAY:
        try:
            number_of(address)
        except ValueError:
            raise Wrong(f"{shown(address)} is no address", f"as in {name}:192.0.2.7 or {name}:2001:db8::7, or {name}:{GATEWAY} for the machine") from None
    return name, address


def _hosts(wanted: Wanted) -> "Iterator[Mistake]":
    for text in wanted.hosts:
        try:
            _, address = added(text)
        except Wrong as wrong:
            yield Mistake(("--add-host",), wrong.what, wrong.fix)
            continue
        if address == GATEWAY and wanted.mode == NONE:
            yield Mistake(("--add-host",), f"{text}: without a network there is no way to the machine", "name a network")


def _rates(wanted: Wanted) -> "Iterator[Mistake]":
    for option, text in (("--ingress", wanted.ingress), ("--egress", wanted.egress)):
        try:
            rate(text or "0")
        except Wrong as wrong:
            yield Mistake((option,), wrong.what, wrong.fix)


def _on_networks(wanted: Wanted, networks: "Mapping[str, Network]") -> "Iterator[Mistake]":
    known = {DEFAULT: None, **networks}
    for on in wanted.on:
        if on.network not in known:
            create = "" if names.why_not_network(on.network) else f" Or make it: nw network create {on.network}"
            close = near(on.network, known)
            yield Mistake(("--network",), f"there is no network {shown(on.network)}", close + (create if close[-1:] == "?" else create.replace(" Or", "; or")))
        if [other.network for other in wanted.on].count(on.network) > 1:
            yield Mistake(("--network",), f"{shown(on.network)} stands there twice", "once each")
        yield from _one(on)
    try:
        spots = placed(wanted, networks)
    except Mistakes as error:
        yield from error.problems
        return
    for on in spots:
        yield from _one(on)
    if wanted.publish and wanted.on and all(n.network in networks and not publishable(networks[n.network]) for n in wanted.on):
        yield Mistake(("--publish",), "none of the networks has ports of the host", "internal and macvlan networks have none: take one more that has, --network bridge")


def _one(on: On) -> "Iterator[Mistake]":
    for text in on.addresses:
        yield from _address("--ip", text)
    if on.mac and (why := why_not_hardware(on.mac)):
        yield Mistake(("--mac-address",), why, "as in 02:00:00:00:00:05")
    for alias in on.aliases:
        if why := names.why_not_domain(alias):
            yield Mistake(("--network-alias",), why)
    if on.interface and (why := names.why_not_interface(on.interface)):
        yield Mistake(("--interface",), why)


# -- whose is what -------------------------------------------------------------------------------------------------------------


def publishable(network: "Network") -> bool:
    """Whether ports of the host can lead to it."""
    return network.driver == "bridge" and network.mode != "internal"


def placed(wanted: Wanted, networks: "Mapping[str, Network]") -> "tuple[On, ...]":
    """The networks, each with what is its own: an address goes where it lies, the rest goes with the first. Mistakes."""
    if not wanted.on:
        return ()
    first, *others = wanted.on
    spots = [replace(first, mac=wanted.mac or first.mac, aliases=(*first.aliases, *wanted.aliases), interface=wanted.interface or first.interface)]
    spots += [replace(on, aliases=(*on.aliases, *wanted.aliases)) for on in others]
    for text in wanted.ips:
        at = _where(text, wanted.on, networks)
        spots[at] = replace(spots[at], addresses=(*spots[at].addresses, text))
    return tuple(spots)


def _where(text: str, on: "Sequence[On]", networks: "Mapping[str, Network]") -> int:
    try:
        number, family = number_of(text)
    except ValueError:
        return 0  # told by `_one`
    known = [(at, networks[one.network]) for at, one in enumerate(on) if one.network in networks]
    for at, network in known:
        if any(net(subnet.network).holds(number, family) for subnet in network.subnets):
            return at
    if len(known) < len(on):
        return 0  # a network that is yet to be made, or is told of already
    subnets = ", ".join(f"{subnet.network} ({network.name})" for _, network in known for subnet in network.subnets)
    raise Mistakes([Mistake(("--ip",), f"{text} is in none of the networks", f"these are {subnets or 'without addresses'}")])


def joinings(wanted: Wanted, name: str, networks: "Mapping[str, Network]") -> "tuple[Joining, ...]":
    """What members.join is to do, one after the other. The ports go with the network that the default route goes through."""
    able = next((on.network for on in wanted.on if publishable(networks[on.network])), "")
    shared = Joining(name, "", hostname=wanted.hostname, servers=wanted.dns, ingress=rate(wanted.ingress or "0"), egress=rate(wanted.egress or "0"))
    return tuple(
        replace(
            shared, network=on.network, interface=on.interface, addresses=on.addresses, mac=on.mac.lower(), aliases=on.aliases,
            publish=publishes(wanted, networks[on.network].bind) if on.network == able else (),
        )
        for on in placed(wanted, networks)
    )  # fmt: skip
