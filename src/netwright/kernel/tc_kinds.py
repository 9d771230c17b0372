"""Queues in plain units <-> as the kernel has them: bytes per second, bytes, microseconds, percent.

How it works. The kernel keeps bursts as times, in ticks of 64 ns, so that it can tell apart only some of the sizes. `canonical`
gives options as the kernel will tell them back: with its defaults filled in, and a burst that it cannot tell from a smaller one
as the smallest of these. Up to 125 Mbit/s every burst stays as it is. For `tbf` the kernel does the conversion itself, with
psched_l2t_ns(), which is repeated here to the bit; for `htb` whoever asks does it (as tc does).
Sources: linux/pkt_sched.h; net/sched/sch_{tbf,htb,netem,prio,fifo}.c; psched_ratecfg_precompute() in net/sched/sch_generic.c.
"""

from .codec import Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Options = dict[str, Any]
    Values = dict[str, Any]
    Told = Mapping[str, Any] | Attributes

TICK = 64  # ns, PSCHED_TICKS2NS(1): constant since 2.6.31, and what /proc/net/psched says
_SECOND = 10**9
_WHOLE = 0xFFFFFFFF  # 100 % as the kernel has it
_ETHERNET = 1  # TC_LINKLAYER_ETHERNET: the kernel then works without a table of 256 times (rtab)
_U32 = 1 << 32
_BURST = 1600  # tc's
_PRIOMAP = (1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1)


class Kind:
    """One kind: what must be said and what may be (with its default; None: left out), and the conversions."""

    __slots__ = ("config", "decode", "encode", "may", "must")

    def __init__(
        self, config: str, must: tuple[str, ...], may: "Options", encode: "Callable[[Options], Any]", decode: "Callable[[Any], Options]"
    ) -> None:
        self.config, self.must, self.may, self.encode, self.decode = config, must, may, encode, decode


def _rate(rate: int, options: "Options", owner: str) -> "Values":
    spec = {"linklayer": _ETHERNET, "overhead": options.get("overhead") or 0, "mpu": options.get("mpu") or 0}
    return {f"{owner}_{name}": number for name, number in {**spec, "rate": min(rate, _U32 - 1)}.items()}


def _rate64(rate: int, name: str) -> "Values":
    return {name: rate} if rate >= _U32 else {}


# -- tbf -----------------------------------------------------------------------------------------------------------------


def _factors(rate: int) -> tuple[int, int]:
    """(mult, shift): a byte takes mult >> shift nanoseconds. psched_ratecfg_precompute()"""
    factor, shift = _SECOND, 0
    while not ((factor // rate) & (1 << 31) or factor & (1 << 63)):
        factor, shift = factor << 1, shift + 1
    return factor // rate, shift


def _ticks_of(size: int, rate: int, overhead: int) -> int:
    mult, shift = _factors(rate)
    return ((size + overhead) * mult >> shift) // TICK


def _size_of(ticks: int, rate: int, overhead: int) -> int:
    """The smallest size that has so many ticks."""
    mult, shift = _factors(rate)
    return max(0, -(-(ticks * TICK << shift) // mult) - overhead)


def _encode_tbf(options: "Options") -> "Values":
    rate, peak = options["rate"], options.get("peakrate") or 0
    parms = {**_rate(rate, options, "rate"), "limit": options["limit"]}
    parms["buffer"] = _ticks_of(options["burst"], rate, options.get("overhead") or 0)
    values = {"parms": parms, "burst": options["burst"], **_rate64(rate, "rate64")}
    if peak:
        parms |= {**_rate(peak, options, "peak"), "mtu": _ticks_of(options.get("mtu") or 0, peak, options.get("overhead") or 0)}
        values |= {"pburst": options.get("mtu") or 0, **_rate64(peak, "prate64")}
    return values


def _decode_tbf(told: "Told") -> "Options":
    parms = told["parms"]
    rate, overhead = told.get("rate64") or parms["rate_rate"], parms["rate_overhead"]
    options = {"rate": rate, "burst": _size_of(parms["buffer"], rate, overhead), "limit": parms["limit"]}
    if parms["peak_rate"]:
        peak = told.get("prate64") or parms["peak_rate"]
        options |= {"peakrate": peak, "mtu": _size_of(parms["mtu"], peak, overhead)}
    return options | {name: parms[f"rate_{name}"] for name in ("overhead", "mpu") if parms[f"rate_{name}"]}


# -- htb -----------------------------------------------------------------------------------------------------------------


def _encode_htb(options: "Options") -> "Values":
    return {"init": {"version": 3, "rate2quantum": options["r2q"], "defcls": options["default"]}}


def _decode_htb(told: "Told") -> "Options":
    return {"default": told["init"]["defcls"], "r2q": told["init"]["rate2quantum"]}


def _encode_class(options: "Options") -> "Values":
    rate, ceil = options["rate"], options.get("ceil") or options["rate"]
    parms = {**_rate(rate, options, "rate"), **_rate(ceil, options, "ceil"), "prio": options["prio"]}
    # A quantum of 0 would be the kernel's choice, with a warning in its log where that is an odd one.
    parms["quantum"] = options.get("quantum") or min(max(rate // 10, 1000), 200_000)
    for name, size, speed in (("buffer", options["burst"], rate), ("cbuffer", options["cburst"], ceil)):
        parms[name] = -(-size * _SECOND // (speed * TICK))
    return {"parms": parms, **_rate64(rate, "rate64"), **_rate64(ceil, "ceil64")}


def _decode_class(told: "Told") -> "Options":
    parms = told["parms"]
    rate, ceil = told.get("rate64") or parms["rate_rate"], told.get("ceil64") or parms["ceil_rate"]
    options = {"rate": rate, "ceil": ceil, "prio": parms["prio"], "quantum": parms["quantum"]}
    for name, ticks, speed in (("burst", parms["buffer"], rate), ("cburst", parms["cbuffer"], ceil)):
        options[name] = ticks * TICK * speed // _SECOND
    return options | {name: parms[f"rate_{name}"] for name in ("overhead", "mpu") if parms[f"rate_{name}"]}


# -- netem ---------------------------------------------------------------------------------------------------------------

# option -> (the record that it stands in, its field); a correlation goes with what is before it
_CHANCES = {
    "loss": ("parms", "loss"), "duplicate": ("parms", "duplicate"), "reorder": ("reorder", "probability"),
    "corrupt": ("corrupt", "probability"), "delay_correlation": ("corr", "delay"), "loss_correlation": ("corr", "loss"),
    "duplicate_correlation": ("corr", "duplicate"), "reorder_correlation": ("reorder", "correlation"),
    "corrupt_correlation": ("corrupt", "correlation"),
}  # fmt: skip
_TIMES = {"delay": ("latency", "latency64"), "jitter": ("jitter", "jitter64")}


def _encode_netem(options: "Options") -> "Values":
    values: Values = {"parms": {"limit": options["limit"], "gap": options.get("gap") or (1 if options.get("reorder") else 0)}}
    for name, (where, field) in _CHANCES.items():
        if options.get(name):
            values.setdefault(where, {})[field] = round(options[name] / 100 * _WHOLE)
    if options.get("rate"):
        values["rate"] = {"rate": min(options["rate"], _U32 - 1)}
        values |= _rate64(options["rate"], "rate64")
    for name, (field, exact) in _TIMES.items():
        if options.get(name):
            # In ticks for kernels before 4.16, exactly for the others.
            values["parms"][field] = min(options[name] * 1000 // TICK, _U32 - 1)
            values[exact] = options[name] * 1000
    return values


def _decode_netem(told: "Told") -> "Options":
    parms = told["parms"]
    options: Options = {"limit": parms["limit"]}
    for name, (where, field) in _CHANCES.items():
        if chance := told.get(where, {}).get(field, 0):
            options[name] = _percent(chance)
    for name, (field, exact) in _TIMES.items():
        if time := told.get(exact, parms[field] * TICK):
            options[name] = time // 1000
    if "reorder" in options and parms["gap"]:
        options["gap"] = parms["gap"]
    if rate := told.get("rate64") or told.get("rate", {}).get("rate", 0):
        options["rate"] = rate
    return options


def _percent(chance: int) -> float:
    # Six digits: fewer than the kernel has, so that what was asked for comes back.
    return round(chance * 100 / _WHOLE, 6)


# -- the table -----------------------------------------------------------------------------------------------------------


def _as_they_are(names: tuple[str, ...]) -> "Callable[[Any], Options]":
    return lambda options: {name: options[name] for name in names}


def _nothing(_: "Any") -> "Any":
    return {}


_EXTRA = {"overhead": None, "mpu": None}
_NETEM = dict.fromkeys((*_CHANCES, *_TIMES, "rate", "gap"))
KINDS: dict[str, Kind] = {
    "tbf": Kind("CONFIG_NET_SCH_TBF", ("rate", "burst", "limit"), {"peakrate": None, "mtu": None, **_EXTRA}, _encode_tbf, _decode_tbf),
    "htb": Kind("CONFIG_NET_SCH_HTB", (), {"default": 0, "r2q": 10}, _encode_htb, _decode_htb),
    "netem": Kind("CONFIG_NET_SCH_NETEM", (), {"limit": 1000, **_NETEM}, _encode_netem, _decode_netem),
    "prio": Kind("CONFIG_NET_SCH_PRIO", (), {"bands": 3, "priomap": _PRIOMAP}, *[_as_they_are(("bands", "priomap"))] * 2),
    "pfifo": Kind("CONFIG_NET_SCH_FIFO", ("limit",), {}, *[_as_they_are(("limit",))] * 2),
    "bfifo": Kind("CONFIG_NET_SCH_FIFO", ("limit",), {}, *[_as_they_are(("limit",))] * 2),
    "ingress": Kind("CONFIG_NET_SCH_INGRESS", (), {}, _nothing, _nothing),
    "clsact": Kind("CONFIG_NET_SCH_INGRESS", (), {}, _nothing, _nothing),
}
CLASSES: dict[str, Kind] = {
    "htb": Kind(
        "CONFIG_NET_SCH_HTB",
        ("rate",),
        {"ceil": None, "burst": _BURST, "cburst": _BURST, "prio": 0, "quantum": None, **_EXTRA},
        _encode_class,
        _decode_class,
    )
}
# Other kinds, for the word of what a kernel lacks: tc's word and the rest of CONFIG_NET_SCH_…
_OTHERS = {
    "sfq": "SFQ", "red": "RED", "gred": "GRED", "sfb": "SFB", "choke": "CHOKE", "codel": "CODEL", "fq_codel": "FQ_CODEL", "fq": "FQ",
    "fq_pie": "FQ_PIE", "pie": "PIE", "cake": "CAKE", "drr": "DRR", "qfq": "QFQ", "hfsc": "HFSC", "hhf": "HHF", "ets": "ETS",
    "etf": "ETF", "cbs": "CBS", "taprio": "TAPRIO", "mqprio": "MQPRIO", "multiq": "MULTIQ", "plug": "PLUG", "teql": "TEQL",
    "skbprio": "SKBPRIO", "dualpi2": "DUALPI2",
}  # fmt: skip


def option_of(kind: str) -> str:
    """The kernel's configuration option that gives this kind; "" for a word that is none."""
    if kind in KINDS:
        return KINDS[kind].config
    return f"CONFIG_NET_SCH_{_OTHERS[kind]}" if kind in _OTHERS else ""
