"""Addresses and prefixes in words, by ip(8)'s rules.

`10.8` is 10.8.0.0 (not 10.0.0.8, as the C library has it), `10/8` is 10.0.0.0/8, a number may be hex or octal, a length may be
a netmask. `default`, `any` and `all` are the prefix of length 0; only `default` brings zero bytes along, and only where the
family is known.
"""


from ..kernel.inet import AF_BRIDGE, AF_INET, AF_INET6, AF_MPLS, AF_PACKET, AF_UNSPEC, aton, ntoa
from ..model.value import value
from .exits import LOCAL, Exit
from .words import strtol, unsigned

BITS = {AF_INET: 32, AF_INET6: 128, AF_MPLS: 20}
FAMILY_NAMES = {AF_INET: "inet", AF_INET6: "inet6", AF_PACKET: "link", AF_MPLS: "mpls", AF_BRIDGE: "bridge"}
LONGEST_LLADDR = 20


@value
class Prefix:
    """An address with a length. `data` is empty for any/all; `given`: a length (or `default`) stood in the words."""

    family: int
    data: bytes
    length: int
    given: bool = False

    @property
    def text(self) -> str:
        """The address alone, as the kernel's tables have it: `10.8.0.0`; `` for any/all."""
        return ntoa(self.data) if self.data else ""

    @property
    def setting(self) -> "str | bytes":
        """The address as a setting of an operation: text where there is one."""
        return ntoa(self.data) if len(self.data) in (4, 16) else self.data

    @property
    def multicast(self) -> bool:
        """True for 224.0.0.0/4 and ff00::/8."""
        first = self.data[:1]
        return first == b"\xff" if self.family == AF_INET6 else b"\xe0" <= first <= b"\xef"

    def covers(self, data: bytes) -> bool:
        """True when the address `data` is in this prefix. A prefix of length 0 covers all, also other families."""
        if self.family == AF_UNSPEC or self.length <= 0:
            return True
        shift = len(self.data) * 8 - self.length
        return len(data) == len(self.data) and int.from_bytes(data) >> shift == int.from_bytes(self.data) >> shift


def prefix(text: str, family: int = AF_UNSPEC) -> Prefix:
    """ADDRESS[/LENGTH] of `family` (0: of any). Exit 1 `Error: inet prefix is expected rather than "…".`"""
    if family == AF_PACKET:
        raise Exit(LOCAL, f'Error: "{text}" may be inet prefix, but it is not allowed in this context.', fatal=True)
    found = find_prefix(text, family)
    if found is None:
        raise _expected("prefix", text, family)
    return found


def address(text: str, family: int = AF_UNSPEC) -> Prefix:
    """ADDRESS without a length. Exit 1 `Error: any valid address is expected rather than "…".`"""
    found = find_address(text, family)
    if found is None:
        raise _expected("address", text, family)
    return found


def find_prefix(text: str, family: int = AF_UNSPEC) -> Prefix | None:
    """As `prefix`, but None when it is none."""
    host, slash, behind = text.partition("/")
    found = find_address(host, family)
    if found is None:
        return None
    if not slash:
        return Prefix(found.family, found.data, max(found.length, 0), found.given)
    length = prefix_length(behind)
    if host in _WORDS or length is None or length > BITS.get(found.family, 0):
        return None
    return Prefix(found.family, found.data, length, True)


_WORDS = ("default", "any", "all")


def find_address(text: str, family: int = AF_UNSPEC) -> Prefix | None:
    """As `address`, but None when it is none. The length is that of the family, 0 for default/any/all."""
    if family == AF_MPLS:
        from .front import NotOurs

        raise NotOurs("addresses of family mpls")
    if text in _WORDS:
        zeros = b"\0" * (BITS.get(family, 0) // 8) if text == "default" else b""
        return Prefix(family, zeros, 0, text == "default")
    if family == AF_PACKET:
        data = hardware_address(text)
        return Prefix(AF_PACKET, data, len(data) * 8)
    if ":" in text:
        return _v6(text) if family in (AF_UNSPEC, AF_INET6) else None
    return _v4(text) if family in (AF_UNSPEC, AF_INET) else None


def _v6(text: str) -> Prefix | None:
    try:
        return Prefix(AF_INET6, aton(text, AF_INET6), 128)
    except ValueError:
        return None


def _v4(text: str) -> Prefix | None:
    numbers = [strtol(part) for part in text.split(".")]
    if len(numbers) > 4 or any(number is None or not 0 <= number <= 255 for number in numbers):
        return None
    data = bytes([number or 0 for number in numbers])
    return Prefix(AF_INET, data.ljust(4, b"\0"), 32)


def prefix_length(text: str) -> int | None:
    """A length in digits, or the number of ones in a netmask (255.255.255.0); None for anything else."""
    length = unsigned(text)
    if length is not None:
        return length
    mask = find_address(text, AF_INET)
    if mask is None:
        return None
    host = ~int.from_bytes(mask.data) & 0xFFFFFFFF
    return None if host & (host + 1) else 32 - host.bit_length()


# -- hardware addresses --------------------------------------------------------------------------------------------------


def hardware_address(text: str) -> bytes:
    """`aa:bb:…` of any number of bytes up to 20, or an IPv4 address (4 bytes). Exit 1 `"x" is invalid lladdr.`"""
    if "." in text:
        found = find_address(text, AF_INET)
        if found is None:
            raise _bad_lladdr(text, "with a dot in it, it has to be an IPv4 address")
        return found.data
    return bytes([_byte(part) for part in text.split(":")[:LONGEST_LLADDR]])


def lladdr_setting(text: str) -> str | bytes:
    """A hardware address as a setting of an operation: text where that means the same to the codec, else bytes."""
    data = hardware_address(text)
    return data.hex(":") if len(data) == 6 else data


def _byte(part: str) -> int:
    """One part in hex, as C's %x reads it: up to the first character that is no digit."""
    body = part.lstrip(" \t\n\v\f\r").lower().removeprefix("+")
    body = body[2:] if body[:2] == "0x" else body
    end = next((at for at, c in enumerate(body) if c not in "0123456789abcdef"), len(body))
    if not end or int(body[:end], 16) > 255:
        raise _bad_lladdr(part, "a hardware address is written as bytes in hex: 02:00:00:00:00:01")
    return int(body[:end], 16)


def _bad_lladdr(text: str, why: str) -> Exit:
    return Exit(LOCAL, f'"{text}" is invalid lladdr.', why=why)


# -- when it is none -------------------------------------------------------------------------------------------------------


def _expected(what: str, text: str, family: int) -> Exit:
    kind = FAMILY_NAMES.get(family, "???") if family else "any valid"
    return Exit(
        LOCAL,
        f'Error: {kind} {what} is expected rather than "{text}".',
        advice=lambda: why_not(what, text, family),
        fatal=True,
    )


def why_not(what: str, text: str, family: int) -> tuple[str, str]:
    """(why, fix): the reason why `text` is no address or prefix."""
    host, slash, behind = text.partition("/")
    if not text:
        return "the word is empty", ""
    if slash and what == "address":
        return f"an address without a length belongs here, so no /{behind}", f"write {host}"
    if family and find_address(host) is not None:
        other = "IPv6" if ":" in host else "IPv4"
        return (
            f"{host} is an {other} address, and the words before it (or the option -4 or -6) ask for another family",
            "",
        )
    if slash and (found := find_address(host)) is not None:
        return _why_not_length(host, behind, found)
    return _why_not_host(host), ""


def _why_not_length(host: str, behind: str, found: Prefix) -> tuple[str, str]:
    if host in _WORDS:
        return f"{host} has no length", f"write {host}"
    most = BITS[found.family]
    kind = "IPv6" if found.family == AF_INET6 else "IPv4"
    return (
        f'"{behind}" is no prefix length: that of an {kind} address is 0 to {most}',
        f"for this one address write {host}/{most}",
    )


def _why_not_host(host: str) -> str:
    if ":" in host:
        return "not an IPv6 address" + (": the device goes into `dev NAME`, not behind %" if "%" in host else "")
    parts = host.split(".")
    if host[:1].isalpha():
        return "neither an address nor a keyword of this command (names of hosts are not looked up)"
    if len(parts) > 4:
        return f"an IPv4 address has four numbers, this has {len(parts)}"
    bad = next((part for part in parts if (strtol(part) is None or not 0 <= (strtol(part) or 0) <= 255)), "")
    return f'"{bad}" is not a number from 0 to 255'
