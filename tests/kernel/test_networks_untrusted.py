"""Words of every kind, on the real kernel: never a traceback, never a thing half-made, never a name outside of quotes."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks_host import Host
from sandbox import Sandbox

NASTY = [
    "", " ", ".", "..", "../x", "../../etc/passwd", "/etc", "a/b", "a b", "a\nb", "\n", "a;reboot", "$(id)", "`id`", "a'b", 'a"b', 'x" } drop table', "{", "}", "\\",
    "%s", "%00", "*", "@", "a@b", "@shim", "-", "--", "-x", "a:b", "a.b", "é", "中文", "\udcff\udc80", "a\udcffb", "x" * 300, "x" * 5000, "x" * 16, "\x1b[31m", "\x7f",
    "0", "-1", "1e9", "99999999999999999999", "host", "none", "container", "all", "default", "lo", "bridge", "eth0", "up0", "nw-shop", "network:x",
    "10.0.0.0/24", "10.0.0.1", "::", "::1", "fd00::/64", "0.0.0.0/0", "::/0", "/28", "/0", "/", "1.2.3.4-", "-1.2.3.4", "10.0.0.1=x", "x=10.0.0.1", "=", "a=b",
    "80", "8080:80", "0:0", "65536", "1-65535:1-65535", "[::1]:80:80", "[", "[]:1:2", "1:2:3:4", "80/tcp/udp", "80/ftp", "\u0661", "10mbit", "0", "x" * 64, "1.5gbit",
]  # fmt: skip
OPTIONS = {
    ("network", "create"): ["--driver", "--subnet", "--gateway", "--range", "--reserve", "--allow", "--trust", "--mtu", "--device", "--parent", "--mode", "--dns", "--domain", "--search", "--bind", "--ingress", "--egress", "--label", "--opt"],
    ("connect",): ["--ip", "--ip6", "--mac", "--alias", "--interface", "-p", "--ingress", "--egress"],
    ("publish", "add"): [], ("publish", "del"): [], ("publish", "ls"): [], ("disconnect",): [], ("network", "rm"): [], ("network", "inspect"): [],
    ("network", "ls"): ["--filter"],
}  # fmt: skip
words = st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_characters="\0"), max_size=20))


@st.composite
def commands(draw: st.DrawFn) -> list[str]:
    verb = draw(st.sampled_from(sorted(OPTIONS)))
    out = [*verb, "--json-errors"]
    for option in draw(st.lists(st.sampled_from(OPTIONS[verb]), max_size=3)) if OPTIONS[verb] else []:
        out += [option, draw(words)]
    names = [st.one_of(st.just(name), words) for name in ("shop", "a", "8080:80")]
    count = draw(st.integers(0, 3))
    return out + [draw(name) for name in (names[1:] if verb[0] == "publish" else names)[:count]]


@pytest.fixture
def host(sandbox: Sandbox) -> Host:
    host = Host(sandbox, "a")
    host.nw("network create shop --no-dns")
    return host


@pytest.fixture(scope="module")
def shared() -> Iterator[Host]:
    """One host for all names that make nothing."""
    with Sandbox() as box:
        host = Host(box, "a")
        host.nw("network create shop --no-dns")
        yield host


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(commands())
def test_any_words(host: Host, command: list[str]):
    before = host.box.run(["sh", "-c", "ls /sys/class/net; ls /run"]).out
    done = host.tried(*command)
    assert done.code in (0, 1, 2), (command, done)
    assert "Traceback" not in done.err, (command, done.err)
    if done.code:
        said = json.loads(done.err.rstrip("\n").rpartition("\n")[2])
        assert said["error"], command
        after = host.box.run(["sh", "-c", "ls /sys/class/net; ls /run"]).out
        assert after == before, command
    elif command[0] in ("connect", "network") and command[1] != "ls":
        assert host.tried("network", "reload").code == 0, command


BAD = [
    "", " ", ".", "..", "../x", "../../etc/passwd", "/etc", "a/b", "a b", "a\nb", "a;reboot", "$(id)", "`id`", "a'b", 'a"b', 'x" } drop table', "{", "\\", "%s", "@", "a@b",
    "a:b", "é", "\udcff\udc80", "x" * 300, "x" * 5000, "\x1b[31m", "\x7f",
]  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_name_makes_nothing(shared: Host, name: str):
    host = shared
    before = host.traces()
    for command in (
        ["network", "create", "--", name],
        ["connect", "shop", "--", name],
        ["connect", "shop", f"--alias={name}", "a"],
        ["connect", "shop", f"--interface={name}", "a"],
        ["network", "create", f"--device={name}", "x"],
        ["network", "create", f"--trust={name}", "x"],
        ["network", "create", f"--allow={name}", "x"],
    ):
        done = host.tried(*command)
        if done.code == 0 and name == "" and command[-1] in "xa":
            host.nw("network rm -f x" if command[1] == "create" else "disconnect shop a")  # as if it were not said
            continue
        assert done.code in (1, 2), command
        assert "Traceback" not in done.err, (command, done.err)
        assert "\x1b" not in done.err, "nothing that a terminal would obey"
    assert host.traces() == before


def test_labels_are_kept_as_they_are(host: Host):
    label = 'why="it\'s; a $(test)"'
    host.nw("network", "create", "x", "--label", label, "--no-dns")
    assert host.inspect("x")["labels"] == {"why": '"it\'s; a $(test)"'}


def test_what_cannot_be_connected_is_said_before_anything_is_done(host: Host):
    before = host.traces()
    assert "is no network namespace" in host.refused("connect shop /etc/passwd")
    assert "has the machine's own network" in host.refused("connect shop /proc/self/ns/net")
    assert "no container" in host.refused("connect shop 4194304")
    assert "no container" in host.refused("publish ls nobody")
    assert host.traces() == before


def test_a_dry_run_is_commands_or_one_object(host: Host):
    said = host.nw("network create db --internal --dry-run").out.splitlines()
    assert said[0].startswith("# db: bridge, internal, ")
    assert any(line.startswith("nft add element inet netwright internal ") for line in said)
    assert host.json("network create db --internal --dry-run --json")["commands"] == said[1:]
