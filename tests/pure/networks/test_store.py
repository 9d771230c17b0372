"""What is written down and found again; damaged, lost, held, full and of another boot."""

import os
import sqlite3
from contextlib import closing

import pytest

from netwright.engine import journal
from netwright.errors import Busy, CallFailed, Conflict, Gone, Invalid
from netwright.model.route import Nexthop, Route
from netwright.networks import copies, plain, schema, store
from netwright.networks.leases import allocate, leases, release
from netwright.networks.network import Network, Subnet
from netwright.networks.store import Store
from netwright.networks.values import Attachment, Leg, Port

WEB = Network("web", subnets=(Subnet("10.64.0.0/24", "10.64.0.1"), Subnet("fd00:1::/64", "fd00:1::1")), labels=(("a", "b"),))
EDGE = Attachment(
    "shop:eth0", "web", "nw-web", "veth1", "eth0", (Leg("10.64.0.2/24", "10.64.0.1"), Leg("fd00:1::2/64", "fd00:1::1")),
    (Route("default", via="10.64.0.1", metrics=(("mtu", 1400), ("advmss", 1360))), Route("10.0.0.0/8", nexthops=(Nexthop("10.64.0.1", weight=2),))),
    "02:00:00:00:00:05", 1400, True, ports=(Port("tcp", "127.0.0.1", 8080, 80), Port("udp", "", 5000, 53, 10)), ingress=8000,
)  # fmt: skip


@pytest.fixture
def places(tmp_path):
    return str(tmp_path / "state"), str(tmp_path / "run")


@pytest.fixture
def another_boot(monkeypatch):
    def start(name: str) -> None:
        for module in (schema, store, copies):
            monkeypatch.setattr(module, "boot_id", lambda: name)
        monkeypatch.setattr("netwright.networks.leases.boot_id", lambda: name)

    return start


def fill(db: Store) -> None:
    with db.change():
        db.put(WEB)
        allocate(db, WEB, EDGE.owner, "shop")
        db.attach("shop", EDGE, {"aliases": ["a"]})


def all_of(db: Store):
    attached = [(one.container, one.attachment, one.details) for one in db.attachments()]
    return db.networks(), attached, leases(db), db.ports(), str(db.ula())


def test_a_host_has_a_prefix_of_its_own_and_keeps_it(places, tmp_path):
    with Store(*places) as db:
        mine = db.ula()
    assert f"{mine}".startswith("fd")
    assert f"{mine}".endswith("::/48")
    with Store(*places) as db:
        assert db.ula() == mine
    with Store(str(tmp_path / "other"), str(tmp_path / "other run")) as db:
        assert db.ula() != mine


def test_what_is_written_is_found(places):
    with Store(*places) as db:
        fill(db)
        expected = all_of(db)
    with Store(*places) as db:
        assert all_of(db) == expected
        assert db.network("web") == WEB
        assert db.attachments(container="shop")[0].attachment == EDGE
        assert db.attachments(network="other") == []
        assert db.ports() == [(EDGE.ports[1], "shop:eth0"), (EDGE.ports[0], "shop:eth0")]
        assert [lease.address for lease in leases(db, owner="shop:eth0")] == ["10.64.0.2", "fd00:1::2"]
        assert db.created("web") > 1.7e9
        assert db.notices == []


def test_an_attachment_and_back():
    assert plain.attachment(plain.plain(EDGE)) == EDGE
    assert plain.port(plain.plain(EDGE.ports[1])) == EDGE.ports[1]


def test_only_its_owner_can_read_it(places):
    with Store(*places) as db:
        fill(db)
        assert os.stat(places[0]).st_mode & 0o777 == 0o700
        for name in ("networks.db", "networks.db-wal", "networks.lock"):
            assert os.stat(f"{places[0]}/{name}").st_mode & 0o077 == 0


def test_what_is_not_there(places):
    with Store(*places) as db:
        fill(db)
        with pytest.raises(Gone, match='did you mean "web"'):
            db.network("wbe")
        for name in ("\udcff", "a\0b", "' OR 1=1 --"):
            with pytest.raises((Gone, Invalid)):
                db.network(name)
        db.detach("nobody")
        db.drop("nothing")


def test_a_network_in_use_is_not_dropped(places):
    with Store(*places) as db:
        fill(db)
        with pytest.raises(Conflict, match="used by shop"):
            db.drop("web")
        db.detach(EDGE.owner)
        release(db, EDGE.owner)
        db.drop("web")
        assert all_of(db)[:4] == ({}, [], [], [])


def fails_in_the_middle(db: Store) -> None:
    with db.change():
        db.put(Network("other"))
        db.detach(EDGE.owner)
        release(db, EDGE.owner)
        raise ZeroDivisionError


def test_a_change_is_made_whole_or_not_at_all(places):
    with Store(*places) as db:
        fill(db)
        expected = all_of(db)
        with pytest.raises(ZeroDivisionError):
            fails_in_the_middle(db)
        assert all_of(db) == expected
        lose(places)
        with Store(*places) as again:
            assert all_of(again)[:4] == expected[:4]  # the copies too


def test_after_a_restart_nothing_is_attached_and_names_keep_their_addresses(places, another_boot):
    with Store(*places) as db:
        fill(db)
        allocate(db, WEB, "nameless:eth0")
        ula = db.ula()
    another_boot("later")
    with Store(*places) as db:
        assert db.networks() == {"web": WEB}
        assert db.attachments() == []
        assert db.ports() == []
        assert [(lease.owner, lease.name, lease.address) for lease in leases(db)] == [("", "shop", "10.64.0.2"), ("", "shop", "fd00:1::2")]
        assert db.ula() == ula
        assert [leg.host for leg in allocate(db, WEB, "shop:eth0", "shop")] == ["10.64.0.2", "fd00:1::2"]
    lose(places)
    with Store(*places) as db:  # the copies are of this boot now
        assert db.networks() == {"web": WEB}
        assert db.attachments() == []


# -- lost and damaged --------------------------------------------------------------------------------------------------------


def lose(places) -> None:
    for name in os.listdir(places[0]):
        os.unlink(f"{places[0]}/{name}")


def overwrite(places, data: bytes, at: int = 0) -> None:
    with open(f"{places[0]}/networks.db", "r+b") as file:
        file.seek(at)
        file.write(data)


def truncate(places, size: int) -> None:
    os.truncate(f"{places[0]}/networks.db", size)


DAMAGES = {
    "gone": lose,
    "empty": lambda places: truncate(places, 0),
    "half a page": lambda places: truncate(places, 2000),
    "three pages": lambda places: truncate(places, 3 * 4096),
    "no database": lambda places: overwrite(places, b"no database at all " * 1000),
    "its header": lambda places: overwrite(places, b"\xff" * 200),
    "its first page": lambda places: overwrite(places, b"\xff" * 3000, 1000),
    "a table": lambda places: overwrite(places, b"\xff" * 40960, 4096),
}


@pytest.mark.parametrize("how", DAMAGES)
def test_a_database_that_is_damaged_is_made_anew(places, how: str):
    with Store(*places) as db:
        fill(db)
        expected = all_of(db)[:4]
    DAMAGES[how](places)
    notices, found = [], None
    for _ in range(3):  # what is seen in the middle of something has to be done again
        try:
            with Store(*places) as db:
                notices += db.notices
                found = all_of(db)[:4]
                break
        except CallFailed as error:
            notices.append(error.why)
    assert found == expected
    assert len(notices) == 1
    assert ("was gone" if how == "gone" else "networks.db.broken-1") in notices[0]
    with Store(*places) as db:
        assert db.notices == []
        db.put(Network("new"))


def test_kept_addresses_survive_where_they_can_be_read(places):
    with Store(*places) as db:
        fill(db)
        release(db, EDGE.owner)
        ula = db.ula()
    with closing(sqlite3.connect(f"{places[0]}/networks.db")) as raw:
        (root,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name='networks'").fetchone()
    overwrite(places, b"\xff" * 4096, (root - 1) * 4096)
    with Store(*places) as db, pytest.raises(CallFailed):
        db.networks()
    with Store(*places) as db:
        assert db.networks() == {"web": WEB}
        assert {(lease.owner, lease.name) for lease in leases(db)} == {("", "shop")}
        assert db.ula() == ula


def test_copies_that_make_no_sense_are_left_out(places):
    with Store(*places) as db:
        fill(db)
    place = f"{places[1]}/.networks"
    for name, text in (("a.json", ""), ("b.json", "[]"), ("c.json", '{"boot": 1}'), ("d.json", "\xff" * 50), ("x.json.new", "{"), ("e.json", '{"boot":"%s","rows":{"networks":[[1]],"x":[[2]]}}' % journal.boot_id())):
        with open(f"{place}/{name}", "w") as file:
            file.write(text)
    lose(places)
    with Store(*places) as db:
        assert db.networks() == {"web": WEB}


def test_a_file_that_is_replaced_while_it_is_open_is_noticed(places):
    with Store(*places) as db:
        fill(db)
        lose(places)
        db.put(Network("new"))
        assert sorted(db.networks()) == ["new", "web"]
    with Store(*places) as db:
        assert sorted(db.networks()) == ["new", "web"]


def test_names_of_anything_stay_below_their_directory(places):
    owner = "../../../../tmp/x\n:eth0"
    with Store(*places) as db:
        db.attach("x", Attachment(owner, "web", "d", "p", "eth0"))
        assert db.attachments(owner=owner)
        assert all(name.replace("-", "").replace(".json", "").isalnum() for name in os.listdir(f"{places[1]}/.networks"))


# -- the machine says no -------------------------------------------------------------------------------------------------------


def test_one_that_is_held_is_told(places):
    with Store(*places) as db, Store(*places, patience=0.05) as other, db.change():
        with pytest.raises(Busy, match="is held") as caught:
            other.put(WEB)
        assert "fuser -v" in caught.value.fix


def test_a_newer_format_is_left_alone(places):
    with Store(*places) as db:
        fill(db)
        db.do("PRAGMA user_version=99")
    with pytest.raises(Conflict, match="newer version"):
        Store(*places)


def test_a_full_disk_leaves_what_there_was(places):
    with Store(*places) as db:
        fill(db)
        expected = all_of(db)
        db.do(f"PRAGMA max_page_count={db.do('PRAGMA page_count')[0][0]}")
        with pytest.raises(CallFailed, match="full") as caught:
            db.put(Network("big", labels=(("x", "y" * 4000), ("z", "y" * 4000), ("w", "y" * 40000))))
        assert "make room" in caught.value.fix
        assert all_of(db) == expected


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CallFailed, match="cannot make"):
        Store(str(tmp_path / "file" / "state"), str(tmp_path / "run"))
    with Store(str(tmp_path / "state"), str(tmp_path / "run")) as db:
        (tmp_path / "run").write_text("")
        with pytest.raises(CallFailed, match="cannot"):
            db.put(WEB)
        assert db.networks() == {}
