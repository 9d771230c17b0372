"""The plugin tuning: its keys, where they are said, what of them is refused; the way back."""

import pytest

from netwright.cni.plugins import tuning
from netwright.cni.plugins.tuning import Settings
from netwright.cni.protocol.call import Call
from netwright.cni.protocol.config import Config
from netwright.cni.protocol.errors import CniError
from netwright.kernel.sysctl import path_of
from netwright.networks.wiring import BOX
from netwright.plan import ops


def call(environment: dict[str, str] | None = None, command: str = "ADD", **more: object) -> Call:
    return Call(command, "c1", "/run/netns/c1", "eth0.5", environment or {}, (), Config({"name": "n", "cniVersion": "1.0.0", "type": "tuning", **more}))


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("net.core.somaxconn", "net/core/somaxconn"),
        ("net/core/somaxconn", "net/core/somaxconn"),
        ("net.ipv4.conf.IFNAME.rp_filter", "net/ipv4/conf/eth0.5/rp_filter"),
        ("net/ipv4/conf/IFNAME/rp_filter", "net/ipv4/conf/eth0.5/rp_filter"),
        ("net/ipv4/conf/eth1.7/rp_filter", "net/ipv4/conf/eth1.7/rp_filter"),
        ("net.ipv4.conf.eth1/7.rp_filter", "net/ipv4/conf/eth1.7/rp_filter"),
        ("net.ipv4.conf.MYIFNAME.rp_filter", "net/ipv4/conf/MYIFNAME/rp_filter"),
    ],
)
def test_keys_are_written_both_ways(written: str, path: str):
    assert path_of(tuning.key_of(written, "eth0.5")) == f"/proc/sys/{path}"


@pytest.mark.parametrize(
    "written",
    ["kernel.hostname", "vm.x", "net", "net/../kernel/hostname", "net.ipv4.conf./../../x", "net.ipv4..x", "", ".net.core.x", "net.ipv4.conf.IFNAME/../all.x"],
)
def test_keys_that_lead_out_are_refused(written: str):
    with pytest.raises(CniError) as refused:
        tuning.settings(call(sysctl={written: "1"}))
    assert refused.value.code == 7


def test_one_setting_twice():
    same = {"net.ipv4.conf.IFNAME.rp_filter": "1", "net/ipv4/conf/eth0.5/rp_filter": "2"}
    with pytest.raises(CniError, match=r"same setting as net\.ipv4\.conf\.IFNAME\.rp_filter"):
        tuning.settings(call(sysctl=same))


def test_values_are_as_the_kernel_tells_them():
    assert tuning.settings(call(sysctl={"net.ipv4.ip_local_port_range": " 1000   2000 "})).sysctls == {"net.ipv4.ip_local_port_range": "1000\t2000"}


MACS = ["02:00:00:00:00:0" + digit for digit in "1234"]


@pytest.mark.parametrize(
    ("args", "more", "mac"),
    [
        ({}, {"mac": MACS[0].upper()}, MACS[0]),
        ({"MAC": MACS[1]}, {"mac": MACS[0]}, MACS[1]),
        ({"MAC": MACS[1]}, {"mac": MACS[0], "runtimeConfig": {"mac": MACS[2]}}, MACS[2]),
        ({"MAC": MACS[1]}, {"mac": MACS[0], "runtimeConfig": {"mac": MACS[2]}, "args": {"cni": {"mac": MACS[3]}}}, MACS[3]),
    ],
)
def test_who_says_the_hardware_address(args: dict[str, str], more: dict, mac: str):
    assert tuning.settings(call(args, **more)).mac == mac


def test_args_go_before_the_configuration():
    said = {"mtu": 1400, "promisc": True, "allmulti": True, "sysctl": {"net.core.somaxconn": "1", "net.core.rmem_default": "9"}}
    args = {"mtu": 1300, "promisc": False, "allmulti": False, "txQLen": 0, "sysctl": {"net.core.somaxconn": "2"}}
    found = tuning.settings(call(**said, args={"cni": args}))
    assert found == Settings({"net.core.somaxconn": "2", "net.core.rmem_default": "9"}, "", 1300, False, False, 0)
    assert tuning.settings(call(**said)).queue is None


@pytest.mark.parametrize(
    "more",
    [{"mtu": -1}, {"mtu": "1400"}, {"promisc": 1}, {"allmulti": "yes"}, {"txQLen": -5}, {"mac": "01:00:00:00:00:01"}, {"mac": "x"}, {"sysctl": ["a"]}, {"sysctl": {"net.core.x": 1}}],
)
def test_what_is_no_value(more: dict):
    with pytest.raises(CniError) as refused:
        tuning.settings(call(**more))
    assert refused.value.code == 7


@pytest.mark.parametrize(
    ("before", "operation"),
    [
        ({}, None),
        ({"mtu": 1500}, ops.SetLink({"index": "eth0"}, {"mtu": 1500}, BOX)),
        ({"address": MACS[0], "txqlen": 0}, ops.SetLink({"index": "eth0"}, {"address": MACS[0], "txqlen": 0}, BOX)),
        ({"promisc": False, "allmulti": True}, ops.SetLink({"index": "eth0", "flags": 0x200, "change": 0x300}, {}, BOX)),
    ],
)
def test_the_way_back(before: dict, operation: ops.SetLink | None):
    assert tuning.back("eth0", before) == operation


def test_the_administrators_list(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tuning, "ALLOWED", str(tmp_path / "allowlist.conf"))
    wanted = {"net.core.somaxconn": "1", "net.ipv4.tcp_sack": "1"}
    assert len(tuning.settings(call(sysctl=wanted)).sysctls) == 2
    (tmp_path / "allowlist.conf").write_text("^net\\.core\\..*$\n\n")
    with pytest.raises(CniError, match=r"net\.ipv4\.tcp_sack is not allowed"):
        tuning.settings(call(sysctl=wanted))
    assert len(tuning.settings(call(sysctl=wanted, command="DEL")).sysctls) == 2
    (tmp_path / "allowlist.conf").write_text("(\n")
    with pytest.raises(CniError, match="no regular expression"):
        tuning.settings(call(sysctl=wanted))
