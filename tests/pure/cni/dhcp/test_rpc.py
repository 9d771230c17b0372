"""Go's gob and net/rpc: against what Go itself has written, and against bytes without sense."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.cni.dhcp import gob, rpc
from netwright.cni.dhcp.gob import BOOL, BYTES, FLOAT, INT, STRING, UINT, Map, Reader, Slice, Struct, Writer
from netwright.cni.protocol import Address, Dns, Result, Route

# The example in encoding/gob's documentation.
POINT = bytes.fromhex("1fff8103010105506f696e7401ff82000102010158010400010159010400000007ff82012c014200")
# Between the plugin and the daemon of containernetworking-plugins 1.1.1, recorded: ADD (its configuration cut to {}), its answer, a refusal.
GREETING = bytes.fromhex("434f4e4e454354202f5f676f5250435f20485454502f312e300a0a")
GREETED = bytes.fromhex("485454502f312e302032303020436f6e6e656374656420746f20476f205250430a0a")
ALLOCATE = bytes.fromhex(
    "2fff81030101075265717565737401ff82000102010d536572766963654d6574686f64010c000103536571010600000012ff82010d444843502e416c6c6f6361746500"
    "5aff8303010107436d644172677301ff84000106010b436f6e7461696e65724944010c0001054e65746e73010c00010649664e616d65010c00010441726773010c0001"
    "0450617468010c000109537464696e44617461010a0000002aff8401026331010e2f72756e2f6e65746e732f626f780104657468300103413d3101022f7801027b7d00"
)
ALLOCATED = bytes.fromhex(
    "3aff8103010108526573706f6e736501ff82000103010d536572766963654d6574686f64010c00010353657101060001054572726f72010c00000012ff82010d44484350"
    "2e416c6c6f636174650051ff8303010106526573756c7401ff84000105010a434e4956657273696f6e010c00010a496e746572666163657301ff8800010349507301ff8e"
    "000106526f7574657301ff92000103444e5301ff9400000024ff87020101155b5d2a74797065733130302e496e7465726661636501ff880001ff86000029ff85030102ff"
    "8600010301044e616d65010c0001034d6163010c00010753616e64626f78010c00000023ff8d020101145b5d2a74797065733130302e4950436f6e66696701ff8e0001ff"
    "8a000033ff89030102ff8a0001030109496e7465726661636501040001074164647265737301ff8c00010747617465776179010a00000023ff8b0301010549504e657401"
    "ff8c00010201024950010a0001044d61736b010a0000001dff910201010e5b5d2a74797065732e526f75746501ff920001ff9000001cff8f030102ff9000010201034473"
    "7401ff8c0001024757010a00000046ff9303010103444e5301ff94000104010b4e616d657365727665727301ff96000106446f6d61696e010c00010653656172636801ff"
    "960001074f7074696f6e7301ff9600000016ff95020101085b5d737472696e6701ff9600010c000048ff8403010201040a0900320104ffffff000001040a090001000102"
    "0101040a1400000104ffffff000001040a090009000101040b0000000104ff0000000001040000000000010000"
)
REFUSED = bytes.fromhex(
    "3aff8103010108526573706f6e736501ff82000103010d536572766963654d6574686f64010c00010353657101060001054572726f72010c0000003bff82010d44484350"
    "2e416c6c6f6361746502276572726f72206c6f6f6b696e67207570202265746839223a204c696e6b206e6f7420666f756e64000aff97030102ff9800000003ff9800"
)
RESULT = Result(
    (), (Address("10.9.0.50/24", "10.9.0.1"),), (Route("10.20.0.0/24", "10.9.0.9"), Route("11.0.0.0/8", scope=253)), Dns()
)


def test_the_documentations_example_both_ways():
    point = Struct("Point", (("X", INT), ("Y", INT)))
    writer = Writer()
    assert writer.message(point, {"X": 22, "Y": 33}) == POINT
    assert writer.message(point, {"X": 22, "Y": 33}) == POINT[-8:]
    assert Reader().feed(POINT + POINT[-8:]) == [{"X": 22, "Y": 33}] * 2


def test_what_gos_plugin_asks():
    talk = rpc.Conversation()
    assert talk.feed(GREETING) == []
    assert talk.greeting == GREETED
    said = {"ContainerID": "c1", "Netns": "/run/netns/box", "IfName": "eth0", "Args": "A=1", "Path": "/x", "StdinData": b"{}"}
    assert talk.feed(ALLOCATE) == [("DHCP.Allocate", 0, said)]


def answered(data: bytes):
    question = rpc.Question(rpc.ALLOCATE, {})
    assert question.greeting == GREETING
    assert question.feed(GREETED[:9]) is None
    assert not question.is_greeted
    assert question.feed(GREETED[9:]) is None
    assert question.is_greeted
    for at in range(len(data) - 1):
        assert question.feed(data[at : at + 1]) is None or at > 100
    return question.feed(data[-1:])


def test_what_gos_daemon_answers():
    error, reply = answered(ALLOCATED)
    assert error == ""
    assert rpc.result_in(reply) == RESULT
    question = rpc.Question(rpc.ALLOCATE, {})
    assert question.feed(GREETED + REFUSED) == ('error looking up "eth9": Link not found', {})


def test_a_result_there_and_back():
    found = Result(
        (), RESULT.addresses, (*RESULT.routes, Route("0.0.0.0/0", "10.9.0.1", priority=7)), Dns(("10.9.0.1",), "ex.org", ("a", "b"))
    )
    talk = rpc.Conversation()
    talk.feed(GREETING)
    for _ in range(2):
        question = rpc.Question(rpc.ALLOCATE, {"ContainerID": "c", "StdinData": b"{}"})
        fresh = rpc.Conversation()
        ((method, number, _),) = fresh.feed(question.greeting + question.request)
        error, reply = question.feed(GREETED + fresh.answer(method, number, rpc.RESULT, rpc.result_out(found)))
        assert (error, rpc.result_in(reply)) == ("", found)


def test_a_release_and_a_refusal():
    question = rpc.Question(rpc.RELEASE, {})
    talk = rpc.Conversation()
    talk.feed(question.greeting + question.request)
    assert question.feed(GREETED + talk.answer(rpc.RELEASE, 0, rpc.NOTHING, {})) == ("", {})
    assert rpc.Question(rpc.RELEASE, {}).feed(GREETED + rpc.Conversation().refuse("X", 3, "no")) == ("no", {})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "only CONNECT"),
        (b"CONNECT /other HTTP/1.0\n\n", "only CONNECT"),
        (b"x" * 5000, "too long"),
        (GREETING + POINT[:32] + b"\x03\x04\x00\x02", "not a structure"),
        (GREETING + b"\xfc\xff\xff\xff\xff", "too large"),
        (GREETING + b"\x01\xff", "shorter than it says"),
    ],
)
def test_what_a_client_must_not_say(data, why):
    with pytest.raises(ValueError, match=why):
        rpc.Conversation().feed(data)


@pytest.mark.parametrize("data", [b"HTTP/1.0 404 Not Found\n\n", b"x" * 5000, GREETED + POINT[:32] + b"\x03\x04\x00\x02"])
def test_what_a_daemon_must_not_say(data):
    with pytest.raises(ValueError):
        rpc.Question(rpc.ALLOCATE, {}).feed(data)


SIMPLE = {
    BOOL: st.booleans(), INT: st.integers(-(2**63), 2**63 - 1), UINT: st.integers(0, 2**64 - 1),
    FLOAT: st.floats(allow_nan=False), BYTES: st.binary(max_size=300), STRING: st.text(max_size=40),
}  # fmt: skip
kinds = st.recursive(
    st.sampled_from(sorted(SIMPLE)),
    lambda inner: st.one_of(
        st.builds(Slice, st.just("s"), inner),
        st.builds(Map, st.just("m"), st.sampled_from([INT, STRING]), inner),
        st.lists(inner, max_size=4).map(lambda of: Struct("t", tuple((f"F{n}", one) for n, one in enumerate(of)))),
    ),
    max_leaves=8,
)


def items(kind):
    if isinstance(kind, int):
        return SIMPLE[kind]
    if isinstance(kind, Slice):
        return st.lists(items(kind.of), max_size=3)
    if isinstance(kind, Map):
        return st.dictionaries(items(kind.key), items(kind.to), max_size=3)
    return st.fixed_dictionaries({name: items(of) for name, of in kind.fields})


def whole(kind, found):
    """What was read, with the zeros that are not sent."""
    zero = {BOOL: False, INT: 0, UINT: 0, FLOAT: 0.0, BYTES: b"", STRING: ""}
    if isinstance(kind, int):
        return zero[kind] if found is None else found
    if isinstance(kind, Slice):
        return [whole(kind.of, one) for one in found or []]
    if isinstance(kind, Map):
        return {key: whole(kind.to, one) for key, one in (found or {}).items()}
    return {name: whole(of, (found or {}).get(name)) for name, of in kind.fields}


@given(st.data(), st.lists(kinds, min_size=1, max_size=3))
def test_any_value_there_and_back(data, wanted):
    writer, reader = Writer(), Reader()
    for kind in wanted:
        item = data.draw(items(kind))
        (found,) = reader.feed(writer.message(kind, item))
        assert whole(kind, found) == item


@given(st.binary(max_size=200), st.integers(0, len(ALLOCATED) - 1), st.integers(0, 255))
def test_bytes_without_sense(data, at, byte):
    spoilt = ALLOCATED[:at] + bytes([byte]) + ALLOCATED[at + 1 :]
    for said in (data, POINT[:32] + data, spoilt, spoilt[:at], ALLOCATED[:at] + data):
        try:
            for found in Reader().feed(said):
                repr(found)
            answer = rpc.Question(rpc.ALLOCATE, {}).feed(GREETED + said)
            if answer:
                rpc.result_in(answer[1])
        except ValueError:
            pass


@given(st.integers(-(2**63), 2**63 - 1))
def test_numbers(number):
    assert Reader().feed(Writer().message(INT, number)) == [number]


def test_a_type_that_contains_itself_ends():
    # type 65: a slice of itself, and a value of 40 levels
    definition = gob.signed(-65) + b"\2\1\1\1s\1\xff\x82\0\1\xff\x82\0\0"
    value = gob.signed(65) + b"\0" + b"\1" * 40 + b"\0"
    with pytest.raises(ValueError, match="nested too deeply"):
        Reader().feed(bytes([len(definition)]) + definition + bytes([len(value)]) + value)


def test_the_names_are_those_of_cni():
    assert json.dumps([name for name, _ in rpc.ARGUMENTS.fields]).count("Netns") == 2
    assert [name for name, _ in rpc.RESULT.fields] == ["CNIVersion", "IPs", "Routes", "DNS"]
