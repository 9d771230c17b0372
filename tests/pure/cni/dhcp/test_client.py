"""The client, against a server and a clock made of values."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.cni.dhcp import client as c
from netwright.cni.dhcp import packet
from netwright.cni.dhcp.client import Client, Identity, Patience
from netwright.cni.dhcp.packet import Message
from netwright.model.value import replace

MAC = b"\2\0\0\0\0\1"
ME = Identity(MAC, b"\0c1/net/eth0", ((12, b"web"),), (1, 3))
PATIENCE = Patience(1.0, 8.0, 60.0)
SERVER = "10.0.0.1"


class Talk:
    """A client, what it has sent, and answers to that."""

    def __init__(self, **how):
        self.client = Client(how.pop("who", ME), PATIENCE, lambda: 0.5, **how)
        self.now = 0.0
        self.sent = []

    def start(self):
        self.sent += self.client.start(self.now)
        return self

    def wait(self, until=None):
        """Time goes on to the deadline, or further; what is sent then."""
        self.now = self.client.deadline if until is None else until
        out = self.client.tick(self.now)
        self.sent += out
        return out

    def answer(self, kind, yours="10.0.0.5", server=SERVER, *, change=None, **options):
        """The server's answer to the last message."""
        ask = self.sent[-1].message
        said = {53: bytes([kind]), 1: b"\xff\xff\xff\0", 51: (1000).to_bytes(4, "big")}
        if server:
            said[54] = packet.packed(server)
        said |= {int(name[1:]): data for name, data in options.items()}
        message = Message(2, ask.xid, ask.mac, said, yours=yours)
        out = self.client.hear(replace(message, **change) if change else message, self.now, "02:00:00:00:00:09")
        self.sent += out
        return out

    def bound(self):
        self.start()
        self.answer(packet.OFFER)
        self.answer(packet.ACK)
        assert self.client.state == c.BOUND
        return self

    @property
    def last(self):
        return self.sent[-1]

    def kinds(self):
        return [packet.NAMES[one.message.kind] for one in self.sent]


def option(sending, number):
    return sending.message.options.get(number)


def test_an_address_in_four_messages():
    talk = Talk().start()
    first = talk.last
    assert (first.source, first.target, first.message.kind) == ("0.0.0.0", "255.255.255.255", packet.DISCOVER)
    assert [option(first, n) for n in (61, 12, 55, 50, 54)] == [b"\0c1/net/eth0", b"web", b"\1\3", None, None]
    (asked,) = talk.answer(packet.OFFER)
    assert asked.message.kind == packet.REQUEST
    assert asked.message.xid == first.message.xid
    assert (option(asked, 50), option(asked, 54)) == (b"\x0a\0\0\5", b"\x0a\0\0\1")
    assert (asked.message.client, asked.target) == ("0.0.0.0", "255.255.255.255")
    assert talk.answer(packet.ACK) == []
    assert talk.client.state == c.BOUND
    assert (talk.client.lease.address, talk.client.lease.server_mac) == ("10.0.0.5", "02:00:00:00:00:09")
    assert talk.client.deadline == 475.0  # half of 1000 s, and a random part of a tenth of that earlier


def test_the_lease_counts_from_the_first_request():
    talk = Talk().start()
    talk.answer(packet.OFFER)
    talk.wait()
    talk.wait()
    assert talk.now > 1.0
    talk.answer(packet.ACK)
    assert talk.client.lease.start == 0.0


@pytest.mark.parametrize(
    "change",
    [
        {"xid": 1}, {"mac": b"\2\0\0\0\0\2"}, {"op": 1}, {"yours": "0.0.0.0"}, {"yours": "255.255.255.255"},
        {"options": {53: b"\2"}}, {"options": {54: b"\x0a\0\0\1"}}, {"options": {53: b"\5", 54: b"\x0a\0\0\1", 1: b"\xff\xff\xff\0"}},
        {"options": {53: b"\2", 54: b"\x0a\0\0\1", 61: b"\0another"}},
    ],
)  # fmt: skip
def test_what_is_not_for_it_changes_nothing(change):
    talk = Talk().start()
    assert talk.answer(packet.OFFER, change=change) == []
    assert talk.client.state == c.SELECTING


def test_silence_ends_it_and_each_wait_is_longer():
    talk = Talk().start()
    times = [0.0]
    while talk.client.state == c.SELECTING:
        if talk.wait():
            times.append(talk.now)
    assert [b - a for a, b in itertools.pairwise(times)] == [1, 2, 4, 8, 8, 8, 8, 8, 8]
    assert set(talk.kinds()) == {"DISCOVER"}
    assert [one.message.seconds for one in talk.sent[:4]] == [0, 1, 3, 7]
    assert (talk.client.state, talk.client.why) == (c.FAILED, "no DHCP server answered in 60 s")
    assert talk.client.tick(1e9) == []


def test_a_server_that_offers_and_is_silent():
    talk = Talk().start()
    talk.answer(packet.OFFER)
    while talk.client.state == c.REQUESTING:
        talk.wait()
    assert talk.kinds() == ["DISCOVER", *["REQUEST"] * 4, "DISCOVER"]
    assert talk.sent[-1].message.xid == talk.sent[0].message.xid  # `random` gives the same number here
    while talk.client.state == c.SELECTING:
        talk.wait()
    assert talk.client.why == "server 10.0.0.1 offered 10.0.0.5 and then did not answer"


def test_another_server_than_the_chosen_one_does_not_count():
    talk = Talk().start()
    talk.answer(packet.OFFER)
    talk.answer(packet.NAK, server="10.0.0.2")
    talk.answer(packet.ACK, "10.0.0.9", server="10.0.0.2")
    assert talk.client.state == c.REQUESTING
    talk.answer(packet.ACK)
    assert talk.client.lease.address == "10.0.0.5"


def test_a_refused_offer_is_asked_for_again_after_a_while():
    talk = Talk().start()
    for _ in range(3):
        talk.answer(packet.OFFER)
        talk.answer(packet.NAK, _56=b"pool is full")
        assert (talk.client.state, talk.client.deadline) == (c.PAUSING, talk.now + 1.0)
        assert talk.client.tick(talk.now + 0.5) == []
        talk.wait()
    assert talk.kinds() == ["DISCOVER", "REQUEST"] * 3 + ["DISCOVER"]
    while talk.client.state != c.FAILED:
        talk.wait()
    assert talk.client.why == "server 10.0.0.1 refused: pool is full"


def test_a_lease_that_makes_no_sense_is_not_taken():
    talk = Talk().start()
    talk.answer(packet.OFFER)
    talk.answer(packet.ACK, _1=b"\0\xff\0\xff")
    assert (talk.client.state, talk.client.why) == (c.PAUSING, "the server said no subnet mask (option 1)")


def test_renewing():
    talk = Talk().bound()
    (asked,) = talk.wait()
    assert talk.client.state == c.RENEWING
    assert (asked.source, asked.target, asked.message.client) == ("10.0.0.5", SERVER, "10.0.0.5")
    assert (option(asked, 50), option(asked, 54), option(asked, 61)) == (None, None, b"\0c1/net/eth0")
    talk.now += 0.2
    talk.answer(packet.ACK)
    assert (talk.client.state, talk.client.lease.start) == (c.BOUND, 475.0)


def test_rebinding_then_lost():
    talk = Talk().bound()
    seen = []
    while talk.client.state != c.LOST:
        for one in talk.wait():
            seen.append((talk.client.state, one.target, talk.now))
    assert [(s, t) for s, t, _ in seen if s == c.RENEWING] == [(c.RENEWING, SERVER)] * 4
    assert {t for s, t, _ in seen if s == c.REBINDING} == {"255.255.255.255"}
    assert next(now for s, _, now in seen if s == c.REBINDING) == 875.0
    assert talk.now == 1000.0
    assert talk.client.why == "no server has renewed 10.0.0.5"
    assert talk.client.release() == []


def test_another_server_may_rebind():
    talk = Talk().bound()
    while talk.client.state != c.REBINDING:
        talk.wait()
    talk.answer(packet.ACK, server="10.0.0.2")
    assert (talk.client.state, talk.client.lease.server) == (c.BOUND, "10.0.0.2")


def test_a_server_that_has_forgotten_gives_the_same_address_again():
    talk = Talk().bound()
    talk.wait()
    (asked,) = talk.answer(packet.NAK, _56=b"who?")
    assert (asked.message.kind, option(asked, 50), asked.source) == (packet.DISCOVER, b"\x0a\0\0\5", "0.0.0.0")
    talk.answer(packet.OFFER)
    talk.answer(packet.ACK)
    assert (talk.client.state, talk.client.lease.address) == (c.BOUND, "10.0.0.5")


def test_another_address_cannot_take_the_place_of_the_first():
    talk = Talk().bound()
    talk.wait()
    talk.answer(packet.NAK)
    talk.answer(packet.OFFER, "10.0.0.7")
    (back,) = talk.answer(packet.ACK, "10.0.0.7")
    assert (back.message.kind, back.message.client, back.target) == (packet.RELEASE, "10.0.0.7", SERVER)
    assert (talk.client.state, talk.client.why) == (c.LOST, "the server gives 10.0.0.7 and no longer 10.0.0.5")


def test_a_nak_and_then_silence_is_over_when_the_lease_is():
    talk = Talk().bound()
    talk.wait(until=900.0)
    talk.wait()
    talk.answer(packet.NAK)
    while talk.client.state == c.SELECTING:
        talk.wait()
    assert talk.client.state == c.LOST
    assert talk.now <= 1000.0 + PATIENCE.longest * 1.25


def test_releasing():
    talk = Talk().bound()
    (back,) = talk.client.release()
    assert (back.source, back.target, back.message.client) == ("10.0.0.5", SERVER, "10.0.0.5")
    assert set(back.message.options) == {53, 54, 61}
    assert Talk().start().client.release() == []


def test_an_address_from_before_is_asked_for_by_name():
    talk = Talk(preferred="10.0.0.8").start()
    assert (talk.last.message.kind, option(talk.last, 50), option(talk.last, 54)) == (packet.REQUEST, b"\x0a\0\0\x08", None)
    talk.answer(packet.ACK, "10.0.0.8")
    assert talk.client.lease.address == "10.0.0.8"


def test_an_address_from_before_that_is_refused():
    talk = Talk(preferred="10.0.0.8").start()
    talk.answer(packet.NAK)
    assert (talk.last.message.kind, option(talk.last, 50)) == (packet.DISCOVER, None)


def test_an_address_from_before_that_nobody_knows():
    talk = Talk(preferred="10.0.0.8").start()
    while talk.client.state == c.REBOOTING:
        talk.wait()
    assert talk.kinds() == ["REQUEST", "REQUEST", "DISCOVER"]
    assert option(talk.last, 50) == b"\x0a\0\0\x08"


def test_a_lease_from_before_goes_on():
    lease = Talk().bound().client.lease
    talk = Talk(lease=lease)
    assert (talk.client.state, talk.client.deadline) == (c.BOUND, 475.0)
    talk.wait()
    assert talk.client.state == c.RENEWING


def test_a_lease_that_ended_while_nobody_looked_is_asked_for_once_more():
    lease = Talk().bound().client.lease
    talk = Talk(lease=lease)
    (asked,) = talk.wait(until=5000.0)
    assert (asked.message.kind, option(asked, 50)) == (packet.DISCOVER, b"\x0a\0\0\5")
    talk.answer(packet.OFFER)
    talk.answer(packet.ACK)
    assert talk.client.state == c.BOUND
    silent = Talk(lease=lease)
    silent.wait(until=5000.0)
    while silent.client.state == c.SELECTING:
        silent.wait()
    assert (silent.client.state, silent.client.why) == (c.LOST, "no server has renewed 10.0.0.5")


def test_a_lease_for_ever_is_never_renewed():
    talk = Talk().start()
    talk.answer(packet.OFFER)
    talk.answer(packet.ACK, _51=b"\xff" * 4)
    assert talk.client.deadline == float("inf")


def test_the_broadcast_flag_is_for_who_has_no_address():
    talk = Talk(who=replace(ME, broadcast=True)).bound()
    talk.wait()
    assert [one.message.broadcast for one in talk.sent] == [True, True, False]


def test_another_client_id_by_configuration():
    talk = Talk(who=replace(ME, provided=((61, b"\1\2\3"),))).bound()
    assert {option(one, 61) for one in [*talk.sent, *talk.client.release()]} == {b"\1\2\3"}


events = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0, 2000)),
        st.tuples(st.just("hear"), st.integers(0, 8), st.sampled_from(["10.0.0.5", "10.0.0.6", "0.0.0.0"]),
                  st.sampled_from([SERVER, "10.0.0.2", ""]), st.integers(0, 1200)),
    ),
    max_size=40,
)  # fmt: skip


@given(events)
def test_whatever_happens_the_address_never_changes(walk):
    talk = Talk().start()
    had = ""
    for kind, *how in walk:
        if kind == "wait":
            talk.wait(until=talk.now + how[0])
        else:
            talk.answer(how[0], how[1], how[2], _51=how[3].to_bytes(4, "big"))
        found = talk.client
        if found.lease:
            assert had in ("", found.lease.address)
            had = found.lease.address
        assert (found.state in (c.FAILED, c.LOST)) == (found.deadline == float("inf"))
        assert found.state == c.BOUND or found.deadline >= talk.now or kind == "hear"
