"""What the tests of single CNI plugins share: all our plugins under their names, containers with a cable and no plugin before."""

from cni_host import OURS, CniHost
from sandbox import Sandbox
from traffic import carried

MORE = (
    "bandwidth", "tuning", "sbr", "macvlan", "host-device", "tap", "ipvlan", "vlan", "dummy", "vrf", "dhcp",
)  # fmt: skip
VERSIONS = ("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0")


def host(box: Sandbox, containers: str = "a b") -> CniHost:
    """A host on which every plugin has its link."""
    made = CniHost(box, containers)
    links = " && ".join(f"ln -sf netwright-cni {OURS}/{name}" for name in MORE)
    assert box.run(["sh", "-ec", links]).code == 0
    return made


def cable(on: CniHost, container: str = "a", port: str = "va", address: str = "10.3.0.2", gateway: str = "10.3.0.1") -> dict:
    """A cable from the host to a container, made by hand; the result of the plugin that might have made it."""
    box = on.box
    box.ip(f"link add {port} type veth peer name eth0 netns {container}")
    box.ip(f"addr add {gateway}/24 dev {port}")
    box.ip(f"link set {port} up")
    box.ip(f"addr add {address}/24 dev eth0", netns=container)
    box.ip("link set eth0 up", netns=container)
    carried(box, (port, None), ("eth0", container))
    mac = on.json("link show eth0", netns=container)[0]["address"]
    interfaces = [{"name": port}, {"name": "eth0", "mac": mac, "sandbox": f"/run/netns/{container}"}]
    return {"cniVersion": "1.0.0", "interfaces": interfaces, "ips": [{"interface": 1, "address": f"{address}/24", "gateway": gateway}]}


def of_version(result: dict, version: str) -> dict:
    """The same result as a configuration of another version has it."""
    old = not version.startswith("1.")
    ips = [{**({"version": "4"} if old else {}), **ip} for ip in result["ips"]]
    return {**result, "cniVersion": version, "ips": ips}
