"""Attachments of the core, by hand: python attachments.py VERB NUMBER [STEP]

add, delete, check, doubt   container NUMBER (its namespace is /run/netns/cNUMBER) on the bridge br0, with two published ports
STEP                 kill -9 at that operation (records, messages and transactions are counted)
"""

import os
import sys

from dying import count_calls, count_operations, killed_at

from netwright.errors import NetwrightError
from netwright.model.value import replace
from netwright.networks import attaching, firewall, records, wiring
from netwright.networks.records import Record
from netwright.networks.values import Attachment, Leg, Port


def described(n: int, port: int = 0) -> tuple[Attachment, wiring.Wiring, Record]:
    legs = (Leg(f"10.9.0.{n}/24", "10.9.0.1"), Leg(f"fd09::{n:x}/64", "fd09::1"))
    a = Attachment(f"test/c{n}", "n", "br0", f"veth{n}", "eth0", legs, tuple(wiring.defaults(legs, "eth0")), hairpin=True)
    wired = wiring.on_bridge(a, wiring.Bridge("br0", ("10.9.0.1/24", "fd09::1/64"), address="02:11:22:33:44:55"))
    ports = (Port("tcp", "", port or 8000 + n, 80), *(Port("tcp", host, 9000 + n, 80) for host in ("127.0.0.1", "::1")))
    elements = [e for leg in legs for e in (firewall.source(leg, a.owner), firewall.own(leg, "br0", a.owner))]
    elements += [e for leg in legs for p in ports for e in firewall.published(p, leg, a.owner)]
    return a, wired, Record(a.owner, "br0", (a.port,), tuple(elements), netns=f"/run/netns/c{n}")


def die_at(step: int) -> None:
    counted = killed_at(step)
    count_operations(counted)
    count_calls(counted, records, "put", "remove")
    count_calls(counted, attaching.tables, "put", "take_out", "load", "remove_if_last")


def main(verb: str, number: str, *more: str) -> int:
    n = int(number)
    if more:
        die_at(int(more[0]))
    a, wired, record = described(n, int(os.environ.get("PORT", "0")))
    if verb == "delete":
        attaching.detach(records.get("br0", a.owner) or replace(record, bridge=True))
        return 0
    if verb == "doubt":  # as a command leaves it that was killed, or whose way back failed
        records.put(replace(records.get("br0", a.owner), sure=False))
        return 0
    inside = os.open(record.netns, os.O_RDONLY)
    if verb == "check":
        print(attaching.steps(inside, wired), attaching.missing(record))
        return 0
    try:
        after = attaching.attach(inside, wired, record)
    except NetwrightError as error:
        print(type(error).__name__, error, file=sys.stderr)
        return 1
    print(after.namespaces["box"].devices["eth0"].address)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
