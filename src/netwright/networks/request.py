"""The words of `nw network create` (Docker's, and plain ones) as a network whose open parts creation.py chooses.

`--subnet` may be given once for each subnet; each `--gateway`, `--range` and `--reserve` belongs to the subnet that it is in.
`--subnet /28` is any subnet of that length. `-o` takes Docker's long keys as well as the plain ones.
"""

from ..model.addressing import net, number_of
from ..model.value import replace, value
from . import checks
from .mistakes import Mistake, Wrong, near, shown, told
from .network import NO_GATEWAY, Network, Subnet, span_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

_BRIDGE, _NETWORK = "com.docker.network.bridge.", "com.docker.network."
_UNITS = {"": 1, "bit": 1, "kbit": 10**3, "mbit": 10**6, "gbit": 10**9, "tbit": 10**12, "kibit": 2**10, "mibit": 2**20, "gibit": 2**30}
_UNITS |= {unit.replace("bit", "bps"): 8 * factor for unit, factor in _UNITS.items() if unit}  # tc(8): bps is bytes a second
_GATEWAY_MODES = {"nat": "nat", "nat-unprotected": "nat", "routed": "routed", "isolated": "internal"}


@value
class Asked:
    """What was asked for: the `draft`, the `families` that it shall have (None: not said), the `lengths` of subnets to choose."""

    draft: Network
    families: "tuple[int, ...] | None" = None
    lengths: "tuple[tuple[int, int], ...]" = ()


def asked(
    draft: Network, *, subnets: "Sequence[str]" = (), gateways: "Sequence[str]" = (), ranges: "Sequence[str]" = (),
    reserved: "Sequence[str]" = (), options: "Sequence[str]" = (), labels: "Sequence[str]" = (), ipv4: "bool | None" = None,
    ipv6: "bool | None" = None,
) -> Asked:  # fmt: skip
    """The draft with these words in it; Mistakes with all of theirs. `ipv4` and `ipv6`: as said, None where not."""
    wrong: list[Mistake] = []
    lengths: dict[int, int] = {}
    found = _subnets(subnets, lengths, wrong)
    _place("gateway", gateways, found, wrong)
    _place("range", ranges, found, wrong)
    _reserve(reserved, found, wrong)
    draft = replace(draft, subnets=(*draft.subnets, *found), labels=(*draft.labels, *_pairs("label", labels, wrong, bare=True)))
    for key, text in _pairs("option", options, wrong):
        try:
            draft = with_option(draft, key, text)
        except Wrong as error:
            wrong.append(Mistake(("option", key), error.what, error.fix))
    wrong += _contradicted(draft, lengths, ipv4, ipv6)
    told([*wrong, *(checks.mistakes(draft) if wrong else ())])
    return Asked(draft, _families(draft, lengths, ipv4, ipv6), tuple(lengths.items()))


def _contradicted(draft: Network, lengths: "dict[int, int]", ipv4: "bool | None", ipv6: "bool | None") -> "Iterator[Mistake]":
    """Subnets of a family that the network shall be without."""
    have = [(subnet.family, subnet.network) for subnet in draft.subnets] + [(family, f"/{length}") for family, length in lengths.items()]
    for family, text in have:
        if {4: ipv4, 6: ipv6}[family] is False:
            yield Mistake(("subnets",), f"{text} is of IPv{family}, and the network shall have none", f"leave it out, or --no-ipv{family}")


def _families(draft: Network, lengths: "dict[int, int]", ipv4: "bool | None", ipv6: "bool | None") -> "tuple[int, ...] | None":
    """None where nothing is said: creation.py's own choice."""
    if ipv4 is None and ipv6 is None and not lengths:
        return None
    have = {subnet.family for subnet in draft.subnets} | set(lengths)
    said = {4: ipv4, 6: ipv6}
    usual = have or {4, 6}
    return tuple(family for family in (4, 6) if said[family] or (said[family] is None and family in usual))


def _subnets(texts: "Sequence[str]", lengths: "dict[int, int]", wrong: "list[Mistake]") -> "list[Subnet]":
    out = []
    for text in texts:
        if not text.startswith("/"):
            out.append(Subnet(text))
        elif text[1:].isascii() and text[1:].isdigit() and len(text) < 5 and 8 <= int(text[1:]) <= 126:
            length = int(text[1:])
            family = 4 if length <= 30 else 6
            if lengths.setdefault(family, length) != length:
                wrong.append(Mistake(("subnet",), f"two lengths for IPv{family}: /{lengths[family]} and {text}", "one of them"))
        else:
            wrong.append(Mistake(("subnet",), f"{shown(text)} is no length of a subnet", "from /8 to /30 for IPv4, from /31 to /126 for IPv6"))
    return out


def _place(field: str, texts: "Sequence[str]", subnets: "list[Subnet]", wrong: "list[Mistake]") -> None:
    """Give each to the subnet that it is in."""
    for text in texts:
        if text == NO_GATEWAY and field == "gateway":
            subnets[:] = [replace(subnet, gateway=subnet.gateway or NO_GATEWAY) for subnet in subnets]
            continue
        try:
            first, family = (number_of(text)[0] if field == "gateway" else span_of(text)[0]), 6 if ":" in text else 4
        except ValueError as error:
            wrong.append(Mistake((field,), f"{shown(text)} is no {'address' if field == 'gateway' else 'range'}", str(error)[:120]))
            continue
        at = _at(subnets, first, family)
        if at is None:
            wrong.append(Mistake((field,), f"{text} is in none of the subnets", _around(subnets)))
        elif getattr(subnets[at], field) not in ("", text, NO_GATEWAY):
            wrong.append(Mistake((field,), f"two of them for {subnets[at].network}: {getattr(subnets[at], field)} and {text}", "one of each subnet"))
        else:
            subnets[at] = replace(subnets[at], **{field: text})


def _at(subnets: "list[Subnet]", number: int, family: int) -> "int | None":
    for at, subnet in enumerate(subnets):
        try:
            if net(subnet.network).holds(number, family):
                return at
        except ValueError:
            continue  # told by checks
    return None


def _around(subnets: "list[Subnet]") -> str:
    return f"these are {', '.join(shown(s.network) for s in subnets)}" if subnets else "say which it is in: --subnet NETWORK"


def _reserve(texts: "Sequence[str]", subnets: "list[Subnet]", wrong: "list[Mistake]") -> None:
    """NAME=ADDRESS, or an address alone."""
    for text in texts:
        name, equals, address = text.rpartition("=")
        try:
            number, family = number_of(address)
        except ValueError:
            wrong.append(Mistake(("reserve",), f"{shown(address)} is no address", "as in --reserve printer=10.64.0.9"))
            continue
        at = _at(subnets, number, family)
        if at is None:
            wrong.append(Mistake(("reserve",), f"{address} is in none of the subnets", _around(subnets)))
            continue
        subnets[at] = replace(subnets[at], reserved=(*subnets[at].reserved, (name if equals else address, address)))


def _pairs(kind: str, texts: "Sequence[str]", wrong: "list[Mistake]", *, bare: bool = False) -> "list[tuple[str, str]]":
    out: dict[str, str] = {}
    for text in texts:
        key, equals, found = text.partition("=")
        if not key or not (equals or bare):
            wrong.append(Mistake((kind,), f"{shown(text)} is no {kind}", "write KEY=VALUE"))
        else:
            out[key] = found
    return list(out.items())


# -- options -----------------------------------------------------------------------------------------------------------------


def with_option(network: Network, key: str, text: str) -> Network:
    """The network with one `-o KEY=VALUE`, Docker's or a plain one. Wrong, with what there is."""
    plain = _DOCKERS.get(key, key)
    if plain not in _OPTIONS:
        if key.startswith("com.docker."):
            raise Wrong(f"{shown(key)} is not known here", near(key, _DOCKERS))
        raise Wrong(f"there is no option {shown(key)}", near(key, _OPTIONS))
    return replace(network, **_OPTIONS[plain](text))


def flag(text: str) -> bool:
    """true or false, as Docker takes them. Wrong."""
    word = text.lower()
    if word in ("true", "1", "yes", "on", "t", ""):
        return True
    if word in ("false", "0", "no", "off", "f"):
        return False
    raise Wrong(f"{shown(text)} is neither true nor false")


def whole(text: str) -> int:
    """A number. Wrong."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    raise Wrong(f"{shown(text)} is no number")


def rate(text: str) -> int:
    """Bits a second, in tc(8)'s words: 10mbit, 1gbit, 100kbps (bytes). Wrong."""
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
    unit = text[len(digits) :].strip().lower()
    whole_part, dot, rest = digits.partition(".")
    good = digits.isascii() and whole_part.isdigit() and (not dot or rest.isdigit()) and len(digits) < 16
    if not good or unit not in _UNITS:
        raise Wrong(f"{shown(text)} is no rate", "as in 10mbit, 1gbit or 100kbps")
    return round(float(digits) * _UNITS[unit])


def rates(ingress: str, egress: str) -> "tuple[int, int]":
    """Two of them, "" for none. Mistakes with both."""
    out, wrong = [], []
    for field, text in (("ingress", ingress), ("egress", egress)):
        try:
            out.append(rate(text or "0"))
        except Wrong as error:
            wrong.append(Mistake((field,), error.what, error.fix))
    told(wrong)
    return out[0], out[1]


def _mode(text: str) -> "dict[str, Any]":
    if text not in _GATEWAY_MODES:
        raise Wrong(f"there is no mode {shown(text)}", near(text, _GATEWAY_MODES))
    return {"mode": _GATEWAY_MODES[text]}


def _list(text: str) -> "tuple[str, ...]":
    return tuple(part for part in text.replace(" ", ",").split(",") if part)


def _bind(text: str) -> "tuple[str, ...]":
    return tuple("" if part == "*" else part.strip("[]") for part in _list(text))


_OPTIONS: "Mapping[str, Callable[[str], dict[str, Any]]]" = {
    "device": lambda text: {"device": text},
    "mtu": lambda text: {"mtu": whole(text)},
    "icc": lambda text: {"icc": flag(text)},
    "masquerade": lambda text: {"masquerade": flag(text)},
    "mode": _mode,
    "bind": lambda text: {"bind": _bind(text)},
    "allow": lambda text: {"allow": _list(text)},
    "trusted": lambda text: {"trusted": _list(text)},
    "parent": lambda text: {"parent": text},
    "macvlan_mode": lambda text: {"macvlan_mode": text},
    "shim": lambda text: {"shim": flag(text)},
    "ingress": lambda text: {"ingress": rate(text)},
    "egress": lambda text: {"egress": rate(text)},
}
_DOCKERS = {
    f"{_BRIDGE}name": "device", f"{_NETWORK}driver.mtu": "mtu", f"{_BRIDGE}enable_icc": "icc",
    f"{_BRIDGE}enable_ip_masquerade": "masquerade", f"{_BRIDGE}host_binding_ipv4": "bind", f"{_BRIDGE}gateway_mode_ipv4": "mode",
    f"{_BRIDGE}gateway_mode_ipv6": "mode", f"{_BRIDGE}trusted_host_interfaces": "trusted",
}  # fmt: skip
