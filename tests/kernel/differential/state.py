"""The state of a sandbox as the real ip(8) tells it: `ip -d -j` of everything, in every namespace."""

import json
from pathlib import Path

from sandbox import Sandbox

# One process per family and namespace: what differs by family is asked for twice.
QUESTIONS = {
    "-4": ["link show", "address show", "route show table all", "neigh show", "neigh show proxy", "rule show"],
    "-6": ["neigh show proxy", "rule show"],
}
# In an order that depends on where the kernel put its structures in memory.
UNORDERED = ("neigh show", "neigh show proxy")
INSIDE = Path(__file__).with_name("inside")


def state(box: Sandbox, normalise=lambda text: text) -> str:
    """All of it as indented JSON, for comparing and for a readable difference."""
    return json.dumps(_collected(box, normalise), indent=1)


def _collected(box: Sandbox, normalise) -> dict[str, object]:
    found: dict[str, object] = {"names": _asked(box, None, "-4", ["netns list"], normalise)}
    for name in [None, *box.call(INSIDE / "namespaces.py", "names")]:
        for family, questions in QUESTIONS.items():
            found[f"{name or 'here'} {family}"] = _asked(box, name, family, questions, normalise)
    return found


def _asked(box: Sandbox, netns: str | None, family: str, questions: list[str], normalise) -> dict[str, object]:
    argv = ["ip", *(["-6"] if family == "-6" else []), "-d", "-j", "-force", "-batch", "-"]
    result = box.run(argv, stdin="\n".join(questions) + "\n", netns=netns)
    answers = dict(zip(questions, _documents(normalise(result.out)), strict=False))
    for question in UNORDERED:
        # Proxies of no device outlive their namespace in the kernel and turn up in a later one: none of our doing.
        answers[question] = sorted((entry for entry in answers.get(question, []) if "dev" in entry), key=json.dumps)
    if "route show table all" in answers:
        answers["route show table all"].sort(key=_route_order)
    if result.err:
        answers["stderr"] = normalise(result.err).splitlines()
    return answers


def _route_order(route: dict[str, object]) -> str:
    """All in the kernel's order, then those that it made itself for IPv6: two ends of a veth get their link-local
    routes in the order in which a work queue finds their carriers."""
    made_by_kernel = route.get("protocol") == "kernel" and ":" in str(route["dst"])
    return json.dumps(route) if made_by_kernel else ""


def _documents(text: str) -> list[list[object]]:
    """JSON documents one after the other."""
    decoder, found, position = json.JSONDecoder(), [], 0
    while position < len(text):
        document, end = decoder.raw_decode(text, position)
        found.append(document)
        position = len(text) - len(text[end:].lstrip())
    return found
