"""Hosts to draw: some made by hand, and a hypothesis strategy that makes any."""

import importlib.util
from pathlib import Path

from hypothesis import strategies as st

from netwright.hostmap.model import Cable, HostMap, Link, Owner, Space
from netwright.model.address import Address

ROOT = Path(__file__).resolve().parents[4]


def _sketches():
    spec = importlib.util.spec_from_file_location("netwright_pictures", ROOT / "docs" / "pictures" / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PICTURES = _sketches()
Sketch = PICTURES.Sketch


def star(leaves: int) -> HostMap:
    """Containers on one switch, each with one cable."""
    sketch = Sketch("star", "192.0.2.1/24")
    sketch.bridge("host", "docker0", "10.0.0.1/16")
    for number in range(leaves):
        sketch.space(f"c{number}", "docker")
        sketch.cable(f"c{number} eth0 10.0.{number // 250}.{number % 250 + 2}/16", f"host veth{number} on docker0")
    return sketch.done()


def chain(routers: int) -> HostMap:
    """Routers in a row, and nothing else that is wired."""
    sketch = Sketch("chain")
    for number in range(routers):
        sketch.space(f"r{number}", "lab", group="row")
    for number in range(routers - 1):
        sketch.cable(f"r{number} right 10.{number}.0.1/30", f"r{number + 1} left 10.{number}.0.2/30")
    return sketch.done()


def woven(leaves: int) -> HostMap:
    """A star in which every third leaf is also cabled to the next such one."""
    sketch = Sketch("woven", "192.0.2.1/24")
    sketch.bridge("host", "br0", "10.0.0.1/16")
    for number in range(leaves):
        sketch.space(f"ns{number}", "")
        sketch.cable(f"ns{number} eth0 10.0.{number // 250}.{number % 250 + 2}/16", f"host veth{number} on br0")
    for number in range(0, leaves - 3, 3):
        sketch.cable(f"ns{number} eth1", f"ns{number + 3} eth2")
    return sketch.done()


def twice(leaves: int) -> HostMap:
    """Alike containers that are in two networks each."""
    sketch = Sketch("twice")
    for name in ("front", "back"):
        sketch.bridge("host", name)
    for number in range(leaves):
        sketch.space(f"pod{number}", "kubernetes", group="default")
        for at, name in enumerate(("front", "back")):
            sketch.cable(f"pod{number} eth{at} 10.{at}.0.{number}/24", f"host {name}{number} on {name}")
    return sketch.done()


def alone(spaces: int) -> HostMap:
    """Namespaces with nothing but lo, and some that could not be entered."""
    sketch = Sketch("alone", "192.0.2.1/24")
    for number in range(spaces):
        sketch.space(f"sandbox{number}", "process", held=(("process", number % 3 + 1),))
    sketch.space("hidden", "", state="unseen", why="not permitted")
    return sketch.done()


def hostile() -> HostMap:
    """Names and texts by somebody who means harm."""
    nasty = '<script>alert(1)</script>"\'&\x1b[31m\u202e\ud800]]>--}|`#;'
    sketch = Sketch(nasty, "192.0.2.1/24")
    sketch.space(nasty, "docker", group=nasty, names=(nasty,))
    sketch._links[nasty].append(Link(7, "x\x07<b>", "veth", True, "up", alias=nasty, altnames=(nasty,), peer=("host", "<i>")))
    sketch._links["host"].append(Link(8, "<i>", "veth", True, "up", master="gone<u>"))
    sketch._cables.append(Cable(("host", "<i>"), (nasty, "x\x07<b>"), up=True))
    sketch.space("very-" * 60 + "long", "podman", state="unseen", why="x" * 500)
    sketch.space("名前空間・東京・大阪・名古屋・札幌・福岡・神戸・京都", "lab", group="実験室")
    sketch.device("名前空間・東京・大阪・名古屋・札幌・福岡・神戸・京都", "eth0", address="2001:db8:1234:5678:9abc:def0:1234:5678/64")
    return sketch.done()


def crowded(devices: int) -> HostMap:
    """One namespace with a very great number of devices, half of them cabled to another one."""
    sketch = Sketch("crowded")
    sketch.space("far", "")
    for number in range(devices // 2):
        sketch.device("host", f"tap{number}", "tun")
        sketch.cable(f"host a{number}", f"far b{number}")
    return sketch.done()


GOLDEN = {
    "workshop": PICTURES.workshop(), "star12": star(12), "chain5": chain(5), "woven9": woven(9), "twice6": twice(6),
    "alone5": alone(5), "hostile": hostile(), "empty": HostMap(),
}  # fmt: skip
LARGE = {"star200": star(200), "woven200": woven(200), "chain200": chain(200), "twice200": twice(200), "alone200": alone(200), "crowded": crowded(2000)}


@st.composite
def hosts(draw) -> HostMap:
    """Any host: namespaces with switches or without, cables between any of their devices, any names."""
    count = draw(st.integers(1, 14))
    ids = [str(number) for number in range(count)]
    kinds = st.sampled_from(["host", "docker", "podman", "lab", "", "kubernetes", "odd<kind>"])
    text = st.text(max_size=40)
    links: dict[str, list[Link]] = {id: [Link(1, "lo")] for id in ids}
    for id in ids:
        for number in range(draw(st.integers(0, 2))):
            links[id].append(Link(10 + number, f"br{number}", "bridge", True, "up"))
    cables = []
    for number in range(draw(st.integers(0, 30))):
        up = draw(st.booleans())
        ends = []
        for at in (0, 1):
            id = draw(st.sampled_from(ids))
            masters = ["", *(link.name for link in links[id] if link.kind == "bridge")]
            links[id].append(Link(20 + 2 * number + at, f"v{number}{'ab'[at]}", "veth", up, "up" if up else "down", master=draw(st.sampled_from(masters))))
            ends.append((id, f"v{number}{'ab'[at]}"))
        cables.append(Cable(*sorted(ends), up=up))
    for number in range(draw(st.integers(0, 4))):
        own, under = draw(st.sampled_from(ids)), draw(st.sampled_from(ids))
        lower = draw(st.sampled_from(links[under])).name
        links[own].append(Link(200 + number, f"m{number}", "macvlan", True, "up", lower=(under, lower)))
    spaces = []
    for id in ids:
        addresses = tuple(Address(f"10.0.{id}.{at}/24", link.name) for at, link in enumerate(links[id]) if draw(st.booleans()))
        kind = draw(kinds)
        owners = (Owner(kind, draw(text), group=draw(text)),) if kind else ()
        spaces.append(Space(id=id, name=draw(text), owners=owners, links=tuple(links[id]), addresses=addresses))
    return HostMap(host=draw(text), here=draw(st.sampled_from([*ids, ""])), namespaces=tuple(spaces), cables=tuple(cables))
