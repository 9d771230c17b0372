"""What is attached, in the files of CNI's own library: another runtime's tools can go on with them, and ours with theirs.

    /var/lib/cni/results/NETWORK-CONTAINER-INTERFACE    {"kind": "cniCacheV1", "containerId", "config", "ifName", "networkName",
                                                         "netns", "cniArgs", "capabilityArgs", "result",
                                                         "netwright": {"netns": "BOOT DEVICE INODE COOKIE"}}

`config` is the network's configuration in base64, as Go writes bytes. `netwright` is our own: which namespace had that path at ADD;
others leave it alone. The files end with the machine's, not with the boot.
"""

import os

from ...model.value import value
from ...networks.directories import write_whole
from ..disk import read_bytes, remove
from ..protocol.jsontext import read, write
from ..protocol.result import Result
from ..protocol.section import Section
from ..protocol.versions import OLDEST, VERSIONS, printed
from ..protocol.versions import read as read_result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

DIRECTORY = "/var/lib/cni/results"
_KIND, _OWN = "cniCacheV1", "netwright"
_KEPT = 200  # characters of the name in that of a file that is not finished


@value
class Attachment:
    """One interface of one container on one network, and what the runtime said for it."""

    network: str
    container: str
    ifname: str
    netns: str = ""
    args: "tuple[tuple[str, str], ...]" = ()
    capabilities: "dict[str, Any]" = {}


@value
class Cached:
    """An attachment with what was configured then and what came of it. `identity`: of its namespace; "" where others wrote it down."""

    attachment: Attachment
    config: bytes
    result: Result
    version: str = OLDEST
    identity: str = ""


def put(directory: str, cached: Cached) -> None:
    """Write one down."""
    from binascii import b2a_base64

    one = cached.attachment
    document: dict[str, Any] = {
        "kind": _KIND, "containerId": one.container, "config": b2a_base64(cached.config, newline=False).decode(), "ifName": one.ifname,
        "networkName": one.network, "netns": one.netns, "cniArgs": one.args, "capabilityArgs": one.capabilities,
        "result": printed(cached.result, cached.version), _OWN: {"netns": cached.identity} if cached.identity else {},
    }  # fmt: skip
    path = _path(directory, one.network, one.container, one.ifname)
    os.makedirs(directory, 0o700, exist_ok=True)
    text = write({name: item for name, item in document.items() if item or name == "result"})
    write_whole(path, text.encode(), _unfinished(path))


def get(directory: str, network: str, container: str, ifname: str) -> "Cached | None":
    """What is written of one; None when nothing is, or nothing that can be read."""
    found = _cached(_path(directory, network, container, ifname))
    if found is None:
        return None
    one = found.attachment
    # c of the network a-b has the same file as b-c of the network a.
    return found if (one.network, one.container, one.ifname) == (network, container, ifname) else None


def drop(directory: str, attachment: Attachment) -> None:
    """Forget one, with what a writer that was killed has left of it."""
    path = _path(directory, attachment.network, attachment.container, attachment.ifname)
    remove(path)
    remove(_unfinished(path))


def every(directory: str, network: str = "") -> "list[Cached]":
    """All of a network, or of all networks."""
    try:
        found = sorted(os.listdir(directory))
    except FileNotFoundError:
        return []
    cached = [_cached(f"{directory}/{name}") for name in found if name[:1] != "." and name.startswith(f"{network}-" if network else "")]
    return [one for one in cached if one is not None and (not network or one.attachment.network == network)]


def _path(directory: str, network: str, container: str, ifname: str) -> str:
    return f"{directory}/{network}-{container}-{ifname}"


def _unfinished(path: str) -> str:
    """Where it is written before it is whole. An attachment has one writer at a time, as CNI wants it."""
    from zlib import crc32

    directory, _, name = path.rpartition("/")
    return f"{directory}/.{name[:_KEPT]}~{crc32(name.encode('utf-8', 'surrogateescape')):08x}"


def _cached(path: str) -> "Cached | None":
    from binascii import Error, a2b_base64

    try:
        document = read(read_bytes(path))
        said = Section(document if isinstance(document, dict) else {})
        config = a2b_base64(said.text("config"))
    except (ValueError, Error, IsADirectoryError):
        return None
    if said.text("kind") != _KIND:
        return None
    args = tuple((str(pair[0]), str(pair[1])) for pair in said.list("cniArgs") if isinstance(pair, list) and len(pair) == 2)
    one = Attachment(
        said.text("networkName"), said.text("containerId"), said.text("ifName"), said.text("netns"), args, said.section("capabilityArgs").data
    )
    result = said.section("result")
    version = result.text("cniVersion")
    own = said.section(_OWN)
    return Cached(one, config, read_result(result), version if version in VERSIONS else OLDEST, own.text("netns"))
