"""Filters of one namespace, led to by a plan and looked at: python filters.py JSON [JSON] (the State wanted, one after another)."""

import json
import sys

from netwright.engine.enact import enact
from netwright.engine.narrow import Spots, look_at
from netwright.errors import NetwrightError
from netwright.model.filter import Filter
from netwright.model.qdisc import Qdisc
from netwright.model.state import Namespace, State
from netwright.model.value import replace
from netwright.plan.explain import shell
from netwright.plan.planner import plan


def main(*texts: str) -> None:
    for text in texts:
        said = json.loads(text)
        queues = frozenset(Qdisc(*(tuple(map(tuple, f)) if isinstance(f, list) else f for f in fields)) for fields in said["qdiscs"])
        filters = frozenset(Filter(*fields) for fields in said["filters"])
        like = State({"": Namespace(qdiscs=queues or frozenset([Qdisc("v0", "pfifo")]), filters=filters or frozenset([Filter("v0")]))})
        with Spots({"": None}) as place:
            now = look_at(place, {"": said["devices"]}, like=like)
            want = replace(now, namespaces={"": replace(now.namespaces[""], qdiscs=queues, filters=filters)})
            todo = plan(now, want)
            try:
                enact(todo, place)
            except NetwrightError as error:
                print(json.dumps([str(error)]))
                return
            seen = look_at(place, {"": said["devices"]}, like=like)
            left = [shell(op) for op in plan(seen, want)]
        print(json.dumps({"did": [shell(op) for op in todo], "left": left, "seen": seen.namespaces[""].filters == filters}))


main(*sys.argv[1:])
