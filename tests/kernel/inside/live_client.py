"""In the box: `nw watch` and `nw web` as processes, a tiny HTTP client, and waiting with a deadline."""

import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable

NW = [sys.executable, "-c", "import sys; from netwright.cli.main import main; sys.exit(main(['nw', *sys.argv[1:]]))"]


def until(true: Callable[[], object], seconds: float = 60.0) -> object:
    """Wait; the value of `true` when it is."""
    end = time.monotonic() + seconds
    while True:
        if found := true():
            return found
        if time.monotonic() > end:
            raise SystemExit(f"not in {seconds} s: {true}")
        select.select([], [], [], 0.005)


def ip(*lines: str) -> None:
    """One `ip -batch`."""
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True, check=True)


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Nw:
    """A command of ours that goes on: its lines as they come, with the moment of each."""

    def __init__(self, *words: str, before: tuple[str, ...] = ()) -> None:
        self._err = open(f"/run/err-{time.monotonic_ns()}", "w+b")
        self.process = subprocess.Popen([*before, *NW, *words], stdout=subprocess.PIPE, stderr=self._err, stdin=subprocess.DEVNULL)
        os.set_blocking(self.process.stdout.fileno(), False)
        self._rest = b""
        self.lines: list[str] = []
        self.times: list[float] = []

    @property
    def pid(self) -> int:
        return self.process.pid

    def err(self) -> str:
        self._err.seek(0)
        return self._err.read().decode("utf-8", "replace")

    def read(self) -> None:
        """What has come."""
        while select.select([self.process.stdout], [], [], 0)[0]:
            more = os.read(self.process.stdout.fileno(), 1 << 20)
            if not more:
                break
            *lines, self._rest = (self._rest + more).split(b"\n")
            self.lines += [line.decode("utf-8", "surrogateescape") for line in lines]
            self.times += [time.time()] * len(lines)

    def line(self, fits: Callable[[str], bool], seconds: float = 60.0) -> tuple[str, float]:
        """The first line that fits, and when it came."""

        def found() -> tuple[str, float] | None:
            self.read()
            return next(((line, moment) for line, moment in zip(self.lines, self.times, strict=True) if fits(line)), None)

        try:
            return until(found, seconds)
        except SystemExit:
            raise SystemExit(f"no such line among {self.lines}; {self.err()}") from None

    def forget(self) -> None:
        """The lines until now."""
        self.read()
        self.lines, self.times = [], []

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(60)


class Watch(Nw):
    """`nw watch` that hears."""

    def __init__(self, *words: str, before: tuple[str, ...] = ()) -> None:
        super().__init__("watch", *words, before=before)
        until(lambda: "watching" in self.err() or self.process.poll() is not None)


class Web(Nw):
    """`nw web` that serves; `request` as a browser that has the cookie (unless told otherwise)."""

    def __init__(self, *words: str) -> None:
        super().__init__("web", *words)
        self.url, _ = self.line(lambda line: line.startswith("http"))
        rest = self.url.removeprefix("http://127.0.0.1:")
        self.port = int(rest.partition("/")[0])
        self.path, _, query = ("/" + rest.partition("/")[2]).partition("?")
        self.door = f"{self.path}?{query}"
        self.cookie = ""

    def enter(self) -> dict[str, str]:
        """Use the token; the headers of the answer."""
        status, headers, _ = self.request(self.door, whole=True)
        assert status == 200, status
        self.cookie = headers["set-cookie"].partition(";")[0]
        return headers

    def raw(self, path: str = "", *, method: str = "GET", whole: bool = False, **headers: str) -> bytes:
        """The bytes of a request."""
        given = {"Host": f"127.0.0.1:{self.port}", "Connection": "close"}
        given |= {"Cookie": self.cookie} if self.cookie else {}
        given |= {name.replace("_", "-"): text for name, text in headers.items()}
        lines = [f"{method} {path if whole else self.path + path} HTTP/1.1", *(f"{name}: {text}" for name, text in given.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), 30)

    def request(self, path: str = "", body: bytes = b"", **more: object) -> tuple[int, dict[str, str], bytes]:
        """(status, headers, body)"""
        with self.connect() as client:
            client.sendall(self.raw(path, **more) + body)
            data = b""
            while more_data := client.recv(1 << 16):
                data += more_data
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        return int(lines[0].split()[1]), {name.lower(): text for name, _, text in (line.partition(": ") for line in lines[1:])}, body

    def send(self, order: object, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """An order to control, as the page sends it; headers that are "" are left out."""
        body = json.dumps(order)
        given = {"Origin": f"http://127.0.0.1:{self.port}", "Content-Type": "application/json", "Content-Length": str(len(body))} | headers
        return self.request("control", method="POST", body=body.encode(), **{name: text for name, text in given.items() if text})

    def json(self, path: str) -> object:
        status, _, body = self.request(path)
        assert status == 200, (status, body)
        return json.loads(body)

    def map(self, opened: str = "") -> dict:
        return self.json(f"map?open={opened}")

    def id(self, name: str) -> str:
        return next(id for id, called in self.map()["names"].items() if called == name)


class Stream:
    """One page's events."""

    def __init__(self, web: Web, room: int = 0) -> None:
        self.socket = socket.socket()
        if room:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.socket.connect(("127.0.0.1", web.port))
        self.socket.sendall(web.raw("events"))
        self.socket.setblocking(False)
        self.data = b""
        self.ended = False

    def read(self) -> None:
        while not self.ended and select.select([self.socket], [], [], 0)[0]:
            try:
                more = self.socket.recv(1 << 16)
            except ConnectionError:
                more = b""
            self.data += more
            self.ended = not more

    def messages(self) -> list[tuple[str, object]]:
        """What has come, as (name, data); sizes of chunks left out."""
        self.read()
        out, name = [], ""
        for line in self.data.decode().replace("\r\n", "\n").split("\n"):
            if line.startswith("event: "):
                name = line[7:]
            elif line.startswith("data: "):
                out.append((name, json.loads(line[6:])))
        return out

    def changes(self) -> list[dict]:
        return [event for name, data in self.messages() if name == "changes" for event in data["events"]]

    def versions(self) -> list[int]:
        return [data["version"] for name, data in self.messages() if name == "map"]
