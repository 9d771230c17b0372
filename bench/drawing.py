"""make bench: how long the picture of a host takes to lay out, against Graphviz' dot given the same host, all in one run.

Hosts of 200 namespaces: a star and one woven through, each folded and with a box for everybody. CPU time, the least of several.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from netwright.hostmap.drawing.formats import drawn
from netwright.hostmap.drawing.layout import layout
from netwright.hostmap.model import HostMap

ROOT = Path(__file__).resolve().parents[1]
QUICK = "--quick" in sys.argv
NAMESPACES, TIMES, BOUND = 200, 3 if QUICK else 9, 20.0


def sketch() -> type:
    """The way of docs/pictures to make hosts up."""
    spec = importlib.util.spec_from_file_location("pictures", ROOT / "docs" / "pictures" / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Sketch


def host(woven: bool) -> HostMap:
    """200 namespaces on one switch; woven: every third with a cable to the next such one."""
    made = sketch()("bench", "192.0.2.1/24")
    made.bridge("host", "br0", "10.0.0.1/16")
    for number in range(NAMESPACES):
        made.space(f"ns{number}", "docker")
        made.cable(f"ns{number} eth0 10.0.{number // 250}.{number % 250 + 2}/16", f"host veth{number} on br0")
    for number in range(0, (NAMESPACES - 3) * woven, 3):
        made.cable(f"ns{number} eth1", f"ns{number + 3} eth2")
    return made.done()


def ours(what: HostMap, fewest: int) -> float:
    """Milliseconds."""
    best = 1e9
    for _ in range(TIMES):
        start = time.process_time()
        layout(what, (), fewest)
        best = min(best, time.process_time() - start)
    return best * 1000


def theirs(what: HostMap, fewest: int) -> float | None:
    """Milliseconds of CPU of `dot`, which come in tens; None where it is not installed."""
    if not shutil.which("dot"):
        return None
    before = os.times()
    subprocess.run(["dot", "-Tsvg"], input=drawn(what, "dot", (), fewest).encode(), stdout=subprocess.DEVNULL, check=True)
    after = os.times()
    return (after.children_user + after.children_system - before.children_user - before.children_system) * 1000


def main() -> int:
    """0 when every layout keeps to its bound."""
    worst = 0.0
    for name, woven in (("star", False), ("woven", True)):
        what = host(woven)
        for fewest in (4, 0):
            mine, other = ours(what, fewest), theirs(what, fewest)
            worst = max(worst, mine)
            peer = f"dot {other:7.0f} ms, {other / mine:5.0f} times ours" if other is not None else "dot is not installed"
            print(f"layout of {NAMESPACES} namespaces, {name}, {'folded' if fewest else 'a box each'}: {mine:5.1f} ms (at most {BOUND:g});  {peer}")
    return int(worst > BOUND)


if __name__ == "__main__":
    sys.exit(main())
