"""podman's configuration as `nw netavark install` leaves it."""

import json
import os
import tomllib
from pathlib import Path

import pytest

from netwright.cli.netavark import main
from netwright.errors import Conflict, Invalid
from netwright.netavark import configuration


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ordinary user's; nothing of the machine's own is read."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(configuration, "_SHARED", str(tmp_path / "share"))
    monkeypatch.setattr(configuration, "_ROOTS", str(tmp_path / "etc"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_CONFIG_HOME", "CONTAINERS_CONF"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def helpers(path: str) -> list[str]:
    return tomllib.loads(Path(path).read_text())["engine"]["helper_binaries_dir"]


def test_a_user_without_any(home: Path):
    made = configuration.write("/opt/nw")
    assert made == f"{home}/.config/containers/containers.conf.d/netwright.conf"
    assert tomllib.loads(Path(made).read_text()) == {
        "engine": {"helper_binaries_dir": ["/opt/nw", *configuration.DEFAULTS]}, "network": {"network_backend": "netavark"},
    }  # fmt: skip
    assert configuration.write("/opt/nw") == made, "again"
    assert configuration.remove() == [made]
    assert configuration.remove() == []
    assert os.listdir(os.path.dirname(made)) == []


def test_where_the_user_has_its_configuration(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", f"{home}/xdg")
    assert configuration.write("/opt/nw").startswith(f"{home}/xdg/containers/containers.conf.d/")


def test_root(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert configuration.programs_directory() == "/usr/local/libexec/netwright"
    assert configuration.write("/opt/nw") == f"{tmp_path}/etc/containers.conf.d/netwright.conf"


def test_the_places_of_others_stay_behind_ours(home: Path, tmp_path: Path):
    own = home / ".config/containers"
    put(tmp_path / "share/containers.conf", '[engine]\nhelper_binaries_dir = ["/shared"]')
    put(tmp_path / "etc/containers.conf", '[engine]\nhelper_binaries_dir = ["/etc-one"]')
    assert helpers(configuration.write("/opt/nw")) == ["/opt/nw", "/etc-one"]
    put(own / "containers.conf", '[engine]\nruntime = "runc"\nhelper_binaries_dir = ["/mine", "/opt/nw", {append = true}]')
    put(own / "containers.conf.d/00.conf", "[network]\n")
    put(own / "containers.conf.d/zz.txt", "[no configuration")
    assert helpers(configuration.write("/opt/nw")) == ["/opt/nw", "/mine"]
    assert (own / "containers.conf").read_text().startswith('[engine]\nruntime = "runc"'), "nobody's file is changed"


def test_one_that_would_win(home: Path):
    put(home / ".config/containers/containers.conf.d/podman.conf", '[engine]\nhelper_binaries_dir = ["/late"]')
    with pytest.raises(Conflict, match=r"podman\.conf would win"):
        configuration.write("/opt/nw")
    put(home / ".config/containers/containers.conf.d/podman.conf", "[containers]\npids_limit = 9")
    configuration.write("/opt/nw")


def test_one_that_is_broken(home: Path):
    put(home / ".config/containers/containers.conf", "[engine")
    with pytest.raises(Invalid, match=r"containers\.conf"):
        configuration.write("/opt/nw")


def test_somebody_elses_file_of_that_name(home: Path):
    theirs = home / ".config/containers/containers.conf.d/netwright.conf"
    put(theirs, "[engine]\n")
    with pytest.raises(Conflict, match="not of netwright"):
        configuration.write("/opt/nw")
    assert configuration.remove() == []
    assert theirs.exists()


@pytest.mark.parametrize("place", ['/with "quotes"', "/with\\back", "/ÄÖ/ü"])
def test_any_name_of_a_directory(home: Path, place: str):
    assert helpers(configuration.write(place))[0] == place


def test_the_command_for_a_user(home: Path, capsys: pytest.CaptureFixture[str]):
    place, conf = f"{home}/.local/libexec/netwright", f"{home}/.config/containers/containers.conf.d/netwright.conf"
    assert main(["install"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [f"{place}/netavark", f"{place}/aardvark-dns", conf]
    assert lines[3].startswith("podman takes them from now on")
    assert helpers(conf)[0] == place
    assert main(["uninstall", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [conf, f"{place}/netavark", f"{place}/aardvark-dns"]
    assert [path for path in home.rglob("*") if path.is_file()] == []


def test_the_command_with_a_directory(home: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["install", f"{home}/bin"]) == 0
    assert f'helper_binaries_dir = ["{home}/bin"' in capsys.readouterr().out
    assert not (home / ".config").exists()
    assert main(["install", f"{home}/bin", "--conf"]) == 0
    assert helpers(configuration.path())[0] == f"{home}/bin"


def test_a_file_that_stands_for_all_others(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.setenv("CONTAINERS_CONF", "/ci/containers.conf")
    assert main(["install"]) == 0
    assert "podman takes them with this in /ci/containers.conf" in capsys.readouterr().out
