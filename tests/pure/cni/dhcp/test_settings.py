"""What the configuration, the command line and the written-down leases say."""

import json
from pathlib import Path

import pytest

from netwright.cni.dhcp import options
from netwright.cni.dhcp.client import Identity, Patience
from netwright.cni.dhcp.lease import Lease
from netwright.cni.dhcp.service import Settings, duration, settings
from netwright.cni.dhcp.wishes import Wishes, socket_path, wishes
from netwright.cni.dhcp.written import Record, Written, client_id, key
from netwright.cni.protocol import Config
from netwright.errors import Invalid


def config(**ipam) -> Config:
    return Config({"cniVersion": "1.1.0", "name": "net", "ipam": {"type": "dhcp", **ipam}})


@pytest.mark.parametrize(
    ("ipam", "found"),
    [
        ({}, Wishes()),
        ({"provide": [{"option": "host-name", "value": "web"}, {"option": "60", "fromArg": "A"}, {"option": "77", "fromArg": "B"}]},
         Wishes(((12, b"web"), (60, b"one")))),
        ({"provide": [{"option": "12", "value": "web", "fromArg": "A"}]}, Wishes(((12, b"one"),))),
        ({"Provide": [{"Option": "12", "Value": "ö", "fromArg": "B"}]}, Wishes(((12, "ö".encode()),))),
        ({"request": [{"option": "user-class"}]}, Wishes(requested=(*options.DEFAULTS, 77))),
        ({"request": [{"option": "routers"}]}, Wishes()),
        ({"request": [{"option": "3"}, {"skipDefault": True}]}, Wishes(requested=(3,))),
        ({"request": [{"option": "interface-mtu", "skipDefault": True}]}, Wishes(requested=(26,), sets_mtu=True)),
        ({"priority": 7, "suppress": ["gateway"]}, Wishes(priority=7, without_gateway=True)),
    ],
)  # fmt: skip
def test_wishes(ipam, found):
    said = config(**ipam)
    assert wishes(said, {"A": "one"}) == found
    assert said.mistakes == []


@pytest.mark.parametrize(
    ("ipam", "mistake"),
    [
        ({"provide": [{"option": "nothing", "value": "x"}]}, "ipam.provide[0].option: 'nothing' is no option"),
        ({"provide": [{"option": "12"}]}, "ipam.provide[0].value: it is missing"),
        ({"provide": [{"option": "53", "value": "x"}]}, "ipam.provide[0].option: 53 is the client's own affair"),
        ({"provide": [{"option": "12", "value": "x" * 256}]}, "256 bytes are too many"),
        ({"request": [{"option": "0"}]}, "ipam.request[0].option: '0' is no option"),
        ({"request": [{}]}, "ipam.request[0].option: '' is no option"),
        ({"request": "routers"}, "ipam.request: a list belongs here"),
        ({"suppress": ["routes"]}, 'ipam.suppress: "routes" cannot be left out'),
        ({"priority": -1}, "ipam.priority"),
        ({"daemonSocketPath": "dhcp.sock"}, "ipam.daemonSocketPath"),
        ({"daemonSocketPath": "/" + "x" * 120}, "ipam.daemonSocketPath"),
    ],
)
def test_mistakes(ipam, mistake):
    said = config(**ipam)
    wishes(said, {})
    socket_path(said)
    assert len(said.mistakes) == 1
    assert mistake in said.mistakes[0]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", Settings()),
        ("-pidfile /run/p -socketpath=/run/s --hostprefix /host -broadcast", Settings("/run/s", "/run/p", "/host", True)),
        ("-broadcast=false -timeout 5s -resendmax=1m -resendtimeout 1h0m0.5s", Settings(timeout=5, resendmax=60, resendtimeout=3600.5)),
    ],
)
def test_the_command_line(words, found):
    assert settings(words.split()) == found


def test_what_the_times_mean():
    assert Settings().patience == Patience(0.5, 10.0, 208.0)
    assert Settings(timeout=0.2).patience == Patience(0.2, 0.2, 208.0)
    assert Settings(socketpath="/run/s", hostprefix="/host").path == "/host/run/s"


@pytest.mark.parametrize(
    "words", ["x", "-x", "-pidfile", "-pidfile run/p", "-timeout 5", "-timeout", "-timeout 0s", "-timeout s", "-timeout 1..2s", "-timeout 5ss"]
)
def test_what_the_command_line_must_not_be(words):
    with pytest.raises(Invalid):
        settings(words.split())


@pytest.mark.parametrize(("text", "seconds"), [("10s", 10), ("1m2s", 62), ("1.5h", 5400), ("250ms", 0.25), ("3us", 3e-6)])
def test_durations(text, seconds):
    assert duration("timeout", text) == pytest.approx(seconds)


LEASE = Lease("10.0.0.5", 24, "10.0.0.1", 12.5, 3600, 1800.0, 3150.0, "10.0.0.1", (("0.0.0.0/0", "10.0.0.1"),), ("10.0.0.2",), "ex.org", ("a",), 1400, "02:00:00:00:00:09")  # fmt: skip
RECORD = Record("c1", "net", "eth0", "/run/netns/a", "4:123", Identity(b"\2\0\0\0\0\1", b"\0x", ((12, b"\xff"),), (1, 3), True), True, LEASE)


def test_leases_are_written_down_and_read(tmp_path: Path):
    notes: list[str] = []
    kept = Written(str(tmp_path), "boot-1", notes.append)
    kept.save(RECORD)
    assert kept.all() == [RECORD]
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    kept.forget(RECORD.key)
    kept.forget(RECORD.key)
    assert kept.all() == []
    assert notes == []


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"boot": "boot-1"}', "null", '{"boot": "boot-1", "provided": 3}', "\xff\xfe"])
def test_a_damaged_file_is_removed_and_told(tmp_path: Path, text: str):
    notes: list[str] = []
    kept = Written(str(tmp_path), "boot-1", notes.append)
    kept.save(RECORD)
    (tmp_path / "x.json").write_text(text)
    assert kept.all() == [RECORD]
    assert len(notes) == 1
    assert "x.json" in notes[0]
    assert not (tmp_path / "x.json").exists()


def test_every_cut_of_a_file_is_harmless(tmp_path: Path):
    kept = Written(str(tmp_path), "boot-1", lambda _: None)
    kept.save(RECORD)
    (path,) = tmp_path.iterdir()
    text = path.read_bytes()
    for at in range(len(text)):
        path.write_bytes(text[:at])
        assert kept.all() == []
    changed = json.loads(text)
    for name in changed:
        path.write_text(json.dumps(changed | {name: {"a": 1}}))
        kept.all()


def test_leases_of_another_boot_are_no_more(tmp_path: Path):
    Written(str(tmp_path), "boot-1", lambda _: None).save(RECORD)
    (tmp_path / "y.json.new").write_text("half")
    (tmp_path / "lock").write_text("")
    assert Written(str(tmp_path), "boot-2", lambda _: None).all() == []
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_the_clients_id_is_that_of_cni():
    assert client_id(key("c1", "net", "eth0")) == b"\0c1/net/eth0"
    assert len(client_id("x" * 300)) == 255
