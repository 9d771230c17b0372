"""In private namespaces: how long publishing takes, and what 10,000 published ports cost a connection. JSON on the last line."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from private import must_be_apart

NW = str(Path(sys.executable).with_name("nw"))
ROUNDS = 7


def nw(*words: str) -> float:
    start = time.perf_counter()
    subprocess.run([NW, *words], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def publish(number: int) -> tuple[float, float]:
    """(add, del) of so many ports, whole commands, the least of several."""
    words = f"0.0.0.0:20000-{19999 + number}:20000-{19999 + number}"
    rounds = [(nw("publish", "add", "b", words), nw("publish", "del", "b", words)) for _ in range(ROUNDS)]
    return min(add for add, _ in rounds), min(gone for _, gone in rounds)


def listen() -> socket.socket:
    """A listener on port 80 within b."""
    box: list[socket.socket] = []

    def there() -> None:
        fd = os.open("/run/netns/b", os.O_RDONLY)
        import ctypes

        assert ctypes.CDLL(None).setns(fd, 0x40000000) == 0
        box.append(socket.create_server(("0.0.0.0", 80), backlog=1024))

    thread = threading.Thread(target=there)
    thread.start()
    thread.join()
    server = box[0]

    def serve() -> None:
        while True:
            try:
                server.accept()[0].close()
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    return server


def latency(port: int) -> float:
    """The median time of a connection to the published port, in microseconds."""
    times = []
    for _ in range(2000):
        with socket.socket() as client:
            start = time.perf_counter()
            client.connect(("127.0.0.1", port))
            times.append(time.perf_counter() - start)
            client.recv(1)
    return sorted(times)[len(times) // 2] * 1e6


def main() -> None:
    must_be_apart()
    os.environ.update(NETWRIGHT_STATE_DIR="/run/state", NETWRIGHT_RUN_DIR="/run/netwright")
    subprocess.run(["ip", "netns", "add", "b"], check=True)
    nw("network", "create", "bench", "--no-ipv6", "--no-dns")
    nw("connect", "bench", "b", "-p", "8080:80")
    found = dict(zip(("add_1000", "del_1000"), publish(1000), strict=True)) | dict(zip(("add_10000", "del_10000"), publish(10000), strict=True))
    server = listen()
    latency(8080)
    few, many = [], []
    words = "0.0.0.0:20000-29999:20000-29999"
    # By turns and in both orders: the machine is shared, and every connection leaves something that the next one walks past.
    few.append(latency(8080))
    for _ in range(4):
        nw("publish", "add", "b", words)
        many += [latency(8080), latency(8080)]
        nw("publish", "del", "b", words)
        few += [latency(8080), latency(8080)]
    few.pop()
    server.close()
    print(json.dumps({**found, "latency_1": sum(few) / len(few), "latency_10000": sum(many) / len(many)}))


if __name__ == "__main__":
    main()
