"""`--pin`: hosts of a lab as names in /run/netns, for ip(8) and everybody else."""

import pytest
from labs import PLACE, Nw
from sandbox import Sandbox

LAB = "lab: shop\nhosts:\n  web1: { switch: s, address: 10.1.0.1/24 }\n  db: { switch: s, address: 10.1.0.2/24 }\nswitches:\n  s: { subnet: 10.1.0.0/24 }\n"


@pytest.fixture
def nw(sandbox: Sandbox) -> Nw:
    return Nw(sandbox, "root")


def names(nw: Nw) -> list[str]:
    return sorted(line.split()[0] for line in nw.box.ip("netns list").splitlines())


def test_ip_goes_into_a_host_and_the_names_go_with_the_lab(nw: Nw):
    nw("up", nw.file("shop.lab.yaml", LAB), "--pin")
    assert names(nw) == ["shop.db", "shop.web1"]
    assert nw.box.run(["ip", "netns", "exec", "shop.web1", "ping", "-c1", "-w30", "10.1.0.2"]).code == 0
    inside = nw("exec", "shop/web1", "stat", "-Lc", "%i", "/proc/self/ns/net")
    assert nw.box.run(["stat", "-c", "%i", "/run/netns/shop.web1"]).out == inside
    nw("down")
    assert names(nw) == []
    assert nw.box.run(["ls", "-A", "/run/netns"]).out == ""


def test_names_follow_the_lab(nw: Nw):
    path = nw.file("shop.lab.yaml", LAB)
    nw("up", path)
    assert names(nw) == []
    nw("up", path, "--pin")
    assert names(nw) == ["shop.db", "shop.web1"]
    nw.file("shop.lab.yaml", LAB.replace("db:", "cache:"))
    nw("up", path)  # it stays pinned
    assert names(nw) == ["shop.cache", "shop.web1"]
    assert nw.box.run(["ip", "netns", "exec", "shop.cache", "ip", "-br", "address", "show", "eth0"]).out.split()[2] == "10.1.0.2/24"
    nw("up", path, "--no-pin")
    assert names(nw) == []
    nw("down")


def test_a_host_that_was_made_anew_has_its_name_again(nw: Nw):
    path = nw.file("shop.lab.yaml", LAB)
    nw("up", path, "--pin")
    nw("exec", "shop/@", "ip", "netns", "delete", "db")
    nw("up", path)
    assert nw("exec", "shop/db", "stat", "-Lc", "%i", "/proc/self/ns/net") == nw.box.run(["stat", "-c", "%i", "/run/netns/shop.db"]).out
    nw("down")
    assert names(nw) == []


@pytest.mark.parametrize("make", ["ip netns add shop.web1", "mkdir -p /run/netns; touch /run/netns/shop.web1", "mkdir -p /run/netns/shop.web1", "mkdir -p /run/netns; ln -s /proc/1/ns/net /run/netns/shop.web1"])
def test_a_name_of_somebody_else_is_told_and_stays(nw: Nw, make: str):
    assert nw.box.run(["sh", "-c", make]).code == 0
    path = nw.file("shop.lab.yaml", LAB)
    seen = nw.box.run(["ls", "-li", "/run/netns"]).out
    done = nw.result("up", path, "--pin")
    assert done.code == 1
    assert done.err.startswith("nw up: lab shop cannot come up\n    /run/netns/shop.web1 is there already, and is not of this lab;")
    assert nw.left() == []
    nw("up", path)
    refused = nw.result("up", path, "--pin")
    assert "/run/netns/shop.web1 is there already" in refused.err
    assert nw("exec", "shop/web1", "true") == ""
    nw("down")
    assert nw.box.run(["ls", "-li", "/run/netns"]).out == seen


def test_a_name_that_is_taken_by_the_time_a_host_is_added_leaves_the_lab_as_it_was(nw: Nw):
    path = nw.file("shop.lab.yaml", LAB)
    nw("up", path, "--pin")
    nw.box.ip("netns add shop.new")
    before = nw.box.run(["ls", "-li", "/run/netns"]).out
    nw.file("more.lab.yaml", LAB.replace("hosts:", "hosts:\n  new: { switch: s }"))
    assert "/run/netns/shop.new is there already" in nw.result("up", f"{PLACE}/more.lab.yaml").err
    assert nw("plan", path) == "nothing to do: shop already is as wanted\n"
    assert nw.box.run(["ls", "-li", "/run/netns"]).out == before
    nw("down")
    assert names(nw) == ["shop.new"]


def test_an_ordinary_user_is_told_what_to_do_instead(sandbox: Sandbox):
    nw = Nw(sandbox, "ordinary")
    done = nw.result("up", nw.file("shop.lab.yaml", LAB), "--pin")
    assert (done.code, "--pin needs root" in done.err, "nw shell LAB/@" in done.err) == (1, True, True)
    assert nw.left() == []
