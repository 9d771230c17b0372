"""Records on a disk of the test's own."""

import errno
import os
from pathlib import Path

import pytest

from netwright.errors import CallFailed
from netwright.networks import records
from netwright.networks.records import Record


@pytest.fixture(autouse=True)
def run_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("NETWRIGHT_RUN_DIR", str(tmp_path / "run"))
    return tmp_path / "run"


def test_what_is_written_is_read():
    one = Record("cni/n/c1/eth0", "br0", ("veth1",), (("sources4", '10.0.0.2 comment "x"'),), True, "/proc/1/ns/net", {"a": [1]})
    records.put(one)
    assert records.get("br0", "cni/n/c1/eth0") == one
    assert list(records.of_device("br0")) == [one] == list(records.everything())
    assert records.others("br0", "somebody")
    assert not records.others("br0", one.owner)
    records.remove("br0", one.owner)
    assert records.get("br0", one.owner) is None
    assert not os.path.exists(records.directory())


@pytest.mark.parametrize("owner", ["../../etc/passwd", ".", "..", "a/b", "x" * 400, "ä\n\0", "a.new1", "%2E"])
def test_no_name_leads_out_of_the_directory(owner, run_directory):
    records.put(Record(owner, "br0"))
    assert [one.owner for one in records.everything()] == [owner]
    assert [p.parent for p in run_directory.rglob("*") if p.is_file()] == [run_directory / ".attached" / "br0"]
    records.remove("br0", owner)
    assert not (run_directory / ".attached").exists()


def test_what_is_of_another_boot_or_damaged_does_not_count(monkeypatch):
    records.put(Record("a", "br0"))
    with open(records.path_of("br0", "b"), "w") as file:
        file.write('{"boot": ')
    assert [one.owner for one in records.everything()] == ["a"]
    monkeypatch.setattr(records, "boot_id", lambda: "another")
    assert list(records.everything()) == []
    assert len(records.sweep()) == 2
    assert not os.path.exists(records.path_of("br0", "a"))


def test_an_unfinished_file_goes_only_when_its_writer_has(run_directory):
    records.put(Record("a", "br0"))
    path = records.path_of("br0", "b")
    for pid in (os.getpid(), 2**22 + 1):
        open(f"{path}~{pid}", "w").close()
    assert records.sweep() == [f"{path}~{2**22 + 1}"]
    assert [one.owner for one in records.everything()] == ["a"]


def test_a_directory_that_cannot_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NETWRIGHT_RUN_DIR", str(tmp_path / "file"))
    with pytest.raises(Exception, match="cannot make"):
        records.put(Record("a", "br0"))


@pytest.mark.parametrize("network", ["n", "x" * 190, "."])
def test_records_of_one_owner_are_found_among_others(network):
    mine = [f"cni/{network}/{n}/eth0" for n in range(3)]
    for device, owner in [("br0", mine[0]), ("br0", mine[1]), ("@portmap", mine[2]), ("br0", f"cni/{network}2/0/eth0"), ("br1", "web:eth0")]:
        records.put(Record(owner, device))
    assert sorted(record.owner for record in records.signed(f"cni/{network}/")) == mine
    assert len(list(records.everything())) == 5


def test_what_a_killed_writer_left_goes_with_the_record(run_directory):
    records.put(Record("a", "br0"))
    path = Path(records.path_of("br0", "a"))
    path.with_name(f"{path.name}~{2**22 + 1}").write_text("half")
    records.remove("br0", "a")
    assert not path.parent.exists()


def test_what_killed_writers_left_goes_without_a_look_into_the_others(run_directory):
    records.put(Record("a", "br0"))
    path = Path(records.path_of("br0", "a"))
    unfinished = path.with_name(f"b~{2**22 + 1}")
    for other, text in ((path, "damaged"), (unfinished, "half"), (path.with_name(f"c~{os.getpid()}"), "being written")):
        other.write_text(text)
    records.tidy()
    assert sorted(p.name for p in path.parent.iterdir()) == [path.name, f"c~{os.getpid()}"]


def test_hundreds_are_listed_once_by_whoever_holds_the_lock(run_directory, monkeypatch):
    for owner in "abc":
        records.put(Record(owner, "br0"))
    (run_directory / ".attached" / "br0" / "a~0").touch()
    names = records.listed("br0")
    monkeypatch.setattr(records, "_names", lambda _: pytest.fail("listed again"))
    assert sorted(one.owner for one in records.of_device("br0", names)) == ["a", "b", "c"]
    assert records.others("br0", "a", names)
    assert not records.others("br0", "a", ["a", "b~7"])
    records.remove("br0", "a", names)
    assert sorted(path.name for path in (run_directory / ".attached" / "br0").iterdir()) == ["b", "c"]


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.EIO])
@pytest.mark.parametrize(
    ("place", "call", "look"),
    [
        (records, "open", records.sweep), (records, "open", lambda: records.get("br0", "a")), (os, "listdir", lambda: list(records.everything())),
        (os, "scandir", lambda: records.others("br0", "b")),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_at_is_not_taken_for_gone(place, call, look, number):
    records.put(Record("a", "br0"))

    def refused(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "boot_id", lambda: "a boot")
        patch.setattr(place, call, refused, raising=False)
        with pytest.raises(CallFailed, match="cannot look at"):
            look()
    assert records.get("br0", "a") is not None


def test_a_boot_has_a_number():
    assert len(records.boot_id()) == 36
    assert records.boot_id() == records.boot_id()
