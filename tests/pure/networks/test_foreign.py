"""Tables of others, as far as no kernel is needed: what they do while they are looked at."""

import errno

import pytest

from netwright.errors import KernelError, Missing, kernel_error
from netwright.kernel import nfnetlink, nft
from netwright.model.nft import Chain, Table
from netwright.networks import foreign

TABLES = {("ip", name): Table("ip", name, chains={"f": Chain((), "filter", "forward", "filter", "drop")}) for name in ("gone", "stays")}


class _Netlink:
    def __init__(self, inside):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass


def test_a_table_that_is_taken_away_while_it_is_looked_at_stops_nothing(monkeypatch):
    def read(inside, family, name):
        if name == "gone":
            raise Missing(2, "No such file or directory")
        return TABLES[family, name]

    monkeypatch.setattr(nft, "hooks", lambda inside: TABLES)
    monkeypatch.setattr(nft, "read_table", read)
    monkeypatch.setattr(nfnetlink, "Nfnetlink", _Netlink)
    assert foreign.in_the_way(-1) == [TABLES["ip", "stays"]]
    assert len(foreign.stopping(-1, ["nw-web"])) == 1


def fails(number):
    def hooks(inside):
        raise kernel_error(number)

    return hooks


@pytest.mark.parametrize("number", [errno.EPROTONOSUPPORT, errno.EINVAL])
def test_a_kernel_without_nftables_stops_nothing(number, monkeypatch):
    monkeypatch.setattr(nft, "hooks", fails(number))
    assert foreign.stopping(-1, ["nw-web"]) == []


def test_what_may_not_be_looked_at_is_told(monkeypatch):
    monkeypatch.setattr(nft, "hooks", fails(errno.EPERM))
    with pytest.raises(KernelError):
        foreign.stopping(-1, ["nw-web"])


def test_for_no_bridge_nobody_is_asked():
    assert foreign.stopping(-1, []) == []
