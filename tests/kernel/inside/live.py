"""One lab, led through many forms and back, in one process; what is wrong, and how a ping fared that ran all the while, as JSON.

Standard input: {"texts": {name: lab file}, "full": lab file, "state": shell script, "touched": {name: [namespaces]}}.
"""

import json
import os
import re
import signal
import sys
from difflib import unified_diff

from netwright.lab.held import Held
from netwright.lab.inside import inside
from netwright.lab.load import loads

HELD = Held("shop")


def up(text: str):
    return HELD.up(loads(text))


def output(*argv: str) -> str:
    """Of a program in the lab's own namespace."""

    def work(_):
        import subprocess

        return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout

    return inside(HELD.holder(), work)


def state(script: str) -> str:
    """Everything in the lab's namespaces, without what is new each time (hardware addresses, indices, handles)."""
    return re.sub(r"link/ether \S+ brd|\b(handle|parent) [0-9a-f:]+", "", output("sh", "-c", script))


def difference(a: str, b: str) -> list[str]:
    return [line for line in unified_diff(a.splitlines(), b.splitlines(), "is", "should be", n=0, lineterm="") if line[:2] != "@@"]


def namespaces(plan) -> set[str]:
    return {getattr(op, "namespace", "") or getattr(op, "name", "") for op in plan} - {""}


def pinging() -> tuple[int, int]:
    """A ping from a to b, and the file that has what it says."""
    said = os.memfd_create("ping")
    pid = os.fork()
    if pid == 0:
        os.dup2(said, 1)
        from netwright.lab.entry import go_in

        go_in("shop", "a", sysfs=False)
        os.execvp("ping", ["ping", "-n", "-i", "0.005", "10.1.0.2"])
    return pid, said


def pinged(pid: int, said: int) -> tuple[int, list[int]]:
    """End it; how many packets it sent, and which were lost. The last one may be on its way."""
    os.kill(pid, signal.SIGINT)
    os.waitpid(pid, 0)
    os.lseek(said, 0, os.SEEK_SET)
    with open(said) as file:
        text = file.read()
    sent = int(re.search(r"(\d+) packets transmitted", text)[1])
    return sent, sorted(set(range(1, sent)) - set(map(int, re.findall(r"icmp_seq=(\d+) ttl", text))))


def main(order) -> None:
    anew, wrong = {}, []
    for name, text in order["texts"].items():
        up(text)
        anew[name] = state(order["state"])
        HELD.down()
    up(order["full"])
    first = state(order["state"])
    ping = pinging()
    for name, text in order["texts"].items():
        plan = HELD.pending(loads(text)).plan
        if not namespaces(plan) <= set(order["touched"][name]):
            wrong.append([name, sorted(namespaces(plan))])
        for way, there, should in (("to", text, anew[name]), ("back from", order["full"], first)):
            up(there)
            lines = difference(state(order["state"]), should)
            wrong += [[f"{way} {name}", lines]] if lines else []
            again = HELD.pending(loads(there)).plan
            wrong += [[f"{way} {name}: still to do", list(map(str, again))]] if again else []
    sent_and_lost = pinged(*ping)
    HELD.down()
    print(json.dumps({"wrong": wrong, "ping": sent_and_lost}))


if __name__ == "__main__":
    main(json.load(sys.stdin))
