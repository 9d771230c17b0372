"""Docker's own engine, dockerd, on a private host, and its client `docker`.

dockerd starts a containerd of its own. What it keeps is in /var/lib/docker and /run/docker of the host, its socket is the usual one.
"""

import json
from pathlib import Path

from host import Container, Host, until
from image import NAME


class Docker:
    """The engine; `layer` is a tar of the only image's files."""

    def __init__(self, host: Host, layer: Path) -> None:
        self.host = host
        self._networks: list[str] = []
        options = ["--cgroup-parent", f"/{host.name}/docker", "--exec-opt", "native.cgroupdriver=cgroupfs"]
        self._server = host.box.popen(["dockerd", *options], out="/run/dockerd.out", err="/run/dockerd.err")
        until(lambda: host.box.run(["docker", "version"]).code == 0, "dockerd answers; /run/dockerd.err", seconds=120.0)
        self("import", "-c", 'CMD ["/bin/sleep", "100000"]', str(layer), NAME)

    def __call__(self, *words: str) -> str:
        """docker with these words, which must succeed; its output."""
        return self.host.must(["docker", *words], timeout=300.0)

    def network(self, name: str, *options: str) -> str:
        self("network", "create", *options, name)
        self._networks.append(name)
        return name

    def run(self, name: str, *options: str, command: tuple[str, ...] = ()) -> Container:
        """A container that goes on."""
        self("run", "-d", "--name", name, *options, NAME, *command)
        return Container(self.host, name, int(self.inspect(name)["State"]["Pid"]))

    def inspect(self, name: str) -> dict:
        return json.loads(self("inspect", name))[0]

    def clear(self) -> None:
        """Everything that was made, and the engine."""
        if ids := self("ps", "-a", "-q").split():
            self("rm", "-f", *ids)
        if self._networks:
            self("network", "rm", *self._networks)
            self._networks.clear()
        self.host.box.kill(self._server)
        self.host.box.wait(self._server, 60.0)
