"""`nw map --from`: formats by the ending of the file, what is folded, filters, and what is refused before anything is looked at."""

import json
from pathlib import Path

import pytest
from host_sample import MAP

from netwright.cli import map_png
from netwright.cli.main import main
from netwright.hostmap.model import Owner
from netwright.hostmap.plain import to_plain
from netwright.model.value import replace


@pytest.fixture
def given(tmp_path: Path) -> str:
    """A file with a map in which c1 and c2 are hosts of labs."""
    labs = {"c1": Owner("lab", "shop/c1", group="shop"), "c2": Owner("lab", "office/c2", group="office")}
    spaces = tuple(replace(space, owners=(labs[space.name],)) if space.name in labs else space for space in MAP.namespaces)
    path = tmp_path / "map.json"
    path.write_text(json.dumps(to_plain(replace(MAP, namespaces=spaces))))
    return str(path)


ENDINGS = {"svg": "<svg", "html": "<!doctype html", "htm": "<!doctype html", "dot": "graph", "gv": "graph", "mmd": "flowchart", "mermaid": "flowchart", "json": '{"format"', "txt": "host", "SVG": "<svg", "map": "host"}  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_format_by_the_ending(ending: str, given: str, tmp_path: Path):
    output = tmp_path / f"out.{ending}"
    assert main(["nw", "map", "--from", given, "-o", str(output)]) == 0
    assert output.read_text().lower().startswith(ENDINGS[ending])


@pytest.mark.parametrize("kind", ["text", "svg", "dot", "mermaid"])
def test_all_folds_nothing(kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    path = tmp_path / "map.json"
    path.write_text(json.dumps(to_plain(MAP)))
    shown = []
    for more in ([], ["--all"]):
        assert main(["nw", "map", "--from", str(path), "--format", kind, *more]) == 0
        shown.append(capfd.readouterr().out)
    folded, whole = shown
    mark = ">idle2<" if kind == "svg" else "idle2"
    assert mark not in folded
    assert mark in whole
    assert all(name in whole for name in ("c1", "c2", "c3", "c4", "c5", "idle0", "idle1", "idle2", "idle3"))
    assert "veth1…veth5" not in whole


def test_one_lab(given: str, capfd: pytest.CaptureFixture[str]):
    assert main(["nw", "map", "--from", given, "--lab", "shop", "--json"]) == 0
    assert [space["name"] for space in json.loads(capfd.readouterr().out)["namespaces"]] == ["c1"]
    assert main(["nw", "map", "--from", given, "--lab", "nosuch"]) == 1
    assert "nw ls" in capfd.readouterr().err


def test_what_cannot_be_done_is_said_before_anything_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    monkeypatch.setattr(map_png, "find_program", lambda *_, **__: "")
    assert main(["nw", "map", "--from", "/nosuch", "--format", "png"]) == 1
    assert "librsvg2-bin" in capfd.readouterr().err
    there = tmp_path / "there.svg"
    there.touch()
    assert main(["nw", "map", "--from", "/nosuch", "-o", str(there)]) == 1
    assert "there already" in capfd.readouterr().err
