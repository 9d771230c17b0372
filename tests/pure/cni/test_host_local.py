"""host-local: leases on disk through crashes, reboots, clocks, full ranges."""

import os
from pathlib import Path

import pytest

from netwright.cni.disk import lock
from netwright.cni.ipam import host_local, store
from netwright.cni.protocol.call import Call
from netwright.cni.protocol.config import Config
from netwright.cni.protocol.errors import CniError
from netwright.cni.protocol.versions import printed

NEWLINE = "\r\n"


class Net:
    """One network with host-local in a directory of the test's."""

    def __init__(self, top: Path, monkeypatch: pytest.MonkeyPatch):
        self.top, self.directory, self._monkeypatch = top, top / "net", monkeypatch
        self.ipam: dict[str, object] = {"type": "host-local", "subnet": "10.1.0.0/29", "dataDir": str(top)}
        self.more: dict[str, object] = {}
        self.netns = "/nowhere"
        self.boot("first")

    def boot(self, name: str) -> None:
        self._monkeypatch.setattr(store, "_boot", lambda: name)

    def call(self, command: str, container: str = "c1", ifname: str = "eth0", args: dict[str, str] | None = None) -> Call:
        document = {"name": "net", "cniVersion": "1.1.0", "ipam": self.ipam} | self.more
        config = Config(document, lenient=command in ("DEL", "GC"))
        return Call(command, container, self.netns, ifname, args or {}, (), config)

    def add(self, *words: str, **options: object) -> list[str]:
        return [one.address for one in host_local.add(self.call("ADD", *words, **options)).addresses]

    def delete(self, *words: str) -> None:
        host_local.delete(self.call("DEL", *words))

    def files(self) -> dict[str, str]:
        return {path.name: path.read_bytes().decode() for path in self.directory.iterdir() if path.is_file()}

    def leases(self) -> dict[str, str]:
        return {name: text.replace(NEWLINE, " ") for name, text in self.files().items() if name[0].isdigit() or ":" in name}

    def go(self, address: str, container: str, ifname: str = "eth0") -> None:
        """What upstream's host-local writes."""
        self.directory.mkdir(exist_ok=True)
        (self.directory / address).write_bytes(f"{container}{NEWLINE}{ifname}".encode())


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Net:
    return Net(tmp_path, monkeypatch)


def test_addresses_are_files_as_upstream_has_them(net: Net):
    assert net.add("c1") == ["10.1.0.2/29"]
    assert net.add("c2", "net1") == ["10.1.0.3/29"]
    files = net.files()
    assert files.pop("lock") == ""
    assert files == {"10.1.0.2": f"c1{NEWLINE}eth0", "10.1.0.3": f"c2{NEWLINE}net1", "last_reserved_ip.0": "10.1.0.3"}
    net.delete("c1")
    assert net.leases() == {"10.1.0.3": "c2 net1"}
    net.delete("c1")
    assert net.add("c3") == ["10.1.0.4/29"], "an address that was just given back is not the next"


@pytest.mark.parametrize("ifname", ["é0", os.fsdecode(b"a\xff\x01"), "~!$*?"])
def test_a_device_may_be_called_anything(net: Net, ifname: str):
    net.add("c1", ifname)
    (net.directory / ".netwright" / "seen").unlink()
    net.add("c2")
    net.delete("c1", ifname)
    assert net.leases() == {"10.1.0.3": "c2 eth0"}


def test_the_result(net: Net, tmp_path: Path):
    (tmp_path / "resolv.conf").write_text("# x\nnameserver 10.0.0.53\nnameserver fd00::53\ndomain a.example\nsearch b.example c.example\noptions ndots:2 edns0\n")
    net.ipam |= {"routes": [{"dst": "0.0.0.0/0"}, {"dst": "10.9.0.0/16", "gw": "10.1.0.5", "mtu": 1300}]}
    net.ipam |= {"resolvConf": str(tmp_path / "resolv.conf"), "ranges": [[{"subnet": "fd00::/64", "gateway": "fd00::ff"}]]}
    assert printed(host_local.add(net.call("ADD")), "1.1.0") == {
        "cniVersion": "1.1.0",
        "ips": [{"address": "10.1.0.2/29", "gateway": "10.1.0.1"}, {"address": "fd00::1/64", "gateway": "fd00::ff"}],
        "routes": [{"dst": "0.0.0.0/0"}, {"dst": "10.9.0.0/16", "gw": "10.1.0.5", "mtu": 1300}],
        "dns": {"nameservers": ["10.0.0.53", "fd00::53"], "domain": "a.example", "search": ["b.example", "c.example"], "options": ["ndots:2", "edns0"]},
    }


def test_a_full_range_is_told_and_nothing_stays_behind(net: Net):
    net.ipam["ranges"] = [[{"subnet": "10.2.0.0/30"}]]
    assert net.add("c1") == ["10.1.0.2/29", "10.2.0.2/30"]
    before = net.leases()
    with pytest.raises(CniError) as error:
        net.add("c2")
    assert (error.value.code, error.value.message) == (103, "no IP addresses available in range set: 10.2.0.1-10.2.0.2")
    assert "nw cni gc net" in error.value.details
    assert net.leases() == before
    with pytest.raises(CniError) as error:
        host_local.status(net.call("STATUS"))
    assert error.value.code == 50
    net.delete("c1")
    host_local.status(net.call("STATUS"))


@pytest.mark.parametrize("source", ["args", "config", "runtime"])
def test_an_address_that_is_asked_for(net: Net, source: str):
    args = {"IP": "10.1.0.5"} if source == "args" else {}
    net.more = {"config": {"args": {"cni": {"ips": ["10.1.0.5/29"]}}}, "runtime": {"runtimeConfig": {"ips": ["10.1.0.5"]}}}.get(source, {})
    assert net.add("c1", args=args) == ["10.1.0.5/29"]
    with pytest.raises(CniError) as error:
        net.add("c2", args=args)
    assert (error.value.code, error.value.details) == (102, "eth0 of container c1 has it")


@pytest.mark.parametrize(
    ("asked", "code", "message"),
    [
        ("10.1.0.1", 7, "requested ip 10.1.0.1 is subnet's gateway"),
        ("10.9.0.1", 7, "failed to allocate all requested IPs: 10.9.0.1"),
        ("10.1.0.x", 7, 'CNI_ARGS IP: "10.1.0.x" is no IP address'),
    ],
)
def test_an_address_that_cannot_be_had(net: Net, asked: str, code: int, message: str):
    with pytest.raises(CniError) as error:
        net.add("c1", args={"IP": asked})
    assert (error.value.code, error.value.message) == (code, message)
    assert not net.directory.exists() or net.leases() == {}


def test_all_mistakes_of_a_configuration_at_once(net: Net):
    net.ipam |= {"subnet": "10.1.0.9/29", "dataDir": "here", "resolvConf": "/nowhere/x", "routes": [{"gw": "10.1.0.1"}]}
    with pytest.raises(CniError) as error:
        net.add()
    assert error.value.code == 7
    told = {text.partition(": ")[0] for text in error.value.details.split("; ")}
    assert told == {"ipam.subnet", "ipam.routes[0].dst", "ipam.resolvConf", "ipam.dataDir"}


# -- what was there before ----------------------------------------------------------------------------------------------------


def test_after_a_reboot_the_reservations_are_free(net: Net):
    net.add("c1")
    net.add("c2")
    (net.directory / "10.1.0.6").write_text("kept by an administrator")
    net.boot("second")
    assert net.add("c1") == ["10.1.0.4/29"]
    assert net.leases() == {"10.1.0.4": "c1 eth0", "10.1.0.6": "kept by an administrator"}


def test_without_proc_nothing_is_taken_for_an_earlier_boot_s(tmp_path: Path):
    with pytest.MonkeyPatch.context() as patch:
        net = Net(tmp_path, patch)
        assert net.add("c1") == ["10.1.0.2/29"]

    def nothing(path: str, **_: object) -> None:
        raise FileNotFoundError(2, "No such file or directory", path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "open", nothing, raising=False)
        with pytest.raises(FileNotFoundError):
            net.delete("c2")
    assert (net.directory / "10.1.0.2").exists()


def test_reservations_of_upstream_from_before_the_boot_are_free_and_later_ones_are_not(net: Net, monkeypatch):
    net.go("10.1.0.2", "old")
    os.utime(net.directory / "10.1.0.2", (1000, 1000))
    net.go("10.1.0.3", "new")
    monkeypatch.setattr(store, "_started", lambda: 2000.0)
    net.add("c1")
    assert net.leases() == {"10.1.0.2": "c1 eth0", "10.1.0.3": "new eth0"}


def test_what_upstream_reserved_again_after_the_boot_is_not_what_was_there_before(net: Net, monkeypatch):
    net.add("c1")
    net.add("c2")
    net.go("10.1.0.2", "c1")
    later = (net.directory / ".netwright" / "c1:eth0").stat().st_mtime + 100
    os.utime(net.directory / "10.1.0.2", (later, later))
    monkeypatch.setattr(store, "_started", lambda: later - 50)
    net.boot("second")
    net.add("c3")
    assert net.leases() == {"10.1.0.2": "c1 eth0", "10.1.0.4": "c3 eth0"}


def test_a_clock_that_is_set_loses_nothing_of_this_boot(net: Net, monkeypatch):
    net.add("c1")
    os.utime(net.directory / "10.1.0.2", (1000, 1000))
    net.go("10.1.0.3", "upstream")
    os.utime(net.directory / "10.1.0.3", (1000, 1000))
    monkeypatch.setattr(store, "_started", lambda: 2e9)
    (net.directory / ".netwright" / "seen").write_text("first 0")
    net.add("c2")
    assert net.leases() == {"10.1.0.2": "c1 eth0", "10.1.0.3": "upstream eth0", "10.1.0.4": "c2 eth0"}


def test_empty_files_of_a_crash_are_free(net: Net):
    net.add("c1")
    (net.directory / "10.1.0.3").touch()
    assert net.add("c2") == ["10.1.0.3/29"]


@pytest.mark.parametrize("lost", ["seen", "c1:eth0", "all"])
def test_an_index_that_is_lost_is_made_again(net: Net, lost: str):
    net.add("c1")
    net.add("c2")
    own = net.directory / ".netwright"
    for path in own.iterdir() if lost == "all" else [own / lost]:
        path.unlink()
    (net.directory / "last_reserved_ip.0").write_text("rubbish")
    assert net.add("c3") == ["10.1.0.4/29"]
    net.delete("c1")
    assert net.leases() == {"10.1.0.3": "c2 eth0", "10.1.0.4": "c3 eth0"}


@pytest.mark.parametrize("rubbish", ["", "x", "\n\n\n", "first\n\n10.1.0.3", "first\n\n../../x", "\0"])
def test_an_index_that_is_damaged_harms_nobody(net: Net, rubbish: str):
    net.add("c1")
    net.add("c2")
    (net.directory / ".netwright" / "c1:eth0").write_text(rubbish)
    (net.directory / ".netwright" / "seen").write_text(rubbish)
    net.delete("c1")
    assert net.leases() == {"10.1.0.3": "c2 eth0"}


def test_upstream_in_between_is_seen(net: Net):
    net.add("c1")
    net.go("10.1.0.3", "go")
    assert net.add("c2") == ["10.1.0.4/29"]
    net.delete("go")
    (net.directory / "10.1.0.2").unlink()
    net.go("10.1.0.2", "other")
    net.delete("c1")
    assert net.leases() == {"10.1.0.2": "other eth0", "10.1.0.4": "c2 eth0"}


def test_files_of_the_first_versions_have_no_interface(net: Net):
    net.directory.mkdir()
    (net.directory / "10.1.0.2").write_text("old")
    net.delete("old")
    assert net.leases() == {}


# -- the same container again ------------------------------------------------------------------------------------------------


def test_again_while_the_interface_is_there_is_an_error_with_the_fix(net: Net):
    net.netns = "/proc/self/ns/net"
    net.add("c1", "lo")
    with pytest.raises(CniError) as error:
        net.add("c1", "lo")
    assert (error.value.code, error.value.message) == (102, "10.1.0.2 has been allocated to c1, duplicate allocation is not allowed")
    assert error.value.details == "its lo is there still: call DEL for it first"


def test_again_when_the_namespace_is_gone_gives_the_same_address(net: Net, tmp_path: Path):
    for path in (one, other) if (one := tmp_path / "one") and (other := tmp_path / "other") else ():
        path.touch()
    net.netns = str(one)
    assert net.add("c1") == ["10.1.0.2/29"]
    one.unlink()
    net.netns = str(other)
    assert net.add("c1") == ["10.1.0.2/29"]
    assert net.leases() == {"10.1.0.2": "c1 eth0"}


def test_of_what_upstream_reserved_nobody_knows_whether_it_lives(net: Net):
    net.go("10.1.0.2", "c1")
    with pytest.raises(CniError, match="duplicate allocation"):
        net.add("c1")


def test_another_address_than_the_dead_one_had(net: Net, tmp_path: Path):
    (tmp_path / "one").touch()
    net.netns = str(tmp_path / "one")
    net.add("c1")
    (tmp_path / "one").unlink()
    assert net.add("c1", args={"IP": "10.1.0.6"}) == ["10.1.0.6/29"]
    assert net.leases() == {"10.1.0.6": "c1 eth0"}


# -- the other verbs ---------------------------------------------------------------------------------------------------------


def test_collecting_keeps_what_is_valid_and_what_is_no_lease(net: Net):
    net.ipam["subnet"] = "10.1.0.0/24"
    for name in ("a", "b", "c"):
        net.add(name)
    net.add("a", "eth1")
    net.go("10.1.0.77", "go")
    (net.directory / "10.1.0.99").touch()
    host_local.gc(net.call("GC"), frozenset({("a", "eth0"), ("c", "eth0")}))
    assert net.leases() == {"10.1.0.2": "a eth0", "10.1.0.4": "c eth0"}
    assert sorted(path.name for path in (net.directory / ".netwright").iterdir()) == ["a:eth0", "c:eth0", "seen"]


def test_collecting_and_deleting_where_nothing_is(net: Net):
    host_local.gc(net.call("GC"), frozenset())
    net.delete("c1")
    assert not net.directory.exists()


def test_deleting_needs_no_ranges(net: Net):
    net.add("c1")
    net.ipam = {"type": "host-local", "dataDir": str(net.top), "subnet": 3}
    net.delete("c1")
    assert net.leases() == {}


def test_check(net: Net):
    with pytest.raises(CniError, match="Failed to find address added by container c1"):
        host_local.check(net.call("CHECK"))
    net.add("c1")
    host_local.check(net.call("CHECK"))
    net.more = {"prevResult": {"ips": [{"address": "10.1.0.4/29"}, {"address": "10.77.0.4/29"}]}}
    with pytest.raises(CniError, match=r"10\.1\.0\.4 is not reserved for container c1"):
        host_local.check(net.call("CHECK"))


def test_a_lock_that_is_not_to_be_had_names_its_holder(tmp_path: Path):
    held = lock(str(tmp_path / "lock"), longest=1)
    with pytest.raises(CniError) as error:
        lock(str(tmp_path / "lock"), longest=0.01)
    os.close(held)
    assert error.value.code == 11
    assert f"process {os.getpid()} (" in error.value.details


def test_a_directory_that_is_none(net: Net):
    net.ipam["dataDir"] = "/dev/null"
    with pytest.raises(CniError) as error:
        net.add("c1")
    assert (error.value.code, error.value.details) == (5, "ipam.dataDir says where reservations are kept")


def test_a_full_disk_leaves_nothing_half_made(net: Net, monkeypatch):
    net.add("c1")
    before = net.leases()

    def full(path: str, text: str) -> None:
        raise OSError(28, "No space left on device", path)

    monkeypatch.setattr(store, "write", full)
    with pytest.raises(CniError) as error:
        net.add("c2")
    assert error.value.code == 5
    assert "the disk is full" in error.value.details
    assert net.leases() == before
    net.delete("c1")
    assert net.leases() == {}


def test_no_other_reservation_is_read_when_nobody_was_here_in_between(net: Net, monkeypatch):
    net.ipam["subnet"] = "10.1.0.0/16"
    for n in range(40):
        net.add(f"c{n}")
    asked: list[str] = []
    real = store.read
    monkeypatch.setattr(store, "read", lambda path: asked.append(path) or real(path))
    net.add("new")
    net.delete("c3")
    assert len(asked) < 16
