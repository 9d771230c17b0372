"""The fixed table, and the words of its elements."""

import pytest

from netwright.model.nft_text import parsed, rendered
from netwright.networks import firewall
from netwright.networks.tables import with_elements
from netwright.networks.values import Leg, Port

LEG = Leg("10.9.0.2/24", "10.9.0.1")
LEG6 = Leg("fd09::2/64", "fd09::1")


def test_the_version_is_that_of_the_rules():
    assert firewall.digest() == firewall.VERSION


def test_nft_reads_the_table_back():
    table = firewall.table()
    assert parsed(rendered(table)) == {("inet", "netwright"): table}


@pytest.mark.parametrize(
    ("port", "leg", "elements"),
    [
        (Port("tcp", "", 8080, 80), LEG, [("publish4", 'tcp . 8080 comment "me" : 10.9.0.2 . 80')]),
        (Port("udp", "0.0.0.0", 53, 53), LEG, [("publish4", 'udp . 53 comment "me" : 10.9.0.2 . 53')]),
        (Port("tcp", "::", 8080, 80), LEG6, [("publish6", 'tcp . 8080 comment "me" : fd09::2 . 80')]),
        (Port("tcp", "127.0.0.1", 8080, 80), LEG, [("published4", '127.0.0.1 . tcp . 8080 comment "me" : 10.9.0.2 . 80')]),
        (Port("tcp", "::1", 8080, 80), LEG6, [("published6", '::1 . tcp . 8080 comment "me" : fd09::2 . 80')]),
        (Port("tcp", "::1", 8080, 80), LEG, []),
        (Port("tcp", "127.0.0.1", 8080, 80), LEG6, []),
        (
            Port("sctp", "", 9000, 90, 2),
            LEG,
            [("publish4", 'sctp . 9000 comment "me" : 10.9.0.2 . 90'), ("publish4", 'sctp . 9001 comment "me" : 10.9.0.2 . 91')],
        ),
    ],
)
def test_published(port, leg, elements):
    assert list(firewall.published(port, leg, "me")) == elements


def test_an_owner_cannot_break_out_of_its_comment():
    assert firewall.comment('x" } ; flush ruleset #\n') == ' comment "x? ? ? flush ruleset #?"'
    assert len(firewall.comment("y" * 500)) < 128


def test_one_operation_for_each_set():
    elements = [firewall.source(LEG, "me"), firewall.own(LEG, "br0", "me"), firewall.source(LEG6, "me"), firewall.source(Leg("10.9.0.3/24"), "me")]
    found = firewall.added(elements)
    assert [(op.set, len(op.elements)) for op in found] == [("sources4", 2), ("own4", 1), ("sources6", 1)]
    assert [(op.set, op.elements) for op in firewall.deleted(elements)] == [(op.set, op.elements) for op in found]


def test_the_table_with_elements_holds_each_key_once():
    twice = [("publish4", 'tcp . 80 comment "a" : 10.0.0.2 . 80'), ("publish4", 'tcp . 80 comment "b" : 10.0.0.3 . 80'), ("no-such", "x")]
    table = with_elements(twice)
    assert table.sets["publish4"].elements == {'tcp . 80 comment "a" : 10.0.0.2 . 80'}
    assert parsed(rendered(table))[("inet", "netwright")] == table
