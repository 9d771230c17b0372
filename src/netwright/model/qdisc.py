"""A queueing discipline, or a class of one, of a device: `tc qdisc`, `tc class`. linux/pkt_sched.h."""

from .value import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@value
class Qdisc:
    """`parent` is "root", "ingress", "clsact" or a class ("1:10"); `handle` "1:", and for a class of htb its number "1:10".

    `kind` is tc's word (tbf, htb, netem, ingress, clsact, pfifo …); with `leaf_class` it is a class and not a qdisc.
    `options` are sorted pairs, in plain units: rates in bytes per second, sizes in bytes (`limit` of netem in packets),
    times in microseconds, probabilities in percent.

    >>> Qdisc("eth0", "tbf", options=(("burst", 1600), ("limit", 3000), ("rate", 1250000))).parent
    'root'
    """

    link: str
    kind: str
    parent: str = "root"
    handle: str = ""
    options: "tuple[tuple[str, Any], ...]" = ()
    leaf_class: bool = False
