"""Putting the executable, its links and a configuration where runtimes look, and taking exactly that away again.

How it works. What is to be there is a list of values (`wanted`), pure; what stands in the way is found before anything is written, and
all of it is told at once. What was written is kept in a file of state with its contents' hash: what somebody changed since then is
left where it is. With `force` a file in the way is kept beside as NAME.before-netwright and put back by `uninstall`.
"""

import os

from ..errors import Conflict, Gone, Invalid
from ..model.addressing import net
from ..model.value import value
from ..networks.directories import made, state_directory
from .disk import Told
from .main import IPAM, MAIN, NAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..model.addressing import Net

BIN_DIR, CONF_DIR = "/opt/cni/bin", "/etc/cni/net.d"
SUBNET = "10.78.0.0/16"
KEPT = ".before-netwright"


@value
class File:
    """One file: a link when it has a `target`, else with `text` and `mode`."""

    path: str
    text: str = ""
    target: str = ""
    mode: int = 0o644


def wanted(directory: str, program: str, conf: str, name: str, subnet: str) -> "tuple[File, ...]":
    """The executable with the text `program`, a link under each plugin's name, and the configuration unless `conf` is ""."""
    links = tuple(File(f"{directory}/{link}", target=NAME) for link in (*MAIN, *IPAM))
    executable = File(f"{directory}/{NAME}", program, mode=0o755)
    return (executable, *links, *((File(f"{conf}/10-{name}.conflist", conflist(name, subnet)),) if conf else ()))


def conflist(name: str, subnet: str) -> str:
    """A network with the one plugin that does all: bridge, addresses, ports, bandwidth, isolation. Invalid for a subnet that is none."""
    from json import dumps

    from .protocol.call import network_name

    everywhere = "0.0.0.0/0" if _checked(subnet).family == 4 else "::/0"
    plugin = {
        "type": "netwright",
        "isGateway": True,
        "ipMasq": True,
        "ipam": {"type": "host-local", "ranges": [[{"subnet": subnet}]], "routes": [{"dst": everywhere}]},
        "capabilities": {"portMappings": True, "bandwidth": True, "ips": True, "mac": True, "aliases": True},
    }
    # Runtimes from before CNI 1.1.0 read cniVersion; later ones take the newest of cniVersions.
    document = {"cniVersion": "1.0.0", "cniVersions": ["0.4.0", "1.0.0", "1.1.0"], "name": network_name(name), "plugins": [plugin]}
    return dumps(document, indent=2) + "\n"


def _checked(subnet: str) -> "Net":
    """Whether host-local can hand out addresses of it. Invalid."""
    from .ipam.ranges import read_ranges
    from .protocol.config import Config

    config = Config({"name": "n", "cniVersion": "1.1.0", "ipam": {"subnet": subnet}})
    read_ranges(config)
    if config.mistakes:
        raise Invalid(f"--subnet: {config.mistakes[0].removeprefix('ipam.subnet: ')}", fix=f"for example: --subnet {SUBNET}")
    return net(subnet)


def refuse_overlap(conf: str, name: str, subnet: str) -> None:
    """Conflict where another network of the directory hands out the same addresses."""
    from .runtime.network import subnets

    mine = _checked(subnet)
    for path, other, theirs in subnets(conf):
        if other != name and net(theirs).overlaps(mine):
            free = "with --subnet, take another network, or --no-conf"
            raise Conflict(f"{subnet} has addresses of {theirs}, which are the network {other}'s ({path})", fix=free)


def install(files: "Iterable[File]", *, force: bool = False) -> "list[str]":
    """Put them there; the paths that were written. What is there already as wanted is left. Conflict with all that is in the way."""
    files, before = tuple(files), _written()
    missing = [file for file in files if not _is_there(file)]
    strange = [file.path for file in missing if os.path.lexists(file.path) and not _is_ours(file.path, before)]
    if strange and not force:
        fix = f"--force keeps each as NAME{KEPT}; or choose another directory: --dir /opt/cni/netwright"
        raise Conflict(f"{', '.join(strange)}: there already, and not of netwright", fix=fix)
    # Before the files: what is written down and not there does no harm, and what is there and not written down stays for ever.
    _write_down({**before, **{file.path: _mark(file) for file in files}})
    for file in missing:
        with Told(os.path.dirname(file.path)):
            os.makedirs(os.path.dirname(file.path), exist_ok=True)
            if file.path in strange:
                os.rename(file.path, file.path + KEPT)
            _put(file)
    return [file.path for file in missing]


def uninstall(directory: str = "", conf: str = "") -> "tuple[list[str], list[str]]":
    """Take away what `install` wrote (in these directories, "" for all): (paths that are gone, paths that somebody changed since)."""
    before = _written()
    chosen = [path for path in before if os.path.dirname(path) in (directory, conf) or not (directory or conf)]
    if not chosen:
        where = " and ".join(text for text in (directory, conf) if text)
        raise Gone(f"nothing of netwright is installed{' in ' + where if where else ''}", fix="nw cni install")
    gone, changed = [], []
    for path in chosen:
        with Told(os.path.dirname(path)):
            if os.path.lexists(path) and not _is_ours(path, before):
                changed.append(path)
                continue
            if os.path.lexists(path):
                os.unlink(path)
                gone.append(path)
            if os.path.lexists(path + KEPT):
                os.rename(path + KEPT, path)
    _write_down({path: mark for path, mark in before.items() if path not in chosen})
    return gone, changed


# -- one file --------------------------------------------------------------------------------------------------------------


def _put(file: File) -> None:
    """Write it beside and move it there, so that a runtime sees the whole of it or nothing."""
    new = f"{os.path.dirname(file.path)}/.{os.path.basename(file.path)}.new"
    if os.path.lexists(new):
        os.unlink(new)
    if file.target:
        os.symlink(file.target, new)
    else:
        with open(new, "w", encoding="utf-8", errors="surrogateescape") as out:
            out.write(file.text)
        os.chmod(new, file.mode)
    os.rename(new, file.path)


def _is_there(file: File) -> bool:
    return _mark_at(file.path) == _mark(file) and (bool(file.target) or os.stat(file.path).st_mode & 0o777 == file.mode)


def _is_ours(path: str, before: "dict[str, str]") -> bool:
    return path in before and _mark_at(path) == before[path]


def _mark(file: File) -> str:
    """What tells a file from another: where it leads, or its contents' hash."""
    return f"-> {file.target}" if file.target else _hash(file.text.encode("utf-8", "surrogateescape"))


def _mark_at(path: str) -> str:
    try:
        if os.path.islink(path):
            return f"-> {os.readlink(path)}"
        with open(path, "rb") as found:
            return _hash(found.read())
    except OSError:
        return ""


def _hash(data: bytes) -> str:
    from hashlib import sha256

    return sha256(data).hexdigest()


# -- what was written ------------------------------------------------------------------------------------------------------


def _list() -> str:
    return f"{state_directory()}/cni-installed"


def _written() -> "dict[str, str]":
    """The marks of what was installed, by path."""
    try:
        with open(_list(), encoding="utf-8", errors="surrogateescape") as file:
            lines = [line.rstrip("\n").partition("\t") for line in file]
    except FileNotFoundError:
        return {}
    return {path: mark for mark, _, path in lines if path}


def _write_down(marks: "dict[str, str]") -> None:
    path = _list()
    if not marks:
        if os.path.exists(path):
            os.unlink(path)
        return
    made(state_directory())
    with Told(state_directory()), open(f"{path}.new", "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write("".join(f"{mark}\t{place}\n" for place, mark in marks.items()))
    os.rename(f"{path}.new", path)
