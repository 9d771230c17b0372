"""A runtime's side: configuration files, what plugins are given, order, cache, collecting, locks."""

import base64
import json
from pathlib import Path

import pytest

from netwright.cni.protocol import CniError, Result
from netwright.cni.runtime import cache, runtime
from netwright.cni.runtime.cache import Attachment
from netwright.cni.runtime.network import load, names, read_network
from netwright.cni.runtime.runtime import Failed, Runtime
from netwright.errors import Conflict, Gone, Invalid

# A plugin that writes down what it was told, adds an address of its own to the result, and fails where a file says so.
PLUGIN = """#!/bin/sh
cd "$(dirname "$0")"; name=$(basename "$0")
stdin=$(cat)
echo "$CNI_COMMAND $name $CNI_CONTAINERID $CNI_IFNAME $CNI_ARGS" >> log
printf '%s' "$stdin" > "$name.$CNI_COMMAND"
[ ! -e "$name.fail.$CNI_COMMAND" ] || { echo '{"code": 11, "msg": "busy", "details": "wait"}'; exit 1; }
case $CNI_COMMAND in
VERSION) echo '{"supportedVersions": ["0.3.1", "0.4.0", "1.0.0", "1.1.0"]}';;
ADD) echo '{"cniVersion": "1.1.0", "ips": [{"address": "10.0.0.'$(wc -l < log)'/8"}]}';;
esac
"""


class Box:
    """Plugins one, two and three, and a runtime that finds them."""

    def __init__(self, top: Path):
        self.top, self.bin, self.conf = top, top / "bin", top / "net.d"
        self.bin.mkdir()
        self.conf.mkdir()
        for name in ("one", "two", "three"):
            (self.bin / name).write_text(PLUGIN)
            (self.bin / name).chmod(0o755)
        self.runtime = Runtime((str(self.bin),), str(top / "results"), str(top / "locks"))
        (top / "ns").touch()
        self.document: dict = {"name": "net", "cniVersion": "1.1.0", "plugins": [{"type": "one", "capabilities": {"ips": True, "mac": False}}, {"type": "two"}]}

    @property
    def network(self):
        return read_network(json.dumps(self.document))

    def attachment(self, container: str = "c1", **more: object) -> Attachment:
        return Attachment("net", container, "eth0", str(self.top / "ns"), **more)

    def add(self, *words: str, **more: object):
        return self.runtime.add(self.network, self.attachment(*words, **more))

    def log(self) -> list[str]:
        """What was asked since the last time."""
        path = self.bin / "log"
        lines = [line.rstrip() for line in path.read_text().splitlines()] if path.exists() else []
        path.unlink(missing_ok=True)
        return lines

    def stdin(self, name: str, command: str) -> dict:
        return json.loads((self.bin / f"{name}.{command}").read_text())

    def cached(self) -> list[str]:
        return sorted(path.name for path in (self.top / "results").iterdir())


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


# -- configuration files -------------------------------------------------------------------------------------------------------


def test_a_list_wins_over_a_single_plugin_and_files_are_read_in_order(tmp_path: Path):
    (tmp_path / "20.conflist").write_text('{"name": "a", "plugins": [{"type": "x"}]}')
    (tmp_path / "10.conflist").write_text('{"name": "a", "cniVersion": "0.4.0", "plugins": [{"type": "y"}]}')
    (tmp_path / "00.conf").write_text('{"name": "a", "type": "z"}')
    (tmp_path / "05.json").write_text('{"name": "b", "cniVersion": "1.0.0", "type": "z"}')
    (tmp_path / "01.conf").write_text("broken")
    (tmp_path / "readme.txt").write_text("{}")
    (tmp_path / "c.conf").mkdir()
    assert load("a", str(tmp_path)).plugins == ({"type": "y"},)
    assert load("b", str(tmp_path)).plugins == ({"name": "b", "cniVersion": "1.0.0", "type": "z"},)
    assert names(str(tmp_path)) == ["a", "b"]
    with pytest.raises(Gone) as error:
        load("c", str(tmp_path))
    assert error.value.why == f"there are a, b; {tmp_path}/01.conf: no JSON value begins at character 0"


def test_a_directory_that_is_not_there(tmp_path: Path):
    with pytest.raises(Gone, match="no network a in"):
        load("a", str(tmp_path / "x"))


def test_more_plugins_come_from_the_networks_own_directory(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "2.conf").write_text('{"type": "z"}')
    (tmp_path / "a" / "1.conf").write_text('{"type": "y"}')
    (tmp_path / "a.conflist").write_text('{"name": "a", "plugins": [{"type": "x"}]}')
    assert [plugin["type"] for plugin in load("a", str(tmp_path)).plugins] == ["x", "y", "z"]
    (tmp_path / "a.conflist").write_text('{"name": "a", "loadOnlyInlinedPlugins": true, "plugins": [{"type": "x"}]}')
    assert [plugin["type"] for plugin in load("a", str(tmp_path)).plugins] == ["x"]
    (tmp_path / "a.conflist").write_text('{"name": "a", "loadOnlyInlinedPlugins": true, "plugins": []}')
    with pytest.raises(Invalid, match="plugins: there is none"):
        load("a", str(tmp_path))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "f: it is no JSON object"),
        ('{"plugins": [{"type": 1}, {}], "cniVersion": "9"}',
         "f: plugins[0].type: a text belongs here, not 1; plugins[0].type: it is missing; plugins[1].type: it is missing; "
         "name: missing network name; cniVersion: 9 is none of 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0"),
        ('{"name": "a", "plugins": {}}', "f: plugins: a list belongs here, not {}"),
    ],
)  # fmt: skip
def test_all_mistakes_of_a_file_at_once(text: str, message: str):
    with pytest.raises(Invalid) as error:
        read_network(text, "f")
    assert error.value.what == message


@pytest.mark.parametrize(
    ("said", "version"),
    [({"cniVersion": "0.4.0"}, "0.4.0"), ({}, "0.1.0"), ({"cniVersion": "1.0.0", "cniVersions": ["0.4.0", "1.1.0", "9.0.0"]}, "1.1.0")],
)
def test_the_newest_version_that_is_known(said: dict, version: str):
    assert read_network(json.dumps({"name": "a", "plugins": [], **said})).version == version


# -- add, check, delete --------------------------------------------------------------------------------------------------------


def test_each_plugin_gets_the_result_before_it_and_its_capabilities(box: Box):
    result = box.add(args=(("A", "1"), ("B", "2")), capabilities={"ips": ["10.0.0.9"], "mac": "x", "portMappings": []})
    assert [one.address for one in result.addresses] == ["10.0.0.2/8"]
    assert box.log() == ["ADD one c1 eth0 A=1;B=2", "ADD two c1 eth0 A=1;B=2"]
    assert box.stdin("one", "ADD") == {"cniVersion": "1.1.0", "name": "net", "type": "one", "runtimeConfig": {"ips": ["10.0.0.9"]}}
    before = {"cniVersion": "1.1.0", "ips": [{"address": "10.0.0.1/8"}], "dns": {}}
    assert box.stdin("two", "ADD") == {"cniVersion": "1.1.0", "name": "net", "type": "two", "prevResult": before}


def test_the_cache_is_that_of_cnis_own_library(box: Box):
    box.add(args=(("A", "1"),), capabilities={"ips": ["10.0.0.9"]})
    assert box.cached() == ["net-c1-eth0"]
    path = box.top / "results" / "net-c1-eth0"
    assert path.stat().st_mode & 0o777 == 0o600
    written = json.loads(path.read_text())
    assert json.loads(base64.b64decode(written.pop("config"))) == box.document
    assert written == {
        "kind": "cniCacheV1", "containerId": "c1", "ifName": "eth0", "networkName": "net", "netns": str(box.top / "ns"), "cniArgs": [["A", "1"]],
        "capabilityArgs": {"ips": ["10.0.0.9"]}, "result": {"cniVersion": "1.1.0", "ips": [{"address": "10.0.0.2/8"}], "dns": {}},
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"kind": "cniCacheV1", "config": "%%"}', '{"kind": "cniCacheV1", "config": 1, "cniArgs": [1, []], "result": 3}'])
def test_a_cache_that_is_damaged_harms_nobody(box: Box, text: str):
    (box.top / "results").mkdir()
    (box.top / "results" / "net-c1-eth0").write_text(text)
    cache.every(box.runtime.results)
    box.runtime.delete(box.network, box.attachment())
    assert [line.split()[:2] for line in box.log()] == [["DEL", "two"], ["DEL", "one"]]
    assert box.cached() == []


def test_delete_goes_backwards_with_what_was_said_at_the_add(box: Box):
    box.add(args=(("A", "1"),), capabilities={"ips": ["10.0.0.9"]})
    box.log()
    box.runtime.check(box.network, box.attachment())
    box.runtime.delete(box.network, box.attachment())
    assert box.log() == [f"{verb} c1 eth0 A=1" for verb in ("CHECK one", "CHECK two", "DEL two", "DEL one")]
    for name, command in (("one", "CHECK"), ("two", "CHECK"), ("one", "DEL"), ("two", "DEL")):
        assert box.stdin(name, command)["prevResult"]["ips"] == [{"address": "10.0.0.2/8"}]
    assert box.stdin("one", "DEL")["runtimeConfig"] == {"ips": ["10.0.0.9"]}
    assert box.cached() == []


def test_delete_calls_every_plugin_and_tells_every_error(box: Box):
    box.add()
    box.log()
    for name in ("one", "two"):
        (box.bin / f"{name}.fail.DEL").touch()
    with pytest.raises(Failed, match=r"2 errors: plugin two failed \(delete\): busy: wait; plugin one failed"):
        box.runtime.delete(box.network, box.attachment())
    assert box.cached() == ["net-c1-eth0"], "another DEL has to be possible"


def test_an_add_that_fails_takes_back_what_was_made(box: Box):
    box.document["plugins"].append({"type": "three"})
    (box.bin / "two.fail.ADD").touch()
    (box.bin / "two.fail.DEL").touch()
    with pytest.raises(CniError) as error:
        box.add()
    assert (error.value.code, error.value.message, error.value.details) == (11, "plugin two failed (add): busy", "wait")
    assert [line.split()[:2] for line in box.log()] == [["ADD", "one"], ["ADD", "two"], ["DEL", "two"], ["DEL", "one"]]
    assert not (box.top / "results").exists()


def test_what_is_attached_is_not_attached_again_and_not_harmed(box: Box):
    box.add()
    box.log()
    with pytest.raises(Conflict) as error:
        box.add()
    assert error.value.fix == f"nw cni del net {box.top}/ns --id c1 --ifname eth0"
    assert box.log() == []


def test_what_is_left_of_a_namespace_that_is_gone_is_cleared_first(box: Box):
    box.add()
    box.log()
    (box.top / "ns").rename(box.top / "old")
    (box.top / "other").touch()
    box.runtime.add(box.network, Attachment("net", "c1", "eth0", str(box.top / "other")))
    assert [line.split()[:2] for line in box.log()] == [["DEL", "two"], ["DEL", "one"], ["ADD", "one"], ["ADD", "two"]]


@pytest.mark.parametrize(("container", "ifname"), [("../c1", "eth0"), ("c1", "../eth0")])
def test_no_name_leads_out_of_the_cache(box: Box, container: str, ifname: str):
    box.add()
    box.log()
    for verb in (box.runtime.check, box.runtime.delete):
        with pytest.raises(CniError) as error:
            verb(box.network, Attachment("net", container, ifname, str(box.top / "ns")))
        assert error.value.code == 4
    assert (box.log(), box.cached()) == ([], ["net-c1-eth0"])


@pytest.mark.parametrize(("container", "ifname", "netns"), [("a/b", "eth0", "ns"), ("c1", "a b", "ns"), ("c1", "eth0", "nowhere")])
def test_what_cannot_be_attached(box: Box, container: str, ifname: str, netns: str):
    with pytest.raises((CniError, Gone)):
        box.runtime.add(box.network, Attachment("net", container, ifname, str(box.top / netns)))
    assert box.log() == []


def test_check_needs_an_attachment_and_a_version(box: Box):
    with pytest.raises(Gone, match="c1 is not attached to net by eth0"):
        box.runtime.check(box.network, box.attachment())
    box.add()
    box.log()
    box.document["disableCheck"] = True
    box.runtime.check(box.network, box.attachment())
    assert box.log() == []
    box.document["cniVersion"] = "0.3.1"
    with pytest.raises(CniError, match="does not support CHECK"):
        box.runtime.check(box.network, box.attachment())


def test_old_versions_get_no_result_at_delete(box: Box):
    box.document["cniVersion"] = "0.3.1"
    box.add()
    box.runtime.delete(box.network, box.attachment())
    assert "prevResult" not in box.stdin("one", "DEL")


# -- collecting and status -------------------------------------------------------------------------------------------------------


def test_collecting_detaches_what_is_stale_and_then_asks_the_plugins(box: Box):
    box.add("live")
    box.add("dead")
    path = box.top / "results" / "net-dead-eth0"
    path.write_text(path.read_text().replace(str(box.top / "ns"), "/nowhere"))
    (box.top / "results" / "net2-x-eth0").write_text("{}")
    box.log()
    assert [one.container for one in box.runtime.gc(box.network)] == ["dead"]
    assert [line.split()[:3] for line in box.log()] == [["DEL", "two", "dead"], ["DEL", "one", "dead"], ["GC", "one"], ["GC", "two"]]
    pairs = [{"containerID": "live", "ifname": "eth0"}]
    assert box.stdin("one", "GC")["cni.dev/valid-attachments"] == box.stdin("two", "GC")["cni.dev/attachments"] == pairs
    assert box.cached() == ["net-live-eth0", "net2-x-eth0"]


@pytest.mark.parametrize(("change", "asked"), [({"disableGC": True}, 0), ({"cniVersion": "1.0.0"}, 0), ({}, 2)])
def test_plugins_collect_only_where_they_may(box: Box, change: dict, asked: int):
    box.document |= change
    box.add()
    box.log()
    assert [one.container for one in box.runtime.gc(box.network, [])] == ["c1"]
    assert len([line for line in box.log() if line.startswith("GC")]) == asked


def test_collecting_goes_on_and_tells_every_error(box: Box):
    box.add()
    for name in ("one.fail.GC", "two.fail.GC", "one.fail.DEL"):
        (box.bin / name).touch()
    box.log()
    with pytest.raises(Failed) as error:
        box.runtime.gc(box.network, [])
    assert len(error.value.errors) == 3
    assert len(box.log()) == 4


def test_status_asks_every_plugin_for_version_and_readiness(box: Box):
    box.runtime.status(box.network)
    assert [line.split()[:2] for line in box.log()] == [["VERSION", "one"], ["STATUS", "one"], ["VERSION", "two"], ["STATUS", "two"]]
    box.document["plugins"].append({"type": "missing"})
    (box.bin / "one.fail.STATUS").touch()
    with pytest.raises(Failed) as error:
        box.runtime.status(box.network)
    assert [one.code for one in error.value.errors] == [11, 7]
    box.document |= {"cniVersion": "0.2.0", "plugins": [{"type": "one"}]}
    with pytest.raises(Failed, match="plugin one does not support it"):
        box.runtime.status(box.network)


def test_collecting_waits_for_adds_under_way_and_adds_do_not_wait_for_each_other(box: Box, monkeypatch):
    monkeypatch.setattr(runtime, "LONGEST_WAIT", 0.02)
    with runtime._Lock(box.runtime.locks, "net", shared=True):
        box.add()
        with pytest.raises(CniError) as error:
            box.runtime.gc(box.network)
    assert error.value.code == 11
    with runtime._Lock(box.runtime.locks, "net", shared=False), pytest.raises(CniError):
        box.runtime.delete(box.network, box.attachment())


def test_one_file_for_two_attachments_is_never_the_others(tmp_path: Path):
    """CNI's own library writes NETWORK-CONTAINER-INTERFACE, which c of a-b has in common with b-c of a."""
    top = str(tmp_path)
    cache.put(top, cache.Cached(Attachment("a-b", "c", "eth0", "/ns"), b"{}", Result()))
    assert cache.get(top, "a-b", "c", "eth0") is not None
    assert cache.get(top, "a", "b-c", "eth0") is None
    assert cache.every(top, "a") == []


def test_a_file_that_was_never_finished_is_no_attachment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cache.os, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        cache.put(str(tmp_path), cache.Cached(Attachment("n", "c", "eth0", "/ns"), b"{}", Result()))
    assert list(tmp_path.iterdir())
    assert cache.every(str(tmp_path)) == []
    cache.drop(str(tmp_path), Attachment("n", "c", "eth0"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("files", "name", "fix"),
    [
        ({}, "web", "nw cni install"),
        ({"a": "web"}, "wbe", "did you mean web?"),
        ({"a": "web"}, "other", "say one of them; nw cni install --name NAME makes another"),
        ({"a": "web", "b": ""}, "other", "correct that file"),
    ],
)
def test_a_network_that_is_not_there_is_told_with_the_nearest(tmp_path: Path, files: dict, name: str, fix: str):
    for file, network in files.items():
        (tmp_path / f"{file}.conf").write_text(json.dumps({"name": network, "type": "one"}) if network else "{")
    with pytest.raises(Gone) as error:
        load(name, str(tmp_path))
    assert error.value.fix == fix


def test_one_error_keeps_its_parts():
    found = Failed([CniError(7, "what", "why")])
    assert (found.what, found.why) == ("what", "why")
