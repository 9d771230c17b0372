"""A filter at a queue of a device: which packets are meant, and where they go. `tc filter`; linux/pkt_cls.h."""

from .value import value


@value
class Filter:
    """Of two at one place the one with the smaller `preference` is asked first; that number is the filter's name there.

    `parent` is "ingress" or "egress" of a device with the queue ingress or clsact, or the handle of a queue with classes ("1:").
    It takes packets from the network `source` to the network `destination` ("" is all of them): into the class `into` ("1:10"), or out
    of the device `redirect` instead of on their own way.

    >>> Filter("eth0", redirect="ifb0").parent
    'ingress'
    """

    link: str
    parent: str = "ingress"
    preference: int = 1
    source: str = ""
    destination: str = ""
    into: str = ""
    redirect: str = ""

    @property
    def protocol(self) -> str:
        """all, ip or ipv6: tc's word for whose packets are looked at."""
        network = self.source or self.destination
        return "ipv6" if ":" in network else "ip" if network else "all"
