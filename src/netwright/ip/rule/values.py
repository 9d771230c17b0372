"""What stands behind the keywords of `ip rule`: marks, ports, users, realms, protocols. Exit 255 with ip's words for anything else."""

import os

from ...model.names import DEVICE_BYTES, why_not_device_name
from ..exits import Exit, wrong
from ..tables import number_of, table
from ..words import strtol, unsigned

PROTOCOLS_FILE = "/etc/protocols"
_ANY_NUMBER = "a number from 0 to 4294967295 belongs here"
_DIGITS = "0123456789"


def preference(word: str) -> int:
    """The place of a rule: 0 to 4294967295, a lower number is asked earlier."""
    return _must(unsigned(word), word, "preference value is invalid", _ANY_NUMBER)


def target(word: str) -> int:
    """The preference that goto leads to."""
    return _must(unsigned(word), word, "invalid target", "the preference of a later rule belongs here")


def mark(word: str) -> tuple[int, int | None]:
    """(mark, mask) of `MARK[/MASK]`; no mask: None."""
    value, slash, mask = word.partition("/")
    found = _must(unsigned(value), value, "fwmark value is invalid", _ANY_NUMBER)
    return found, _must(unsigned(mask), mask, "fwmask value is invalid", _ANY_NUMBER) if slash else None


def traffic_class(word: str) -> int:
    """A name in rt_dsfield, or a number in hex."""
    named = next((number for number, name in table("rt_dsfield").items() if name == word), None)
    found = strtol(word, 16) if named is None else named
    if found is not None and not 0 <= found <= 255:
        found = None
    return _must(found, word, "TOS value is invalid", "a name in /etc/iproute2/rt_dsfield, or a number in hex: 0 to ff")


def tunnel(word: str) -> int:
    """A tunnel id of 64 bits."""
    return _must(unsigned(word, bits=64), word, '"tun_id" value is invalid', "a number of 64 bits belongs here")


def routing_table(word: str, message: str) -> int:
    """A name in rt_tables, or a number."""
    found = number_of("rt_tables", word, 0xFFFFFFFF)
    if found is None:
        known = sorted(table("rt_tables").values())
        raise wrong(word, message, why=f"one of {', '.join(known)}, or a number", fix=_similar(word, known))
    return found


def origin(word: str, message: str) -> int:
    """Who made the rule: a name in rt_protos, or a number."""
    return _must(number_of("rt_protos", word), word, message, "a name in /etc/iproute2/rt_protos, or 0 to 255")


def realms(word: str) -> int:
    """`[SOURCE/]DESTINATION` in names of rt_realms or numbers, or both as one number."""
    source, slash, destination = word.rpartition("/")
    low = number_of("rt_realms", destination) if destination else 0
    high = number_of("rt_realms", source) if slash else 0
    found = unsigned(word) if low is None or high is None else high << 16 | low
    return _must(found, word, "invalid realms", "[SOURCE/]DESTINATION, each a name in rt_realms or 0 to 255")


def device(word: str, keyword: str) -> str:
    """A device's name: 1 to 15 bytes without '/' and white space. The device need not be there."""
    size = len(word.encode("utf-8", "surrogateescape"))
    if not 0 < size <= DEVICE_BYTES or any(c in "/ \t\n\v\f\r" for c in word):
        raise wrong(word, f"{keyword} not a valid ifname", why=why_not_device_name(word))
    return word


def group(word: str) -> int:
    """A device group: a name in the file group, or a number."""
    found = number_of("group", word, 0x7FFFFFFF)
    return _must(found, word, 'Invalid "suppress_ifgroup" value', "a name in /etc/iproute2/group, or a number")


def prefix_limit(word: str) -> int:
    """A prefix length; routes with that length or a shorter one are left out."""
    found = unsigned(word, bits=31)
    return _must(found, word, "suppress_prefixlength value is invalid", "0 hides default routes, 24 all up to /24")


def users(word: str) -> dict[str, int]:
    """`FIRST-LAST`: user ids. As scanf reads it: what stands behind the second number does not count."""
    start, rest = _leading_number(word)
    end, _ = _leading_number(rest[1:]) if rest[:1] == "-" else (None, "")
    if start is None or end is None:
        raise wrong(
            word,
            "invalid UID range",
            why="two user ids with a - between them",
            fix=f"for one user: {start}-{start}" if start is not None else "",
        )
    return {"start": start & 0xFFFFFFFF, "end": end & 0xFFFFFFFF}


def ports(word: str, message: str) -> dict[str, int]:
    """`PORT` or `FIRST-LAST`. As scanf reads it: beyond 65535 it begins anew."""
    start, rest = _leading_number(word)
    if start is None:
        raise wrong(word, message, why="a port, or two ports with a - between them")
    end, _ = _leading_number(rest[1:]) if rest[:1] == "-" else (None, "")
    return {"start": start & 0xFFFF, "end": (start if end is None else end) & 0xFFFF}


def _leading_number(text: str) -> tuple[int | None, str]:
    """(number, rest) by scanf's %u; (None, text) when there is none."""
    body = text.lstrip(" \t\n\v\f\r")
    sign = -1 if body[:1] == "-" else 1
    body = body[1:] if body[:1] in ("+", "-") else body
    rest = body.lstrip(_DIGITS)
    digits = body[: len(body) - len(rest)]
    return (sign * int(digits), rest) if digits else (None, text)


def ip_protocol(word: str) -> int:
    """A protocol on top of IP: a number, or a name in /etc/protocols."""
    found = unsigned(word, 10, 8)
    if found is None:
        found = next((number for number, names in _protocols() if word in names), None)
    return _must(found, word, 'Invalid "ipproto" value', "a name in /etc/protocols (tcp, udp, icmp …), or 0 to 255")


def ip_protocol_name(number: int, *, numeric: bool = False) -> str:
    """`tcp` for 6; `ipproto-N` for a number without a name."""
    if not numeric:
        for known, names in _protocols():
            if known == number:
                return names[0]
    return f"ipproto-{number}"


def _protocols() -> list[tuple[int, list[str]]]:
    """(number, [name, other names …]) of each line of /etc/protocols; nothing without the file."""
    if not os.path.exists(PROTOCOLS_FILE):
        return []
    with open(PROTOCOLS_FILE, encoding="utf-8", errors="surrogateescape") as file:
        lines = [line.partition("#")[0].split() for line in file]
    return [(int(line[1]), [line[0], *line[2:]]) for line in lines if len(line) > 1 and line[1].isdigit()]


def _must(found: int | None, word: str, message: str, why: str) -> int:
    if found is None:
        raise wrong(word, message, why=why)
    return found


def _similar(word: str, known: list[str]) -> str:
    from ...model.meant import did_you_mean

    return did_you_mean(word, known)


def unknown(word: str, known: list[str]) -> Exit:
    """`argument "x" is wrong: Failed to parse rule type`: a word that is no keyword of `ip rule add`."""
    return wrong(word, "Failed to parse rule type", why="no keyword and no type of rule", fix=_similar(word, known))
