"""The shape of a lab file, written out: pydantic models, one class for each thing. expand.py makes everything look like this.

`validated` gives the model, or every mistake with its path. The JSON Schema for editors is made from these models by
json_schema.py, which adds the short forms.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from ..model.kinds import MODULES
from . import phrases, words
from .fields import Table, Word, Words, anything, wrong
from .nodes import Wrong
from .topology import Check, Publish
from .words import Names

TEXT = {"type": "string"}
NUMBER = {"type": ["integer", "string"]}
NAME = {"type": "string", "description": "letters, digits and - (RFC 1123); ranges n{1..3}, {a,b}"}
ADDRESS = {"type": "string", "examples": ["10.0.0.1/24", "fd00::1/64", "10.0.0.{i}/24"]}
END = {"type": "string", "examples": ["a:eth0", "a", "sw1"]}
NETWORK = {"type": "string", "examples": ["10.7.0.0/16", "fd07::/48"]}
KINDS = tuple(MODULES)
PROTOCOLS = phrases.PROTOCOLS
ROUTE_TYPES = ("unicast", "blackhole", "unreachable", "prohibit", "none")
ROUTINGS = ("static", "none")


def _one_per_family(networks: tuple[str, ...]) -> None:
    if len({":" in network for network in networks}) < len(networks):
        raise wrong(f"{' and '.join(networks)} are of one family", "at most one IPv4 and one IPv6 network")


def _two_ends(ends: tuple[Any, ...]) -> None:
    if len(ends) != 2:
        raise wrong(f"a cable has two ends, and this is {len(ends)}", 'write ["a:eth0", "b:eth0"] or a:eth0 -- b:eth0')


def _one_for_each_end(addresses: list[Any]) -> list[Any]:
    if len(addresses) != 2:
        raise wrong(f"a cable has two ends, and here are addresses for {len(addresses)}", "[10.0.0.1/30, 10.0.0.2/30], or [auto, none]")
    return addresses


def _integers(low: int, high: int) -> dict[str, Any]:
    return {"anyOf": [{"type": "integer", "minimum": low, "maximum": high}, {"type": "string", "pattern": r"\{|^[0-9]+$"}]}


Bool = Annotated[bool, Word(words.boolean, {"type": "boolean"})]
Text = Annotated[str, Word(words.free_text, TEXT)]
Name = Annotated[str, Word(words.label, NAME)]
Device = Annotated[str, Word(words.device, {"type": "string", "description": "a device, at most 15 bytes; ranges eth{0..3}"})]
Mtu = Annotated[int, Word(words.mtu, _integers(68, 65535))]
Rate = Annotated[int, Word(words.rate, {"type": ["string", "integer"], "examples": ["10mbit", "1gbit", "100kbps"]})]
Delay = Annotated[int, Word(words.delay, {"type": "string", "examples": ["20ms", "500us", "1s"]})]
Loss = Annotated[float, Word(words.loss, {"type": ["string", "number"], "examples": ["1%", "0.1%"]})]
Addresses = Annotated[tuple[str, ...] | None, Words(words.address, ADDRESS, {"none": (), "auto": None})]
Subnets = Annotated[tuple[str, ...] | None, Words(words.network, NETWORK, {"none": (), "auto": None}, _one_per_family)]
Networks = Annotated[tuple[str, ...], Words(words.network, NETWORK, {"none": ()})]
Options = Annotated[dict[str, Any], Table(words.free_text, anything, {"type": ["string", "integer", "boolean", "array"]})]
Published = Annotated[tuple[Publish, ...], Words(phrases.publish, {"type": "string", "examples": ["8080:web1:80", "127.0.0.1:8000-8010:web1:8000-8010/udp"]})]
Switch = Annotated[str, Word(words.known_switch, NAME)]
Kind = Annotated[str, Word(words.one_of("kind of link", KINDS), {"enum": list(KINDS)})]
Mac = Annotated[str, Word(words.mac, {"type": "string", "examples": ["02:00:00:00:00:01"]})]
Vlan = Annotated[int, Word(words.vlan_id, _integers(1, 4094))]
Target = Annotated[str, Word(words.route_target, {"type": "string", "examples": ["default", "10.0.0.0/8"]})]
Gateway = Annotated[str, Word(words.gateway, {"type": "string", "examples": ["gw", "10.0.0.1"]})]
Metric = Annotated[int, Word(words.whole(0, 2**32 - 1, "metric"), _integers(0, 2**32 - 1))]
RouteType = Annotated[str, Word(words.one_of("type of route", ROUTE_TYPES), {"enum": list(ROUTE_TYPES)})]
Sysctls = Annotated[dict[str, str], Table(words.sysctl_key, words.sysctl_value, {"type": ["string", "integer"]})]
Domains = Annotated[tuple[str, ...], Words(words.domain, TEXT)]
Party = Annotated[str, Word(words.party, NAME)]
Port = Annotated[int, Word(words.port_number, _integers(1, 65535))]


def _vlans(text: str, names: Names) -> tuple[int, ...]:
    first, dash, last = text.partition("-")
    low, high = words.vlan_id(first, names), words.vlan_id(last if dash else first, names)
    if high < low:
        raise Wrong(f"{text!r} is no range of VLANs", f"write {high}-{low}")
    return tuple(range(low, high + 1))


class Open(BaseModel):
    """What every part of a lab file has in common: no key that is not listed."""

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)


class LinkFile(Open):
    """A device of a host: a cable to a switch, or of another kind."""

    switch: Switch = Field("", description="the switch that it is plugged into")
    kind: Kind = Field("veth", description="what it is, as ip(8) calls it")
    parent: Device = Field(
        "", description="the device of the same host that a macvlan, ipvlan, vlan or vxlan stands on"
    )
    master: Device = Field("", description="the bridge or bond of the same host that it is a port of")
    addresses: Addresses = Field(None, description="addresses with their length; auto: handed out; none: none at all")
    mtu: Mtu = Field(0, description="the largest packet, in bytes; that of the switch or cable when not given")
    mac: Mac = Field("", description="its hardware address")
    up: Bool = Field(True, description="false: left down")
    mode: Annotated[Any, Word(anything, TEXT)] = Field(
        None, description="of a macvlan, ipvlan or bond: bridge, l2, active-backup …"
    )
    id: Annotated[int | None, Word(words.whole(0, 2**24 - 1, "number of a vlan or vxlan"), NUMBER)] = Field(
        None, description="the number of a vlan or vxlan"
    )
    remote: Annotated[str | None, Word(words.gateway, TEXT)] = Field(
        None, description="the far end of a tunnel: an address or a host"
    )
    local: Annotated[str | None, Word(words.plain_address, TEXT)] = Field(
        None, description="the near end of a tunnel: an address"
    )
    port: Annotated[int | None, Word(words.port_number, NUMBER)] = Field(
        None, description="the UDP port of a vxlan, 4789 when not given"
    )
    group: Annotated[str | None, Word(words.plain_address, TEXT)] = Field(
        None, description="the multicast group of a vxlan"
    )
    options: Options = Field({}, description="further settings of its kind, by ip(8)'s words")
    rate: Rate = Field(0, description="how fast, in tc(8)'s words")
    delay: Delay = Field(0, description="how long a packet takes (needs netem)")
    loss: Loss = Field(0.0, description="which part of the packets is lost (needs netem)")
    vlan: Vlan = Field(0, description="the untagged VLAN of its port")
    trunk: Annotated[tuple[int, ...], Words(_vlans, {"type": ["integer", "string"], "examples": [10, "20-29"]})] = Field(
        (), description="the tagged VLANs of its port"
    )
    isolated: Bool = Field(False, description="its port does not talk to other isolated ports")
    hairpin: Bool = Field(False, description="its port gets back what it sent")


class RouteFile(Open):
    """One route."""

    to: Target = Field(description="default, a network, an address or a switch")
    via: Gateway = Field("", description="an address or a host")
    link: Device = Field("", description="the device that it leaves by")
    metric: Metric = Field(0, description="the lowest is taken first")
    type: RouteType = Field(
        "unicast", description="blackhole, unreachable, prohibit; none (of default): no default route at all"
    )


    @model_validator(mode="after")
    def _consistent(self) -> RouteFile:
        if self.type == "none" and (self.to != "default" or self.via or self.link):
            raise wrong("none is for default, and for nothing else: no default route", "default: none")
        if self.type == "unicast" and not self.via and not self.link:
            raise wrong("this route leads nowhere", "give it via: (an address or a host), link: (a device), or type: blackhole")
        if self.type != "unicast" and (self.via or self.link):
            raise wrong(f"a route of type {self.type} has neither via nor link", "take them out, or the type")
        return self


class HostFile(Open):
    """A namespace with programs."""

    links: dict[Device, LinkFile] = Field({}, description="its devices by name")
    router: Bool = Field(False, description="it forwards")
    nat: Annotated[tuple[str, ...], Words(words.free_text, NAME)] = Field(
        (), description="towards these switches or devices packets leave under its own address"
    )
    publish: Published = Field(
        (), description="ports of a router that lead to other hosts: [ADDRESS:]PORT:HOST:PORT[/udp]"
    )
    routes: list[RouteFile] = Field([], description="routes by target: a gateway, a type, or a mapping")
    sysctls: Sysctls = Field({}, description="keys that begin with net.")
    dns: Annotated[tuple[str, ...], Words(words.gateway, {"type": "string", "examples": ["10.0.0.53", "dns1"]})] = Field(
        (), description="name servers: addresses or hosts"
    )
    search: Domains = Field((), description="domains that names are looked for in")
    aliases: Domains = Field((), description="further names")
    zone: Annotated[str, Word(words.known_zone, NAME)] = Field("", description="its zone, for the policy")


class SwitchFile(Open):
    """A bridge."""

    subnets: Subnets = Field(None, description="its networks, one of each family; from the pool when not given; none")
    mtu: Mtu = Field(0, description="the largest packet on it, 1500 when not given")
    stp: Bool = Field(False, description="the spanning tree protocol, for switches in a loop")
    vlans: Bool = Field(False, description="filter by VLAN")
    addresses: Annotated[tuple[str, ...], Words(words.address, ADDRESS, {"none": ()})] = Field(
        (), description="addresses of the bridge itself"
    )
    options: Options = Field({}, description="further settings of a bridge, by ip(8)'s words")


class CableFile(Open):
    """A cable between two hosts, a host and a switch, or two switches."""

    ends: Annotated[tuple[tuple[str, str], ...], Words(words.cable_end, END, None, _two_ends)] = Field(
        description='HOST:DEVICE, HOST or SWITCH, two of them, or "a:eth0 -- b:eth1"'
    )
    subnets: Subnets = Field(None, description="its networks, one of each family; from the pool when not given; none")
    addresses: Annotated[list[Addresses], AfterValidator(_one_for_each_end)] = Field(
        [], description="the addresses of one end and of the other"
    )
    mtu: Mtu = Field(0, description="the largest packet on it, in bytes")
    rate: Rate = Field(0, description="how fast, in tc(8)'s words")
    delay: Delay = Field(0, description="how long a packet takes (needs netem)")
    loss: Loss = Field(0.0, description="which part of the packets is lost (needs netem)")


class PolicyFile(Open):
    """Who may talk to whom."""

    source: Party = Field(alias="from", description="a host, a switch (all hosts on it), a zone, or *")
    target: Party = Field(alias="to", description="a host, a switch (all hosts on it), a zone, or *")
    allow: Annotated[tuple[str, ...], Words(words.allowance, TEXT, {"none": ()})] = Field(
        (), description="what passes, and nothing else: tcp/80, udp/53, tcp, icmp, all"
    )
    deny: Annotated[tuple[str, ...], Words(words.allowance, TEXT)] = Field(
        (), description="what does not pass, while all else does: all, tcp/22 …"
    )


    @model_validator(mode="after")
    def _consistent(self) -> PolicyFile:
        given = self.model_fields_set & {"allow", "deny"}
        if len(given) != 1:
            raise wrong(f"this policy has {'both' if given else 'neither'} allow {'and' if given else 'nor'} deny", "one of them: allow: [tcp/80], or deny: all")
        return self


class CheckFile(Open):
    """A check with its parts by name."""

    source: Annotated[str, Word(words.known_host, NAME)] = Field(alias="from", description="a host")
    target: Annotated[str, Word(phrases.target, NAME)] = Field(alias="to", description="a host or an address")
    expect: Annotated[str, Word(words.one_of("check", phrases.KINDS), {"enum": list(phrases.KINDS)})] = Field(
        "", description="connect when there is a port, else ping"
    )
    port: Port = Field(0, description="the port to connect to")
    protocol: Annotated[str, Word(words.one_of("protocol with ports", PROTOCOLS), {"enum": list(PROTOCOLS)})] = Field(
        "tcp", description="tcp or udp"
    )
    text: Annotated[str, Word(words.any_text, TEXT)] | None = Field(None, description="how it is called in reports")


    @model_validator(mode="after")
    def _consistent(self) -> CheckFile:
        pings = (self.expect or ("connect" if self.port else "ping")) in ("ping", "noping")
        if pings and self.port:
            raise wrong("a ping has no port", "take out the port, or expect: connect")
        if not pings and not self.port:
            raise wrong("this check does not say which port", "add port: 80")
        return self


CheckText = Annotated[Check, Word(phrases.check, {"type": "string", "examples": ["a -> b:80", "a -x b:22", "a ping b"]})]
Checks = Annotated[
    Annotated[CheckText, Tag("[text]")] | Annotated[CheckFile, Tag("[mapping]")],
    Discriminator(lambda item: "[mapping]" if isinstance(item, (dict, CheckFile)) else "[text]"),
]


class LabFile(Open):
    """A lab."""

    lab: Name = Field("", description="the lab's name; that of the file when not given")
    pool: Annotated[tuple[str, ...], Words(words.network, NETWORK, None, _one_per_family)] = Field(
        (), description="networks that what is not given is handed out from, one of each family"
    )
    uplink: Bool = Field(False, description="NAT to the machine's network")
    routing: Annotated[str, Word(words.one_of("way of routing", ROUTINGS), {"enum": list(ROUTINGS)})] = Field(
        "static", description="static: routers know every subnet; none: only what is written"
    )
    publish: Published = Field(
        (), description="ports of the machine that lead into the lab: [ADDRESS:]PORT:HOST:PORT[/udp]"
    )
    hosts: dict[Name, HostFile] = Field({}, description="hosts by name; ranges n{1..3}")
    switches: dict[Annotated[str, Word(words.switch_name, NAME)], SwitchFile] = Field(
        {}, description="switches by name"
    )
    cables: list[CableFile] = Field([], description="cables from point to point")
    policy: list[PolicyFile] = Field([], description="who may talk to whom")
    zones: dict[Name, Annotated[tuple[str, ...], Words(words.known_host, NAME)]] = Field(
        {}, description="hosts by zone, for the policy"
    )
    checks: list[Checks] = Field([], description="what must work, and what must not")
