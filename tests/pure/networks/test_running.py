"""`nw run`, as far as no kernel is needed."""

from netwright.errors import CallFailed
from netwright.networks import looking, running
from netwright.networks.wanted import Wanted


class _Store:
    def attachments(self, container):
        return [container]


def test_a_look_that_fails_is_told_and_the_container_that_stands_goes_on(monkeypatch):
    def fails(store, container):
        raise CallFailed("nft is not there", 2)

    monkeypatch.setattr(looking, "stopped", fails)
    told = []
    running._unreached(_Store(), Wanted(argv=("true",)), "web", told.append)
    assert told == ["who reaches web is not known: nft is not there"]
