"""The interface through which Kubernetes drives containerd (CRI, runtime.v1): pods and their containers.

Field numbers are those of the Kubernetes project's api.proto for runtime.v1.
"""

import json
from pathlib import Path

import grpc
from containerd import Containerd
from host import Container
from image import NAME
from protobuf import decode, encode, entries, text

PROTOCOLS = {"tcp": 0, "udp": 1}


class Cri:
    """A client such as kubelet is."""

    def __init__(self, server: Containerd, image: Path) -> None:
        self.host = server.host
        self._pods: dict[str, str] = {}
        self._channel = grpc.insecure_channel(f"unix:{server.socket}", options=[("grpc.default_authority", "localhost")])
        server.load(image, "k8s.io")

    def close(self) -> None:
        self._channel.close()

    def call(self, method: str, request: dict[int, object]) -> dict[int, list[int | bytes]]:
        """One call; its answer's fields. grpc.RpcError with the runtime's words."""
        path = f"/runtime.v1.RuntimeService/{method}"
        ask = self._channel.unary_unary(path, request_serializer=encode, response_deserializer=decode)
        return ask(request, timeout=90)

    def is_ready(self) -> bool:
        """Both of its conditions: the runtime's, the network's."""
        (status,) = self.call("Status", {})[1]
        conditions = [decode(one) for one in decode(status)[1]]
        return len(conditions) == 2 and all(one.get(2) == [1] for one in conditions)

    def pod(
        self, name: str, *, ports: tuple[tuple[int, int, str, str], ...] = (), annotations: dict[str, str] | None = None
    ) -> Container:
        """A pod that runs. `ports`: (host's, container's, "tcp", host's address or "")."""
        (pod,) = self.call("RunPodSandbox", {1: self._config(name, ports, annotations or {})})[1]
        self._pods[name] = pod.decode()
        return Container(self.host, name, int(self._info(name)["pid"]))

    def addresses(self, name: str) -> list[str]:
        """As the runtime tells them."""
        (status,) = self.call("PodSandboxStatus", {1: self._pods[name]})[1]
        (network,) = decode(status)[5]
        return [text(network, 1), *(text(one, 1) for one in decode(network).get(2, []))]

    def container(self, name: str, *command: str) -> str:
        """A container in the pod of this name; its id."""
        config = {1: {1: "main"}, 2: {1: NAME}, 3: list(command)}
        (made,) = self.call("CreateContainer", {1: self._pods[name], 2: config, 3: self._config(name, (), {})})[1]
        self.call("StartContainer", {1: made.decode()})
        return made.decode()

    def execute(self, container: str, *command: str) -> str:
        answer = self.call("ExecSync", {1: container, 2: list(command), 3: 10})
        assert answer.get(3, [0]) == [0], answer
        return answer.get(1, [b""])[0].decode()

    def stop(self, name: str) -> None:
        self.call("StopPodSandbox", {1: self._pods[name]})

    def remove(self, name: str) -> None:
        """What kubelet does: stop, and stop again, then remove."""
        self.stop(name)
        self.stop(name)
        self.call("RemovePodSandbox", {1: self._pods.pop(name)})

    def clear(self) -> None:
        for name in list(self._pods):
            self.remove(name)

    def _info(self, name: str) -> dict:
        answer = self.call("PodSandboxStatus", {1: self._pods[name], 2: True})
        return json.loads(entries(answer[2])["info"])

    def _config(self, name: str, ports: tuple[tuple[int, int, str, str], ...], annotations: dict[str, str]) -> dict[int, object]:
        return {
            1: {1: name, 2: f"uid-{name}", 3: "default", 4: 0},
            2: name,
            5: [{1: PROTOCOLS[protocol], 2: inner, 3: outer, 4: address} for outer, inner, protocol, address in ports],
            7: [{1: key, 2: value} for key, value in annotations.items()],
            8: {1: f"/{self.host.name}"},
        }
