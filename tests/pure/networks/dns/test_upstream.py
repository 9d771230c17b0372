"""The host's resolv.conf."""

import pytest

from netwright.networks.dns import upstream
from netwright.networks.dns.upstream import Upstream, parse

TEXT = """# comment
; another
nameserver 192.0.2.1
nameserver 2001:db8::1
nameserver fe80::1%eth0
nameserver 192.0.2.4
nameserver nonsense
nameserver
search a.example. b.example
options ndots:2
"""


def test_the_first_three_servers_and_the_last_search_list():
    assert parse(TEXT) == (("192.0.2.1", "2001:db8::1", "fe80::1%eth0"), ("a.example", "b.example"))
    assert parse("domain x\nsearch y z\n") == ((), ("y", "z"))
    assert parse("\0\xff\n \n") == ((), ())


@pytest.fixture
def clock(monkeypatch):
    times = [0.0]
    monkeypatch.setattr(upstream, "monotonic", lambda: times[0])
    return times


def test_a_new_file_is_read(tmp_path, clock):
    path = tmp_path / "resolv.conf"
    known = Upstream(str(path))
    assert known.servers() == ()
    path.write_text("nameserver 192.0.2.1\nnameserver 10.1.0.1\n")
    assert known.servers() == ()  # not within the same second
    clock[0] += 2
    assert known.servers() == ("192.0.2.1", "10.1.0.1")
    known.ours = frozenset({"10.1.0.1"})
    assert known.servers() == ("192.0.2.1",)
    path.unlink()
    clock[0] += 2
    assert known.servers() == ()
