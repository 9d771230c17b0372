"""make bench: container networks: publishing, names, CNI and netavark beside the programs that do the same. `--quick`: shorter.

The rows of CNI, netavark and the responder are those of cni.py, netavark.py and dns.py; each measures ours and the peer by turns.
"""

import subprocess
import sys
from pathlib import Path

from labs import absolute, row
from private import apart

HERE = Path(__file__).resolve().parent


def publishing() -> None:
    """Whole commands, and what a connection pays."""
    found = apart(sys.executable, str(HERE / "published.py"))
    absolute("publish 1,000 ports, the whole command", found["add_1000"], "s", 0.1)
    absolute("publish 10,000 ports, the whole command", found["add_10000"], "s", 0.5)
    absolute("take 10,000 back", found["del_10000"], "s", 0.5)
    row("a connection with 10,000 published ports, and with one", found["latency_10000"], found["latency_1"], "us", 1.05)


def main() -> None:
    """All of it."""
    print(f"{'networks':56} {'ours':>10} {'peer':>10} {'':3} {'ratio':>7} bound")
    publishing()
    for name in ("dns", "cni", "netavark"):
        subprocess.run([sys.executable, str(HERE / f"{name}.py"), *sys.argv[1:]], check=True)


if __name__ == "__main__":
    main()
