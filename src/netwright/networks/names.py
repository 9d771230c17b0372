"""What is accepted as the name of a network, a container or a host: `why_not_…` gives the reason, "" for a good one.

A name that passes is plain ASCII without blanks, quotes, slashes or colons: it can stand in a path, a rule or a DNS answer as
it is. What need not pass (ids that another runtime made) goes into a path by `file_name` only.
"""

from ..model.names import why_not_device_name
from .mistakes import shown

LONGEST = 63  # a DNS label (RFC 1035, 2.3.4): every name here is one, or becomes one
MODES = ("host", "none", "container")
_LONGEST_HOST = 64  # HOST_NAME_MAX of Linux
_LONGEST_DOMAIN = 253  # RFC 1035, without the final dot
_INSIDE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")


def _plain(text: str, kind: str, longest: int) -> str:
    if not text:
        return f"{kind} has a name"
    if not _INSIDE.issuperset(text) or text[0] in "_.-":
        return f"{shown(text)} is no name for {kind}: letters, digits, and _ . - after the first"
    if len(text) > longest:
        return f"{shown(text)} has {len(text)} characters; the name of {kind} has at most {longest}"
    return ""


def why_not_network(text: str) -> str:
    """Of a network."""
    if text in MODES:
        return f'"{text}" is a mode of its own and no name of a network'
    return _plain(text, "a network", LONGEST)


def why_not_container(text: str) -> str:
    """Of a container."""
    return _plain(text, "a container", LONGEST)


def why_not_label(text: str) -> str:
    """A single name in DNS. An underscore is let pass: people name services so."""
    if not text or len(text) > LONGEST:
        return f"{shown(text)} is no name of a host: 1 to {LONGEST} letters, digits and -"
    if "." in text or not _INSIDE.issuperset(text) or text[0] == "-" or text[-1] == "-":
        return f"{shown(text)} is no name of a host: letters, digits, and - inside (RFC 1123)"
    return ""


def why_not_domain(text: str) -> str:
    """One or more labels with dots between them; a dot at the end is let pass."""
    whole = text[:-1] if text.endswith(".") and text != "." else text
    if len(whole) > _LONGEST_DOMAIN:
        return f"{shown(text)} has {len(whole)} characters; a domain has at most {_LONGEST_DOMAIN} (RFC 1035)"
    for label in whole.split("."):
        if why_not_label(label):
            return f"{shown(text)} is no domain: {why_not_label(label)}" if label != whole else why_not_label(label)
    return ""


def why_not_hostname(text: str) -> str:
    """What sethostname(2) shall take and /etc/hosts can hold."""
    if len(text) > _LONGEST_HOST:
        return f"{shown(text)} has {len(text)} characters; Linux takes at most {_LONGEST_HOST} for a host"
    return why_not_domain(text)


def why_not_interface(text: str) -> str:
    """Of an interface in a container. The kernel takes quotes and more; rules and files shall not have to."""
    if why := why_not_device_name(text):
        return f"{shown(text)} is no interface: {why}"
    if text in ("lo", "all", "default"):
        return f'"{text}" is no interface to be made: {"every namespace has it" if text == "lo" else "net.ipv4.conf has a file of that name"}'
    if not _INSIDE.issuperset(text) or text[0] in ".-":
        return f"{shown(text)} is no interface: letters, digits, and _ . - after the first"
    return ""


def file_name(text: str) -> str:
    """A file name for any text: a different one for a different text, always the same for the same."""
    from hashlib import sha256

    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:40]


def device_for(network: str, taken: "frozenset[str] | set[str]" = frozenset()) -> str:
    """The bridge of a network: nw-NAME where that fits and is free, else with a part of its name's digest."""
    plain = f"nw-{network}"
    if not why_not_interface(plain) and plain not in taken:
        return plain
    digest = file_name(network)
    for at in range(len(digest) - 6):
        found = f"nw-{network[:5]}-{digest[at : at + 6]}"
        if found not in taken:
            return found
    raise AssertionError("34 devices of one name")
