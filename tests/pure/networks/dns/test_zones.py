"""The directory of zones: written whole or not at all, a file for each container."""

import os

import pytest
from dns_fakes import BLUE, DB, RED, WEB
from hypothesis import given
from hypothesis import strategies as st

from netwright.errors import CallFailed, Gone, Invalid
from netwright.model.value import replace
from netwright.networks.dns import zones
from netwright.networks.dns.files import Files
from netwright.networks.dns.zone import Host, Zone


@pytest.fixture
def place(tmp_path):
    return str(tmp_path / "dns")


def test_a_network_is_written_read_and_removed(place):
    assert zones.names(place) == []
    zones.write(BLUE, place)
    zones.write(RED, place)
    assert (zones.names(place), zones.read("blue", place)) == (["blue", "red"], BLUE)
    assert os.stat(place).st_mode & 0o777 == 0o700
    assert os.stat(f"{place}/blue.json").st_mode & 0o777 == 0o600
    zones.remove("blue", place)
    zones.remove("blue", place)
    assert (zones.names(place), zones.read("blue", place)) == (["red"], None)


def test_containers_come_and_go(place):
    bare = replace(BLUE, hosts=())
    zones.attach_or_make(bare, WEB, place)
    zones.attach("blue", DB, place)
    assert set(zones.read("blue", place).hosts) == {WEB, DB}
    zones.attach("blue", replace(DB, names=("db2",)), place)
    assert {host.names for host in zones.read("blue", place).hosts} == {WEB.names, ("db2",)}
    zones.detach("blue", "c1", place, last=True)
    zones.detach("blue", "c1", place, last=True)
    assert [host.id for host in zones.read("blue", place).hosts] == ["c2"]
    zones.detach("blue", "c2", place, last=True)
    assert zones.files(place) == []
    zones.detach("blue", "c2", place, last=True)


def test_a_host_in_the_network_s_file_can_be_replaced_and_taken_out(place):
    zones.write(BLUE, place)
    zones.attach("blue", replace(WEB, names=("other",)), place)
    assert zones.read("blue", place).hosts == (replace(WEB, names=("other",)), DB)
    zones.detach("blue", "c1", place)
    assert zones.read("blue", place).hosts == (DB,)


def test_configure_leaves_the_hosts_and_write_does_not(place):
    zones.write(BLUE, place)
    zones.attach("blue", Host("c3"), place)
    zones.configure(Zone("blue", ("10.9.0.1",)), place)
    assert zones.read("blue", place) == Zone("blue", ("10.9.0.1",), hosts=(WEB, DB, Host("c3")))
    zones.write(Zone("blue"), place)
    assert zones.read("blue", place) == Zone("blue")


def test_only_valid_containers_are_kept(place):
    zones.write(replace(BLUE, hosts=(WEB,)), place)
    for id in ("a", "b/eth0", "c"):
        zones.attach("blue", Host(id), place)
    zones.keep("blue", lambda id: id in ("b/eth0",), place)
    assert [host.id for host in zones.read("blue", place).hosts] == ["b/eth0"]
    zones.keep("blue", lambda _: False, place, last=True)
    assert zones.files(place) == []


def test_broken_files_do_not_keep_anybody_from_going(place):
    zones.write(BLUE, place)
    zones.attach("blue", Host("x"), place)
    for name in zones.files(place):
        with open(f"{place}/{name}", "w") as file:
            file.write("{")
    with pytest.raises(Invalid, match="not JSON"):
        zones.read("blue", place)
    zones.detach("blue", "x", place, last=True)
    assert zones.files(place) == []


def test_a_broken_network_is_made_anew(place):
    zones.write(BLUE, place)
    with open(f"{place}/blue.json", "w") as file:
        file.write("{")
    zones.attach_or_make(Zone("blue"), WEB, place)
    assert zones.read("blue", place) == Zone("blue", hosts=(WEB,))


def test_a_network_that_is_not_there_takes_no_container(place):
    with pytest.raises(Gone):
        zones.attach("blue", WEB, place)
    zones.detach("blue", "c1", place)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".x", "x\0y", "x\ny", "x" * 101])
def test_no_name_leads_out_of_the_directory(place, name):
    with pytest.raises(Invalid):
        zones.zone_file(name)
    with pytest.raises(Invalid):
        zones.write(Zone(name), place)
    with pytest.raises(Invalid):
        zones.remove(name, place)


@given(st.text(min_size=1, max_size=30))
def test_any_id_makes_a_file_name_of_its_own(id):
    name = zones.host_file("n@t", id) if len(id.encode(errors="replace")) * 3 <= 120 else "n@t@x.host"
    assert "/" not in name
    assert "\0" not in name
    assert zones.network_of(name) == "n@t"


def test_a_file_in_the_way_is_told(place):
    with open(place, "w") as file:
        file.write("")
    with pytest.raises(CallFailed) as caught:
        zones.write(BLUE, place)
    assert "NETWRIGHT_RUN_DIR" in str(caught.value)


def test_the_environment_says_where(monkeypatch):
    monkeypatch.delenv("NETWRIGHT_RUN_DIR", raising=False)
    assert zones.where() == "/run/netwright/.dns"
    monkeypatch.setenv("NETWRIGHT_RUN_DIR", "/x")
    assert zones.where() == "/x/.dns"


def test_a_responder_reads_only_what_was_noted(place):
    files = Files(place)
    zones.write(BLUE, place)
    assert not files.read()
    files.note("blue.json")
    assert files.read()
    assert files.zones == {"blue": BLUE}
    zones.attach("blue", Host("c7"), place)
    files.note("blue@c7.host")
    files.note(".new")
    files.note("responder.pid")
    assert files.read()
    assert files.zones["blue"].hosts[-1] == Host("c7")
    files.note("blue@c7.host")
    assert not files.read()  # nothing is other than before
    zones.remove("blue", place)
    files.note_all()
    assert files.read()
    assert files.zones == {}


def test_a_file_with_mistakes_leaves_what_was(place):
    files = Files(place)
    zones.write(BLUE, place)
    files.note_all()
    files.read()
    with open(f"{place}/blue.json", "w") as file:
        file.write("{}")
    files.note("blue.json")
    assert not files.read()
    assert (files.zones, list(files.problems())) == ({"blue": BLUE}, ["blue"])
    zones.write(RED, place)
    zones.write(replace(BLUE, port=54), place)
    files.note_all()
    assert files.read()
    assert (sorted(files.zones), files.problems()) == (["blue", "red"], {})
