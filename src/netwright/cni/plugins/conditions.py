"""portmap's conditionsV4 and conditionsV6: words of iptables that say for which packets the ports are published, as words of nft.

    [!] -s, --source ADDRESS[/LENGTH],…      [!] -d, --destination ADDRESS[/LENGTH],…      [!] -i, --in-interface NAME or NAME+
    -m mark [!] --mark N[/MASK]              -m addrtype [!] --src-type LOCAL, [!] --dst-type LOCAL
    -m comment --comment TEXT                is left out

A packet of the host itself has come by no device: -i never holds for it, ! -i always.
"""

from ...model.addressing import around, number_of
from ...model.names import why_not_device_name
from ...networks.conditional import Match
from ..protocol.errors import UNSUPPORTED_FIELD, CniError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...model.addressing import Net

    Said = tuple[str | None, str | None]

_EVERY, _NONE = ("", ""), (None, None)
_KNOWN = "-s, -d, -i, -m mark --mark, -m addrtype --src-type LOCAL and --dst-type LOCAL, and -m comment are known"


def read(words: "Sequence[str]", family: int) -> Match:
    """What they say. ValueError for a word that is wrong; CniError 2, which names it, for what cannot be said in nft."""
    parts: list[Said] = []
    modules, seen = set(), set()
    rest = _opened(words)
    while rest:
        no = rest[0] == "!"
        word = _next(rest, no)
        if word in ("-m", "--match"):
            modules.add(_module(_value(rest, word), no))
            continue
        if word not in _READERS:
            raise CniError(UNSUPPORTED_FIELD, f"{word} is not among what ports can depend on", _KNOWN)
        module, name, reader = _READERS[word]
        if module and module not in modules:
            raise ValueError(f"-m {module} is missing before {word}")
        if name in seen:
            raise ValueError(f"{word} is said twice")
        seen.add(name)
        parts.append(reader(_value(rest, word), family, no))
    return Match(_joined([part[0] for part in parts]), _joined([part[1] for part in parts]))


def _opened(words: "Sequence[str]") -> "list[str]":
    """--source=X as two words."""
    out: list[str] = []
    for word in words:
        out += word.split("=", 1) if word.startswith("--") and "=" in word else [word]
    return out


def _next(rest: "list[str]", no: bool) -> str:
    if no:
        rest.pop(0)
    if not rest:
        raise ValueError("nothing behind the !")
    return rest.pop(0)


def _value(rest: "list[str]", word: str) -> str:
    if not rest or not rest[0]:
        raise ValueError(f"nothing behind {word}")
    if rest[0] == "!":
        raise ValueError(f"the ! stands before {word}")
    return rest.pop(0)


def _module(name: str, no: bool) -> str:
    if no:
        raise ValueError(f"there is no ! before -m {name}")
    if name not in ("comment", "mark", "addrtype"):
        raise CniError(UNSUPPORTED_FIELD, f"-m {name} is not among what ports can depend on", _KNOWN)
    return name


def _joined(parts: "list[str | None]") -> "str | None":
    return None if None in parts else " ".join(part for part in parts if part)


# -- one condition -----------------------------------------------------------------------------------------------------------------


def _addresses(side: str) -> "Callable[[str, int, bool], Said]":
    def reader(text: str, family: int, no: bool) -> "Said":
        networks = [_network(one, family) for one in text.split(",")]
        if no and len(networks) > 1:
            raise ValueError(f"! and several addresses ({text}): iptables takes one")
        if any(network.length == 0 for network in networks):
            return _NONE if no else _EVERY
        # nft wants no network within another in one set.
        kept = [n for n in dict.fromkeys(networks) if not any(m != n and m.length <= n.length and m.overlaps(n) for m in networks)]
        said = str(kept[0]) if len(kept) == 1 else f"{{ {', '.join(map(str, kept))} }}"
        words = f"{'ip6' if family == 6 else 'ip'} {side} {'!= ' if no else ''}{said}"
        return words, words

    return reader


def _network(text: str, family: int) -> "Net":
    address, slash, length = text.partition("/")
    most = 128 if family == 6 else 32
    try:
        number, found = number_of(address)
    except ValueError:
        found = 0
    if found != family:
        raise ValueError(f'"{text[:50]}" is no IPv{family} address, as in {"fd00::/8" if family == 6 else "10.0.0.0/8"}')
    if slash and not (length.isascii() and length.isdigit() and len(length) < 4 and int(length) <= most):
        raise ValueError(f'"{text[:50]}" has no length from 0 to {most} behind the /')
    return around(number, family, int(length) if slash else most)


def _device(text: str, _: int, no: bool) -> "Said":
    plain = text.removesuffix("+")
    if text == "+":
        return _NONE if no else _EVERY
    if why := why_not_device_name(plain):
        raise ValueError(why)
    if not plain.isascii() or set(plain) & set('"*\\$'):
        raise CniError(UNSUPPORTED_FIELD, f"-i {text} has characters that nft reads otherwise", "letters, digits and - _ . : @ are safe")
    words = f'iifname {"!= " if no else ""}"{plain}{"*" if text != plain else ""}"'
    return words, "" if no else None


def _mark(text: str, _: int, no: bool) -> "Said":
    number, slash, mask = text.partition("/")
    try:
        value, bits = int(number, 0), int(mask, 0) if slash else 0xFFFFFFFF
    except ValueError:
        raise ValueError(f'"{text[:50]}" is no mark, as in 0x10 or 0x10/0xff') from None
    if not (0 <= value <= 0xFFFFFFFF and 0 <= bits <= 0xFFFFFFFF):
        raise ValueError(f'"{text[:50]}" is more than 32 bits')
    if value & ~bits:
        return _EVERY if no else _NONE  # no masked mark is so
    if not bits:
        return _NONE if no else _EVERY
    what = "meta mark" if bits == 0xFFFFFFFF else f"meta mark & {bits:#x}"
    words = f"{what} {'!=' if no else '=='} {value:#x}"
    return words, words


def _type(side: str) -> "Callable[[str, int, bool], Said]":
    def reader(text: str, _: int, no: bool) -> "Said":
        if text.upper() != "LOCAL":
            raise CniError(UNSUPPORTED_FIELD, f"the address type {text[:50]} is not among what ports can depend on", _KNOWN)
        words = f"fib {side} type {'!= ' if no else ''}local"
        return words, words

    return reader


def _comment(_: str, __: int, no: bool) -> "Said":
    if no:
        raise ValueError("there is no ! before --comment")
    return _EVERY


_READERS: "dict[str, tuple[str, str, Callable[[str, int, bool], Said]]]" = {
    word: (module, words[-1], reader)
    for words, module, reader in (
        (("-s", "--src", "--source"), "", _addresses("saddr")),
        (("-d", "--dst", "--destination"), "", _addresses("daddr")),
        (("-i", "--in-interface"), "", _device),
        (("--mark",), "mark", _mark),
        (("--src-type",), "addrtype", _type("saddr")),
        (("--dst-type",), "addrtype", _type("daddr")),
        (("--comment",), "comment", _comment),
    )
    for word in words
}
