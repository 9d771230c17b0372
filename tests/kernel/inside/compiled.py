"""A lab of tests/sample_labs.py on the real kernel: what was built is what was meant, and its checks hold. python compiled.py NAME"""

import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from netwright.engine.look import look
from netwright.lab.compile import compile
from netwright.lab.lab import Lab
from netwright.model.value import replace
from netwright.plan.planner import plan
from sample_labs import LABS


def build(name: str) -> None:
    lab = Lab(topology=replace(LABS[name], uplink=False))
    # The uplink itself is made by others, in the machine's network: here it is a device that is not there.
    lab._state, lab._made_from = compile(LABS[name]), lab.topology
    with lab:
        left = plan(look(lab._place, lab.state, overlay=lab._views), lab.state)
        failed = [r.check for r in lab.check(timeout=1.0) if not r]  # on a busy machine a second may not be enough
        wrong = [f"{r.check.source} {r.check.kind} {r.check.target}:{r.check.port}: {r.seen}" for r in lab.check(failed, timeout=20.0) if not r]
        wrong += MORE.get(name, lambda _: [])(lab)
        if left or wrong:
            raise SystemExit("\n".join(["still to do:", *map(str, left), "wrong:", *wrong]))
    print("as it was meant")


def published(lab: Lab) -> list[str]:
    """From outside, from the target's own subnet, from the target and from the router itself; and nothing else is taken away."""
    listening = [_listen(lab, family, port) for family in (socket.AF_INET, socket.AF_INET6) for port in (80, 443, 9101)]
    out = []
    for source in ("far", "neighbour", "web", "gw"):
        for address in (*lab.addresses_of("gw"), "127.0.0.1"):
            for port in (8080, 9001, 8443):
                wanted = address != "127.0.0.1" and (port != 8443 or address == "10.8.1.1")
                if _connects(lab, source, address, port) != wanted:
                    out.append(f"{source} -> {address}:{port}: {'nobody answers' if wanted else 'somebody answers'}")
    for sock in listening:
        sock.close()
    return out


def _listen(lab: Lab, family: int, port: int) -> socket.socket:
    sock = lab["web"].socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind(("", port))
    sock.listen(16)
    return sock


def _connects(lab: Lab, source: str, address: str, port: int) -> bool:
    try:
        lab[source].connect(address, port, timeout=20).close()
    except OSError:
        return False
    return True


MORE = {"published": published}

if __name__ == "__main__":
    build(sys.argv[1])
