"""`ip neighbour show`, and how a neighbour is printed."""

import os

from ...kernel import rtnl
from ...kernel.inet import AF_INET, AF_INET6, ntoa
from ..hosts import host
from ..tables import name_of
from .filter import parse
from .states import EXT_LEARNED, EXT_MANAGED, OFFLOADED, PROXY, ROUTER, STATES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...kernel.rtnl import Message
    from ..context import Context

_DUMP_FILTERED = 0x20
# Devices whose hardware address is an IP address: linux/if_arp.h ARPHRD_TUNNEL, SIT, IPGRE; TUNNEL6, IP6GRE
_TUNNELS = {768: 4, 776: 4, 778: 4, 769: 16, 823: 16}


def main(context: "Context", words: list[str]) -> int:
    """Print the neighbours that the words ask for."""
    wanted = parse(context, words)
    header, values = wanted.request()
    found = context.dump(rtnl.GETNEIGH, header, values)
    context.out.open_array()
    warn_unless_filtered(context, wanted.master, found)
    for message in filter(wanted.wants, found):
        print_neighbour(context, message, with_device=not wanted.index)
    context.out.close_array()
    context.out.finish_json()
    return 0


def warn_unless_filtered(context: "Context", master: int, found: "list[Message]") -> None:
    """Old kernels (before 4.4) leave out the filter by master without a word."""
    if master and any(not message.flags & _DUMP_FILTERED for message in found):
        context.out.text_only("\nWARNING: Kernel does not support filtering by master device\n\n")


def print_neighbour(context: "Context", message: "Message", *, with_device: bool = True) -> None:
    """One neighbour: an object in JSON, a line in text. `message` may be an event (also DELNEIGH and GETNEIGH)."""
    out = context.out
    out.open_object()
    if message.kind == rtnl.DELNEIGH:
        out.put("deleted", "Deleted ", True)
    elif message.kind == rtnl.GETNEIGH:
        out.put("miss", "miss ", None)
    (_print_brief if context.options.brief else _print_whole)(context, message, with_device)
    out.text_only("\n")
    out.close_object()


def _print_brief(context: "Context", message: "Message", with_device: bool) -> None:
    out = context.out
    if "dst" in message:
        text = host(context, message["dst"])
        out.put("dst", f"{text:<39} ", text, color=_color(message))
    if with_device and message["index"]:
        name = context.links.name(message["index"])
        out.put("dev", f"{name:<16} ", name, color="ifname")
    if "lladdr" in message:
        text = lladdr(context, message)
        out.put("lladdr", text, text, color="mac")


def _print_whole(context: "Context", message: "Message", with_device: bool) -> None:
    out = context.out
    if "dst" in message:
        text = host(context, message["dst"])
        out.put("dst", f"{text} ", text, color=_color(message))
    if with_device and message["index"]:
        name = context.links.name(message["index"])
        out.text_only("dev ")
        out.put("dev", f"{name} ", name, color="ifname")
    if "lladdr" in message:
        text = lladdr(context, message)
        out.text_only("lladdr ")
        out.put("lladdr", f"{text} ", text, color="mac")
    _print_flags(context, message)
    if context.options.stats:
        _print_times(context, message)
    _print_state(context, message["state"])
    if message.get("protocol"):
        name = name_of("rt_protos", message["protocol"], numeric=bool(context.options.numeric))
        out.put("protocol", f"proto {name} ", name)


def _print_flags(context: "Context", message: "Message") -> None:
    flags = message["flags"]
    managed = message.get("flags_ext", 0) & EXT_MANAGED
    words = (
        ("router", flags & ROUTER), ("proxy", flags & PROXY), ("managed", managed),
        ("extern_learn", flags & EXT_LEARNED), ("offload", flags & OFFLOADED),
    )  # fmt: skip
    for word, there in words:
        if there:
            context.out.put(word, f"{word} ", None)


def _print_times(context: "Context", message: "Message") -> None:
    out = context.out
    if "cacheinfo" in message:
        info, hertz = message["cacheinfo"], os.sysconf("SC_CLK_TCK")
        if info.get("refcnt"):
            out.put("refcnt", f" ref {info['refcnt']}", info["refcnt"])
        for key, before in (("used", " used "), ("confirmed", "/"), ("updated", "/")):
            seconds = info.get(key, 0) // hertz
            out.put(key, f"{before}{seconds}", seconds)
    if "probes" in message:
        out.put("probes", f"probes {message['probes']} ", message["probes"])


def _print_state(context: "Context", state: int) -> None:
    if not state:
        return
    context.out.open_array("state")
    for name, bit in STATES.items():
        if state & bit:
            context.out.put("", f"{name.upper()} ", name.upper())
    context.out.close_array()


def lladdr(context: "Context", message: "Message") -> str:
    """The hardware address as text; on tunnels it is an IP address."""
    raw = message.attributes.raw[message.attributes.layout.by_name["lladdr"][0]]
    if len(raw) in (4, 16) and _TUNNELS.get(context.links.type(message["index"])) == len(raw):
        return ntoa(raw)
    return str(message["lladdr"])


def _color(message: "Message") -> str:
    return {AF_INET: "inet", AF_INET6: "inet6"}.get(message["family"], "")
