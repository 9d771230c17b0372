"""VLANs of bridges: our bytes are those of bridge(8), its dumps are read; on a kernel that has them, the whole way."""

import json

import pytest
from sandbox import Sandbox, missing

from netwright.errors import Invalid
from netwright.kernel import bridge_vlan

CODE = """
import sys, json
from netwright.engine.session import Session
from netwright.errors import NetwrightError
from netwright.kernel import bridge_vlan
with Session() as session:
    try:
        for device, vid, flags, own in json.loads(sys.argv[1]):
            bridge_vlan.add(session.netlink, session.index(device), vid, flags, own)
        print(json.dumps(bridge_vlan.read(session.netlink)))
    except NetwrightError as error:
        print(json.dumps([type(error).__name__, str(error)]))
"""
CASES = {
    "dev v0 vid 10": (10, "", False),
    "dev v0 vid 10 pvid untagged": (10, "pvid untagged", False),
    "dev v0 vid 4094 untagged": (4094, "untagged", False),
    "dev br0 vid 10 self": (10, "", True),
}


@pytest.fixture
def box(sandbox: Sandbox) -> Sandbox:
    for words in ("link add br0 type bridge", "link add v0 type veth peer name v1", "link set v0 master br0"):
        sandbox.ip(words)
    return sandbox


@pytest.mark.parametrize("verb", ["add", "del"])
@pytest.mark.parametrize("words", CASES)
def test_bytes_are_those_of_bridge(box: Sandbox, words: str, verb: str):
    if box.run(["strace", "-V"]).code != 0:
        missing("strace is not installed")
    vid, flags, own = CASES[words]
    device = words.split()[1]
    index = json.loads(box.ip("-j", "link", "show", "dev", device))[0]["ifindex"]
    sent = _sent(box, ["bridge", "vlan", verb, *words.split()])
    ours = bridge_vlan.request(index, vid, flags, own) if verb == "add" else bridge_vlan.delete_request(index, vid, own)
    # What is deleted is found by its number: the flags that bridge(8) sends along say nothing.
    assert _without_flags(sent) == _without_flags(ours.body) if verb == "del" else sent == ours.body


def _sent(box: Sandbox, argv: list[str]) -> bytes:
    """The body of the last message that the program sent, as raw bytes."""
    err = box.run(["strace", "-e", "trace=sendmsg", "-e", "write=all", *argv]).err
    dump = [line for line in err.splitlines() if line.startswith(" |")]
    data = b""
    for line in dump:
        if line.startswith(" | 00000"):
            data = b""
        data += bytes.fromhex(line[10:59].replace(" ", ""))
    return data[16:]


def _without_flags(body: bytes) -> bytes:
    return body[:-4] + b"\0\0" + body[-2:]


def _info(flags: int, vid: int) -> bytes:
    return b"\x08\0\x02\0" + flags.to_bytes(2, "little") + vid.to_bytes(2, "little")


TOLD = {
    "none": ([], ()),
    "one": ([(6, 1)], ((1, "pvid untagged"),)),
    "a range": ([(6, 1), (8, 10), (16, 13), (4, 20)], ((1, "pvid untagged"), (10, ""), (11, ""), (12, ""), (13, ""), (20, "untagged"))),
    "an end without a beginning": ([(16, 5)], ((5, ""),)),
}


@pytest.mark.parametrize("case", TOLD)
def test_dumps_are_read(case: str):
    infos, wanted = TOLD[case]
    spec = b"".join(_info(*info) for info in infos)
    name = b"\x07\0\x03\0v0\0\0"
    body = b"\x07" + bytes(15) + name + (4 + len(spec)).to_bytes(2, "little") + b"\x1a\0" + spec
    assert bridge_vlan.told(body) == ("v0", wanted)
    for end in range(len(body)):
        bridge_vlan.told(body[:end])


@pytest.mark.parametrize(("vid", "flags"), [(0, ""), (4095, ""), (1, "pvdi")])
def test_what_is_no_vlan(vid: int, flags: str):
    with pytest.raises(Invalid):
        bridge_vlan.request(3, vid, flags)


def test_the_whole_way(box: Sandbox):
    result = box.python(CODE, json.dumps([["v0", 10, "pvid untagged", False], ["v0", 20, "", False], ["br0", 10, "", True]]))
    answer = json.loads(result.out)
    if isinstance(answer, list):
        assert answer[0] == "NotSupported"
        assert "CONFIG_BRIDGE_VLAN_FILTERING" in answer[1]
        pytest.skip("this kernel lacks CONFIG_BRIDGE_VLAN_FILTERING")
    assert answer["v0"] == [[1, "untagged"], [10, "pvid untagged"], [20, ""]]
