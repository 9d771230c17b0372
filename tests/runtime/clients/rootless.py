"""podman without root: a user of a private host, who may have ids of containers (newuidmap) and a network of its own (slirp4netns)."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from host import Host
from plugins import HELPERS_DIR, THEIR_HELPERS, THEIRS, hide
from podman import Podman
from sandbox import SOURCE, missing

USER, UID = "engineer", 61234
HOME, RUN = f"/var/lib/{USER}", f"/run/user/{UID}"
FIRST_ID, IDS = 200000, 65536
# Where netwright, and the Python that runs it, can be reached by anybody, wherever this checkout and its Python are.
PYTHON, PACKAGES = "/opt/python", "/opt/packages"
PROGRAMS = {"podman": "podman", "newuidmap": "uidmap", "slirp4netns": "slirp4netns"}
SETTINGS = f"""
mkdir -p {HOME} {RUN} {PYTHON} {PACKAGES} {HELPERS_DIR}
echo {USER}:x:{UID}:{UID}::{HOME}:/bin/sh >>/etc/passwd
echo {USER}:x:{UID}: >>/etc/group
echo {USER}:{FIRST_ID}:{IDS} >/etc/subuid
echo {USER}:{FIRST_ID}:{IDS} >/etc/subgid
chown {UID}:{UID} {HOME} {RUN} && chmod 700 {RUN}
mount -t tmpfs none /dev/net && mknod /dev/net/tun c 10 200 && chmod 666 /dev/net/tun
mount --bind {sys.base_prefix} {PYTHON}
cp {THEIR_HELPERS}/rootlessport {HELPERS_DIR}/
"""
CONF = f"""
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
helper_binaries_dir = ["{HELPERS_DIR}"]
[network]
network_backend = "netavark"
"""


def need() -> None:
    """Skips (in CI: fails) where no user can run podman."""
    for program, package in PROGRAMS.items():
        if shutil.which(program) is None:
            missing(f"{program} is not installed (Debian: {package})")
    if not os.path.exists("/dev/net/tun"):
        missing("there is no /dev/net/tun, which slirp4netns needs")
    with open("/proc/self/uid_map", encoding="ascii") as file:
        most = max(int(first) + int(count) for first, _, count in map(str.split, file))
    if most < FIRST_ID + IDS:
        missing("the user namespace that this runs in has no ids to give to a user's containers")


class Rootless(Podman):
    """podman as the user runs it; netavark and aardvark-dns are whose `kind` says."""

    def __init__(self, host: Host, kind: str, image: Path) -> None:
        self.host = host
        self._networks: list[str] = []
        host.sh(SETTINGS)
        host.box.write(f"{HOME}/.config/containers/containers.conf", CONF)
        host.box.write(f"{HOME}/.config/containers/storage.conf", '[storage]\ndriver = "vfs"\n')
        host.sh(f"cp {image} {HOME}/box.tar && chown -R {UID}:{UID} {HOME}")
        if kind == THEIRS:
            host.sh(f"cp {THEIR_HELPERS}/netavark {THEIR_HELPERS}/aardvark-dns {HELPERS_DIR}/")  # a link into /run leads nowhere for podman
        else:
            names = Path(importlib.util.find_spec("dns").origin).parent
            host.sh(f"cp -r {SOURCE}/netwright {names} {PACKAGES}/ && chmod -R a+rX {PACKAGES}", timeout=180.0)
            self.nw("netavark", "install")
        hide(host, "/usr/lib/podman")
        self("load", "-q", "-i", f"{HOME}/box.tar")

    def must(self, argv: list[str]) -> str:
        """A program of the user's, which must succeed, with as much of an environment as a CI job may have; its output."""
        plain = {"HOME": HOME, "USER": USER, "XDG_RUNTIME_DIR": RUN, "PATH": "/usr/local/bin:/usr/bin:/bin"}
        words = [f"{name}={value}" for name, value in plain.items()]
        become = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "env", "-i", "-C", HOME, *words]
        return self.host.must([*become, *argv], timeout=300.0)

    def __call__(self, *words: str) -> str:
        """podman with these words, which must succeed; its output."""
        return self.must(["podman", *words])

    def nw(self, *words: str) -> str:
        code = f"import sys; sys.path.append({PACKAGES!r}); from netwright.cli.main import main; sys.exit(main(['nw', *sys.argv[1:]]))"
        python = f"{PYTHON}/bin/python{sys.version_info[0]}.{sys.version_info[1]}"
        return self.must([python, "-ISE", "-c", code, *words])

    def always(self) -> list[str]:
        """No control group is the user's."""
        return []

    def left(self) -> list[str]:
        """What is written down by netwright, or is a namespace, in the user's run directory; locks and a log stay."""
        found = self.host.sh(f"find {RUN}/containers/networks/netwright {RUN}/netns -type f -o -type s 2>/dev/null || true").split()
        return [path for path in found if "lock" not in path and not path.endswith((".log", "/namespace"))]
