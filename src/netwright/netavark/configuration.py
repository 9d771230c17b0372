"""podman's configuration: a file of our own beside containers.conf, root's or the user's, that puts our programs first.

    DIR/containers.conf.d/netwright.conf       DIR: /etc/containers, for a user ~/.config/containers

podman reads /usr/share/containers/containers.conf, then each DIR's containers.conf and the files of its containers.conf.d by their
names; what comes later wins, and a list stands for the whole list before it. Nobody's file is ever changed.
Source: containers.conf(5).
"""

import os

from ..errors import CallFailed, Conflict, Invalid
from .scripts import put

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

# Where podman looks when nobody says where.
DEFAULTS = ("/usr/local/libexec/podman", "/usr/local/lib/podman", "/usr/libexec/podman", "/usr/lib/podman")
_SHARED, _ROOTS, _NAME = "/usr/share/containers", "/etc/containers", "netwright.conf"
_MARK = "# Of netwright: nw netavark install wrote it, nw netavark uninstall takes it away."


def programs_directory() -> str:
    """Where our programs are put unless somebody says where."""
    return "/usr/local/libexec/netwright" if _is_root() else os.path.expanduser("~/.local/libexec/netwright")


def path() -> str:
    """The file."""
    return f"{_own_directory()}/containers.conf.d/{_NAME}"


def _is_root() -> bool:
    return os.geteuid() == 0


def _own_directory() -> str:
    if _is_root():
        return _ROOTS
    return f"{os.environ.get('XDG_CONFIG_HOME') or os.path.expanduser('~/.config')}/containers"


def write(directory: str) -> str:
    """Have podman take the programs in a directory; the file that says so. Conflict when another one would win, Invalid for one that
    cannot be read, CallFailed."""
    mine = path()
    if os.path.lexists(mine) and not _is_ours(mine):
        raise Conflict(f"{mine}: there already, and not of netwright", fix="give it another name")
    said = [(one, _helpers(one)) for one in _files() if one != mine]
    stronger = [one for one, helpers in said if helpers and one > mine and os.path.dirname(one) == os.path.dirname(mine)]
    if stronger:
        why = "podman reads it after ours, and takes its helper_binaries_dir"
        raise Conflict(f"{stronger[-1]} would win", why=why, fix=f'put "{directory}" first in it, and leave out --conf')
    theirs = next((helpers for _, helpers in reversed(said) if helpers), DEFAULTS)
    put(mine, text((directory, *(one for one in theirs if one != directory))), 0o644)
    return mine


def remove() -> "list[str]":
    """Take the file away; its path, if it was there. CallFailed."""
    mine = path()
    if not _is_ours(mine):
        return []
    try:
        os.unlink(mine)
    except OSError as error:
        raise CallFailed(f"cannot remove {mine}", error.errno or 0, why=error.strerror or "") from None
    return [mine]


def text(helpers: "tuple[str, ...]") -> str:
    """What is in the file."""
    from json import dumps

    listed = ", ".join(dumps(one, ensure_ascii=False) for one in helpers)
    return f'{_MARK}\n[engine]\nhelper_binaries_dir = [{listed}]\n[network]\nnetwork_backend = "netavark"\n'


def only_file() -> str:
    """The file that podman reads in the place of all others, by CONTAINERS_CONF; "" when there is none."""
    return os.environ.get("CONTAINERS_CONF", "")


# -- what others say ---------------------------------------------------------------------------------------------------------


def _files() -> "Iterator[str]":
    """Every file, in podman's order."""
    for place in dict.fromkeys((_SHARED, _ROOTS, _own_directory())):
        if os.path.isfile(main := f"{place}/containers.conf"):
            yield main
        try:
            names = sorted(os.listdir(f"{place}/containers.conf.d"))
        except OSError:
            continue
        yield from (f"{place}/containers.conf.d/{name}" for name in names if name.endswith(".conf"))


def _helpers(file: str) -> "tuple[str, ...]":
    """Its helper_binaries_dir; behind the names there may be {append = true}."""
    import tomllib

    try:
        with open(file, "rb") as opened:
            engine: Any = tomllib.load(opened).get("engine", {})
    except PermissionError:
        return ()  # podman cannot read it either
    except (OSError, ValueError) as error:
        raise Invalid(f"{file}: {error}", fix="podman cannot read it either: mend it, or move it away") from None
    found = engine.get("helper_binaries_dir", ()) if isinstance(engine, dict) else ()
    return tuple(one for one in found if isinstance(one, str)) if isinstance(found, list) else ()


def _is_ours(file: str) -> bool:
    try:
        with open(file, "rb") as opened:
            return opened.read(len(_MARK)) == _MARK.encode()
    except OSError:
        return False
