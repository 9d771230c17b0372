"""Queues of one namespace, added, deleted and shown; Qdisc values as lists in JSON.

python queues.py add|delete|show [JSON]
"""

import json
import sys

from netwright.engine.observe import link_names
from netwright.engine.session import Session
from netwright.errors import NetwrightError
from netwright.kernel import tc
from netwright.model.qdisc import Qdisc


def _frozen(item):
    return tuple(map(_frozen, item)) if isinstance(item, list) else item


def _main(verb: str, text: str = "[]") -> None:
    with Session() as session:
        try:
            for fields in json.loads(text):
                qdisc = Qdisc(*map(_frozen, fields))
                index = session.index(qdisc.link)
                tc.delete(session.netlink, qdisc, index) if verb == "delete" else tc.add(session.netlink, qdisc, index, verb)
        except NetwrightError as error:
            print(json.dumps([type(error).__name__, str(error)]))
            return
        found = tc.qdiscs(session.netlink, link_names(session))
        print(json.dumps(sorted([getattr(q, name) for name in Qdisc.__slots__] for q in found)))


_main(*sys.argv[1:])
