"""Which device of the host is meant: names, hardware addresses, places in /sys (a made one: the machine need not have such cards)."""

from pathlib import Path

import pytest

from netwright.cni.plugins import hardware, host_device
from netwright.cni.plugins.hardware import Wanted
from netwright.cni.protocol.call import Call
from netwright.cni.protocol.config import Config
from netwright.cni.protocol.errors import CniError
from netwright.networks.wiring import BOX, HOST
from netwright.plan.explain import command

PCI = "0000:00:1f.6"
LINKS = [
    {"ifname": "lo", "address": "00:00:00:00:00:00"}, {"ifname": "ens1", "address": "02:00:00:00:00:01"},
    {"ifname": "ens2", "address": "02:00:00:00:00:02"}, {"ifname": "ens3", "address": "02:00:00:00:00:03"},
]  # fmt: skip


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(hardware, "SYS", str(tmp_path))
    for place in (f"bus/pci/devices/{PCI}/net/ens1", "bus/pci/devices/0000:00:03.0/virtio0/net/ens2", "bus/auxiliary/devices/mlx5_core.sf.4/net/ens3"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "devices/pci0000:00/0000:00:1f.6/net/ens1").mkdir(parents=True)
    (tmp_path / "bus/pci/devices/0000:00:05.0/net").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (Wanted(device="ens2"), "ens2"),
        (Wanted(device="ens9"), ""),
        (Wanted(mac="02:00:00:00:00:03"), "ens3"),
        (Wanted(mac="02:00:00:00:00:09"), ""),
        (Wanted(pci=PCI), "ens1"),
        (Wanted(pci="0000:00:03.0"), "ens2"),
        (Wanted(pci="0000:00:05.0"), ""),
        (Wanted(pci="0000:99:99.0"), ""),
        (Wanted(auxiliary="mlx5_core.sf.4"), "ens3"),
        (Wanted(path="/sys/devices/pci0000:00/0000:00:1f.6"), "ens1"),
        (Wanted(path="/sys/devices/nowhere"), ""),
    ],
)
def test_the_name_of_what_is_meant(machine: Path, wanted: Wanted, name: str):
    assert hardware.name_of(wanted, LINKS) == name


def test_a_card_that_a_program_drives(machine: Path):
    driver = machine / f"bus/pci/devices/{PCI}/driver"
    assert not hardware.is_of_a_program(Wanted(pci=PCI))
    driver.symlink_to("../../drivers/e1000e")
    assert not hardware.is_of_a_program(Wanted(pci=PCI))
    driver.unlink()
    driver.symlink_to("../../drivers/vfio-pci")
    assert hardware.is_of_a_program(Wanted(pci=PCI))
    assert not hardware.is_of_a_program(Wanted(device="ens1"))


def call(**more: object) -> Call:
    return Call("ADD", "c1", "/x", "eth0", {}, (), Config({"name": "n", "cniVersion": "1.1.0", "type": "host-device", **more}))


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"device": "ens1"}, Wanted(device="ens1")),
        ({"hwaddr": "02:AA:00:00:00:01"}, Wanted(mac="02:aa:00:00:00:01")),
        ({"pciBusID": PCI}, Wanted(pci=PCI)),
        ({"pciBusID": PCI, "runtimeConfig": {"deviceID": "0000:00:03.0"}}, Wanted(pci="0000:00:03.0")),
        ({"runtimeConfig": {"deviceID": "mlx5_core.sf.4"}}, Wanted(auxiliary="mlx5_core.sf.4")),
        ({"kernelpath": "/sys/devices/pci0000:00/0000:00:1f.6"}, Wanted(path="/sys/devices/pci0000:00/0000:00:1f.6")),
    ],
)
def test_the_keys(more: dict, wanted: Wanted):
    assert host_device.wanted(call(**more)) == wanted


@pytest.mark.parametrize(
    "more",
    [
        {}, {"pciBusID": "../../x"}, {"pciBusID": "0000:00:1f.66"}, {"kernelpath": "/sys/devices/../../etc"}, {"kernelpath": "/etc"},
        {"hwaddr": "x"}, {"runtimeConfig": {"deviceID": "../x.y.z"}}, {"runtimeConfig": {"deviceID": "a/b.c.d"}}, {"device": 5},
    ],
)  # fmt: skip
def test_what_is_refused(more: dict):
    with pytest.raises(CniError) as refused:
        host_device.wanted(call(**more))
    assert refused.value.code == 7


def test_the_move_is_one_message():
    there = host_device.moved("ens1", "eth0", BOX, HOST, alias="ens1", up=True)
    assert there.settings == {"net_ns_fd": "box", "ifname": "eth0", "ifalias": "ens1"}
    assert (there.header["flags"], there.header["change"]) == (1, 1)
    assert "netns box" in command(there)
    assert host_device.moved("eth0", "ens1", HOST, BOX, alias="", up=False).header["flags"] == 0


NIC = {"name": "ens1", "kind": "", "address": "02:00:00:00:00:01"}


@pytest.mark.parametrize(
    ("link", "home"),
    [
        ({"ifname": "eth0", "ifalias": "ens1"}, True),
        ({"ifname": "dev3", "address": "02:00:00:00:00:01"}, True),
        ({"ifname": "dev3", "address": "02:00:00:00:00:07", "perm_address": "02:00:00:00:00:01"}, True),
        ({"ifname": "dev3", "address": "02:00:00:00:00:01", "perm_address": "02:00:00:00:00:07"}, False),
        ({"ifname": "ens1", "ifalias": "ens1"}, False),
        ({"ifname": "eth0", "ifalias": "ens1", "linkinfo": {"kind": "veth"}}, False),
        ({"ifname": "eth0", "ifalias": "other"}, False),
    ],
)
def test_what_came_home_by_itself_and_needs_its_name(link: dict, home: bool):
    assert host_device._came_home(link, NIC) == home
