"""podman on a private host, with either of its network backends."""

import json
from pathlib import Path

from host import Container, Host
from image import NAME

# All places are the usual ones: /run, /var/lib and /etc are the host's own. (A static_dir elsewhere is not told to the
# `podman container cleanup` that conmon starts when a container dies, which then does nothing.)
# Without limits of their own, containers get more files than some roots may give. crun, the usual one, needs cgroups v2 alone.
CONF = """
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
helper_binaries_dir = ["{directory}"]
[network]
network_backend = "{backend}"
cni_plugin_dirs = ["{directory}"]
"""
STORAGE = """
[storage]
driver = "vfs"
graphroot = "/var/lib/containers/storage"
runroot = "/run/containers/storage"
"""


class Podman:
    """`backend` is cni or netavark; `directory` has its programs."""

    def __init__(self, host: Host, backend: str, directory: str, image: Path) -> None:
        self.host = host
        self._networks: list[str] = []
        host.box.write("/etc/containers/containers.conf", CONF.format(backend=backend, directory=directory))
        host.box.write("/etc/containers/storage.conf", STORAGE)
        self("load", "-q", "-i", str(image))

    def __call__(self, *words: str) -> str:
        """podman with these words, which must succeed; its output."""
        return self.host.must(["podman", *words], timeout=300.0)

    def network(self, name: str, *options: str) -> str:
        self("network", "create", *options, name)
        self._networks.append(name)
        return name

    def always(self) -> list[str]:
        """Options of every container."""
        return ["--cgroup-parent", f"/{self.host.name}"]

    def run(self, name: str, *options: str, command: tuple[str, ...] = ()) -> Container:
        """A container that goes on."""
        self("run", "-d", "--name", name, *self.always(), *options, NAME, *command)
        return self.found(name)

    def found(self, name: str) -> Container:
        """As it runs now."""
        return Container(self.host, name, int(self.inspect(name)["State"]["Pid"]))

    def inspect(self, name: str) -> dict:
        return json.loads(self("inspect", name))[0]

    def remove(self, *names: str) -> None:
        self("rm", "-f", "-t", "0", *names)

    def clear(self) -> None:
        """Everything that was made."""
        self("rm", "-f", "-a", "-t", "0")
        if self._networks:
            self("network", "rm", *self._networks)
            self._networks.clear()
