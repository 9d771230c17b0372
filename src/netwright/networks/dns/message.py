"""DNS messages by dnspython: a question read, an answer written, and what may be kept of it for the next who asks the same.

Untrusted bytes come in here. What the counts in the header promise is looked at first, so that nothing but one question and
at most two additional records (EDNS, TSIG) is ever parsed. Sources: RFC 1035, 6891 (EDNS), 9619 (one question).
"""

from random import randrange

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.PTR
import dns.rdtypes.IN.A
import dns.rdtypes.IN.AAAA
import dns.rdtypes.IN.SRV
import dns.rrset

from .view import AAAA, EMPTY, FOUND, PTR, SRV, UNKNOWN, A, Answer, Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

TTL = 5
PAYLOAD = 1232  # what passes every path without fragments: dnsflagday.net/2020
LONGEST_TCP, LONGEST_UDP = 65535, 4096
FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, BADVERS = 1, 2, 3, 4, 5, 16
_HEADER = 12
_MOST_VARIANTS = 16
_LEAST, _MOST_RECORDS = 16, 512
_CLASSES = {A: dns.rdtypes.IN.A.A, AAAA: dns.rdtypes.IN.AAAA.AAAA, PTR: dns.rdtypes.ANY.PTR.PTR, SRV: dns.rdtypes.IN.SRV.SRV}


class Question:
    """A question that was understood: `name` in small letters without the last dot, `kind` its type, `limit` of our
    answer's length, `allowed` what the client takes at all: what others answer may be longer than ours."""

    __slots__ = ("allowed", "data", "kind", "limit", "message", "name", "tcp")

    def __init__(self, data: bytes, message: "dns.message.Message", tcp: bool) -> None:
        self.data, self.message, self.tcp = data, message, tcp
        asked = message.question[0]
        self.name = asked.name.to_text(omit_final_dot=True).lower() if len(asked.name) > 1 else ""
        self.kind = int(asked.rdtype)
        self.allowed = LONGEST_TCP if tcp else min(max(message.payload, 512), LONGEST_UDP)
        self.limit = self.allowed if tcp else min(self.allowed, PAYLOAD)


def read(data: bytes, *, tcp: bool = False) -> "Question | bytes | None":
    """The question in a message, or the answer that says what is wrong with it; None: nothing is to be said.

    An answer is never answered: two responders would talk forever.
    """
    if len(data) < _HEADER or data[2] & 0x80:
        return None
    if data[2] >> 3 & 15:
        return refusal(data, NOTIMP)
    if data[4:10] != b"\0\1\0\0\0\0" or data[10] or data[11] > 2:
        return refusal(data, FORMERR)
    try:
        message = dns.message.from_wire(data)
    except (dns.exception.DNSException, ValueError):
        return refusal(data, FORMERR)
    if message.edns > 0:
        return _written(_blank(message, BADVERS), 512)
    asked = message.question[0]
    if asked.rdclass != dns.rdataclass.IN or (dns.rdatatype.is_metatype(asked.rdtype) and asked.rdtype != dns.rdatatype.ANY):
        return _written(_blank(message, REFUSED), 512)
    return Question(data, message, tcp)


def refusal(data: bytes, rcode: int) -> bytes:
    """The header of an answer that says no more than a number: what was asked may be unreadable."""
    return data[:2] + bytes((0x80 | data[2] & 0x79, rcode)) + bytes(8)


def failed(question: Question, rcode: int) -> bytes:
    """An answer with a number only."""
    return _written(_blank(question.message, rcode), 512)


def _blank(message: "dns.message.Message", rcode: int) -> "dns.message.Message":
    """An answer without records. Options of the question's EDNS are not repeated: none is understood."""
    out = dns.message.make_response(message, recursion_available=True, our_payload=PAYLOAD)
    out.set_rcode(dns.rcode.Rcode(rcode))
    return out


def _written(message: "dns.message.Message", limit: int) -> bytes:
    return message.to_wire(max_size=max(limit, 512))


def answered(question: Question, answer: Answer) -> "list[bytes]":
    """The answers to a question, each beginning with another address; a single one where none is kept. Never longer than allowed."""
    assert answer.verdict in (FOUND, EMPTY, UNKNOWN)
    rcode = NXDOMAIN if answer.verdict == UNKNOWN else 0
    count = len(answer.records)
    turns: Sequence[int] = range(max(1, min(count, _MOST_VARIANTS)))
    if count > 1 and (question.tcp or not is_plain(question.data)):
        turns = [randrange(count)]
    return [_one(question, answer, rcode, turn) for turn in turns]


def _one(question: Question, answer: Answer, rcode: int, turn: int) -> bytes:
    # No record takes less than sixteen bytes: what cannot fit is not even tried, for the time that it takes is everybody's.
    most = min(question.limit // _LEAST + 1, _MOST_RECORDS)
    records = (answer.records[turn:] + answer.records[:turn])[:most]
    extra, cut = answer.extra[:most], False
    while True:
        message = _blank(question.message, rcode)
        message.flags |= dns.flags.AA | (dns.flags.TC if cut else 0)
        message.answer = list(_rrsets(records))
        message.additional = list(_rrsets(extra))
        try:
            return message.to_wire(max_size=question.limit, want_shuffle=False)  # our own turns
        except dns.exception.TooBig:
            # Some clients take what there is and never ask by TCP: a part of the addresses is worth more to them than none.
            if extra:
                extra = ()
            else:
                records, cut = records[: len(records) * 7 // 8], True


def _rrsets(records: "tuple[Record, ...]") -> "Iterator[dns.rrset.RRset]":
    sets: dict[tuple[str, int], list[Any]] = {}
    for record in records:
        sets.setdefault((record.name, record.kind), []).append(_rdata(record))
    for (name, _), some in sets.items():
        yield dns.rrset.from_rdata_list(_name(name), TTL, some)


def _rdata(record: Record) -> "Any":
    kind = dns.rdatatype.RdataType(record.kind)
    cls: Any = _CLASSES[record.kind]
    data: tuple[Any, ...] = record.data if isinstance(record.data, tuple) else (record.data,)
    if record.kind in (PTR, SRV):
        data = (*data[:-1], _name(data[-1]))
    return cls(dns.rdataclass.IN, kind, *data)


def _name(text: str) -> "dns.name.Name":
    return dns.name.from_text(text + ".")


# -- what is kept ------------------------------------------------------------------------------------------------------------


def key(data: bytes) -> bytes:
    """What makes two questions the same: all but the number, and the case of the name's letters.

    The length bytes of a name are below 64 and stay what they are; flags and counts of questions that are kept are small too.
    """
    end = data.find(0, _HEADER)
    return data[2:end].lower() + data[end:]


def is_plain(data: bytes) -> bool:
    """Whether the answer to it may be kept for others: nothing behind the question but an EDNS record without options (11 bytes)."""
    end = data.find(0, _HEADER)
    return end > 0 and len(data) - end - 5 in (0, 11) and data[3] & ~0x30 == 0 and data[2] < 2


def parts(data: bytes, answer: bytes) -> tuple[bytes, bytes]:
    """What stands before the name in an answer (without the number), and behind it. The name is the asker's own, letter for letter."""
    end = data.find(0, _HEADER)
    return answer[2:_HEADER], answer[end:]


def truncated(data: bytes, answer: bytes) -> bytes:
    """An answer that is too long for the client: its header, with TC, and the question."""
    end = data.find(0, _HEADER)
    return answer[:2] + bytes((answer[2] | 2, answer[3])) + b"\0\1" + bytes(6) + data[_HEADER : end + 5]
