"""`nw map --from`: formats by the ending of the file, what is folded, filters, and what is refused before anything is looked at."""

import json
from pathlib import Path

import pytest
from host_sample import MAP

from netwright.cli import map_png
from netwright.cli.main import main
from netwright.hostmap.model import Owner
from netwright.hostmap.plain import from_plain, to_plain
from netwright.model.value import replace


@pytest.fixture
def given(tmp_path: Path) -> str:
    """A file with a map in which c1 and c2 are hosts of labs."""
    labs = {"c1": Owner("lab", "shop/c1", group="shop"), "c2": Owner("lab", "office/c2", group="office")}
    spaces = tuple(replace(space, owners=(labs[space.name],)) if space.name in labs else space for space in MAP.namespaces)
    path = tmp_path / "map.json"
    path.write_text(json.dumps(to_plain(replace(MAP, namespaces=spaces))))
    return str(path)


ENDINGS = {"svg": "<svg", "html": "<!doctype html", "htm": "<!doctype html", "dot": "graph", "gv": "graph", "mmd": "flowchart", "mermaid": "flowchart", "json": '{"format"', "txt": "host", "SVG": "<svg", "": "host"}  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_format_by_the_ending(ending: str, given: str, tmp_path: Path):
    output = tmp_path / (f"out.{ending}" if ending else "out")
    assert main(["nw", "map", "--from", given, "-o", str(output)]) == 0
    assert output.read_text().lower().startswith(ENDINGS[ending])


@pytest.mark.parametrize("name", ["notes.pdf", "x.jpeg", "a.b/map.v1", "out."])
def test_an_ending_that_no_format_has(name: str, given: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    output = tmp_path / name
    output.parent.mkdir(exist_ok=True)
    assert main(["nw", "map", "--from", "/nosuch", "-o", str(output)]) == 2
    told = capfd.readouterr().err
    assert f"nw map: {output}: what shall be in it?" in told
    assert ".svg" in told
    assert ".txt" in told
    assert "--format FORMAT" in told
    assert not output.exists()
    assert main(["nw", "map", "--from", given, "-o", str(output), "--format", "svg"]) == 0
    assert output.read_text().startswith("<svg")


@pytest.mark.parametrize("name", ["notes", ".hidden", "a.b/notes"])
def test_a_name_without_an_ending_is_text(name: str, given: str, tmp_path: Path):
    output = tmp_path / name
    output.parent.mkdir(exist_ok=True)
    assert main(["nw", "map", "--from", given, "-o", str(output)]) == 0
    assert output.read_text().startswith("host")


def test_the_schema_is_printed(capfd: pytest.CaptureFixture[str]):
    assert main(["nw", "map", "--schema"]) == 0
    assert json.loads(capfd.readouterr().out)["properties"]["format"] == {"const": "netwright-map"}


@pytest.mark.parametrize(("words", "left"), [(["--lab", "shop"], ["c1"]), (["-n", "c*"], ["c1", "c2", "c3", "c4", "c5"]), (["--kind", "docker", "-n", "c3", "-n", "c1"], ["c3"]), (["--path", "c1", "r1"], ["host", "c1", "r1"])])  # fmt: skip
def test_a_map_of_some_is_compared_with_the_same_of_another(words: list[str], left: list[str], given: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    """And what is different elsewhere is not told, whichever of both is the smaller one."""
    assert main(["nw", "map", "--from", given, "--json", *words]) == 0
    document = json.loads(capfd.readouterr().out)
    assert [space["name"] for space in document["namespaces"]] == left
    assert document["chosen"]
    some = tmp_path / "some.json"
    some.write_text(json.dumps(document))
    assert main(["nw", "map", "--diff", str(some), given]) == 0
    assert main(["nw", "map", "--diff", given, str(some)]) == 0
    assert capfd.readouterr().out == ""


def test_a_lab_that_is_gone_and_one_that_came_again(given: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    host = from_plain(json.loads(Path(given).read_text()))
    shop = replace(host, namespaces=tuple(s for s in host.namespaces if s.name == "c1"), cables=(), chosen=(("lab", "shop"),))
    again = replace(shop, namespaces=(replace(shop.namespaces[0], id="999", inode=999),))
    for name, one in (("shop", shop), ("again", again), ("without", replace(shop, namespaces=(), chosen=()))):
        (tmp_path / name).write_text(json.dumps(to_plain(one)))
    assert main(["nw", "map", "--diff", str(tmp_path / "shop"), str(tmp_path / "again")]) == 0
    assert capfd.readouterr().out == ""
    assert main(["nw", "map", "--diff", str(tmp_path / "shop"), str(tmp_path / "without")]) == 1
    assert capfd.readouterr().out == "- namespace c1: lab shop/c1\n"


def test_a_difference_is_written_into_a_file(given: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    host = from_plain(json.loads(Path(given).read_text()))
    before, text, data = tmp_path / "before", tmp_path / "some.txt", tmp_path / "some.json"
    before.write_text(json.dumps(to_plain(replace(host, namespaces=host.namespaces[1:], cables=host.cables[1:]))))
    assert main(["nw", "map", "--diff", str(before), given]) == 1
    printed = capfd.readouterr().out
    assert main(["nw", "map", "--diff", str(before), given, "-o", str(text)]) == 1
    assert main(["nw", "map", "--diff", str(before), given, "-o", str(data)]) == 1
    assert main(["nw", "map", "--diff", given, given, "-o", str(tmp_path / "none")]) == 0
    assert capfd.readouterr() == ("", "")
    assert text.read_text() == printed != ""
    assert len(json.loads(data.read_text())) == len(printed.splitlines())
    assert (tmp_path / "none").read_text() == ""
    assert main(["nw", "map", "--diff", str(before), given, "--json", "-o", str(text)]) == 1
    assert "--force overwrites it" in capfd.readouterr().err
    assert main(["nw", "map", "--diff", str(before), given, "--json", "-o", str(text), "--force"]) == 1
    assert text.read_text() == data.read_text()
    assert main(["nw", "map", "--diff", str(before), given, "-o", str(tmp_path / "some.svg")]) == 2
    assert "a difference is no picture" in capfd.readouterr().err
    assert not (tmp_path / "some.svg").exists()


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


def test_a_lab_of_another_user_is_said_with_that_one(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    owners = {"c1": "alice:shop", "c2": "bob:shop"}
    spaces = tuple(replace(space, owners=(Owner("lab", f"{owners[space.name]}/a", group=owners[space.name]),)) if space.name in owners else space for space in MAP.namespaces)
    path = tmp_path / "map.json"
    path.write_text(json.dumps(to_plain(replace(MAP, namespaces=spaces))))
    assert main(["nw", "map", "--from", str(path), "--lab", "bob:shop", "--json"]) == 0
    assert [space["name"] for space in json.loads(capfd.readouterr().out)["namespaces"]] == ["c2"]
    assert main(["nw", "map", "--from", str(path), "--lab", "shop"]) == 1
    assert "say whose: --lab alice:shop, --lab bob:shop" in capfd.readouterr().err


WRONG = [
    (["--format", "svg", "--theme", "drak"], 2, 'there is no theme "drak"', "themes are auto, light, dark"),
    (["--theme", ""], 2, 'there is no theme ""', "themes are auto, light, dark"),
    (["--path", "c1", "c1"], 1, "there is no way from c1 to itself", "nw map --namespace c1"),
    (["-o", "{place}"], 1, "{place} is a directory", "name a file in it: -o {place}/map.txt"),
    (["--force", "-f", "svg", "-o", "{place}/"], 1, "{place}/ is a directory", "name a file in it: -o {place}/map.svg"),
    (["-f", "svg", "-o", "{place}/map.json"], 1, "{place}/map.json is there already", "take another name: -o {place}/map.new.json"),
]


@pytest.mark.parametrize(("words", "code", "what", "fix"), WRONG)
def test_what_cannot_be_meant(words: list[str], code: int, what: str, fix: str, given: str, capfd: pytest.CaptureFixture[str]):
    place = str(Path(given).parent)
    assert main(["nw", "map", "--from", given, *(word.format(place=place) for word in words)]) == code
    told = capfd.readouterr()
    assert told.out == ""
    assert what.format(place=place) in told.err
    assert fix.format(place=place) in told.err


def test_nothing_is_like_that(given: str, capfd: pytest.CaptureFixture[str]):
    assert main(["nw", "map", "--from", given, "--kind", "nosuch"]) == 0
    assert capfd.readouterr().out == "nothing on the map is like that; see: nw map\n"


@pytest.mark.parametrize(
    ("word", "code", "what"),
    [
        ("2001:db8::7", 1, 'nothing here is "2001:db8::7"'), ("aa:bb:cc:dd:ee:01", 1, 'nothing here is "aa:bb:cc:dd:ee:01"'),
        (":9", 1, 'nobody listens at ":9"'), ("192.0.2.77:9", 1, 'nobody listens at "192.0.2.77:9"'), (":x", 2, '":x" is no port'),
    ],
)  # fmt: skip
def test_what_nobody_has(word: str, code: int, what: str, given: str, capfd: pytest.CaptureFixture[str]):
    assert main(["nw", "who", "--from", given, word]) == code
    assert what in capfd.readouterr().err
