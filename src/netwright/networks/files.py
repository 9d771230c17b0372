"""What a container finds in /etc/hosts and /etc/resolv.conf. Pure: hosts(5), resolv.conf(5)."""

from .dns.view import GATEWAY_NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HOSTS, RESOLV, HOSTNAME = "/etc/hosts", "/etc/resolv.conf", "/etc/hostname"
MOST_SERVERS = 3  # MAXNS of the C library: it asks no more
_LOCAL = """\
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
ff02::1\tip6-allnodes
ff02::2\tip6-allrouters
"""


def names_of(hostname: str, domainname: str) -> "tuple[str, ...]":
    """What a container is called in its own /etc/hosts: the full name first, as `hostname -f` wants it."""
    short, dot, _ = hostname.partition(".")
    if dot:
        return hostname, short
    return (f"{hostname}.{domainname}", hostname) if domainname else (hostname,)


def hosts(names: "Sequence[str]", addresses: "Iterable[str]", gateways: "Sequence[str]", more: "Iterable[tuple[str, str]]" = ()) -> str:
    """Of a container with these names and addresses; `gateways` are the host, as it is seen from there; `more` are (name, address)."""
    out = [_LOCAL]
    # Without a network the name has to be somebody's all the same: programs ask for their own (Debian: 127.0.1.1).
    out += [f"{address}\t{' '.join(names)}\n" for address in tuple(addresses) or ("127.0.1.1",)]
    out += [f"{gateway}\t{' '.join(GATEWAY_NAMES)}\n" for gateway in gateways]
    out += [f"{address}\t{name}\n" for name, address in more]
    return "".join(out)


def hosts_with(text: str, names: "Sequence[str]", more: "Iterable[tuple[str, str]]") -> str:
    """The machine's own /etc/hosts, and this besides: for a program that has the machine's network."""
    lines = [f"127.0.1.1\t{' '.join(names)}\n"] if names else []
    lines += [f"{address}\t{name}\n" for name, address in more]
    # In front: the first line that has a name wins.
    return "".join(lines) + (text if text.endswith("\n") or not text else text + "\n")


def resolv_conf(servers: "Sequence[str]", search: "Sequence[str]" = (), options: "Sequence[str]" = (), note: str = "") -> str:
    """Of a container. `note`: why there is no server."""
    out = [] if servers else [f"# {note or 'there is nobody to ask'}\n"]
    out += [f"nameserver {server}\n" for server in servers[:MOST_SERVERS]]
    domains = [domain for domain in search if domain != "."]
    out += [f"search {' '.join(domains)}\n"] if domains else []
    out += [f"options {' '.join(options)}\n"] if options else []
    return "".join(out)


def resolv_conf_with(text: str, servers: "Sequence[str]", search: "Sequence[str]", options: "Sequence[str]") -> str:
    """The machine's own /etc/resolv.conf, with what is given in the place of what it says."""
    gone = [("nameserver", servers), ("search", search), ("domain", search), ("options", options)]
    words = {word for word, given in gone if given}
    kept = [line for line in text.splitlines() if line.split()[:1] and line.split()[0] not in words and line[0] not in "#;"]
    return "".join(f"{line}\n" for line in kept) + (resolv_conf(servers, search, options) if servers else _rest(search, options))


def _rest(search: "Sequence[str]", options: "Sequence[str]") -> str:
    return "".join(resolv_conf((), search, options).splitlines(keepends=True)[1:])


def nameservers(ours: "Sequence[str]", given: "Sequence[str]", machine: "Sequence[str]") -> "tuple[str, ...]":
    """Whom a container asks: the responder of its networks, which asks `given` for other names itself; else those given; else the
    machine's own, save those that listen on the machine's loopback: it cannot be reached from there."""
    found = ours or given or [server for server in machine if not is_loopback(server)]
    return tuple(found[:MOST_SERVERS])


def is_loopback(address: str) -> bool:
    """Of the machine itself."""
    return address.startswith("127.") or address == "::1"
