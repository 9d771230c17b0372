"""Events in words and as JSON."""

import json

import pytest

from netwright.hostmap.live.event import Event, neighbour_words, plain, route_words, rule_words, words
from netwright.model.neighbour import Neighbour
from netwright.model.route import Nexthop, Route
from netwright.model.rule import Rule

CASES = [
    (Event("namespace", "new", "1", "c1", text="(docker)"), "c1: namespace new (docker)"),
    (Event("namespace", "gone", "1", "c1"), "c1: namespace gone"),
    (Event("namespace", "changed", "1", "c1", text="was called c0"), "c1: namespace changed was called c0"),
    (Event("link", "changed", "1", "c1", "eth0", "down", ("2", "v"), "host"), "c1: link eth0 down · cable to host v"),
    (Event("link", "new", "1", "c1", "eth0", "veth up"), "c1: link eth0 new veth up"),
    (Event("link", "gone", "1", "c1", "eth0", "", ("2", "v"), ""), "c1: link eth0 gone"),
    (Event("address", "new", "1", "c1", "eth0", "10.0.0.1/24"), "c1: address 10.0.0.1/24 on eth0 new"),
    (Event("route", "gone", "1", "c1", "eth0", "default via 10.0.0.9 dev eth0"), "c1: route default via 10.0.0.9 dev eth0 gone"),
    (Event("lost", "changed", "1", "", text="more came"), "events were lost: more came"),
]


@pytest.mark.parametrize(("event", "text"), CASES, ids=[text for _, text in CASES])
def test_words(event: Event, text: str):
    assert words(event) == text


def test_json_leaves_out_what_is_empty():
    event = Event("link", "changed", "1", "c1", "eth0", "down", ("2", "v"), "host")
    assert plain(event, 1.5) == {
        "time": 1.5, "kind": "link", "action": "changed", "namespace": "c1", "id": "1", "device": "eth0", "text": "down",
        "peer": {"namespace": "host", "id": "2", "device": "v"},
    }  # fmt: skip
    assert plain(Event("namespace", "gone", "1", "a\n\x1b\udcff"), 0.0).keys() == {"time", "kind", "action", "namespace", "id"}


def test_a_line_of_json_is_one_line_whatever_the_name():
    text = json.dumps(plain(Event("namespace", "new", "1", "a\n\x1b[1m\u2028\udcff"), 0.0))
    assert text.isascii()
    assert text.isprintable()
    assert json.loads(text)["namespace"] == "a\n\x1b[1m\u2028\udcff"


def test_things_in_words():
    assert route_words(Route("default", via="10.0.0.1", link="eth0", metric=5, table=7)) == "default via 10.0.0.1 dev eth0 metric 5 table 7"
    assert route_words(Route("10.0.0.0/8", type="blackhole")) == "blackhole 10.0.0.0/8"
    assert route_words(Route("default", nexthops=(Nexthop("10.0.0.1"), Nexthop(link="b")))) == "default nexthop 10.0.0.1 nexthop b"
    assert rule_words(Rule(100, source="10.0.0.0/8", iif="a", table=7, fwmark=1)) == "100: from 10.0.0.0/8 iif a fwmark 0x1 lookup 7"
    assert rule_words(Rule(5, action="prohibit", invert=True)) == "5: not from all prohibit"
    assert neighbour_words(Neighbour("10.0.0.2", "eth0", "02:00:00:00:00:01", "reachable")) == "10.0.0.2 02:00:00:00:00:01 reachable"
