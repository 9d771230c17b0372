"""Numbers of routes and what goes without saying: linux/rtnetlink.h RTN_*, RT_TABLE_*, RT_SCOPE_*, RTPROT_*, RTNH_F_*."""

UNSPEC, UNICAST, LOCAL, BROADCAST, ANYCAST, MULTICAST, BLACKHOLE, UNREACHABLE, PROHIBIT, THROW, NAT, XRESOLVE = range(12)
TABLE_DEFAULT, TABLE_MAIN, TABLE_LOCAL = 253, 254, 255
SCOPE_GLOBAL, SCOPE_SITE, SCOPE_LINK, SCOPE_HOST, SCOPE_NOWHERE = 0, 200, 253, 254, 255
PROTOCOL_UNSPEC, PROTOCOL_BOOT = 0, 3
DEAD, PERVASIVE, ONLINK, OFFLOADED, LINKDOWN, UNRESOLVED, TRAP = (1 << bit for bit in range(7))
NOTIFY, CLONED, LOOKUP_TABLE, FIB_MATCH = 0x100, 0x200, 0x1000, 0x2000
RT_OFFLOADED, RT_TRAP, RT_OFFLOAD_FAILED = 0x4000, 0x8000, 0x20000000
# ICMPV6_ROUTER_PREF_* (RFC 4191): two bits, signed
PREFERENCES = {"low": 3, "medium": 0, "high": 1}
# RTAX_*: which of the metrics a route can lock against path MTU discovery and TCP's own measuring, by number
METRICS = (
    "lock", "mtu", "window", "rtt", "rttvar", "ssthresh", "cwnd", "advmss", "reordering", "hoplimit", "initcwnd", "features",
    "rto_min", "initrwnd", "quickack", "cc_algo", "fastopen_no_cookie",
)  # fmt: skip
FEATURE_ECN = 1
_AF_INET6, _AF_MPLS = 10, 28


def lock_bit(metric: str) -> int:
    """The bit of RTAX_LOCK that stands for a metric."""
    return 1 << (METRICS.index(metric) + 1)


def usual_table(kind: int) -> int:
    """The table of a route that names none."""
    return TABLE_LOCAL if kind in (LOCAL, BROADCAST, NAT, ANYCAST) else TABLE_MAIN


def usual_scope(family: int, kind: int, *, delete: bool, gateway: bool) -> int:
    """The scope of a route that names none: how far away its destination is. `gateway`: it has one, or nexthops."""
    if family in (_AF_INET6, _AF_MPLS):
        return SCOPE_GLOBAL
    if kind in (LOCAL, NAT):
        return SCOPE_HOST
    if kind in (BROADCAST, MULTICAST, ANYCAST):
        return SCOPE_LINK
    if delete:
        return SCOPE_NOWHERE
    return SCOPE_LINK if kind in (UNICAST, UNSPEC) and not gateway else SCOPE_GLOBAL
