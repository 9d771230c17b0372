"""The cache line of a route that was asked for, and times and counters of a cached one: linux/in_route.h RTCF_*."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..context import Context

_FLAGS = {
    0x80000000: "local", 0x40000000: "reject", 0x20000000: "mc", 0x10000000: "brd", 0x08000000: "dst-nat",
    0x00800000: "src-nat", 0x00400000: "masq", 0x00020000: "dst-direct", 0x04000000: "src-direct",
    0x00040000: "redirected", 0x01000000: "redirect", 0x00200000: "fastroute", 0x00010000: "notify", 0x00080000: "proxy",
}  # fmt: skip


def print_cache_flags(context: "Context", flags: int) -> None:
    """`    cache <local,brd> ` on a line of its own."""
    out, left = context.out, flags & 0xFFFF0000
    out.open_array("cache")
    out.text_only(f"{out.newline}    cache {'<' if left else ''}")
    for bit, name in _FLAGS.items():
        if left & bit:
            left &= ~bit
            out.put("", name + ("," if left else "> "), name)
    if left:
        out.put("flags", f"{left:x}>", f"{left:x}")
    out.close_array()


def print_cache_information(context: "Context", info: dict[str, int]) -> None:
    """Seconds until it expires, its error, with -statistics its users and age."""
    out, hertz = context.out, os.sysconf("SC_CLK_TCK")
    if expires := info.get("expires"):
        seconds = int(expires / hertz)
        out.put("expires", f"expires {seconds}sec ", seconds)
    if error := info.get("error"):
        out.put("error", f"error {error} ", error)
    if context.options.stats:
        _print_use(context, info, hertz)
    if number := info.get("id"):
        out.put("ipid", f"ipid 0x{number:04x} ", hex(number))
    stamp, age = info.get("ts", 0), info.get("tsage", 0)
    if stamp or age:
        out.put("ts", f"ts 0x{stamp:x}", hex(stamp) if stamp else "0")
        out.put("tsage", f"tsage {age}sec ", age)


def _print_use(context: "Context", info: dict[str, int], hertz: int) -> None:
    out = context.out
    if users := info.get("clntref"):
        out.put("users", f"users {users} ", users)
    if used := info.get("used"):
        out.put("used", f"used {used} ", used)
    if last := info.get("lastuse"):
        out.put("age", f"age {last // hertz}sec ", last // hertz)
