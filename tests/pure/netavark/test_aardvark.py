"""The files that netavark writes for its aardvark-dns, and the words that it starts it with."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.netavark import aardvark
from netwright.netavark.aardvark import WrongWords, read, zone_of
from netwright.networks.dns.zone import Host, Zone, write

TEXT = """10.89.0.1,fd10:89::1 192.0.2.1
68fb291b0318b54a71f6f3636e58bd0896f084e5ba4fa311ecf36e019c5e6e43 10.89.0.2 fd10:89::2 web,web1,68fb291b0318
48fb291b0318b54a71f6f3636e58bd0896f084e5ba4fa311ecf36e019c5e6e48 10.89.0.5  db,d48 192.0.2.8,192.0.2.9
"""


def test_a_network_s_file():
    ids = [line.split()[0] for line in TEXT.splitlines()[1:]]
    hosts = (
        Host(ids[0], ("web", "web1", "68fb291b0318"), ("10.89.0.2", "fd10:89::2")),
        Host(ids[1], ("db", "d48"), ("10.89.0.5",), (), ("192.0.2.8", "192.0.2.9")),
    )
    zone, mistakes = zone_of("net1%int", TEXT, 53, "dns.podman")
    assert mistakes == []
    assert zone == Zone("net1", ("10.89.0.1", "fd10:89::1"), 53, "dns.podman", (), False, ("192.0.2.1",), hosts)


def test_a_line_that_makes_no_sense_does_not_keep_the_others_from_being_read():
    zone, mistakes = zone_of("net1", "10.89.0.1\nid\nid 10.89.0.300 x a/b,ok\n\nid2 10.89.0.9  two\n", 53, "dns.podman")
    assert [host.names for host in zone.hosts] == [("ok",), ("two",)]
    assert [mistake.partition(" ")[0] for mistake in mistakes] == ["net1:2:", "net1:3:", "net1:3:", "net1:3:"]


def test_files_that_are_no_networks(tmp_path):
    (tmp_path / "aardvark.pid").write_text("1")
    (tmp_path / "aardvark.lock").write_text("")
    (tmp_path / "empty").write_text("")
    (tmp_path / "net").write_text("10.89.0.1\n")
    (tmp_path / "directory").mkdir()
    assert list(read(str(tmp_path), 53, "x")[0]) == ["net"]


@pytest.mark.parametrize(("text", "goes"), [("{own}", True), ("{own}\n", True), ("{own}1", False), ("", False)])
def test_a_responder_that_ends_takes_its_own_number_away(tmp_path, text, goes):
    file = tmp_path / "aardvark.pid"
    file.write_text(text.format(own=os.getpid()))
    aardvark._forget(str(tmp_path))
    assert file.exists() != goes
    file.unlink(missing_ok=True)
    aardvark._forget(str(tmp_path))


@given(st.text())
def test_any_text(text):
    zone, _ = zone_of("net", text, 53, "dns.podman")
    for host in zone.hosts:
        if host.id.isprintable():
            write(Zone("net", hosts=(host,)))


@pytest.mark.parametrize(
    ("words", "given", "command"),
    [
        (["--config", "/x", "-p", "53", "run"], {"config": "/x", "port": "53"}, "run"),
        (["-c=/x", "run", "-f", ".dns.podman"], {"config": "/x", "filter": ".dns.podman"}, "run"),
        (["version"], {}, "version"),
        (["--version"], {}, "version"),
    ],
)
def test_words(words, given, command):
    assert aardvark._read_words(words) == (given, command)


@pytest.mark.parametrize("words", [[], ["run"], ["-c"], ["fly"], ["-c", "x", "run", "run"], ["-x", "run"]])
def test_wrong_words(words, capsys):
    with pytest.raises(WrongWords):
        aardvark._read_words(words)
    assert aardvark.main(["aardvark-dns", *words]) == 1
    assert "usage: aardvark-dns" in capsys.readouterr().err


def test_version(capsys):
    assert aardvark.main(["aardvark-dns", "version"]) == 0
    assert capsys.readouterr().out.startswith("aardvark-dns 1.4.0")
