"""Questions as bytes, answers as bytes, with dnspython as the judge; and any bytes at all."""

import dns.flags
import dns.message
import dns.name
import dns.rcode
import pytest
from dns_fakes import BLUE, RED, Client, texts
from hypothesis import given
from hypothesis import strategies as st

from netwright.model.value import replace
from netwright.networks.dns import answers, message
from netwright.networks.dns.zone import Host, Zone

MANY = Zone("many", ("10.3.0.1",), hosts=tuple(Host(f"h{i}", ("all",), (f"10.3.{i >> 8}.{i & 255}",)) for i in range(700)))


@pytest.mark.parametrize(
    ("name", "kind", "rcode", "found"),
    [
        ("web", "A", "NOERROR", ["10.1.0.2"]),
        ("web", "AAAA", "NOERROR", ["fd00:1::2"]),
        ("db", "AAAA", "NOERROR", []),
        ("nobody", "A", "NXDOMAIN", []),
        ("2.0.1.10.in-addr.arpa", "PTR", "NOERROR", ["Web.lab."]),
        ("_http._tcp.web", "SRV", "NOERROR", ["10 10 80 Web.lab."]),
        ("web", "ANY", "NOERROR", ["10.1.0.2", "fd00:1::2"]),
        ("web", "TYPE65", "NOERROR", []),
    ],
)
@pytest.mark.parametrize("edns", [-1, 0])
def test_answers(name, kind, rcode, found, edns):
    client = Client()
    for _ in range(3):  # made, then kept
        answer = client.ask(name, kind, use_edns=edns)
        assert (dns.rcode.to_text(answer.rcode()), sorted(texts(answer))) == (rcode, found)
        assert answer.flags & dns.flags.AA
        assert answer.flags & dns.flags.RA
        assert answer.edns == edns
    assert len(client.udp.books["10.1.0.2"].kept) == 1


@pytest.mark.parametrize("name", ["wEb.LaB", "WEB", "web.lab."])
def test_the_letters_of_a_question_come_back(name):
    client = Client()
    for asked in (name, name.swapcase()):
        answer = client.ask(asked)
        assert answer.question[0].name.to_text() == dns.name.from_text(asked).to_text()
        assert answer.answer[0].name.to_text() == dns.name.from_text(asked).to_text()
    assert len(client.udp.books["10.1.0.2"].kept) == 1


def test_several_addresses_take_turns():
    client = Client()
    first = [texts(client.ask("www"))[0] for _ in range(5)]
    assert set(first[1:3]) == set(first[2:4]) == {"10.1.0.2", "10.1.0.3"}


def test_clients_see_their_own_networks_only():
    client = Client(address="10.1.0.3")
    assert client.ask("secret").rcode() == 3
    client.peer = ("10.1.0.2", 1)
    assert texts(client.ask("secret")) == ["10.2.0.9"]
    client.peer = ("10.1.0.3", 1)
    assert client.ask("secret").rcode() == 3


def test_after_a_change_nothing_old_is_told():
    client = Client()
    assert texts(client.ask("web")) == ["10.1.0.2"]
    client.responder.load({"blue": replace(BLUE, hosts=()), "red": RED})
    client.udp.books.clear()
    assert client.ask("web").rcode() == 3


def test_what_is_not_ours_is_passed_on():
    client = Client()
    assert client.ask("example.com") is None
    client.peer = ("10.1.0.3", 1)
    assert client.ask("example.org") is None
    asked = client.responder._forwarder.asked
    assert [(name, servers) for name, servers, _, _ in asked] == [
        ("example.com", ("192.0.2.1",)),
        ("example.org", ("192.0.2.99", "192.0.2.1")),
    ]
    asked[0][3](b"answer")
    assert client.socket.sent == [(b"answer", ("10.1.0.2", 4444))]


def test_the_host_s_servers_are_asked_where_a_network_names_none():
    client = Client(zones={"blue": replace(BLUE, servers=())})
    client.ask("example.com")
    assert client.responder._forwarder.asked[0][1] == ("192.0.2.53",)


def test_we_do_not_ask_ourselves():
    for said, asked in ((("10.1.0.1", "192.0.2.1", "10.2.0.1"), ("192.0.2.1",)), (("fd00:1::1",), ("192.0.2.53",))):
        client = Client(zones={"blue": replace(BLUE, servers=said)})
        client.ask("example.com")
        assert client.responder._forwarder.asked[0][1] == asked


def test_what_cannot_be_passed_on_fails_at_once():
    assert Client(takes=False).ask("example.com").rcode() == 2
    assert Client("red", "10.2.0.9").ask("example.com").rcode() == 3  # an internal network


@pytest.mark.parametrize(("payload", "limit"), [(-1, 512), (512, 512), (1000, 1000), (1232, 1232), (65535, 1232), (1, 512)])
def test_no_answer_is_longer_than_allowed(payload, limit):
    client = Client("many", "10.3.0.5", {"many": MANY})
    query = dns.message.make_query("all", "A", use_edns=-1 if payload < 0 else 0, payload=max(payload, 0))
    data = client.raw(query.to_wire())
    assert limit * 0.75 < len(data) <= limit
    answer = dns.message.from_wire(data)
    assert answer.flags & dns.flags.TC
    assert 0 < len(texts(answer)) < 700


def test_tcp_gives_more():
    client = Client("many", "10.3.0.5", {"many": MANY})
    book = client.responder.book("many", "10.3.0.5")
    data = client.responder.ask(dns.message.make_query("all", "A").to_wire(), book, "c", print, tcp=True)
    assert len(texts(dns.message.from_wire(data))) == 512


def test_what_is_kept_has_an_end(monkeypatch):
    assert answers._MOST_KEPT <= 5000
    monkeypatch.setattr(answers, "_MOST_KEPT", 50)
    hosts = tuple(Host(f"h{i}", (f"h{i}",), ("10.3.0.9",)) for i in range(answers._MOST_KEPT + 10))
    client = Client("many", "10.3.0.5", {"many": replace(MANY, hosts=hosts)})
    for i in range(answers._MOST_KEPT + 10):
        assert texts(client.ask(f"h{i}")) == ["10.3.0.9"]
    assert len(client.udp.books["10.3.0.5"].kept) == 10


def query(*, header=b"\x12\x34\1\0\0\1\0\0\0\0\0\0", name=b"\3web\0", tail=b"\0\1\0\1"):
    return header + name + tail


@pytest.mark.parametrize(
    ("data", "rcode"),
    [
        (b"", None),
        (b"\0" * 11, None),
        (query(header=b"\x12\x34\x81\0\0\1\0\0\0\0\0\0"), None),  # an answer
        (query(header=b"\x12\x34\x29\0\0\1\0\0\0\0\0\0"), 4),  # UPDATE
        (query(header=b"\x12\x34\1\0\0\2\0\0\0\0\0\0"), 1),
        (query(header=b"\x12\x34\1\0\0\0\0\0\0\0\0\0"), 1),
        (query(header=b"\x12\x34\1\0\0\1\0\1\0\0\0\0"), 1),
        (query(header=b"\x12\x34\1\0\0\1\0\0\0\0\xff\xff"), 1),
        (query(tail=b"\0"), 1),
        (query(tail=b"\0\1\0\1junk"), 1),
        (query(name=b"\xc0\x0c"), 1),  # a name that is itself
        (query(name=b"\x40" + b"a" * 64 + b"\0"), 1),
        (query(name=b"\x3f" + b"a" * 63), 1),
        (query(name=(b"\x3f" + b"a" * 63) * 5 + b"\0"), 1),
        (query(tail=b"\0\1\0\3"), 5),  # CHAOS
        (query(tail=b"\0\xfc\0\1"), 5),  # a zone transfer
        (query(tail=b"\0\xfb\0\1"), 5),
        (query() + b"\0" * 5000, 1),
        (query(header=b"\x12\x34\1\0\0\1\0\0\0\0\0\1", tail=b"\0\1\0\1\0\0\x29\4\xd0\0\1\0\0\0\0"), 0),  # EDNS 1: BADVERS
    ],
)
def test_what_is_no_question_for_us(data, rcode):
    answer = Client().raw(data)
    if rcode is None:
        assert answer is None
        return
    assert (answer[:2], answer[2] & 0x80, answer[3] & 15) == (b"\x12\x34", 0x80, rcode)
    assert len(answer) <= 512


def test_edns_of_the_future_is_told_so():
    data = query(header=b"\x12\x34\1\0\0\1\0\0\0\0\0\1", tail=b"\0\1\0\1\0\0\x29\4\xd0\0\1\0\0\0\0")
    assert dns.message.from_wire(Client().raw(data)).rcode() == 16


def judged(client, data):
    """Whatever came in: silence, or an answer of ours that is no longer than it may be."""
    out = client.raw(data)
    if out is None:
        return
    assert out[:2] == data[:2]
    assert out[2] & 0x80
    assert len(out) <= 1232
    dns.message.from_wire(out)


CLIENT = Client()


@given(st.binary(max_size=600))
def test_any_bytes(data):
    judged(CLIENT, data)


@given(st.binary(max_size=300), st.sampled_from([b"\1\0\0\1\0\0\0\0\0\0", b"\1\0\0\1\0\0\0\0\0\1", b"\0\x20\0\1\0\0\0\0\0\2"]))
def test_any_bytes_behind_a_header(data, header):
    judged(CLIENT, b"ab" + header + data)


@given(
    st.sampled_from(["web.lab", "www", "db", "_http._tcp.web", "2.0.1.10.in-addr.arpa", "nobody"]),
    st.sampled_from(["A", "AAAA", "PTR", "SRV", "ANY", "TXT", "HTTPS"]),
    st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255)), max_size=3),
)
def test_questions_with_wrong_bytes(name, kind, wrong):
    """Kept answers must not be given for questions that only look like theirs: a fresh responder is the judge."""
    data = bytearray(dns.message.make_query(name, kind, use_edns=0, id=7).to_wire())
    judged(CLIENT, bytes(data))
    for at, byte in wrong:
        if at < len(data):
            data[at] = byte
    judged(CLIENT, bytes(data))
    ours, fresh = CLIENT.raw(bytes(data)), Client().raw(bytes(data))
    if ours is None or fresh is None:
        assert ours == fresh
        return
    assert sorted(map(str, dns.message.from_wire(ours).answer)) == sorted(map(str, dns.message.from_wire(fresh).answer)) or name == "www"
    assert ours[2:12] == fresh[2:12]
    assert len(ours) == len(fresh)


def test_keys_are_those_of_the_loop():
    data = dns.message.make_query("wEb", "A", use_edns=0).to_wire()
    client = Client()
    client.raw(data)
    assert list(client.udp.books["10.1.0.2"].kept) == [message.key(data)]
