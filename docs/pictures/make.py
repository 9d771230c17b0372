"""Draws the pictures of this directory: `python docs/pictures/make.py` writes them anew (a test says when they are stale).

The host that they show is made up here, in a few words for each namespace; the tests of the drawing make theirs the same way.
"""

from pathlib import Path

from netwright.hostmap.drawing.layout import layout
from netwright.hostmap.drawing.svg import svg
from netwright.hostmap.model import Cable, Holder, HostMap, Link, Owner, Published, Space
from netwright.model.address import Address

HERE = Path(__file__).parent


class Sketch:
    """A host that does not exist, built up step by step; `done` makes the HostMap."""

    def __init__(self, name: str, *uplinks: str) -> None:
        self._name, self._next = name, 100
        self._links: dict[str, list[Link]] = {}
        self._spaces: dict[str, dict[str, object]] = {}
        self._cables: list[Cable] = []
        self.space("host", "host")
        for uplink in uplinks:
            self.device("host", "eth0", address=uplink)

    def space(self, id: str, kind: str, **more: object) -> str:
        """A namespace of a kind of owner."""
        owner = (Owner(kind, id, group=str(more.pop("group", ""))),) if kind else ()
        self._spaces[id] = {"name": id, "owners": owner, "addresses": (), **more}
        self._links[id] = [Link(1, "lo", up=True)]
        return id

    def device(self, space: str, name: str, kind: str = "", master: str = "", address: str = "", up: bool = True, **more: object) -> None:
        """A device there."""
        self._next += 1
        self._links[space].append(Link(self._next, name, kind, up, "up" if up else "down", master=master, **more))
        if address:
            self._spaces[space]["addresses"] += (Address(address, name),)

    def bridge(self, space: str, name: str, address: str = "") -> None:
        """A switch there."""
        self.device(space, name, "bridge", address=address)

    def cable(self, one: str, other: str, up: bool = True) -> None:
        """Both ends as "space device [address] [on SWITCH]"."""
        ends = []
        for text in (one, other):
            words, _, master = text.partition(" on ")
            space, name, *address = words.split()
            ends.append((space, name))
            self.device(space, name, "veth", master, *address, up=up)
        self._cables.append(Cable(*ends, up=up))

    def done(self) -> HostMap:
        """The map."""
        spaces = [Space(id=id, links=tuple(self._links[id]), **fields) for id, fields in self._spaces.items()]
        return HostMap(host=self._name, here="host", namespaces=tuple(spaces), cables=tuple(self._cables))


def workshop() -> HostMap:
    """A machine on which somebody works: Docker, podman, a lab, what is left over."""
    sketch = Sketch("workshop", "192.0.2.10/24")
    sketch.bridge("host", "docker0", "172.17.0.1/16")
    sketch.bridge("host", "br-shop", "172.18.0.1/16")
    sketch.bridge("host", "podman1", "10.89.0.1/24")
    for number in range(1, 13):
        sketch.space(f"worker-{number}", "docker")
        sketch.cable(f"worker-{number} eth0 172.17.0.{number + 1}/16", f"host veth{number * 7919 % 65536:04x} on docker0")
    for number, name in enumerate(("shop-api", "shop-db", "shop-queue"), 2):
        sketch.space(name, "docker", group="shop")
        sketch.cable(f"{name} eth0 172.18.0.{number}/16", f"host veth{number * 977:04x} on br-shop", up=name != "shop-queue")
    sketch.space("shop-proxy", "docker", group="shop")
    sketch.cable("shop-proxy eth0 172.17.0.20/16", "host vethc0de on docker0")
    sketch.cable("shop-proxy eth1 172.18.0.20/16", "host vethbeef on br-shop")
    for number, name in enumerate(("wiki", "mail"), 2):
        sketch.space(name, "podman")
        sketch.cable(f"{name} eth0 10.89.0.{number}/24", f"host veth{number} on podman1")
    _lab(sketch)
    sketch.space("scanner", "")
    sketch.device("scanner", "mac0", "macvlan", address="192.0.2.77/24", lower=("host", "eth0"))
    sketch._spaces["host"]["published"] = (
        Published("tcp", "", 8080, 8080, "172.17.0.20", 80),
        Published("tcp", "", 8025, 8025, "10.89.0.3", 25),
    )
    sketch._spaces["scanner"] |= {"held": (("fd", 1),), "holders": (Holder("fd", 812, 7, comm="scand"),)}
    return sketch.done()


def _lab(sketch: Sketch) -> None:
    for name in ("switches", "r1", "r2", "alice", "bob", "carol"):
        sketch.space(name, "lab", group="office")
    sketch.bridge("switches", "lan")
    for number, name in enumerate(("alice", "bob", "carol"), 10):
        sketch.cable(f"{name} eth0 10.1.0.{number}/24", f"switches {name} on lan")
    sketch.cable("r1 lan 10.1.0.1/24", "switches r1 on lan")
    sketch.cable("r1 wan 10.9.0.1/30", "r2 wan 10.9.0.2/30")


def pictures() -> dict[str, str]:
    """Name of a file here -> what is in it."""
    return {"map.svg": svg(layout(workshop()))}


if __name__ == "__main__":
    for name, text in pictures().items():
        (HERE / name).write_text(text, encoding="utf-8")
