"""A routing rule as it is."""

from .value import value

# FR_ACT_* of linux/fib_rules.h; `lookup` is FR_ACT_TO_TBL
ACTIONS = {1: "lookup", 2: "goto", 3: "nop", 6: "blackhole", 7: "unreachable", 8: "prohibit"}
INVERT = 0x2  # FIB_RULE_INVERT


@value
class Rule:
    """`priority`: the smallest is tried first. `source` and `destination` are networks, "" or all addresses.

    `action` is lookup (of `table`), goto (the rule `goto`), nop, blackhole, unreachable or prohibit. `invert` is ip's
    `not`. `source_ports` and `destination_ports` are (first, last). `protocol` is who made it, `ip_proto` what it matches.
    """

    priority: int = 0
    family: int = 4
    source: str = ""
    destination: str = ""
    table: int = 0
    action: str = "lookup"
    iif: str = ""
    oif: str = ""
    fwmark: int = 0
    fwmask: int = 0
    tos: int = 0
    goto: int = 0
    invert: bool = False
    ip_proto: int = 0
    source_ports: "tuple[int, int] | None" = None
    destination_ports: "tuple[int, int] | None" = None
    protocol: int = 0
