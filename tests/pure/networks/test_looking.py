"""Facts of the host, as far as no kernel is needed."""

import pytest

from netwright.errors import CallFailed
from netwright.model.value import replace
from netwright.networks import foreign, looking
from netwright.networks.network import Network


class _Attached:
    def __init__(self, network):
        self.attachment = self
        self.network = network


class _Store:
    def __init__(self, *networks):
        self.known = {network.name: network for network in networks}

    def attachments(self, container):
        return [_Attached(name) for name in self.known]

    def network(self, name):
        return self.known[name]


@pytest.mark.parametrize("networks", [(), (replace(Network("lan"), driver="macvlan"),)])
def test_for_who_is_on_no_bridge_no_table_is_read(networks, monkeypatch):
    monkeypatch.setattr(foreign, "in_the_way", lambda inside: pytest.fail("asked"))
    assert looking.stopped(_Store(*networks), "web") == []


def test_a_look_that_fails_is_told_and_ends_nothing():
    def fails():
        raise CallFailed("cannot run nft", 24, why="Too many open files")

    assert looking.worth_a_word("web", lambda: ["one"], lambda: ["two"]) == ["one", "two"]
    (said,) = looking.worth_a_word("web", lambda: ["one"], fails)
    assert said.startswith("who reaches web is not known: cannot run nft")
