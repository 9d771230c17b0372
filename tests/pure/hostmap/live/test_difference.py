"""Two maps as events: namespaces that are known by a cable only."""

import pytest

from netwright.hostmap.live.difference import difference, link_words
from netwright.hostmap.live.event import words
from netwright.hostmap.model import Cable, HostMap, Link, Space
from netwright.model.value import replace

V = Link(6, "v2", "veth", True, "up", peer=("3", "eth0"))
ETH0 = Link(2, "eth0", "veth", True, "up", peer=("1", "v2"))
C2 = Space("3", "c2", 3, links=(Link(1, "lo"), ETH0))
# Nothing that can be seen holds it: its name has been taken off, and the kernel has not let go of it yet.
FAR = Space("1/2", "? 1/2", 0, state="unseen", links=C2.links)


def host(there: "Space | None") -> HostMap:
    v = replace(V, peer=(there.id, "eth0") if there else None)
    spaces = (Space("1", "host", 1, links=(v,)), *((there,) if there else ()))
    return HostMap(1.0, "boot", "vm", "1", (), spaces, (Cable(("1", "v2"), (there.id, "eth0"), up=True),) if there else ())


MAPS = {"none": host(None), "seen": host(C2), "far": host(FAR), "far, down": host(replace(FAR, links=(C2.links[0], replace(ETH0, up=False, state="down"))))}
COMES = ["c2: namespace new", "c2: link eth0 new veth up · cable to host v2"]


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("none", "seen", COMES), ("none", "far", []), ("far", "seen", COMES),
        ("seen", "far", ["c2: namespace gone"]), ("far", "none", []), ("seen", "none", ["c2: namespace gone"]), ("far", "far", []),
        ("far", "far, down", ["? 1/2: link eth0 down · cable to host v2"]),
    ],
)  # fmt: skip
def test_what_only_a_cable_knows_neither_comes_nor_goes(before: str, after: str, lines: list[str]):
    assert [words(event) for event in difference(MAPS[before], MAPS[after])] == lines


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ({"options": (("stp_state", 1), ("vlan_filtering", 1))}, {"options": (("stp_state", 1),)}, "vlan_filtering off"),
        ({"options": ()}, {"options": (("mode", "bridge"), ("nopromisc", True))}, "mode bridge nopromisc on"),
        ({"options": (("mode", "vepa"), ("nopromisc", True))}, {"options": (("mode", "bridge"),)}, "mode bridge nopromisc off"),
        ({"options": (("miimon", 100), ("active_slave", "a"))}, {"options": (("active_slave", "b"),)}, "active_slave b miimon off"),
        ({"port": (("hairpin", True), ("state", "forwarding"))}, {"port": (("state", "forwarding"),)}, "port hairpin off"),
        ({"port": (("learning", False), ("state", "blocking"))}, {"port": (("state", "forwarding"),)}, "port state forwarding learning on"),
        ({"port": (("state", "forwarding"),)}, {"port": (("learning", False), ("state", "forwarding"))}, "port learning off"),
        ({"options": (("learning", True),)}, {"options": (("learning", False),)}, "learning off"),
    ],
)  # fmt: skip
def test_settings_that_are_as_usual_again(before: dict[str, object], after: dict[str, object], text: str):
    """They are left out of the map, and their going is told all the same."""
    one = Link(2, "x", "bridge", True, "up", master="br0")
    assert link_words(replace(one, **before), replace(one, **after)) == text


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        ((True, "up"), (False, "down"), "down"),
        ((False, "down"), (True, "up"), "up"),
        ((False, "down"), (True, "unknown"), "up"),
        ((False, "down"), (True, "lowerlayerdown"), "up, state lowerlayerdown"),
        ((True, "dormant"), (True, "up"), "state up"),
        ((True, "up"), (True, "unknown"), ""),
        ((True, "up"), (True, "lowerlayerdown"), "state lowerlayerdown"),
    ],
)
def test_a_state_that_follows_from_up_and_down_is_not_told_again(before: tuple[bool, str], after: tuple[bool, str], text: str):
    one = Link(2, "x", "veth")
    assert link_words(replace(one, up=before[0], state=before[1]), replace(one, up=after[0], state=after[1])) == text
