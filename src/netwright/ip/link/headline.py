"""What every line about a link begins with: its name and that of its peer, its flags, its state."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

IFF_UP, IFF_RUNNING = 0x1, 0x40
# IFF_* in the order that they are printed; RUNNING is not, but its absence is (NO-CARRIER).
_FLAGS = {
    0x8: "LOOPBACK", 0x2: "BROADCAST", 0x10: "POINTOPOINT", 0x1000: "MULTICAST", 0x80: "NOARP", 0x200: "ALLMULTI",
    0x100: "PROMISC", 0x400: "MASTER", 0x800: "SLAVE", 0x4: "DEBUG", 0x8000: "DYNAMIC", 0x4000: "AUTOMEDIA",
    0x2000: "PORTSEL", 0x20: "NOTRAILERS", 0x1: "UP", 0x10000: "LOWER_UP", 0x20000: "DORMANT", 0x40000: "ECHO",
}  # fmt: skip
_STATES = ("UNKNOWN", "NOTPRESENT", "DOWN", "LOWERLAYERDOWN", "TESTING", "DORMANT", "UP")
_STATE_COLORS = {2: "down", 6: "up"}


def print_name(context: "Context", message: "Message", form: str) -> bool:
    """`NAME@PEER`; True when the peer is here and down (M-DOWN)."""
    out = context.out
    name = message.get("ifname", f"if{message['index']}")
    below = message.get("link")
    if below is None:
        out.put("ifname", form.format(name), name, color="ifname")
        return False
    down = False
    if below == 0:
        peer = "NONE"
        out.field("link", None)
    elif message.get("link_netnsid") is not None:
        peer = f"if{below}"
        out.field("link_index", below)
    else:
        found = context.links.message(below)
        peer = found.get("ifname", "") if found is not None else context.links.name(below)
        out.field("link", peer)
        down = found is not None and not found["flags"] & IFF_UP
    out.put("ifname", form.format(f"{name}@{peer}"), name, color="ifname")
    return down


_flag_texts: dict[tuple[int, bool], list[str]] = {}


def flag_names(flags: int, down: bool = False) -> list[str]:
    """IFF_* by name; what has none in hex."""
    key = flags, down
    if key not in _flag_texts:
        names = ["NO-CARRIER"] if flags & IFF_UP and not flags & IFF_RUNNING else []
        names += [name for bit, name in _FLAGS.items() if flags & bit]
        rest = flags & ~(sum(_FLAGS) | IFF_RUNNING)
        names += [f"{rest:x}"] if rest else []
        _flag_texts[key] = names + (["M-DOWN"] if down else [])
    return _flag_texts[key]


def print_flags(context: "Context", flags: int, down: bool) -> None:
    """`<UP,LOWER_UP> `."""
    names = flag_names(flags, down)
    if context.out.json:
        context.out.field("flags", names)
    else:
        context.out.text_only(f"<{','.join(names)}> ")


def print_state(context: "Context", message: "Message", *, brief: bool = False) -> None:
    """`state UP `; with `brief` the state alone, in a column."""
    state, out = message.get("operstate"), context.out
    if state is None:
        return
    if state >= len(_STATES):
        out.text_only(f"state {state:#x}")
        out.field("operstate_index", state)
        return
    name, color = _STATES[state], _STATE_COLORS.get(state, "")
    if brief:
        out.put("operstate", f"{name:<14} ", name, color=color)
    elif out.json:
        out.field("operstate", name)
    else:
        out.text_only("state ")
        out.text_only(f"{name} ", color)
