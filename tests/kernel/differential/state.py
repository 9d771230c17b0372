"""The state of a sandbox as the real ip(8) tells it: `ip -d -j` of everything, in every namespace."""

import json
from pathlib import Path

from sandbox import Sandbox

# Everything but rules comes for all families at once. The last says nothing where there never was a namespace.
QUESTIONS = [
    *("link show", "address show", "route show table all", "neigh show", "neigh show proxy", "rule show"),
    "netns list",
]
INSIDE = Path(__file__).with_name("inside")


def state(box: Sandbox, namespaces: list[str], normalise=lambda text: text) -> dict[str, object]:
    """What ip says of these namespaces; "" is the sandbox's first."""
    return {name: _told(box, name or None, normalise) for name in namespaces}


def all_namespaces(box: Sandbox) -> list[str]:
    """The sandbox's first namespace and all names."""
    return ["", *box.call(INSIDE / "namespaces.py", "names")]


def readable(found: dict[str, object]) -> str:
    """A state as text, for a difference that can be read."""
    return json.dumps(found, indent=1)


def _told(box: Sandbox, netns: str | None, normalise) -> dict[str, object]:
    told = _answers(box, netns, [], QUESTIONS, normalise)
    told["-6 rule show"] = _answers(box, netns, ["-6"], ["rule show"], normalise)
    # Proxies of no device outlive their namespace in the kernel and turn up in a later one: none of our doing.
    told["neigh show proxy"] = [entry for entry in told.get("neigh show proxy", []) if "dev" in entry]
    # In an order that depends on where the kernel put its structures in memory.
    for question in ("neigh show", "neigh show proxy"):
        told.get(question, []).sort(key=json.dumps)
    told.get("route show table all", []).sort(key=_route_order)
    return told


def _answers(box: Sandbox, netns: str | None, options: list[str], questions: list[str], normalise) -> dict[str, object]:
    argv = ["ip", *options, "-d", "-j", "-force", "-batch", "-"]
    result = box.run(argv, stdin="\n".join(questions) + "\n", netns=netns)
    answers = dict(zip(questions, _documents(normalise(result.out)), strict=False))
    if result.err:
        answers["stderr"] = normalise(result.err).splitlines()
    return answers


def _route_order(route: dict[str, object]) -> str:
    """All in the kernel's order, then those that it made itself for IPv6: two ends of a veth get their link-local
    routes in the order in which a work queue finds their carriers."""
    made_by_kernel = route.get("protocol") == "kernel" and ":" in str(route["dst"])
    return json.dumps(route) if made_by_kernel else ""


def _documents(text: str) -> list[list[dict[str, object]]]:
    """JSON documents one after the other."""
    decoder, found, position = json.JSONDecoder(), [], 0
    while position < len(text):
        document, end = decoder.raw_decode(text, position)
        found.append(document)
        position = len(text) - len(text[end:].lstrip())
    return found
