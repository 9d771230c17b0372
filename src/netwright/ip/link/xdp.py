"""The XDP program of a link, as far as rtnetlink tells: how it is attached, and its number. (Its name takes bpf(2).)"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

_MODES = {1: "xdp", 2: "xdpgeneric", 3: "xdpoffload", 4: "xdpmulti"}
_PROGRAMS = {"prog_id": "", "skb_prog_id": "generic", "drv_prog_id": "drv", "hw_prog_id": "offload"}
_MULTI = 4
_ATTACHED = {"skb_prog_id": 2, "drv_prog_id": 1, "hw_prog_id": 3}


def print_mode(context: "Context", message: "Message", link: bool) -> None:
    """`xdp `, `xdp/id:7 ` where the line with the program does not follow."""
    xdp, out = message["xdp"], context.out
    mode = xdp.get("attached", 0)
    if not mode:
        return
    if out.json:
        _as_json(context, xdp, mode)
        return
    number = xdp.get("prog_id")
    out.text_only(_MODES.get(mode, f"xdp[{mode}]") + (f"/id:{number} " if number and not link else " "))


def _as_json(context: "Context", xdp: "dict[str, int]", mode: int) -> None:
    out = context.out
    out.open_object("xdp")
    out.field("mode", mode)
    if xdp.get("prog_id"):
        out.field("prog", {"id": xdp["prog_id"]})
    out.open_array("attached")
    for key, attached in _ATTACHED.items():
        if xdp.get(key):
            out.field("", {"mode": attached, "prog": {"id": xdp[key]}})
    out.close_array()
    out.close_object()


def print_programs(context: "Context", message: "Message") -> None:
    """`    prog/xdp id 7 `, a line for each program."""
    xdp, out = message["xdp"], context.out
    mode = xdp.get("attached", 0)
    for key, suffix in _PROGRAMS.items():
        number = xdp.get(key)
        if mode and number and (key == "prog_id" or mode == _MULTI):
            out.text_only(f"{out.newline}    prog/xdp{suffix} id {number} ")
