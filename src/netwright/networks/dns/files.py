"""What a responder knows of the directory of zones: only files that have changed are read, and one with mistakes leaves what was."""

from ...errors import CallFailed, Invalid
from . import zones
from .zone import Host, Zone


class Files:
    """The zones of a directory: `note` what has changed, then `read`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._changed: set[str] = set()
        self._known: dict[str, dict[str, Zone | Host]] = {}  # network -> file -> what it says
        self._problems: dict[str, str] = {}
        self.zones: dict[str, Zone] = {}

    def note(self, name: str) -> None:
        """A file of this name has come, changed, or gone."""
        if name and zones.network_of(name):
            self._changed.add(name)

    def note_all(self) -> None:
        """Anything may have changed."""
        self._changed.update(zones.files(self._path), self._problems)
        for known in self._known.values():
            self._changed.update(known)

    def read(self) -> bool:
        """Read what has changed. Whether the zones are others now."""
        networks = set()
        for name in self._changed:
            if self._read(name):
                networks.add(zones.network_of(name))
        self._changed.clear()
        for network in networks:
            self._join(network)
        return bool(networks)

    def _read(self, name: str) -> bool:
        network = zones.network_of(name)
        known = self._known.setdefault(network, {})
        self._problems.pop(name, None)
        try:
            found = zones.read_file(name, self._path)
        except (Invalid, CallFailed) as error:
            self._problems[name] = str(error)
            return False
        if found == known.get(name):
            return False
        if found is None:
            del known[name]
        else:
            known[name] = found
        return True

    def _join(self, network: str) -> None:
        known = self._known[network]
        zone = known.get(f"{network}{zones.ZONE}")
        if isinstance(zone, Zone):
            self.zones[network] = zones.joined(zone, iter(known.values()))
        else:
            self.zones.pop(network, None)
        if not known:
            del self._known[network]

    def problems(self) -> dict[str, list[str]]:
        """What cannot be read, by network."""
        out: dict[str, list[str]] = {}
        for name, words in sorted(self._problems.items()):
            out.setdefault(zones.network_of(name), []).append(words)
        return out
