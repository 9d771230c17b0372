"""The attributes of traffic control, as tables: what stands in TCA_OPTIONS of each kind of queue.

Sources: linux/rtnetlink.h (struct tcmsg, TCA_*), linux/pkt_sched.h. Values here are the kernel's own, in its own units; tc_kinds.py
has them in plain ones.
"""

from struct import Struct

from . import rtnl
from .codec import BYTES, FLAG, S64, STRING, U8, U32, U64, Codec, Layout, chosen_by, nest, record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .codec import Lookup

_RATE = ("cell_log", "linklayer", "overhead", "cell_align", "mpu", "rate")
_RATE_FORM = "BBHhHI"


def _rates(*owners: str) -> list[str]:
    """The fields of a struct tc_ratespec for each owner: rate_overhead, rate_rate …"""
    return [f"{owner}_{field}" for owner in owners for field in _RATE]


TBF = Layout(
    "tbf",
    {
        1: ("parms", record("=" + 2 * _RATE_FORM + "III", *_rates("rate", "peak"), "limit", "buffer", "mtu")),
        2: ("rtab", BYTES),
        3: ("ptab", BYTES),
        4: ("rate64", U64),
        5: ("prate64", U64),
        6: ("burst", U32),
        7: ("pburst", U32),
    },
)

HTB = Layout(
    "htb",
    {
        1: ("parms", record("=" + 2 * _RATE_FORM + "IIIII", *_rates("rate", "ceil"), "buffer", "cbuffer", "quantum", "level", "prio")),
        2: ("init", record("=IIIII", "version", "rate2quantum", "defcls", "debug", "direct_pkts")),
        3: ("ctab", BYTES),
        4: ("rtab", BYTES),
        5: ("direct_qlen", U32),
        6: ("rate64", U64),
        7: ("ceil64", U64),
        9: ("offload", FLAG),
    },
)

NETEM = Layout(
    "netem",
    {
        1: ("corr", record("=III", "delay", "loss", "duplicate")),
        2: ("delay_dist", BYTES),
        3: ("reorder", record("=II", "probability", "correlation")),
        4: ("corrupt", record("=II", "probability", "correlation")),
        5: ("loss", BYTES),
        6: ("rate", record("=IiIi", "rate", "packet_overhead", "cell_size", "cell_overhead")),
        7: ("ecn", U32),
        8: ("rate64", U64),
        10: ("latency64", S64),
        11: ("jitter64", S64),
        12: ("slot", BYTES),
        13: ("slot_dist", BYTES),
    },
)
_NETEM = record("=IIIIII", "latency", "limit", "loss", "gap", "duplicate", "jitter")
_NETEM_SIZE = 24
_PRIO = Struct("=i16B")


def _netem(data: bytes) -> "dict[str, Any]":
    """struct tc_netem_qopt, and attributes behind it."""
    if len(data) < _NETEM_SIZE:
        raise ValueError("too short")
    return {"parms": _NETEM.decode(data), **dict(NETEM.decode(data, _NETEM_SIZE).items())}


def _pack_netem(value: "dict[str, Any]", lookup: "Lookup | None") -> bytes:
    more = {name: item for name, item in value.items() if name != "parms"}
    return _NETEM.encode(value["parms"], lookup) + NETEM.encode(more, lookup)


def _prio(data: bytes) -> "dict[str, Any]":
    """struct tc_prio_qopt"""
    bands, *priomap = _PRIO.unpack_from(data)
    return {"bands": bands, "priomap": tuple(priomap)}


_FIFO = record("=I", "limit")
OPTIONS: dict[str, Codec] = {
    # Without NLA_F_NESTED, as tc sends them: kernels before 5.3 check it nowhere.
    "tbf": nest(TBF, 0),
    "htb": nest(HTB, 0),
    "netem": Codec(_netem, _pack_netem),
    "prio": Codec(_prio, lambda value, _: _PRIO.pack(value["bands"], *value["priomap"])),
    "pfifo": _FIFO,
    "bfifo": _FIFO,
}


def _options(kind: "str | None") -> Codec:
    return OPTIONS.get(kind or "", BYTES)


TCA = Layout(
    "tc",
    {
        1: ("kind", STRING),
        2: ("options", chosen_by("kind", _options, 0)),
        3: ("stats", BYTES),
        4: ("xstats", BYTES),
        5: ("rate", BYTES),
        6: ("fcnt", BYTES),
        7: ("stats2", BYTES),
        8: ("stab", BYTES),
        10: ("dump_invisible", FLAG),
        11: ("chain", U32),
        12: ("hw_offload", U8),
        13: ("ingress_block", U32),
        14: ("egress_block", U32),
        15: ("dump_flags", BYTES),
        16: ("ext_warn_msg", STRING),
    },
)
TC = rtnl.Family("tc", "=BxxxiIII", "family index handle parent info", TCA)
NEWQDISC, DELQDISC, GETQDISC = 36, 37, 38
NEWTCLASS, DELTCLASS, GETTCLASS = 40, 41, 42
