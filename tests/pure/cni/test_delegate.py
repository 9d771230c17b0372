"""Other people's plugins, by exec: found, fed, their answers and errors taken over."""

import json
from pathlib import Path

import pytest

from netwright.cni.delegate import Foreign, ipam, refusal
from netwright.cni.ipam import static
from netwright.cni.protocol import Address, Call, CniError, Config, Result

PLUGIN = """#!/bin/sh
echo "$CNI_COMMAND" >> "$0.log"
cat > "$0.stdin"
case $CNI_COMMAND in {cases} esac
"""


def plugin(place: Path, cases: str, name: str = "foreign") -> Path:
    path = place / name
    path.write_text(PLUGIN.format(cases=cases))
    path.chmod(0o755)
    return path


def call(place: Path, config: dict | None = None, command: str = "ADD") -> Call:
    document = {"name": "n", "cniVersion": "1.0.0", "ipam": {"type": "foreign"}} | (config or {})
    return Call(command, "c1", "/nowhere", "eth0", {}, ("/nowhere", str(place)), Config(document))


def test_which_plugin():
    assert ipam(call(Path("/x"), {"ipam": {"type": "static"}})) is static
    assert isinstance(ipam(call(Path("/x"))), Foreign)
    nothing = ipam(call(Path("/x"), {"ipam": {}}))
    assert nothing.add(call(Path("/x"))) == Result()
    with pytest.raises(CniError, match=r"ipam\.type: it is missing"):
        ipam(call(Path("/x"), {"ipam": {"subnet": "10.0.0.0/8"}}))


def test_its_result_and_what_it_gets(tmp_path: Path):
    path = plugin(tmp_path, """ADD) echo '{"ip4": {"ip": "10.0.0.2/8", "gateway": "10.0.0.1"}}';;""")
    assert Foreign("foreign").add(call(tmp_path)) == Result(addresses=(Address("10.0.0.2/8", "10.0.0.1"),))
    assert json.loads((tmp_path / "foreign.stdin").read_text()) == {"name": "n", "cniVersion": "1.0.0", "ipam": {"type": "foreign"}}
    Foreign("foreign").delete(call(tmp_path))
    assert path.with_suffix(".log").read_text().split() == ["ADD", "DEL"]


@pytest.mark.parametrize(
    ("cases", "code", "message", "details"),
    [
        ("""ADD) printf %s '{"code": 11, "msg": "later\\nplease", "details": "d"}'; exit 1;;""", 11, "later\nplease", "d"),
        ("ADD) echo no; exit 3;;", 104, "plugin foreign failed at ADD with exit code 3", "no"),
        ("ADD) kill -9 $$;;", 104, "plugin foreign failed at ADD with exit code 137", "it said nothing"),
        ("ADD) echo '[]';;", 104, "foreign: its result is no JSON object", "[]"),
        ("""ADD) echo '{"ips": [{"address": "x"}]}';;""", 104, "foreign: its result makes no sense", "result of foreign.ips[0].address"),
    ],
)
def test_its_errors(tmp_path: Path, cases: str, code: int, message: str, details: str):
    plugin(tmp_path, cases)
    with pytest.raises(CniError) as error:
        Foreign("foreign").add(call(tmp_path))
    assert (error.value.code, error.value.message) == (code, message)
    assert details in error.value.details


def test_after_an_add_that_failed_it_is_told_to_clean_up(tmp_path: Path):
    path = plugin(tmp_path, "ADD) exit 1;; DEL) exit 1;;")
    with pytest.raises(CniError, match="failed at ADD"):
        Foreign("foreign").add(call(tmp_path))
    assert path.with_suffix(".log").read_text().split() == ["ADD", "DEL"]


@pytest.mark.parametrize(("cases", "fine"), [('*) echo \'{"code": 1, "msg": "x"}\'; exit 1;;', True), ('*) echo \'{"code": 50, "msg": "x"}\'; exit 1;;', False)])
def test_plugins_from_before_the_verb_existed_are_let_pass(tmp_path: Path, cases: str, fine: bool):
    plugin(tmp_path, cases)
    asked = call(tmp_path, command="STATUS")
    if fine:
        Foreign("foreign").status(asked)
        Foreign("foreign").gc(asked, frozenset())
    else:
        with pytest.raises(CniError):
            Foreign("foreign").status(asked)


@pytest.mark.parametrize("name", ["../foreign", "", "missing", "a\0b"])
def test_a_plugin_that_is_not_there(tmp_path: Path, name: str):
    plugin(tmp_path, "")
    with pytest.raises(CniError) as error:
        Foreign(name).check(call(tmp_path))
    assert error.value.code == 7


def test_a_file_that_is_no_program(tmp_path: Path):
    plugin(tmp_path, "").chmod(0o644)
    with pytest.raises(CniError, match="Permission denied"):
        Foreign("foreign").delete(call(tmp_path))


def test_large_documents_block_nobody(tmp_path: Path):
    plugin(tmp_path, """ADD) head -c 300000 /dev/zero | tr '\\0' ' '; echo '{}';;""")
    assert Foreign("foreign").add(call(tmp_path, {"more": "x" * 300_000})) == Result()


def test_what_is_no_error_of_cni():
    assert refusal("p", "ADD", 1, b'{"code": "x", "msg": 3}').code == 104
    assert refusal("p", "ADD", 1, b"\xff").details == "\ufffd"
