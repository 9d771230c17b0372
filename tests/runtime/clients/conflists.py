"""One network, put together in two ways; `third` is a byte of its addresses."""

import json


def chain(name: str, bridge: str, third: int) -> str:
    """A network of the usual plugins, each for its part: a conflist."""
    plugins = [
        {**_network("bridge", bridge, third), "hairpinMode": True},
        {"type": "portmap", "capabilities": {"portMappings": True}},
        {"type": "bandwidth", "capabilities": {"bandwidth": True}},
        {"type": "firewall"},
        {"type": "tuning", "capabilities": {"mac": True}},
    ]
    return json.dumps({"cniVersion": "0.4.0", "name": name, "plugins": plugins})


def whole(name: str, bridge: str, third: int) -> str:
    """The same, all of it done by the one plugin of netwright."""
    capabilities = {"portMappings": True, "bandwidth": True, "ips": True, "mac": True, "aliases": True}
    plugins = [{**_network("netwright", bridge, third), "capabilities": capabilities}]
    return json.dumps({"cniVersion": "0.4.0", "name": name, "plugins": plugins})


def _network(kind: str, bridge: str, third: int) -> dict[str, object]:
    ranges = [[{"subnet": f"10.91.{third}.0/24"}], [{"subnet": f"fd00:91:{third}::/64"}]]
    ipam = {"type": "host-local", "ranges": ranges, "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}
    return {"type": kind, "bridge": bridge, "isGateway": True, "ipMasq": True, "ipam": ipam}


def gateways(third: int) -> dict[int, str]:
    return {4: f"10.91.{third}.1", 6: f"fd00:91:{third}::1"}
