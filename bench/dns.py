"""Answers a second and memory of the responder for names, beside aardvark-dns, in one run: python bench/dns.py [--quick]

Everything happens in a private network namespace, on loopback. 1000 names; questions come from dnsperf where it is installed, else from
three small processes here. Each server is measured by turns, and its best counts. CPU time is read from /proc: it says what an
answer costs even where the clients take a part of the machine.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = str(Path(__file__).resolve().parents[1] / "src")
AARDVARK = "/usr/lib/podman/aardvark-dns"
QUICK = "--quick" in sys.argv
SECONDS = 1 if QUICK else 3
NAMES = 1000
LEAST, MOST_MEMORY = 20000, 25.0
CLIENT = """
import socket, sys, time
address, seconds, count = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
asked = [b"\\1\\0\\0\\1\\0\\0\\0\\0\\0\\0" + bytes((len(n),)) + n + b"\\0\\0\\1\\0\\1" for n in (b"h%d" % i for i in range(count))]
made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); made.settimeout(1); made.connect((address, 53))
end, done, at = time.monotonic() + seconds, 0, 0
for _ in range(32):
    made.send(at.to_bytes(2, "big") + asked[at % count]); at += 1
while time.monotonic() < end:
    try:
        answer = made.recv(2048); done += answer[3] & 15 == 0
    except TimeoutError:
        pass
    made.send((at & 65535).to_bytes(2, "big") + asked[at % count]); at += 1
print(done)
"""


def address_of(i: int) -> str:
    return f"10.1.{i // 250}.{i % 250 + 1}"


def ours(directory: str) -> int:
    """Start our responder; its pid."""
    sys.path.insert(0, SOURCE)
    os.environ["NETWRIGHT_RUN_DIR"] = directory
    from netwright.networks.dns import responder, zones
    from netwright.networks.dns.zone import Host, Zone

    hosts = tuple(Host(f"id{i}", (f"h{i}",), (address_of(i),)) for i in range(NAMES))
    zones.write(Zone("bench", ("127.0.0.2",), hosts=hosts))
    responder.ensure()
    return int((responder.status() or {})["pid"])


def theirs(directory: str) -> int:
    """Start aardvark-dns; its pid."""
    lines = ["127.0.0.3", *(f"id{i} {address_of(i)}  h{i}" for i in range(NAMES))]
    Path(directory, "bench").write_text("\n".join(lines) + "\n")
    subprocess.run([AARDVARK, "-c", directory, "-p", "53", "run"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return int(Path(directory, "aardvark.pid").read_text())


def answers(address: str, questions: str) -> float:
    """Answers a second."""
    if shutil.which("dnsperf"):
        words = ["dnsperf", "-s", address, "-d", questions, "-l", str(SECONDS), "-c", "8", "-q", "100"]
        out = subprocess.run(words, check=True, capture_output=True, text=True).stdout
        return float(out.split("Queries per second:")[1].split()[0])
    words = [sys.executable, "-IS", "-c", CLIENT, address, str(SECONDS), str(NAMES)]
    clients = [subprocess.Popen(words, stdout=subprocess.PIPE) for _ in range(3)]
    return sum(int(client.communicate()[0]) for client in clients) / SECONDS


def cpu(pid: int) -> float:
    """Seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Megabytes (2**20) that it has in memory."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def right(address: str) -> None:
    """It answers with what was written."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.settimeout(3)
        made.connect((address, 53))
        made.send(b"\0\7\1\0\0\1\0\0\0\0\0\0\2h7\0\0\1\0\1")
        assert made.recv(2048)[-4:] == bytes((10, 1, 0, 8))


def main() -> int:
    if "--inside" not in sys.argv:
        return subprocess.run(["unshare", "-nm", "--propagation", "private", sys.executable, __file__, "--inside", *sys.argv[1:]]).returncode
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        return measured(one, other)


def measured(one: str, other: str) -> int:
    questions = f"{one}/questions"
    Path(questions).write_text("".join(f"h{i} A\n" for i in range(NAMES)))
    servers = {"netwright": ("127.0.0.2", ours(one))}
    if os.access(AARDVARK, os.X_OK):
        servers["aardvark-dns"] = ("127.0.0.3", theirs(other))
    best: dict[str, float] = {}
    cost: dict[str, float] = {}
    try:
        for _ in range(1 if QUICK else 2):
            for name, (address, pid) in servers.items():
                right(address)
                before, start = cpu(pid), time.monotonic()
                rate = answers(address, questions)
                took = (cpu(pid) - before) / (rate * (time.monotonic() - start)) * 1e6
                best[name], cost[name] = max(best.get(name, 0), rate), min(cost.get(name, took), took)
        used = {name: memory(pid) for name, (_, pid) in servers.items()}
    finally:
        for _, pid in servers.values():
            os.kill(pid, 15)
    for name in servers:
        print(f"{name:14} {best[name]:10,.0f} answers/s {cost[name]:8.1f} µs CPU each {used[name]:8.1f} MB")
    if len(servers) > 1:
        print(f"ours / theirs: {best['netwright'] / best['aardvark-dns']:.1f} times the answers, {used['netwright'] / used['aardvark-dns']:.1f} times the memory")
    good = best["netwright"] >= LEAST and used["netwright"] <= MOST_MEMORY
    print(f"bounds: >= {LEAST:,} answers/s, <= {MOST_MEMORY:g} MB: {'ok' if good else 'OVER'}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
