"""containerd on a private host, and its own client `ctr`."""

import signal
from pathlib import Path

from host import Container, Host, until
from image import NAME

CONF = """
version = 2
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "localhost/box:1"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
snapshotter = "native"
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "{directory}"
conf_dir = "/etc/cni/net.d"
"""
SOCKET = "/run/containerd/containerd.sock"


class Containerd:
    """The server; `directory` has the CNI plugins (ctr itself looks in /opt/cni/bin alone)."""

    def __init__(self, host: Host, directory: str) -> None:
        self.host = host
        host.box.write("/etc/containerd/config.toml", CONF.format(directory=directory))
        host.box.popen(["containerd"], out="/run/containerd.out", err="/run/containerd.err")
        until(lambda: host.box.run(["ctr", "version"]).code == 0, "containerd answers", seconds=120.0)  # else see /run/containerd.err

    @property
    def socket(self) -> str:
        """The way to its socket from outside the host."""
        return f"/proc/{self.host.box._server.pid}/root{SOCKET}"

    def load(self, image: Path, namespace: str) -> None:
        self.host.must(["ctr", "-n", namespace, "images", "import", "--snapshotter", "native", str(image)], timeout=300.0)


class Ctr:
    """`ctr run --cni`: only while it waits for the container does ctr take its network away again, so each waits in the background."""

    def __init__(self, server: Containerd, image: Path) -> None:
        self.host = server.host
        self._waiting: dict[str, int] = {}
        server.load(image, "default")

    def __call__(self, *words: str) -> str:
        return self.host.must(["ctr", *words])

    def run(self, name: str, *command: str) -> Container:
        group = f"{self.host.name}/{name}"
        options = ["--rm", "--cni", "--snapshotter", "native", "--cgroup", group]
        errors = f"/run/ctr-{name}.err"
        # Without images' PATH the command's own path is needed.
        self._waiting[name] = self.host.box.popen(["ctr", "run", *options, NAME, name, *command], err=errors)
        pid = until(lambda: self._running(name), f"{name} runs; {errors}")
        return Container(self.host, name, int(str(pid)))

    def _running(self, name: str) -> str:
        rows = [line.split() for line in self("task", "ls").splitlines()]
        return next((row[1] for row in rows if row[0] == name and row[2] == "RUNNING"), "")

    def kill(self, name: str) -> None:
        """End it; ctr removes its network and the rest."""
        self("task", "kill", "-s", "SIGKILL", name)
        self.host.box.wait(self._waiting.pop(name), 60.0)

    def lose(self, name: str) -> None:
        """ctr is killed, and the container: nobody takes its network away."""
        pid = self._waiting.pop(name)
        self.host.box.kill(pid, signal.SIGKILL)
        self.host.box.wait(pid, 60.0)
        self("task", "rm", "-f", name)
        self("container", "rm", name)

    def clear(self) -> None:
        for name in list(self._waiting):
            self.kill(name)
