"""Names that resolve in every host, for any program that asks libc: /etc/hosts and /etc/resolv.conf, laid over the machine's."""

from __future__ import annotations

from ..model.addressing import text_of
from .draft import Draft

HOSTS, RESOLV = "/etc/hosts", "/etc/resolv.conf"
_ALONE = "# This lab has no name servers: names are in /etc/hosts.\n"


def views(draft: Draft) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Files by view; and the view of each host that has one of its own. The view "" is everybody's."""
    hosts = hosts_file(draft)
    files = {"": {HOSTS: hosts}}
    if not draft.topology.uplink:
        # Else a name that is not in the lab would be asked for at the machine's servers, which cannot be reached from here.
        files[""][RESOLV] = _ALONE
    of: dict[str, str] = {}
    known: dict[tuple[tuple[str, ...], tuple[str, ...]], str] = {}
    for name, spec in draft.topology.hosts.items():
        if not (spec.dns or spec.search):
            continue
        key = spec.dns, spec.search
        if key not in known:
            known[key] = name
            files[name] = {HOSTS: hosts, RESOLV: resolv_conf(draft, name, *key)}
        of[name] = known[key]
    return files, of


def hosts_file(draft: Draft) -> str:
    """`ADDRESS NAME NAME.LAB ALIAS…`, each host's first address of each family in front."""
    lab, lines = draft.topology.name, ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"]
    for name, spec in draft.topology.hosts.items():
        names = " ".join((name, f"{name}.{lab}", *spec.aliases))
        lines += [f"{address} {names}" for address in _addresses(draft, name)]
    return "\n".join(lines) + "\n"


def _addresses(draft: Draft, name: str) -> list[str]:
    """IPv4 before IPv6, each in the order of the links."""
    found = draft.addresses_of(name)
    return [text_of(n, f) for family in (4, 6) for _, (n, f, _) in found if f == family]


def resolv_conf(draft: Draft, name: str, dns: tuple[str, ...], search: tuple[str, ...]) -> str:
    """resolv.conf(5); a name server may be a host of the lab."""
    lines = [f"search {' '.join(search)}"] if search else []
    for at, server in enumerate(dns):
        if server in draft.topology.hosts:
            found = _addresses(draft, server)
            if not found:
                draft.wrong(("hosts", name, "dns", at), f"{server} has no address", "give it one, or plug it into a switch with a subnet")
                continue
            server = found[0]
        elif not server.replace(".", "").isdigit() and ":" not in server:
            draft.wrong(("hosts", name, "dns", at), f'"{server}" is no address and no host', draft.known(server, draft.topology.hosts))
        lines.append(f"nameserver {server}")
    return "\n".join(lines) + "\n"
