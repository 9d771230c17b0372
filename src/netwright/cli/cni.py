"""`nw cni …`: a runtime for CNI networks, as cnitool is, with its cache; and putting our plugins where other runtimes look."""

import os

from ..errors import Invalid, NetwrightError
from .text import many, put, put_json, table
from .words import Words, Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..cni.runtime.cache import Attachment
    from ..cni.runtime.network import Network
    from ..cni.runtime.runtime import Runtime

_PLACES = {"--conf": "DIRECTORY", "--path": "DIRECTORIES", "--cache": "DIRECTORY"}
_ONE = {**_PLACES, "--id": "CONTAINER", "--ifname": "NAME", "--args": "NAME=VALUE;…", "--cap": "JSON"}
_PATH = "/opt/cni/bin:/usr/lib/cni"


def main(words: list[str]) -> int:
    """The word behind `nw cni` says which."""
    verb, rest = (words[0], words[1:]) if words and words[0][:1] != "-" else ("", words)
    if verb not in _VERBS:
        if not verb:
            Words(words, {}, "|".join(_VERBS))
        raise Wrong(f'"{verb}" is no word of nw cni', fix=f"there are {', '.join(_VERBS)}")
    return _VERBS[verb](rest)


# -- the runtime -------------------------------------------------------------------------------------------------------------


def _add(words: list[str]) -> int:
    """The result, as JSON."""
    from ..cni.protocol.versions import printed

    given = Words(words, _ONE, "NETWORK NETNS")
    network = _network(given)
    one = _attachment(given, network)
    put_json(printed(_runtime(given).add(network, one), network.version))
    return 0


def _del(words: list[str]) -> int:
    given = Words(words, _ONE, "NETWORK NETNS")
    runtime = _runtime(given)
    network = _network_at_add(given, runtime)
    runtime.delete(network, _attachment(given, network))
    return 0


def _check(words: list[str]) -> int:
    given = Words(words, _ONE, "NETWORK NETNS")
    network = _network(given)
    _runtime(given).check(network, _attachment(given, network))
    put(f"{network.name}: as it was made")
    return 0


def _gc(words: list[str]) -> int:
    given = Words(words, {**_PLACES, "--keep": "CONTAINER/INTERFACE", "--all": "", "--json": ""}, "NETWORK")
    keep = given.all("--keep")
    pairs = [pair for pair in (word.partition("/") for word in keep) if pair[0] and pair[2]]
    if len(pairs) < len(keep):
        raise Wrong("--keep takes CONTAINER/INTERFACE", fix="for example: --keep web/eth0")
    valid = [(container, ifname) for container, _, ifname in pairs] if keep or "--all" in given else None
    stale = _runtime(given).gc(_network(given), valid)
    if "--json" in given:
        put_json([_plain(one) for one in stale])
    else:
        put("\n".join(f"detached {one.container} {one.ifname}" for one in stale) or "nothing to do: no attachment is stale")
    return 0


def _status(words: list[str]) -> int:
    given = Words(words, _PLACES, "NETWORK")
    network = _network(given)
    _runtime(given).status(network)
    put(f"{network.name}: ready ({', '.join(str(plugin['type']) for plugin in network.plugins)})")
    return 0


def _ls(words: list[str]) -> int:
    """What is attached, of a network or of all."""
    from ..cni.runtime.cache import every

    given = Words(words, {**_PLACES, "--json": ""}, "[NETWORK]")
    found = every(_runtime(given).results, given.names[0] if given.names else "")
    if "--json" in given:
        put_json([{**_plain(one.attachment), "addresses": [a.address for a in one.result.addresses]} for one in found])
        return 0
    heads = ("NETWORK", "CONTAINER", "INTERFACE", "ADDRESSES", "NETNS")
    rows = [
        (one.attachment.network, one.attachment.container, one.attachment.ifname, " ".join(a.address for a in one.result.addresses), one.attachment.netns)
        for one in found
    ]
    put(table(heads, rows).rstrip("\n") if rows else "nothing is attached")
    return 0


def _plain(one: "Attachment") -> "dict[str, str]":
    return {"network": one.network, "container": one.container, "ifname": one.ifname, "netns": one.netns}


def _runtime(given: Words) -> "Runtime":
    from ..cni.runtime.cache import DIRECTORY
    from ..cni.runtime.runtime import Runtime
    from ..networks.directories import run_directory

    places = given.get("--path") or os.environ.get("CNI_PATH") or _PATH
    results = given.get("--cache", DIRECTORY).rstrip("/")
    return Runtime(tuple(place for place in places.split(":") if place), results, f"{run_directory()}/.cni")


def _directory(given: Words) -> str:
    return given.get("--conf") or os.environ.get("NETCONFPATH") or "/etc/cni/net.d"


def _network(given: Words) -> "Network":
    from ..cni.runtime.network import load

    return load(given.names[0], _directory(given))


def _network_at_add(given: Words, runtime: "Runtime") -> "Network":
    """For `del`: as it was configured at ADD, which may be another configuration than there is now, or the only one."""
    from ..cni.runtime.cache import get
    from ..cni.runtime.network import read_network

    name, (container, ifname) = given.names[0], _who(given)
    cached = get(runtime.results, name, container, ifname)
    try:
        return read_network(cached.config) if cached else _network(given)
    except Invalid:
        return _network(given)


def _who(given: Words) -> tuple[str, str]:
    """(container, interface). Without --id the container's name is made of the namespace's path, as cnitool does."""
    from hashlib import sha512

    container = given.get("--id") or f"cnitool-{sha512(_netns(given).encode()).hexdigest()[:20]}"
    return container, given.get("--ifname") or os.environ.get("CNI_IFNAME") or "eth0"


def _netns(given: Words) -> str:
    """A path; a plain name is one of `ip netns`."""
    word = given.names[1]
    return os.path.abspath(word) if "/" in word else f"/run/netns/{word}"


def _attachment(given: Words, network: "Network") -> "Attachment":
    from ..cni.protocol.call import arguments
    from ..cni.runtime.cache import Attachment

    container, ifname = _who(given)
    text = given.get("--args") or os.environ.get("CNI_ARGS") or ""
    args, ignore = arguments(text)
    pairs = (("IgnoreUnknown", "1"),) * ignore + tuple(args.items())
    return Attachment(network.name, container, ifname, _netns(given), pairs, _capabilities(given, network))


def _capabilities(given: Words, network: "Network") -> "dict[str, Any]":
    """--cap, or CAP_ARGS: {"portMappings": […], …}. Invalid for what no plugin of the network takes."""
    from ..model.jsontext import read

    text = given.get("--cap") or os.environ.get("CAP_ARGS") or "{}"
    try:
        found = read(text)
    except ValueError as error:
        raise Invalid(f"--cap: {error}", fix="""for example: --cap '{"ips": ["10.1.0.9"]}'""") from None
    if not isinstance(found, dict):
        raise Invalid("--cap: a JSON object belongs here", fix="""for example: --cap '{"ips": ["10.1.0.9"]}'""")
    unknown = sorted(set(found) - network.capabilities)
    if unknown and "--cap" in given:
        known = ", ".join(sorted(network.capabilities)) or "none"
        raise Invalid(f"--cap: no plugin of {network.name} takes {', '.join(unknown)}", why=f'"capabilities" in its file are {known}')
    return found


# -- putting the plugins there -------------------------------------------------------------------------------------------------


def _install(words: list[str]) -> int:
    from ..cni.install import BIN_DIR, CONF_DIR, SUBNET, install, refuse_overlap, wanted

    options = {"--dir": "DIRECTORY", "--conf": "DIRECTORY", "--no-conf": "", "--name": "NAME", "--subnet": "NETWORK", "--force": "", "-f": "--force"}
    given = Words(words, options)
    conf = "" if "--no-conf" in given else _place(given, "--conf", CONF_DIR)
    name, subnet = given.get("--name", "netwright"), given.get("--subnet", SUBNET)
    files = wanted(_place(given, "--dir", BIN_DIR), program(), conf, name, subnet)
    if conf:
        refuse_overlap(conf, name, subnet)
    done = install(files, force="--force" in given)
    put("\n".join(done) or "nothing to do: everything is there")
    return 0


def _uninstall(words: list[str]) -> int:
    from ..cni.install import uninstall

    given = Words(words, {"--dir": "DIRECTORY", "--conf": "DIRECTORY"})
    gone, changed = uninstall(_place(given, "--dir", ""), _place(given, "--conf", ""))
    put(f"removed {many(len(gone), 'file')}")
    if changed:
        raise NetwrightError(f"{', '.join(changed)}: changed since it was installed, left where it is", fix=f"rm {' '.join(changed)}")
    return 0


def _place(given: Words, option: str, usual: str) -> str:
    found = given.get(option, usual)
    return os.path.abspath(found) if found else ""


_PROGRAM = """\
import gc
import os
import sys

# A call lives for 30 ms; collecting garbage, and taking all modules apart at its end, would be a fifth of that.
gc.disable()
sys.path += {path!r}
from netwright.cni.main import main

code = main(sys.argv)
sys.stderr.flush()
os._exit(code)
"""


def program() -> str:
    """The text of the executable."""
    import sys

    from ..kernel.python import search_path
    from .launcher import script

    return script(sys.executable, search_path(), _PROGRAM)


def _dhcp(words: list[str]) -> int:
    """The daemon that keeps leases; it has upstream's options."""
    if words[:1] != ["daemon"]:
        Words(words, {}, "daemon")
        raise Wrong("nw cni dhcp takes the word daemon", fix="nw cni dhcp daemon")
    from ..cni.dhcp.service import main as serve

    return serve(words[1:])


_VERBS: "dict[str, Callable[[list[str]], int]]" = {
    "add": _add, "del": _del, "check": _check, "gc": _gc, "status": _status, "ls": _ls, "install": _install, "uninstall": _uninstall,
    "dhcp": _dhcp,
}  # fmt: skip
