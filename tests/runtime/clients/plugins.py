"""Whose network programs the clients use: those of netwright ("ours"), or those of the distribution ("theirs").

`theirs` shows that the clients and what is asked of them are right: what a test demands, the programs that everybody uses do
(but for what they are known not to do). Chosen by NETWRIGHT_RUNTIME_PLUGINS, a list; without it, ours alone.
"""

import os
import sys
from importlib.util import find_spec
from pathlib import Path

from host import Host

OURS, THEIRS = "ours", "theirs"
_SHAPES = {OURS: ["chain", "whole"], THEIRS: ["chain"]}
CNI_DIR = "/opt/cni/bin"
HELPERS_DIR = "/opt/podman"
THEIR_CNI, THEIR_HELPERS = "/run/machine/cni", "/run/machine/podman"
NW = """
import sys
from netwright.cli.main import main
sys.exit(main(["nw", *sys.argv[1:]]))
"""


def kinds(*modules: str) -> list[str]:
    """Which to run a test with; `modules` are those of ours that it needs."""
    chosen = os.environ.get("NETWRIGHT_RUNTIME_PLUGINS", "").split()
    return chosen or [OURS if all(_is_there(module) for module in modules) else THEIRS]


def cni_kinds() -> list[str]:
    names = ("netwright", "bridge", "loopback", "portmap", "bandwidth", "firewall", "tuning")
    return kinds(*(f"netwright.cni.plugins.{name}" for name in names))


def shapes() -> list[str]:
    """Kinds, and how a network is put together: a chain of the usual plugins, or the whole of it by our one plugin."""
    return [f"{kind}-{shape}" for kind in cni_kinds() for shape in _SHAPES[kind]]


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def nw(host: Host, *words: str) -> str:
    """`nw` with these words, which must succeed; its output."""
    result = host.box.python(NW, *words)
    assert result.code == 0, f"nw {' '.join(words)}: exit {result.code}\n{result.out}\n{result.err}"
    return result.out


def cni(host: Host, kind: str) -> str:
    """The CNI plugins in the usual directory; its path."""
    if kind == THEIRS:
        host.sh(f"ln -s {THEIR_CNI}/* {CNI_DIR}/")
    else:
        nw(host, "cni", "install", "--dir", CNI_DIR, "--no-conf")
    hide(host, "/usr/lib/cni")
    return CNI_DIR


def netavark(host: Host, kind: str) -> str:
    """A directory with netavark and aardvark-dns; its path."""
    host.sh(f"mkdir {HELPERS_DIR}")
    if kind == THEIRS:
        host.sh(f"ln -s {THEIR_HELPERS}/* {HELPERS_DIR}/")
    else:
        from netwright.cli.launcher import script, search_path

        text = script(sys.executable, search_path())
        for name, module in (("netavark", "netwright.netavark.main"), ("aardvark-dns", "netwright.netavark.aardvark")):
            host.box.write(f"{HELPERS_DIR}/{name}", text.replace("netwright.cli.main", module))
        host.sh(f"chmod 755 {HELPERS_DIR}/*")
    hide(host, "/usr/lib/podman")
    return HELPERS_DIR


def hide(host: Host, directory: str) -> None:
    """No client may fall back on what the distribution has there."""
    if Path(directory).is_dir():
        host.sh(f"mount -t tmpfs none {directory}")
