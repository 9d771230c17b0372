"""Options of networks and containers."""

import pytest

from netwright.netavark.settings import Settings, settings, unknown


def test_defaults():
    assert settings("bridge", {}, {}, []) == Settings("managed")
    assert settings("macvlan", {}, {}, []) == Settings("bridge", metric=99)
    assert settings("ipvlan", {}, {}, []) == Settings("l2", metric=99)


def test_all_of_them():
    mistakes: list[str] = []
    options = {
        "mode": "unmanaged", "mtu": "1400", "metric": "7", "no_default_route": "true", "isolate": "strict", "vrf": "red", "vlan": "9",
        "outbound_addr4": "192.0.2.1", "outbound_addr6": "fd00::1",
    }  # fmt: skip
    found = settings("bridge", options, {"host_interface_name": "web0"}, mistakes)
    assert mistakes == []
    assert found == Settings("unmanaged", 1400, 7, True, "strict", "red", 9, "192.0.2.1", "fd00::1", None, "web0")
    assert not found.managed
    assert settings("macvlan", {"mode": "vepa", "bclim": "-1"}, {}, mistakes).bclim == -1
    assert mistakes == []


@pytest.mark.parametrize(
    ("driver", "name", "text", "words"),
    [
        ("bridge", "mode", "private", 'invalid bridge mode "private"'),
        ("macvlan", "mode", "l2", 'invalid macvlan mode "l2"'),
        ("ipvlan", "mode", "bridge", 'invalid ipvlan mode "bridge"'),
        ("bridge", "mtu", "abc", 'unable to parse "mtu": invalid digit found in string'),
        ("bridge", "mtu", "-1", 'unable to parse "mtu"'),
        ("bridge", "mtu", "٣", 'unable to parse "mtu"'),
        ("bridge", "metric", str(1 << 32), "too large"),
        ("bridge", "vlan", "4095", "vlan must be between 0 and 4094"),
        ("bridge", "isolate", "yes", 'invalid isolate option "yes"'),
        ("bridge", "no_default_route", "1", "was not `true` or `false`"),
        ("bridge", "outbound_addr4", "fd00::1", 'unable to parse "outbound_addr4"'),
        ("bridge", "outbound_addr6", "192.0.2.1", 'unable to parse "outbound_addr6"'),
        ("macvlan", "bclim", "x", 'unable to parse "bclim"'),
    ],
)
def test_mistakes(driver: str, name: str, text: str, words: str):
    mistakes: list[str] = []
    settings(driver, {name: text}, {}, mistakes)
    assert len(mistakes) == 1
    assert words in mistakes[0]


def test_a_name_that_is_none():
    mistakes: list[str] = []
    settings("bridge", {}, {"host_interface_name": "a/b"}, mistakes)
    assert "host_interface_name" in mistakes[0]


def test_unknown():
    assert unknown("bridge", {"mtu": "1", "bclim": "1", "com.example": ""}) == ["bclim", "com.example"]
    assert unknown("macvlan", {"bclim": "1", "isolate": "true"}) == ["isolate"]
