"""Installing: exactly what is wanted, nothing of somebody else's, and all of it away again."""

import json
import os
from pathlib import Path

import pytest

from netwright.cni.install import conflist, install, refuse_overlap, uninstall, wanted
from netwright.cni.main import IPAM, MAIN
from netwright.errors import Conflict, Gone, Invalid


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.setenv("NETWRIGHT_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "bin", tmp_path / "net.d"


def files(places: tuple[Path, Path], program: str = "#!/bin/true\n"):
    return wanted(str(places[0]), program, str(places[1]), "net", "10.9.0.0/16")


def listing(*places: Path) -> dict[str, str]:
    paths = [path for place in places if place.exists() for path in place.iterdir()]
    return {path.name: f"-> {os.readlink(path)}" if path.is_symlink() else path.read_text() for path in paths}


def test_what_is_there_afterwards_and_nothing_after_uninstall(places):
    done = install(files(places))
    found = listing(*places)
    assert set(found) == {"netwright-cni", *MAIN, *IPAM, "10-net.conflist"}
    assert len(done) == len(found)
    assert found["host-local"] == "-> netwright-cni"
    assert (places[0] / "netwright-cni").stat().st_mode & 0o777 == 0o755
    assert install(files(places)) == []
    gone, changed = uninstall()
    assert (sorted(gone), changed) == (sorted(done), [])
    assert listing(*places) == {}
    with pytest.raises(Gone):
        uninstall()


def test_a_newer_version_of_ours_is_put_in_its_place(places):
    install(files(places))
    assert install(files(places, "#!/bin/false\n")) == [str(places[0] / "netwright-cni")]


def test_what_is_not_ours_is_told_at_once_and_nothing_is_written(places):
    places[0].mkdir()
    for name in ("bridge", "static"):
        (places[0] / name).write_text("somebody's")
    with pytest.raises(Conflict) as error:
        install(files(places))
    assert "bin/bridge" in error.value.what
    assert "bin/static" in error.value.what
    assert listing(*places) == {"bridge": "somebody's", "static": "somebody's"}


def test_by_force_it_is_kept_and_put_back(places):
    places[0].mkdir()
    (places[0] / "bridge").write_text("somebody's")
    install(files(places), force=True)
    assert listing(places[0])["bridge"] == "-> netwright-cni"
    assert listing(places[0])["bridge.before-netwright"] == "somebody's"
    uninstall(str(places[0]), str(places[1]))
    assert listing(*places) == {"bridge": "somebody's"}


def test_what_was_changed_since_stays(places):
    install(files(places))
    path = places[1] / "10-net.conflist"
    path.write_text("mine now")
    gone, changed = uninstall()
    assert changed == [str(path)]
    assert len(gone) == 1 + len(MAIN) + len(IPAM)
    assert listing(*places) == {"10-net.conflist": "mine now"}


def test_one_directory_of_two(places, tmp_path: Path):
    other = (tmp_path / "other", tmp_path / "other.d")
    install(files(places))
    install(files(other))
    uninstall(str(places[0]), str(places[1]))
    assert listing(*places) == {}
    assert len(listing(*other)) == 2 + len(MAIN) + len(IPAM)


def test_the_configuration():
    document = json.loads(conflist("my-network", "fd00::/64"))
    (plugin,) = document["plugins"]
    assert plugin["ipam"]["routes"] == [{"dst": "::/0"}]
    assert plugin["type"] == "netwright"
    with pytest.raises(Invalid, match="has host bits set"):
        conflist("n", "10.9.0.1/16")


def test_a_directory_that_cannot_be_written(places):
    places[0].parent.joinpath("bin").write_text("")
    with pytest.raises(Exception, match=r"File exists|Not a directory"):
        install(files(places))


@pytest.mark.parametrize("subnet", ["10.0.0.0", "10.9.0.1/16", "10.9.0.0/31", "x", "", "10.9.0.0/16/8"])
def test_a_subnet_that_host_local_would_refuse_is_refused_before_anything_is_written(subnet: str):
    with pytest.raises(Invalid) as refused:
        conflist("net", subnet)
    assert refused.value.what.startswith("--subnet: ")


OTHERS = {
    "subnet": {"type": "netwright", "subnet": "10.9.128.0/17"},
    "subnets": {"type": "netwright", "subnets": ["fd00::/64", "10.9.0.0/24"]},
    "ipam.subnet": {"type": "bridge", "ipam": {"type": "host-local", "subnet": "10.0.0.0/8"}},
    "ipam.ranges": {"type": "bridge", "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.8.0.0/16"}], 7, [{"subnet": "10.9.1.0/24"}]]}},
}


@pytest.mark.parametrize("case", OTHERS)
def test_addresses_of_another_network_are_refused(tmp_path: Path, case: str):
    (tmp_path / "20-other.conflist").write_text(json.dumps({"cniVersion": "1.0.0", "name": "other", "plugins": [OTHERS[case]]}))
    (tmp_path / "30-broken.conflist").write_text("{")
    with pytest.raises(Conflict, match="the network other's"):
        refuse_overlap(str(tmp_path), "net", "10.9.0.0/16")
    refuse_overlap(str(tmp_path), "other", "10.9.0.0/16")
    refuse_overlap(str(tmp_path), "net", "192.168.0.0/16")
