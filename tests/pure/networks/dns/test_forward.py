"""Which answers of other servers count: only those to what was asked, under the number that it was asked with."""

import dns.flags
import dns.message
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.networks.dns import forward, message
from netwright.networks.dns.forward import Forwarder
from netwright.networks.dns.loop import Timer


class NoLoop:
    def later(self, seconds, call):
        return Timer(call)

    def forget(self, fd):
        pass


class Asked(forward._Asked):
    """One that is asked without a socket; `starts` says whom."""

    def _start(self, server):
        self.starts = [*getattr(self, "starts", []), server]


def asked(name="www.example.com", servers=("192.0.2.1", "192.0.2.2"), **options):
    question = message.read(dns.message.make_query(name, "A", **options).to_wire())
    done = []
    one = Asked(Forwarder(NoLoop()), question, servers, done.append)
    one.next()
    return one, done


def answer_to(one, **changes):
    made = dns.message.make_response(dns.message.from_wire(one._asked_with()))
    for name, new in changes.items():
        setattr(made, name, new)
    return made.to_wire()


def test_the_true_answer_comes_back_with_the_client_s_number():
    one, done = asked()
    one._heard(answer_to(one))
    assert [data[:2] for data in done] == [one._question.data[:2]]


@given(st.binary(max_size=200))
def test_any_bytes_are_no_answer(data):
    one, done = asked()
    one._heard(data)
    assert done == []


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 255)), min_size=1, max_size=3))
def test_wrong_bytes_in_an_answer(wrong):
    one, done = asked(use_edns=0)
    data = bytearray(answer_to(one))
    for at, byte in wrong:
        if at < len(data):
            data[at] = byte
    one._heard(bytes(data))
    if done:
        assert bytes(data[:2]) == one._number
        assert data[12:33].lower() == one._question.data[12:33].lower() or data[4:6] == b"\0\0"
        assert len(done[0]) <= 1232


@pytest.mark.parametrize("rcode", [2, 4, 5])
def test_who_cannot_is_followed_by_the_next_and_the_last_one_s_word_counts(rcode):
    one, done = asked()
    for _ in range(2):
        one._heard(refusal_of(one, rcode))
    assert one.starts == ["192.0.2.1", "192.0.2.2"]
    assert [data[3] & 15 for data in done] == [rcode]


def refusal_of(one, rcode):
    data = bytearray(answer_to(one))
    data[3] = data[3] & 0xF0 | rcode
    return bytes(data)


def test_who_cannot_is_not_asked_again():
    """Where the question came round to us, each round would ask three times as often."""
    one, done = asked(servers=("192.0.2.1",))
    one._heard(refusal_of(one, 2))
    assert (one.starts, len(done)) == (["192.0.2.1"], 1)


def test_who_was_silent_is_asked_again_after_one_that_cannot():
    one, done = asked()
    one.next()  # the timer
    one._heard(refusal_of(one, 2))
    assert (one.starts, done) == (["192.0.2.1", "192.0.2.2", "192.0.2.1"], [])


def test_silence_of_all_is_servfail():
    one, done = asked()
    for _ in range(3):
        one.next()  # the timer
    assert [dns.message.from_wire(data).rcode() for data in done] == [2]


def test_what_is_too_long_is_cut():
    one, done = asked(use_edns=-1)
    one._heard(answer_to(one) + bytes(600))
    assert len(done[0]) <= 512
    cut = dns.message.from_wire(done[0])
    assert cut.flags & dns.flags.TC
    assert cut.question == one._question.message.question


def test_a_client_has_so_many_questions_open_and_no_more(monkeypatch):
    monkeypatch.setattr(forward, "_ByUdp", Asked)
    all = Forwarder(NoLoop())

    def ask(n, client):
        question = message.read(dns.message.make_query(f"n{n}.example.com", "A", id=n).to_wire())
        return all.forward(question, ("192.0.2.1",), ("net", client), lambda _: None, tcp=False)

    assert [ask(n, ("10.0.0.2", n)) for n in range(forward.MOST_OF_ONE + 1)] == [True] * forward.MOST_OF_ONE + [False]
    assert ask(1000, ("10.0.0.3", 1))
    assert ask(0, ("10.0.0.2", 0))  # the same again is nothing new
    assert len(all.open) == forward.MOST_OF_ONE + 1
    all.drop(("net", ("10.0.0.2", 0)))
    assert ask(2000, ("10.0.0.2", 9))
    assert not all.forward(message.read(dns.message.make_query("x.y", "A").to_wire()), (), ("net", ("10.0.0.9", 1)), print, tcp=False)
