"""The small grammars of a lab file: names, addresses, rates, ports, checks. Each takes a text and gives a value, or Wrong.

What a text must refer to (a switch, a host) is asked of `Names`, with "did you mean" for what is not there.
"""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_interface, ip_network

from ..model.names import DEVICE_BYTES, why_not_device_name
from .nodes import Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from fractions import Fraction

LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_LABEL = re.compile(LABEL)
_DOMAIN = re.compile(rf"{LABEL}(?:\.{LABEL})*\.?")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")
_RATE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,9})?) ?([A-Za-z]*)")
_DELAY = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,9})?) ?([A-Za-zµ]+)")
_LOSS = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,17})?) ?%?")
_MAC = re.compile(r"[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}")
_SYSCTL = re.compile(r"net(?:[./][A-Za-z0-9_@:/-]+)+")
_POLICY = re.compile(r"(tcp|udp|sctp|icmp|all)(?:/([0-9]{1,5})(?:-([0-9]{1,5}))?)?")
_POLICY_TURNED = re.compile(r"([0-9]{1,5}(?:-[0-9]{1,5})?)/(tcp|udp|sctp)")
_PORTS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")

YES, NO = ("true", "yes", "on"), ("false", "no", "off")
_BITS = {"bit": 1, "kbit": 10**3, "mbit": 10**6, "gbit": 10**9, "tbit": 10**12}
_BITS |= {"kibit": 2**10, "mibit": 2**20, "gibit": 2**30, "tibit": 2**40}
_BITS |= {name.replace("bit", "bps"): 8 * bits for name, bits in _BITS.items()}
_BITS[""] = 1
_MICROSECONDS = {"us": 1, "usec": 1, "usecs": 1, "µs": 1, "ms": 10**3, "msec": 10**3, "msecs": 10**3}
_MICROSECONDS |= {"s": 10**6, "sec": 10**6, "secs": 10**6}


class Names:
    """What there is in a lab to refer to. `listed`: the file lists its zones, and a host can be in no other."""

    def __init__(
        self,
        hosts: Collection[str] = (),
        switches: Collection[str] = (),
        zones: Collection[str] = (),
        aliases: Collection[str] = (),
        listed: bool = False,
    ) -> None:
        self.hosts, self.switches, self.zones, self.aliases, self.listed = hosts, switches, zones, aliases, listed


def near(word: str, known: Iterable[str]) -> str:
    """`did you mean "front"?`, or what there is to choose from."""
    from difflib import get_close_matches

    every = sorted(set(known))
    # difflib takes 20 µs a name: among thousands, only those that begin or end like it.
    few = every if len(every) < 300 else [name for name in every if name[:1] == word[:1] or name[-2:] == word[-2:]][:300]
    lower = {name.lower(): name for name in reversed(few)}
    if found := get_close_matches(word.lower(), lower, 1, 0.6 if len(word) > 4 else 0.5):
        return f'did you mean "{lower[found[0]]}"?'
    if not every:
        return ""
    return "there is " + ", ".join(every[:12]) + (f" and {len(every) - 12} more" if len(every) > 12 else "")


def one_of(kind: str, known: Collection[str]) -> Callable[[str, Names], str]:
    """A reader of one word out of a few."""

    def read(text: str, names: Names) -> str:
        if text in known:
            return text
        raise Wrong(f"{text!r} is no {kind}", near(text, known))

    return read


def boolean(text: str, names: Names) -> bool:
    """true or false; YAML's yes, no, on, off as well."""
    word = text.lower()
    if word in YES or word in NO:
        return word in YES
    raise Wrong(f"{text!r} is neither true nor false")


def whole(low: int, high: int, what: str) -> Callable[[str, Names], int]:
    """A reader of a whole number."""

    def read(text: str, names: Names) -> int:
        if not _WHOLE.fullmatch(text):
            digits = text.replace("_", "").replace(",", "").lstrip("0")
            raise Wrong(f"{text!r} is no {what}", f"write {digits}" if _WHOLE.fullmatch(digits) else f"a whole number from {low} to {high}")
        if not low <= int(text) <= high:
            raise Wrong(f"{text} is no {what}", f"from {low} to {high}")
        return int(text)

    return read


mtu = whole(68, 65535, "MTU")
port_number = whole(1, 65535, "port")
vlan_id = whole(1, 4094, "VLAN")


def free_text(text: str, names: Names) -> str:
    """Anything that fits a line."""
    if not text or "\n" in text:
        raise Wrong("a line of text is wanted here" if text else "there is nothing here")
    return text


def any_text(text: str, names: Names) -> str:
    """Anything at all."""
    return str(text)


# -- names -----------------------------------------------------------------------------------------------------------------


def label(text: str, names: Names) -> str:
    """A name by RFC 1123: letters, digits and "-" inside, 63 characters."""
    if len(text) <= 63 and _LABEL.fullmatch(text):
        return text
    if len(text) > 63:
        raise Wrong(f"the name {text[:20] + '…'!r} has {len(text)} characters; 63 is the most (RFC 1123)")
    better = tidied(text)
    raise Wrong(f"{text!r} is no name: letters, digits, and - inside (RFC 1123)", f'"{better}" would do' if better else "")


def tidied(text: str) -> str:
    """What is left of a text as a name; "" for nothing."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:63].strip("-")


def switch_name(text: str, names: Names) -> str:
    """A name that is a bridge's as well."""
    label(text, names)
    if len(text) > DEVICE_BYTES:
        raise Wrong(f"the switch {text!r} has a name of {len(text)} bytes; its bridge is named after it: {DEVICE_BYTES} is the most")
    return text


def device(text: str, names: Names) -> str:
    """What the kernel takes as the name of a device."""
    if text == "lo":
        raise Wrong("lo is in every host already", "a macvlan or dummy device may have addresses of its own")
    if why := why_not_device_name(text):
        raise Wrong(f"{text!r} is no name for a device: {why}")
    return text


def domain(text: str, names: Names) -> str:
    """A name of one or more labels."""
    if len(text) <= 253 and _DOMAIN.fullmatch(text) and all(len(part) <= 63 for part in text.split(".")):
        return text
    raise Wrong(f"{text!r} is no domain name", "letters, digits, - and dots")


def known_switch(text: str, names: Names) -> str:
    """The name of a switch that is there."""
    return _known("switch", text, names.switches)


def known_host(text: str, names: Names) -> str:
    """The name of a host that is there."""
    if text in names.switches and text not in names.hosts:
        raise Wrong(f"{text!r} is a switch: a host is wanted here", near(text, names.hosts))
    return _known("host", text, names.hosts)


def known_zone(text: str, names: Names) -> str:
    """A zone: any, where `zones:` lists none."""
    return _known("zone", text, names.zones) if names.listed else label(text, names)


def _known(kind: str, text: str, known: Collection[str]) -> str:
    if text in known:
        return text
    raise Wrong(f"there is no {kind} {text!r}", near(text, known))


def cable_end(text: str, names: Names) -> tuple[str, str]:
    """HOST:DEVICE, or a SWITCH."""
    name, colon, dev = text.partition(":")
    if name in names.hosts:
        return name, device(dev, names) if colon else ""
    if name not in names.switches:
        raise Wrong(f"there is no host or switch {name!r}", near(name, {*names.hosts, *names.switches}))
    if colon:
        raise Wrong(f"{name!r} is a switch: its end has no device", f'write "{name}"')
    return name, ""


def party(text: str, names: Names) -> str:
    """Whom a policy is about: a host, a switch (all hosts on it), a zone, or * for all."""
    if text in ("*", "all", "any") and text not in names.hosts:
        return "*"
    if text in names.hosts or text in names.switches or text in names.zones:
        return text
    raise Wrong(f"there is no host, switch or zone {text!r}", near(text, {*names.hosts, *names.switches, *names.zones}))


# -- addresses -------------------------------------------------------------------------------------------------------------


def address(text: str, names: Names) -> str:
    """An address with the length of its network: 10.0.0.1/24."""
    if "%" in text:
        raise Wrong(f"{text!r}: an address in a lab has no %device")
    try:
        found = ip_interface(text)
    except ValueError:
        raise Wrong(f"{text!r} is no address", _written_like(text, "10.0.0.1/24 or fd00::1/64")) from None
    if "/" not in text:
        raise Wrong(f"{text!r} does not say how long its network is", f"write {text}/{24 if found.version == 4 else 64}")
    return str(found)


def plain_address(text: str, names: Names) -> str:
    """An address alone: 10.0.0.1."""
    try:
        if "%" not in text:
            return str(ip_address(text))
    except ValueError:
        pass
    raise Wrong(f"{text!r} is no address", "10.0.0.1 or fd00::1, without a length")


def network(text: str, names: Names) -> str:
    """A network: 10.0.0.0/24."""
    try:
        found = ip_network(text, strict=False)
    except ValueError:
        raise Wrong(f"{text!r} is no network", _written_like(text, "10.0.0.0/24 or fd00::/64")) from None
    if "/" not in text:
        raise Wrong(f"{text!r} does not say how long the network is", f"write {text}/{24 if found.version == 4 else 64}")
    if ip_interface(text).ip != found.network_address:
        raise Wrong(f"{text!r} is an address in a network", f"the network is {found}")
    return str(found)


def _written_like(text: str, otherwise: str) -> str:
    """Zeros in front of a number are what most wrong addresses have: some programs take them for octal."""
    better = re.sub(r"(?<![0-9a-fA-F:])0+(?=[0-9])", "", text)
    try:
        ip_interface(better)
    except ValueError:
        better = text
    return f"write {better}" if better != text else f"write it like {otherwise}"


def mac(text: str, names: Names) -> str:
    """Six bytes of a device, not of a group."""
    if not _MAC.fullmatch(text):
        raise Wrong(f"{text!r} is no MAC address", "six bytes in hexadecimal: 02:00:00:00:00:01")
    if int(text[:2], 16) & 1:
        raise Wrong(f"{text!r} is a MAC address of a group", "the first byte is even: 02:…")
    if not text.strip("0:"):
        raise Wrong("a device cannot have the MAC address of only zeros")
    return text.lower()


def route_target(text: str, names: Names) -> str:
    """default, a network, an address, or a switch (its subnets)."""
    if text == "default" or text in names.switches:
        return text
    if re.match(r"[0-9a-fA-F]*[:.]|[0-9]", text):
        if "/" in text:
            return network(text, names)
        return plain_address(text, names)
    raise Wrong(f"{text!r} is no target: default, a network, an address or a switch", near(text, {"default", *names.switches}))


def gateway(text: str, names: Names) -> str:
    """An address, or a host."""
    return text if text in names.hosts else _address_or(text, "host", names.hosts)


def _address_or(text: str, kind: str, known: Collection[str]) -> str:
    if re.fullmatch(r"[0-9.]+|[0-9a-fA-F]*:[0-9a-fA-F:.]*", text):
        return plain_address(text, Names())
    return _known(kind, text, known)


# -- quantities ------------------------------------------------------------------------------------------------------------


def rate(text: str, names: Names) -> int:
    """Bits per second, in tc's words: 10mbit, 1.5gbit, 100kbps (bytes)."""
    found = _RATE.fullmatch(text)
    unit = _BITS.get(found[2].lower()) if found else None
    if not found or unit is None:
        raise Wrong(f"{text!r} is no rate", "write it like 10mbit, 1.5gbit, 100kbit")
    bits = round(_decimal(found[1]) * unit)
    if not 0 < bits < 2**63:
        raise Wrong(f"{text!r} is no rate", "more than 0, less than 2^63 bits per second")
    return bits


def delay(text: str, names: Names) -> int:
    """Microseconds: 20ms, 500us, 1.5s."""
    found = _DELAY.fullmatch(text)
    unit = _MICROSECONDS.get(found[2].lower()) if found else None
    if not found or unit is None:
        raise Wrong(f"{text!r} is no time", f"write {text}ms" if _WHOLE.fullmatch(text) else "write it like 20ms, 500us, 1.5s")
    if (time := round(_decimal(found[1]) * unit)) >= 2**42:  # netem counts nanoseconds in a signed 64-bit number, with room to spare
        raise Wrong(f"{text!r} is too long", "less than 2^42 µs")
    return time


def loss(text: str, names: Names) -> float:
    """Percent."""
    found = _LOSS.fullmatch(text)
    if not found or float(found[1]) > 100:
        raise Wrong(f"{text!r} is no part of all packets", "write it like 1% or 0.1%, 100% at most")
    return float(found[1])


def _decimal(text: str) -> Fraction:
    from fractions import Fraction

    return Fraction(text)


# -- ports, sysctls --------------------------------------------------------------------------------------------------------


def port_range(text: str) -> tuple[int, int]:
    """(first, last) of 80 or 8000-8010; last is 0 for one."""
    found = _PORTS.fullmatch(text)
    if not found:
        raise Wrong(f"{text!r} is no port")
    first, last = port_number(_digits(found[1]), Names()), port_number(_digits(found[2]), Names()) if found[2] else 0
    if last and last < first:
        raise Wrong(f"{text!r} is no range of ports", f"write {last}-{first}")
    return first, 0 if last == first else last


def _digits(text: str) -> str:
    return text.lstrip("0") or "0"


def allowance(text: str, names: Names) -> str:
    """What a policy lets pass: tcp/80, udp/53, tcp/8000-8010, tcp, icmp, all."""
    if turned := _POLICY_TURNED.fullmatch(text):
        text = f"{turned[2]}/{turned[1]}"
    found = _POLICY.fullmatch(text)
    if not found:
        fix = f"write tcp/{text}" if _PORTS.fullmatch(text) else "write it like tcp/80, udp/53, tcp/8000-8010, tcp, icmp, all"
        raise Wrong(f"{text!r} is nothing that can be let through", fix)
    if not found[2]:
        return found[1]
    if found[1] in ("icmp", "all"):
        raise Wrong(f"{text!r}: {found[1]} has no ports", f"write {found[1]}")
    first, last = port_range(text.partition("/")[2])
    return f"{found[1]}/{first}" + (f"-{last}" if last else "")


_SYSCTLS = (
    "net.ipv4.ip_forward", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range",
    "net.ipv4.tcp_congestion_control", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_mtu_probing", "net.ipv4.tcp_ecn", "net.ipv4.tcp_sack", "net.ipv4.ip_nonlocal_bind",
    "net.ipv4.ip_default_ttl", "net.ipv4.fib_multipath_hash_policy", "net.ipv4.icmp_echo_ignore_all", "net.ipv4.conf.all.rp_filter",
    "net.ipv4.conf.all.arp_ignore", "net.ipv4.conf.all.arp_announce", "net.ipv4.conf.all.forwarding", "net.ipv4.conf.all.proxy_arp",
    "net.ipv4.conf.all.accept_redirects", "net.ipv4.conf.all.send_redirects", "net.ipv4.conf.all.route_localnet", "net.ipv6.bindv6only",
    "net.ipv6.conf.all.forwarding", "net.ipv6.conf.all.disable_ipv6", "net.ipv6.conf.all.accept_ra", "net.ipv6.conf.all.accept_dad",
    "net.core.somaxconn", "net.core.rmem_max", "net.core.wmem_max", "net.core.default_qdisc", "net.netfilter.nf_conntrack_max",
)  # fmt: skip


def sysctl_key(text: str, names: Names) -> str:
    """A key below net."""
    if _SYSCTL.fullmatch(text):
        return text if "." in text else text.replace("/", ".")
    known = {name.rpartition(".")[2]: name for name in reversed(_SYSCTLS)} | {name.removeprefix("net."): name for name in _SYSCTLS}
    last = text.replace("/", ".")
    found = f'did you mean "{known[last]}"?' if last in known else near(last, _SYSCTLS) if last else ""
    what = f"{text!r} is no sysctl of a network namespace: those begin with net."
    raise Wrong(what, found if found.startswith("did") else "")


def sysctl_value(text: str, names: Names) -> str:
    """What is written to the key."""
    word = text.lower()
    if word in YES or word in NO:
        raise Wrong(f"{text!r} is no value of a sysctl", f"write {int(word in YES)}")
    return free_text(text, names)
