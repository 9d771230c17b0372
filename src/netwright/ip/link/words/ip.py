"""IP addresses among the options of a kind, as ip(8) reads them (`10.8` is 10.8.0.0, `any` is none at all)."""

from ...exits import LOCAL, Exit

INET, INET6 = 2, 10


def ipv4(text: str) -> bytes | None:
    """Up to four numbers with dots (decimal, 0x hex, 0 octal); those that are missing are 0. None when it is no address."""
    from ...words import strtol

    parts = [strtol(part) for part in text.split(".")]
    if len(parts) > 4 or any(part is None or not 0 <= part <= 255 for part in parts):
        return None
    return bytes([part or 0 for part in parts] + [0] * (4 - len(parts)))


def address(text: str, family: int = 0) -> tuple[int, str]:
    """(family, address in text; `` for `any` and `all`). Exit 1 when it is no address, or one of another family."""
    from ....kernel.inet import aton, ntoa

    if text in ("any", "all"):
        return family, ""
    if text == "default":
        return family, {INET: "0.0.0.0", INET6: "::"}.get(family, "")
    if ":" in text and family in (0, INET6):
        try:
            return INET6, ntoa(aton(text, INET6))
        except ValueError:
            raise expected(text, family) from None
    data = None if ":" in text or family not in (0, INET) else ipv4(text)
    if data is None:
        raise expected(text, family)
    return INET, ntoa(data)


def expected(text: str, family: int) -> Exit:
    """`Error: inet address is expected rather than "X".`, exit 1."""
    kind = {0: "any valid", INET: "inet", INET6: "inet6"}[family]
    return Exit(LOCAL, f'Error: {kind} address is expected rather than "{text}".', fatal=True)


def address32(text: str) -> str:
    """An IPv4 address where ip wants a 32-bit word. Exit 1 with ip's other complaint."""
    from ....kernel.inet import ntoa

    data = bytes(4) if text in ("any", "all", "default") else None if ":" in text else ipv4(text)
    if data is None:
        raise Exit(LOCAL, f'Error: an IP address is expected rather than "{text}"', fatal=True)
    return ntoa(data)


def is_multicast(text: str) -> bool:
    """224.0.0.0/4 or ff00::/8."""
    from ....kernel.inet import aton

    data = aton(text)
    return data[0] >> 4 == 14 if len(data) == 4 else data[0] == 0xFF
