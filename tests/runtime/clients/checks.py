"""What is asked of every client in the same words."""

import json
import time
from collections.abc import Iterator
from difflib import unified_diff

from host import HOST4, HOST6, INSIDE, OUTSIDE4, OUTSIDE6, Container, Host, until

AWAY = 7070  # where `outside` answers


def leaves_nothing(client, *, leaks: tuple[str, ...] = ()) -> Iterator:
    """The client for one test; when all that the test made is removed, the host is as it was (but for what is known to leak)."""
    # A responder for names ends by itself, some seconds after the last network that has any.
    until(lambda: not client.host.box.call(INSIDE / "seen.py", "responders"), "the responder of the test before has ended")
    before = client.host.state()
    yield client
    client.clear()
    as_before(client.host, before, leaks=leaks)


def as_before(host: Host, before: dict[str, object], *, leaks: tuple[str, ...] = ()) -> None:
    """Devices and processes may take a moment to go."""
    before = {key: value for key, value in before.items() if key not in leaks}
    deadline = time.monotonic() + 90.0
    while (differences := _differences(before, host.state())) and time.monotonic() < deadline:
        pass
    assert not differences, "\n".join(differences)


def _differences(before: dict[str, object], now: dict[str, object]) -> list[str]:
    pairs = [(key, _lines(before[key]), _lines(now[key])) for key in before]
    return [line for key, old, new in pairs if old != new for line in unified_diff(old, new, f"{key} before", f"{key} now", "", "", 0, "")]


def _lines(value: object) -> list[str]:
    return json.dumps(value, indent=1).replace("\\n", "\n").replace("\\t", "\t").splitlines()


def is_connected(container: Container, gateways: dict[int, str]) -> None:
    """An address and the default route of each family; it gets out, under the host's address."""
    for family, gateway in gateways.items():
        assert container.address(family).rpartition("." if family == 4 else ":")[0] in gateway
        assert container.gateways(family) == [gateway]
        assert container.pings(gateway)
        out, host = (OUTSIDE4, HOST4) if family == 4 else (OUTSIDE6, HOST6)
        assert container.ask(out, AWAY) == host


def reach_each_other(one: Container, other: Container, families: tuple[int, ...] = (4, 6)) -> None:
    for family in families:
        assert one.address(family) != other.address(family)
        assert one.pings(other.address(family)), f"{one.name} does not reach {other.name} by IPv{family}"
        assert other.pings(one.address(family)), f"{other.name} does not reach {one.name} by IPv{family}"


def is_published(host: Host, port: int, *, udp: int = 0, ipv6: bool = True) -> None:
    """From outside (the client's address is kept), from the host by its own address and by 127.0.0.1."""
    assert host.ask(HOST4, port, netns="outside") == OUTSIDE4
    assert host.ask(HOST4, port)
    assert host.ask("127.0.0.1", port)
    if udp:
        assert host.ask(HOST4, udp, netns="outside", protocol="udp") == OUTSIDE4
        assert host.ask("127.0.0.1", udp, protocol="udp")
    if ipv6:
        assert host.ask(HOST6, port, netns="outside") == OUTSIDE6


def is_not_published(host: Host, port: int) -> None:
    assert host.is_silent(HOST4, port, netns="outside")
    assert host.is_silent("127.0.0.1", port)
