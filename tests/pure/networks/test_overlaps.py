"""Which ports meet which, what is written down of them, and how it is told."""

import pytest

from netwright.networks import firewall, overlaps, records
from netwright.networks.overlaps import rivals, widened
from netwright.networks.records import Record
from netwright.networks.values import Leg, Port

LEGS = Leg("10.0.0.2/24"), Leg("fd00::2/64")


@pytest.fixture(autouse=True)
def run_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("NETWRIGHT_RUN_DIR", str(tmp_path / "run"))


def elements(*ports: Port, owner: str = "me") -> "list[tuple[str, str]]":
    return [e for port in ports for leg in LEGS for e in firewall.published(port, leg, owner)]


MEET = [
    (Port("tcp", "", 80, 1), Port("tcp", "127.0.0.1", 80, 1), ["127.0.0.1 . tcp . 80"]),
    (Port("tcp", "", 80, 1), Port("tcp", "::1", 80, 1), ["::1 . tcp . 80"]),
    (Port("tcp", "0.0.0.0", 80, 1), Port("tcp", "::1", 80, 1), []),
    (Port("tcp", "::", 80, 1), Port("tcp", "127.0.0.1", 80, 1), []),
    (Port("tcp", "127.0.0.1", 80, 1), Port("tcp", "", 80, 1), ["tcp . 80"]),
    (Port("tcp", "::1", 80, 1), Port("tcp", "0.0.0.0", 80, 1), []),
    (Port("tcp", "127.0.0.1", 80, 1), Port("tcp", "127.0.0.2", 80, 1), []),
    (Port("udp", "", 80, 1), Port("tcp", "127.0.0.1", 80, 1), []),
    (Port("tcp", "", 80, 1, 3), Port("tcp", "127.0.0.1", 82, 1, 3), ["127.0.0.1 . tcp . 82"]),
    (Port("tcp", "", 80, 1, 3), Port("tcp", "127.0.0.1", 83, 1, 3), []),
    (Port("sctp", "127.0.0.1", 80, 1), Port("sctp", "", 79, 1, 3), ["sctp . 80"]),
]


@pytest.mark.parametrize(("wanted", "there", "keys"), MEET)
def test_what_is_asked_for(wanted: Port, there: Port, keys: list):
    spans = widened({}, elements(there))
    assert [key for one in elements(wanted) for _, key in rivals(one, spans)] == keys


def test_a_span_only_grows():
    spans = widened({}, elements(Port("tcp", "127.0.0.1", 90, 1)))
    assert widened(spans, elements(Port("tcp", "127.0.0.1", 80, 1, 3))) == {("published4", "127.0.0.1", "tcp"): (80, 90)}
    assert widened(spans, elements(Port("udp", "::", 5, 1))) == spans | {("publish6", "*", "udp"): (5, 5)}


def test_what_is_written_is_read():
    spans = widened({}, elements(Port("tcp", "", 90, 1), Port("udp", "fd00::1", 80, 1, 3)))
    overlaps._write(spans)
    assert overlaps._read() == spans


@pytest.mark.parametrize("damaged", ["publish4 10.0.0.1 tcp 80", "publish4 10.0.0.1 tcp 80 x\n", "\0\xff"])
def test_a_damaged_file_is_as_good_as_none(damaged: str):
    overlaps._write({})
    with open(overlaps._path(), "w", encoding="latin-1") as file:
        file.write(damaged)
    assert overlaps._read() == {}


def test_without_the_file_it_is_what_the_records_say():
    """Those of an older version, or after somebody removed it."""
    assert overlaps._read() == {}
    one = elements(Port("tcp", "127.0.0.1", 90, 80))
    records.put(Record("cni/n/c/eth0", "br0", (), (*one, firewall.source(LEGS[0], "x")), sure=True))
    records.put(Record("unsure", "br0", (), tuple(elements(Port("tcp", "", 7, 80)))))
    assert overlaps._read() == widened({}, elements(Port("tcp", "127.0.0.1", 90, 1), Port("tcp", "", 7, 1)))
    assert list(overlaps.written_down()) == [(Port("tcp", "127.0.0.1", 90, 80), "cni/n/c/eth0")]


WANTED = elements(Port("tcp", "127.0.0.1", 80, 1))[0]
SAID = [
    ([(WANTED, WANTED, "web")], "port 127.0.0.1 tcp 80 is taken: it is published for web; choose another, or remove that one"),
    ([(WANTED, ("publish4", "tcp . 80"), "web")], "port 127.0.0.1 tcp 80 is taken: it is published at every IPv4 address for web; choose another, or remove that one"),
    ([(elements(Port("tcp", "::", 80, 1))[0], ("published6", "::1 . tcp . 80"), "")], "port tcp 80 is taken: it is published at ::1 for somebody without a name; choose another, or remove that one"),
    (
        [(one, one, "web" if at < 2 else f"db{at}") for at, one in enumerate(elements(Port("tcp", "0.0.0.0", 80, 1, 5)))],
        "ports tcp 80, tcp 81, tcp 82, 2 more are taken: they are published for web; published for db2; choose others, or remove those",
    ),
    ([], "a port is taken: it leads elsewhere already, or somebody published it just now; try again"),
]


@pytest.mark.parametrize(("found", "text"), SAID)
def test_how_it_is_told(found: list, text: str):
    assert str(overlaps.conflict(found)) == text
