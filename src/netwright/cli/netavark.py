"""`nw netavark install|uninstall DIRECTORY`: the programs that podman takes for its netavark and aardvark-dns."""

import os

from .text import put, put_json
from .words import Words, Wrong

_VERBS = ("install", "uninstall")


def main(words: list[str]) -> int:
    """0 done."""
    given = Words(words, {"--json": ""}, "VERB DIRECTORY")
    verb, directory = given.names
    if verb not in _VERBS:
        raise Wrong(f'nw netavark has no "{verb}"', fix="nw netavark install DIRECTORY, or: nw netavark uninstall DIRECTORY")
    from ..netavark import scripts

    place = os.path.abspath(directory)
    paths = scripts.write(place) if verb == "install" else scripts.remove(place)
    if "--json" in given:
        put_json(paths)
        return 0
    for path in paths:
        put(path)
    if verb == "install":
        put(f'podman takes them with this in containers.conf: [engine] helper_binaries_dir = ["{place}", "/usr/lib/podman"]')
        put('                                                and: [network] network_backend = "netavark"')
    return 0
