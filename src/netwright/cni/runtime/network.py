"""A network as a runtime knows it: a configuration file, with the plugins that are called for it in order.

    NAME.conflist             {"cniVersion", "name", "plugins": [{"type": …}, …]}
    NAME.conf, NAME.json      {"cniVersion", "name", "type": …}: one plugin
    NAME/*.conf               more plugins of the network NAME, unless it says "loadOnlyInlinedPlugins": true
"""

import os

from ...errors import Gone, Invalid
from ...model.value import value
from ..disk import read_bytes
from ..protocol.call import network_name
from ..protocol.errors import CniError
from ..protocol.jsontext import read, write
from ..protocol.section import Section
from ..protocol.versions import OLDEST, VERSIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Plain = dict[str, Any]

CONF_DIR = "/etc/cni/net.d"


@value
class Network:
    """`plugins` are their configurations, `document` the whole list, as the cache keeps it; `source` is the file."""

    name: str
    version: str
    plugins: "tuple[Plain, ...]"
    document: "Plain"
    source: str = ""
    disable_check: bool = False
    disable_gc: bool = False

    @property
    def capabilities(self) -> "frozenset[str]":
        """What the runtime may say to some plugin of it."""
        return frozenset(name for plugin in self.plugins for name in capabilities(plugin))


def capabilities(plugin: "Plain") -> "tuple[str, ...]":
    """The capabilities that a plugin's configuration declares."""
    return tuple(name for name, wanted in Section(plugin).section("capabilities").data.items() if wanted is True)


def read_network(text: "bytes | str", source: str = "") -> Network:
    """A network out of the text of a configuration file. Invalid with every mistake in it."""
    where = source or "the configuration"
    try:
        document = read(text)
    except ValueError as error:
        raise Invalid(f"{where}: {error}", fix="it has to be JSON") from None
    if not isinstance(document, dict):
        raise Invalid(f"{where}: it is no JSON object")
    if "plugins" not in Section(document) and "type" in Section(document):
        document = {"cniVersion": Section(document).text("cniVersion"), "name": Section(document).text("name"), "plugins": [document]}
    root = Section(document)
    plugins = root.sections("plugins")
    for plugin in plugins:
        if not plugin.text("type"):
            plugin.wrong("type", "it is missing")
    name, version = _name(root), _version(root)
    disabled = root.flag("disableCheck"), root.flag("disableGC")
    if root.mistakes:
        raise Invalid(f"{where}: {'; '.join(root.mistakes)}")
    return Network(name, version, tuple(plugin.data for plugin in plugins), document, source, *disabled)


def _name(root: Section) -> str:
    found = root.text("name")
    try:
        return network_name(found)
    except CniError as error:
        root.wrong("name", error.message)
        return found


def _version(root: Section) -> str:
    """The newest that the file allows and we know: "cniVersions" is a list of them, "cniVersion" the one for older runtimes."""
    said = root.text("cniVersion") or OLDEST
    known = [one for one in VERSIONS if one in (said, *root.texts("cniVersions"))]
    if not known:
        root.wrong("cniVersion", f"{said} is none of {', '.join(VERSIONS)}")
    return known[-1] if known else OLDEST


def load(name: str, directory: str = CONF_DIR) -> Network:
    """The network of that name in a directory. Gone when there is none; Invalid when its file is wrong."""
    found, others = None, []
    for path in _files(directory):
        try:
            network = read_network(read_bytes(path), path)
        except Invalid as error:
            others.append(error)  # another network's mistake is told only where ours is not found
            continue
        if network.name == name:
            found = network
            break
        others.append(Invalid(network.name))
    if found is None:
        raise _gone(name, directory, others)
    return _with_more(found, directory)


def _with_more(network: Network, directory: str) -> Network:
    root = Section(network.document)
    more = [] if root.flag("loadOnlyInlinedPlugins") else _listed(f"{directory}/{network.name}", (".conf",))
    found = []
    for path in more:
        try:
            found.append(read(read_bytes(path)))
        except ValueError as error:
            raise Invalid(f"{path}: {error}") from None
    if found:
        document = {**network.document, "plugins": [*network.plugins, *found]}
        network = read_network(write(document), network.source)
    if not network.plugins:
        raise Invalid(f"{network.source}: plugins: there is none", fix=f"put one in, or into {directory}/{network.name}/NAME.conf")
    return network


def _gone(name: str, directory: str, others: "list[Invalid]") -> "Gone | Invalid":
    broken = [error.what for error in others if ": " in error.what]
    known = dict.fromkeys(error.what for error in others if ": " not in error.what)
    why = "; ".join([f"there are {', '.join(known)}" if known else "there is no network", *broken])
    return Gone(f"no network {name} in {directory}", why=why, fix=_fix(name, list(known), broken))


def _fix(name: str, known: "list[str]", broken: "list[str]") -> str:
    from difflib import get_close_matches

    if close := get_close_matches(name, known, 1):
        return f"did you mean {close[0]}?"
    return "correct that file" if broken else "say one of them; nw cni install --name NAME makes another" if known else "nw cni install"


def names(directory: str = CONF_DIR) -> "list[str]":
    """The networks of a directory whose files can be read."""
    out: dict[str, None] = {}
    for path in _files(directory):
        try:
            out[read_network(read_bytes(path), path).name] = None
        except Invalid:
            continue
    return list(out)


def subnets(directory: str = CONF_DIR) -> "Iterator[tuple[str, str, str]]":
    """(file, network, subnet) of every subnet that host-local hands out of, in the files that can be read."""
    from ...model.addressing import net

    for path in _files(directory):
        try:
            network = read_network(read_bytes(path), path)
        except Invalid:
            continue
        for plugin in map(Section, network.plugins):
            ipam = plugin.section("ipam")
            ranges = [one for found in ipam.list("ranges") if isinstance(found, list) for one in ipam.sections_of("ranges", found)]
            said = [plugin.text("subnet"), *plugin.texts("subnets"), ipam.text("subnet"), *(one.text("subnet") for one in ranges)]
            for text in filter(None, said):
                try:
                    net(text)
                except ValueError:
                    continue
                yield path, network.name, text


def _files(directory: str) -> "list[str]":
    """The lists first, each kind by name."""
    return _listed(directory, (".conflist",)) + _listed(directory, (".conf", ".json"))


def _listed(directory: str, endings: "tuple[str, ...]") -> "list[str]":
    try:
        found = sorted(os.listdir(directory))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return [path for name in found if name.endswith(endings) and os.path.isfile(path := f"{directory}/{name}")]
