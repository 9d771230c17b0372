"""What a lab of three hosts costs as a fixture: median milliseconds to make it and to drop it, over 100 rounds, as JSON.

python bench/fixture.py [ROUNDS]      as root, or as anybody who may make user namespaces

The fixture's own code is timed, not pytest's: from calling `lab` to having it up with its packets listened to, and from the
end of the test to the next one. `file` reads a lab file each time, `python` builds the same in Python, `bare` keeps no packets.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

FILE = """
lab: raft
hosts:
  n{1..2}: { switch: lan }
  client: { switch: lan }
switches:
  lan: { subnet: 10.7.0.0/24 }
"""
BOUNDS = {"make_ms": 10.0, "drop_ms": 1.0}


class Config:
    """As much of pytest's as the fixture looks at."""

    def __init__(self, pcap: bool, root: Path) -> None:
        import pytest

        self.stash, self.rootpath, self.pcap = pytest.Stash(), root, pcap

    def getoption(self, name: str) -> bool:
        return name == "no_lab_pcap" and not self.pcap


class Node:
    def __init__(self, config: Config) -> None:
        self.config, self.path = config, config.rootpath / "test_it.py"


def built(labs):
    """The same in Python."""
    lab = labs()
    switch = lab.switch("lan", "10.7.0.0/24")
    for host in ("n1", "n2", "client"):
        lab.host(host, switch)
    return lab.up()


def rounds(make, many: int, pcap: bool, root: Path) -> dict[str, float]:
    from netwright.pytest_plugin.labs import Labs, end_all

    config = Config(pcap, root)
    made, dropped = [], []
    for _ in range(many):
        started = time.perf_counter()
        labs = Labs(Node(config), None)
        make(labs)
        up = time.perf_counter()
        labs.end()
        made.append(up - started)
        dropped.append(time.perf_counter() - up)
    end_all(config)
    return {"make_ms": round(median(made) * 1e3, 2), "drop_ms": round(median(dropped) * 1e3, 3)}


def main() -> None:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    from netwright.kernel import userns

    userns.gain()
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        root.joinpath("raft.lab.yaml").write_text(FILE)
        found = {
            "file": rounds(lambda labs: labs("raft.lab.yaml"), many, True, root),
            "python": rounds(built, many, True, root),
            "bare": rounds(built, many, False, root),
        }
    good = all(found[way][key] <= bound for way in ("file", "python") for key, bound in BOUNDS.items())
    print(json.dumps({"rounds": many, "hosts": 3, **found, "bounds": BOUNDS, "good": good}))


if __name__ == "__main__":
    main()
