"""The differences from iproute2 6.1 that are allowed, each with its reason. There is no other place for one.

An entry rewrites what *both* sides print, in the stream it names, to one common form. It is applied to every command
line that `command` matches (all, if it is empty), so keep the patterns narrow.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowed:
    """One allowed difference. `rewrite` maps either side's text to the common form."""

    reason: str
    stream: str
    rewrite: Callable[[str], str]
    command: str = ""

    def applies(self, command: str, stream: str) -> bool:
        return stream == self.stream and re.search(self.command, command) is not None


def _without(pattern: str, replacement: str = "") -> Callable[[str], str]:
    compiled = re.compile(pattern, re.MULTILINE)
    return lambda text: compiled.sub(replacement, text)


def _neighbour_as_text(text: str) -> str:
    """JSON of `neigh get` back to the words that 6.1 prints whether or not -j is given."""
    if not text.startswith("["):
        return text
    words = []
    for entry in json.loads(text):
        lladdr = f"lladdr {entry['lladdr']} " if "lladdr" in entry else ""
        flags = "".join(f"{flag} " for flag in ("router", "proxy", "managed", "extern_learn") if flag in entry)
        proto = f"proto {entry['protocol']} " if "protocol" in entry else ""
        states = "".join(f"{state} " for state in entry.get("state", []))
        words.append(f"{entry['dst']} dev {entry['dev']} {lladdr}{flags}{states}{proto}\n")
    return "".join(words)


ALLOWED = [
    Allowed(
        "7.1 names who made an address (IFA_PROTO); 6.1 does not know the attribute",
        "out",
        _without(
            r' proto kernel_(?:ll|lo|ra)\b|"protocol":"kernel_(?:ll|lo|ra)",| *"protocol": "kernel_(?:ll|lo|ra)",\n'
        ),
        command=r"\b(ip)?a|-b|\bmo",
    ),
    Allowed(
        "6.1 prints two blanks after `promiscuity N`, 7.1 one",
        "out",
        _without(r"( promiscuity \d+)  ", r"\1 "),
    ),
    Allowed(
        "7.1 shows that a device cannot change its namespace; 6.1 does not know the attribute",
        "out",
        _without(r'netns-immutable |"netns-immutable":true,| *"netns-immutable": true,\n'),
    ),
    Allowed(
        "6.1 answers `-j neigh get` in plain text, 7.1 in JSON",
        "out",
        _neighbour_as_text,
        command=r"-j.* n[a-z]* g",
    ),
    Allowed(
        "6.1 prints the last of several names of a namespace, ours all of them",
        "out",
        lambda text: (text.splitlines(keepends=True) or [""])[-1],
        command=r" netns i[a-z]* ",
    ),
    Allowed(
        "usage text is each program's own: only its stream and the exit code count",
        "out",
        _without(r"(?s:^Usage:.*)", "Usage"),
    ),
    Allowed(
        "usage text is each program's own: only its stream and the exit code count",
        "err",
        _without(r"(?s:^Usage:.*)", "Usage"),
    ),
]


def common_form(command: str, stream: str, text: str) -> str:
    """The text with everything that may differ brought to one form."""
    for entry in ALLOWED:
        if entry.applies(command, stream):
            text = entry.rewrite(text)
    return text


# Lines that no case has, since the two programs do different things on purpose: there is no common form of them.
NOT_COMPARED = {
    "ip -n /a/path, ip -n PID": "ours opens them; 6.1 knows names only",
    "ip -n NAME where /etc/netns/NAME exists": "ours is setns alone: it binds nothing over /etc (decision 004)",
    "ip -n NAME netns add OTHER, ip netns exec NAME ip netns add OTHER": "6.1 leaves a name without a namespace; ours makes it, or refuses",
    "ip -batch with `link …` and then `address show dev X`": "6.1 forgets the addresses",
    "ip -echo -j of a change": "6.1 prints [{{…}}], ours JSON",
    "route rtt -5": "6.1 casts it to 0, ours refuses it",
}
