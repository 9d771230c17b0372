"""netavark's face for podman without root: where it writes things down, and a host's namespace that goes and comes again."""

import json
from collections.abc import Iterator

import pytest
from netavark_host import Host, asked, net, port, until
from sandbox import Result, Sandbox

PLACE = "/run/cfg/netwright"
ROOTLESS = ("--rootless", "true")


@pytest.fixture
def host(no_leak: None) -> Iterator[Host]:
    with Sandbox(pids=True) as box:
        yield Host(box)


def files(host: Host) -> list[str]:
    """What is written down; locks and a log stay."""
    found = host.box.run(["find", PLACE, "-type", "f", "-o", "-type", "s"]).out.split()
    return sorted(path.removeprefix(f"{PLACE}/") for path in found if "lock" not in path and not path.endswith(".log"))


def elsewhere(host: Host, verb: str, given: dict) -> Result:
    """With another namespace in the place of the host's, as podman makes it anew."""
    return host.netavark(verb, "/run/netns/c3", given=given, options=ROOTLESS, netns="another")


def test_everything_is_beside_what_podman_writes(host: Host):
    given = asked(2, net(1, dns_enabled=True), ports=[port(8080)])
    host.setup(2, given, options=ROOTLESS)
    assert host.box.run(["test", "-e", "/run/netwright"]).code == 1
    assert "namespace" in files(host)
    assert host.ask("192.0.2.1", 8080, "out") == "ConnectionRefusedError", "led to the container, where nobody listens"
    host.teardown(2, given, options=ROOTLESS)
    # The responder has ended already: podman takes the directory away, and the next namespace has one of its own.
    assert files(host) == ["namespace"]
    host.is_clean()


def test_names_go_on_while_one_network_is_left(host: Host):
    first, second = asked(2, net(1, dns_enabled=True)), asked(3, net(2, dns_enabled=True))
    for c, given in ((2, first), (3, second)):
        host.setup(c, given, options=ROOTLESS)
    host.teardown(2, first, options=ROOTLESS)
    assert ".dns/responder.sock" in files(host)
    host.teardown(3, second, options=ROOTLESS)
    assert ".dns/responder.sock" not in files(host)


def test_what_was_in_a_namespace_that_is_gone_is_forgotten(host: Host):
    """When all of a user's processes are ended nobody tears down; the ports of those containers are free all the same."""
    lost, later = (asked(c, net(1, dns_enabled=True), ports=[port(8080)]) for c in (2, 3))
    host.setup(2, lost, options=ROOTLESS)
    there = json.loads(host.box.read(f"{PLACE}/.dns/responder.pid"))
    host.box.ip("netns add another")
    host.box.quiet("another")
    result = elsewhere(host, "setup", later)
    assert result.code == 0, result
    assert [path for path in files(host) if lost["container_id"] in path] == []
    until(lambda: host.box.run(["grep", "-q", "^State:.*[ZX]", f"/proc/{there}/status"]).code != 1, "the responder of before has ended")
    result = elsewhere(host, "teardown", later)
    assert (result.code, result.out) == (0, "")
    assert files(host) == ["namespace"]


def test_a_place_that_cannot_be_written(host: Host):
    host.box.write("/run/cfg", "a file")
    result = host.netavark("setup", "/run/netns/c2", given=asked(2, net(1)), options=ROOTLESS)
    assert result.code == 1
    assert "cannot make /run/cfg" in json.loads(result.out)["error"]
