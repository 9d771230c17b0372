"""`nw map --lab` where two users have a lab of the same name."""

import json
import os

import pytest
from labs import PLACE, Nw
from sandbox import Sandbox, missing

TWO = "lab: two\nhosts:\n  a: { switch: s }\nswitches:\n  s: { subnet: 10.1.0.0/24 }\n"
OWN = ["two/@", "two/a"]
OTHER = 65534


@pytest.fixture
def both(sandbox: Sandbox) -> tuple[Nw, Nw]:
    """Root with its lab, and somebody else with a lab that is called so, too: each at its usual place."""
    if os.getuid() != 0:
        missing("another user can only be had as root")
    root, other = Nw(sandbox, "root"), Nw(sandbox, "ordinary")
    sandbox.run(["sh", "-c", f"mkdir -p /run/user/{OTHER} && chown {OTHER} /run/user/{OTHER}"])
    root.environment["NETWRIGHT_RUNTIME_DIR"] = ""
    other.environment |= {"NETWRIGHT_RUNTIME_DIR": "", "XDG_RUNTIME_DIR": f"/run/user/{OTHER}"}
    for nw in (root, other):
        nw("up", nw.file("two.lab.yaml", TWO))
    return root, other


def names(nw: Nw, *words: str, env: dict[str, str] | None = None) -> list[str]:
    document = json.loads(nw("map", "--json", "--detail", "none", *words, env=env))
    return sorted(space["name"] for space in document["namespaces"] if any(owner["kind"] == "lab" for owner in space.get("owners", ())))


def test_ones_own_is_meant_and_the_other_has_its_user_before_its_name(both: tuple[Nw, Nw]):
    root, other = both
    assert names(root, "--lab", "two") == OWN
    (user,) = {name.partition(":")[0] for name in names(root) if name not in OWN}
    assert names(root, "--lab", f"{user}:two") == [f"{user}:{name}" for name in OWN]
    assert names(other, "--lab", "two") == OWN
    before = f"{PLACE}/before.json"
    root("snapshot", "two", "-o", before)
    other("down")
    assert root("map", "--diff", before) == ""
    assert names(root) == OWN
    root("down")


def test_the_only_one_of_its_name_needs_no_user(both: tuple[Nw, Nw]):
    root, other = both
    root("down")
    assert names(root, "--lab", "two") == OWN
    other("down")


def test_two_places_of_one_user_are_told_apart(both: tuple[Nw, Nw]):
    """The lab that commands mean has its name, the other one its directory before it; a second path of a directory is the same one."""
    root, other = both
    other("down")
    third = Nw(root.box, "root")
    third("up", third.file("two.lab.yaml", TWO))
    place = third.environment["NETWRIGHT_RUNTIME_DIR"]
    assert names(third, "--lab", "two") == OWN
    assert names(third) == [f"/run/netwright:{name}" for name in OWN] + OWN
    assert names(third, "--lab", "/run/netwright:two") == [f"/run/netwright:{name}" for name in OWN]
    # Of a directory that is not the usual one, commands that are not told of it know nothing.
    assert names(root, "--lab", "two") == OWN
    assert names(root, "--lab", "two", env={"NETWRIGHT_RUNTIME_DIR": "/run/../run/netwright/"}) == OWN
    third("down")
    assert names(third, "--lab", "two") == OWN
    root("down")
    assert place not in root("map")
