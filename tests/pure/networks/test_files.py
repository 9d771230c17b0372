"""/etc/hosts and /etc/resolv.conf of a container."""

import pytest

from netwright.networks.files import hosts, hosts_with, names_of, nameservers, resolv_conf, resolv_conf_with


@pytest.mark.parametrize(
    ("hostname", "domain", "wanted"),
    [
        ("web", "", ("web",)),
        ("web", "example.com", ("web.example.com", "web")),
        ("web.example.com", "", ("web.example.com", "web")),
        ("web.example.com", "other.org", ("web.example.com", "web")),
    ],
)
def test_names(hostname, domain, wanted):
    assert names_of(hostname, domain) == wanted


def test_hosts():
    text = hosts(("web.lab", "web"), ("10.1.0.2", "fd00::2"), ("10.1.0.1",), [("db", "192.0.2.7")])
    lines = text.splitlines()
    assert "127.0.0.1\tlocalhost" in lines
    assert lines[4:] == [
        "10.1.0.2\tweb.lab web",
        "fd00::2\tweb.lab web",
        "10.1.0.1\thost.netwright.internal host.containers.internal host.docker.internal",
        "192.0.2.7\tdb",
    ]


def test_a_name_without_a_network_is_somebody_all_the_same():
    assert "127.0.1.1\tweb\n" in hosts(("web",), (), ())


def test_hosts_of_the_machine_with_more_in_front():
    assert hosts_with("127.0.0.1 localhost", ("h",), [("a", "1.2.3.4")]) == "127.0.1.1\th\n1.2.3.4\ta\n127.0.0.1 localhost\n"
    assert hosts_with("", (), [("a", "1.2.3.4")]) == "1.2.3.4\ta\n"


def test_resolv_conf():
    assert resolv_conf(("10.1.0.1", "fd00::1", "10.2.0.1", "fd01::1"), ("lab", "."), ("ndots:2",)) == (
        "nameserver 10.1.0.1\nnameserver fd00::1\nnameserver 10.2.0.1\nsearch lab\noptions ndots:2\n"
    )
    assert resolv_conf((), note="why") == "# why\n"


MACHINE = "# ours\nnameserver 9.9.9.9\nsearch corp\noptions edns0\nsortlist 10.0.0.0\n"


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ((("1.1.1.1",), (), ()), "search corp\noptions edns0\nsortlist 10.0.0.0\nnameserver 1.1.1.1\n"),
        (((), ("lab",), ()), "nameserver 9.9.9.9\noptions edns0\nsortlist 10.0.0.0\nsearch lab\n"),
        (((), ("lab",), ("ndots:3",)), "nameserver 9.9.9.9\nsortlist 10.0.0.0\nsearch lab\noptions ndots:3\n"),
        (((), (".",), ()), "nameserver 9.9.9.9\noptions edns0\nsortlist 10.0.0.0\n"),
    ],
)
def test_resolv_conf_of_the_machine_with_something_else(given, wanted):
    assert resolv_conf_with(MACHINE, *given) == wanted


def test_who_is_asked():
    assert nameservers(("10.1.0.1",), ("1.1.1.1",), ("9.9.9.9",)) == ("10.1.0.1",)
    assert nameservers((), ("1.1.1.1",), ("9.9.9.9",)) == ("1.1.1.1",)
    assert nameservers((), (), ("127.0.0.53", "::1", "9.9.9.9")) == ("9.9.9.9",)
