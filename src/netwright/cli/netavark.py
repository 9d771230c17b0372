"""`nw netavark install|uninstall [DIRECTORY]`: the programs that podman takes for its netavark and aardvark-dns."""

import os

from .text import put, put_json
from .words import Words, Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_VERBS = ("install", "uninstall")
# What podman calls without root, by Debian's names for their packages.
_ROOTLESS = {"newuidmap": "uidmap", "slirp4netns": "slirp4netns", "nft": "nftables"}


def main(words: list[str]) -> int:
    """0 done."""
    given = Words(words, {"--conf": "", "--json": ""}, "install|uninstall [DIRECTORY]")
    verb = given.names[0]
    if verb not in _VERBS:
        raise Wrong(f'nw netavark has no "{verb}"', fix="nw netavark install, or: nw netavark uninstall")
    from ..netavark import configuration, scripts

    place = os.path.abspath(given.names[1]) if len(given.names) > 1 else configuration.programs_directory()
    configured = "--conf" in given or len(given.names) == 1
    if verb == "install":
        paths = [*scripts.write(place), *([configuration.write(place)] if configured else [])]
    else:
        paths = [*(configuration.remove() if configured else []), *scripts.remove(place)]
    if "--json" in given:
        put_json(paths)
        return 0
    for words_of_it in (*paths, *(_told(place, configured) if verb == "install" else ())):
        put(words_of_it)
    return 0


def _told(place: str, configured: bool) -> "Iterator[str]":
    """What remains to be done."""
    from ..netavark import configuration

    only = configuration.only_file()
    if only or not configured:
        yield f'podman takes them with this in {only or "containers.conf"}: [engine] helper_binaries_dir = ["{place}", "/usr/lib/podman"]'
        yield '                                                and: [network] network_backend = "netavark"'
    else:
        yield "podman takes them from now on; containers that run have to be started again: podman stop -a, before, and podman start"
    lacking = _lacking()
    if lacking:
        yield f"missing for podman without root: {', '.join(lacking)}; apt-get install {' '.join(lacking.values())}"


def _lacking() -> dict[str, str]:
    from ..kernel.process import find_program

    if os.geteuid() == 0:
        return {}
    return {name: package for name, package in _ROOTLESS.items() if not find_program(name, but_not=[])}
