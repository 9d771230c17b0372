"""host-local through random days: ours and upstream's calls, crashes, reboots, a lost index. Every state is compared with a model."""

import os
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from netwright.cni.ipam import host_local, store
from netwright.cni.protocol import Call, CniError, Config, Result

CONTAINERS = st.sampled_from([f"c{n}" for n in range(7)])
SIZE = 5  # 10.1.0.2 to .6 of a /29


class Days(RuleBasedStateMachine):
    """`has` is what each container should have."""

    def __init__(self) -> None:
        super().__init__()
        self.top = tempfile.TemporaryDirectory()
        self.directory = Path(self.top.name, "net")
        self.has: dict[str, str] = {}
        self.left: set[str] = set()  # of an earlier boot, until we look
        self.boots = 0
        self.real = store._boot, store._started
        store._started = lambda: 2000.0
        store._boot = lambda: f"boot{self.boots}"

    def teardown(self) -> None:
        store._boot, store._started = self.real
        self.top.cleanup()

    def call(self, command: str, container: str) -> Call:
        ipam = {"type": "host-local", "subnet": "10.1.0.0/29", "dataDir": self.top.name}
        config = Config({"name": "net", "cniVersion": "1.1.0", "ipam": ipam}, lenient=command != "ADD")
        return Call(command, container, "/nowhere", "eth0", {}, (), config)

    @rule(container=CONTAINERS)
    def add(self, container: str) -> None:
        self.left = set()
        code, address = self.added(container)
        assert code == (102 if container in self.has else 103 if len(self.has) == SIZE else 0)
        if address:
            assert address not in self.has.values()
            self.has[container] = address

    def added(self, container: str) -> tuple[int, str]:
        try:
            (one,) = host_local.add(self.call("ADD", container)).addresses
        except CniError as error:
            return error.code, ""
        return 0, one.host

    @rule(container=CONTAINERS)
    def delete(self, container: str) -> None:
        host_local.delete(self.call("DEL", container))
        self.left = set()
        self.has.pop(container, None)

    @rule(valid=st.sets(CONTAINERS))
    def collect(self, valid: set[str]) -> None:
        host_local.gc(self.call("GC", ""), frozenset((one, "eth0") for one in valid))
        self.has = {one: address for one, address in self.has.items() if one in valid}
        self.left = set()

    @rule(container=CONTAINERS)
    def upstream_adds(self, container: str) -> None:
        free = [address for n in range(2, 7) if (address := f"10.1.0.{n}") not in {*self.has.values(), *self.left}]
        if container not in self.has and free:
            self.directory.mkdir(exist_ok=True)
            (self.directory / free[-1]).write_bytes(f"{container}\r\neth0".encode())
            self.has[container] = free[-1]

    @rule(container=CONTAINERS)
    def upstream_deletes(self, container: str) -> None:
        if container in self.has:
            (self.directory / self.has.pop(container)).unlink()

    @rule(n=st.integers(2, 6))
    def upstream_crashes(self, n: int) -> None:
        if self.directory.exists() and f"10.1.0.{n}" not in {*self.has.values(), *self.left}:
            (self.directory / f"10.1.0.{n}").touch()

    @precondition(lambda self: (self.directory / ".netwright").exists())
    @rule(data=st.data())
    def index_is_damaged(self, data: st.DataObject) -> None:
        names = sorted(path.name for path in (self.directory / ".netwright").iterdir())
        if names:
            path = self.directory / ".netwright" / data.draw(st.sampled_from(names))
            path.unlink()

    @precondition(lambda self: (self.directory / ".netwright" / "seen").exists())
    @rule()
    def reboot(self) -> None:
        self.collect({*self.has})  # our last look in this boot: after it the index knows every reservation
        self.boots += 1
        for address in self.has.values():
            os.utime(self.directory / address, (1000, 1000))
        self.has, self.left = {}, set(self.has.values())

    @invariant()
    def every_reservation_is_somebodys(self) -> None:
        if self.directory.exists():
            files = [path for path in self.directory.iterdir() if path.name[0] == "1" and path.stat().st_size]
            found = {path.name: path.read_bytes().decode() for path in files if path.name not in self.left}
            assert found == {address: f"{container}\r\neth0" for container, address in self.has.items()}


Days.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestDays = Days.TestCase

KEYS = st.sampled_from(["subnet", "ranges", "rangeStart", "rangeEnd", "gateway", "routes", "dst", "gw", "mtu", "table", "ipRanges", "ips", "resolvConf", "x"])
WORDS = st.sampled_from(["10.1.0.0/29", "10.1.0.3", "fd00::/64", "fd00::5", "0.0.0.0/0", "/nowhere/x", "10.1.0.0/31", ""])
SHAPES = st.recursive(WORDS | st.integers() | st.none() | st.booleans(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4))


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, SHAPES, max_size=6), SHAPES, st.lists(SHAPES, max_size=2))
def test_a_configuration_of_any_shape_gives_an_address_or_an_error_of_cni(ipam: dict, runtime: object, asked: list) -> None:
    with tempfile.TemporaryDirectory() as top:
        document = {"name": "net", "cniVersion": "1.1.0", "runtimeConfig": runtime, "args": {"cni": {"ips": asked}}}
        config = Config(document | {"ipam": ipam | {"type": "host-local", "dataDir": top}})
        call = Call("ADD", "c1", "/nowhere", "eth0", {}, (), config)
        try:
            assert isinstance(host_local.add(call), Result)
        except CniError as error:
            code = error.code
        else:
            code = 7
        assert code in (7, 102, 103)
