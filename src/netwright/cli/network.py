"""`nw network …`: container networks, made, listed, looked at, repaired, removed."""

import sys

from ..errors import Conflict, Gone
from .text import many, put, put_json, table
from .words import HelpWanted, Words, Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from ..networks.network import Network
    from ..networks.request import Asked
    from ..networks.store import Store


def main(words: list[str]) -> int:
    """The word behind `nw network` says which."""
    verb, rest = (words[0], words[1:]) if words and words[0][:1] != "-" else ("", words)
    if verb in ("connect", "disconnect"):
        from . import connect, disconnect

        return connect.main(rest) if verb == "connect" else disconnect.main(rest)
    if verb not in _VERBS:
        raise no_verb("network", words, [*(one for one in _VERBS if one not in _OTHER_WORDS), "connect", "disconnect"])
    return _VERBS[verb](rest)


def no_verb(command: str, words: list[str], verbs: "Sequence[str]") -> Wrong:
    """What is wrong where the first of the words is none of the verbs. HelpWanted where help is asked for."""
    from ..model.meant import did_you_mean

    if not words or words[0][:1] == "-":
        Words(words, {"--json": ""})
        return Wrong(f"what of nw {command}?", fix=f"there are {', '.join(verbs)}; nw {command} --help tells more")
    if "--help" in words or words[0] == "help":
        raise HelpWanted
    fix = did_you_mean(words[0], verbs) or f"there are {', '.join(verbs)}"
    return Wrong(f'"{words[0]}" is no word of nw {command}', fix=fix)


def opened() -> "Store":
    """The store; what it has to tell goes to stderr. What commands that were killed and containers that ended left behind is taken
    away first."""
    from ..networks import containers, standing
    from ..networks.store import Store

    store = Store()
    containers.collect(store)
    standing.sweep(store)
    told("network", store.notices)
    return store


def of(store: "Store", command: str, name: str, container: str) -> "Network":
    """The network of `nw COMMAND NETWORK CONTAINER`. Gone, with the right order where the other word is the network."""
    there = store.networks()
    if name not in there and container in there and name.isprintable():
        raise Gone(f'there is no network "{name}"', why=f"{container} is one, and comes first", fix=f"nw {command} {container} {name}")
    return store.network(name)


def told(command: str, notices: "Iterable[str]") -> None:
    """What is no error and worth a word."""
    for notice in notices:
        sys.stderr.write(f"nw {command}: {notice}\n")


# -- create ------------------------------------------------------------------------------------------------------------------

_CREATE = {
    "--driver": "DRIVER", "-d": "--driver", "--subnet": "NETWORK", "--gateway": "ADDRESS", "--range": "RANGE", "--ip-range": "--range",
    "--reserve": "NAME=ADDRESS", "--aux-address": "--reserve", "--internal": "", "--routed": "", "--no-icc": "", "--no-masquerade": "",
    "--allow": "NETWORK", "--trust": "DEVICE", "--mtu": "BYTES", "--device": "NAME", "--parent": "DEVICE", "--mode": "MODE", "--no-shim": "",
    "--no-dns": "", "--dns": "ADDRESS", "--domain": "DOMAIN", "--search": "DOMAIN", "--bind": "ADDRESS", "--ingress": "RATE",
    "--egress": "RATE", "--label": "KEY=VALUE", "--opt": "KEY=VALUE", "-o": "--opt", "--ipv4": "", "--ipv6": "", "--no-ipv4": "",
    "--no-ipv6": "", "--json": "", "--dry-run": "",
}  # fmt: skip


def _create(words: list[str]) -> int:
    from ..networks import standing
    from .docker_words import CREATE
    from .said import as_options

    given = Words(words, _CREATE, "NAME", instead=CREATE)
    with as_options():
        wanted = asked(given)  # before the store: who may not open it is told what is wrong, too
    with as_options(), opened() as store:
        if "--dry-run" in given:
            return _planned(store, wanted, "--json" in given)
        new = wanted.draft.name not in store.networks()
        network = standing.create(store, wanted)
        _warn(store, network)
        if "--json" in given:
            put_json(_row(store, network))
        elif new:
            put(network.name)
        else:
            put(f"nothing to do: the network {network.name} already is as wanted")
    return 0


def _planned(store: "Store", wanted: "Asked", json: bool) -> int:
    """What it would be, and the commands that would make it."""
    from ..networks import attaching, creation, firewall, standing
    from ..networks.network import to_plain
    from ..plan.explain import shell

    network = creation.complete(wanted.draft, standing.surroundings(store), wanted.families, dict(wanted.lengths))
    commands = [shell(op) for op in attaching.steps(None, standing.wiring_of(network))]
    commands += [shell(op) for op in firewall.added(standing.elements(network, store.networks().values()))]
    if json:
        put_json({**to_plain(network), "commands": commands})
    else:
        nets = ", ".join(subnet.network for subnet in network.subnets) or "no subnet"
        put("\n".join([f"# {network.name}: {network.driver}, {network.mode}, {nets}", *commands]))
    return 0


def asked(given: Words) -> "Asked":
    """The words of create as a network whose open parts are chosen later. Mistakes with all of them."""
    from ..networks.network import Dns, Network
    from ..networks.request import asked as read

    dns = Dns("--no-dns" not in given, given.get("--domain"), given.all("--dns"), given.all("--search"))
    draft = Network(
        given.names[0], given.get("--driver", "bridge"), mode=_mode(given), masquerade="--no-masquerade" not in given, icc="--no-icc" not in given,
        allow=given.all("--allow"), trusted=given.all("--trust"), device=given.get("--device"), mtu=given.number("--mtu", 0),
        parent=given.get("--parent"), macvlan_mode=given.get("--mode", "bridge"), shim="--no-shim" not in given, dns=dns,
        bind=given.all("--bind") or ("127.0.0.1", "::1"),
    )  # fmt: skip
    rates = [f"{option[2:]}={given.get(option)}" for option in ("--ingress", "--egress") if option in given]
    return read(
        draft, subnets=given.all("--subnet"), gateways=given.all("--gateway"), ranges=given.all("--range"), reserved=given.all("--reserve"),
        options=(*given.all("--opt"), *rates), labels=given.all("--label"), ipv4=_either(given, "--ipv4"), ipv6=_either(given, "--ipv6"),
    )  # fmt: skip


def _mode(given: Words) -> str:
    if "--internal" in given and "--routed" in given:
        raise Wrong("--internal and --routed", fix="a network has a way out (--routed) or none (--internal)")
    return "internal" if "--internal" in given else "routed" if "--routed" in given else "nat"


def _either(given: Words, option: str) -> "bool | None":
    return True if option in given else False if option.replace("--", "--no-") in given else None


def _warn(store: "Store", network: "Network") -> None:
    """What is allowed and will surprise: routes that the subnets cut a part out of, somebody's chain that drops what we pass."""
    from ..networks import creation, looking, standing

    if network.driver != "bridge":
        return
    told("network", creation.met(network, standing.surroundings(store)))
    told("network", looking.facts(store).in_the_way(network))


# -- the others --------------------------------------------------------------------------------------------------------------


def _ls(words: list[str]) -> int:
    from ..networks import damage
    from .docker_words import LIST

    given = Words(words, {"--json": "", "--quiet": "", "-q": "--quiet", "--filter": "KEY=VALUE", "-f": "--filter"}, instead=LIST)
    filters = _filters(given.all("--filter"))
    with opened() as store:
        rows = [_row(store, network) for network in store.networks().values() if _fits(network, filters)]
        damaged = [] if "--json" in given or "--quiet" in given else damage.seen(store)
    if "--json" in given:
        put_json(rows)
    elif "--quiet" in given:
        for row in rows:
            put(row["name"])
    elif not rows:
        put("there is no network; make one with: nw network create NAME")
    else:
        cells = [(r["name"], r["driver"], r["mode"], ", ".join(r["subnets"]) or "-", r["device"], str(len(r["containers"]))) for r in rows]
        put(table(("NETWORK", "DRIVER", "MODE", "SUBNETS", "DEVICE", "CONTAINERS"), cells).rstrip("\n"))
    told("network", broken(damaged))
    return 0


_SHOWN = 4


def broken(damaged: "list[str]") -> "list[str]":
    """What is not as it should be, and what mends it."""
    if not damaged:
        return []
    more = len(damaged) - _SHOWN
    return [*damaged[:_SHOWN], *([f"and {more} more"] if more > 0 else []), "to mend it: nw network reload"]


def _filters(texts: "tuple[str, ...]") -> "list[tuple[str, str]]":
    """Key and value of each. Wrong for one that is none, whatever networks there are."""
    found = []
    for text in texts:
        key, equals, wanted = text.partition("=")
        if not equals or key not in ("name", "driver", "mode", "label"):
            raise Wrong(f'"{text}" is no filter', fix="there are name=, driver=, mode= and label=KEY[=VALUE]")
        found.append((key, wanted))
    return found


def _fits(network: "Network", filters: "Iterable[tuple[str, str]]") -> bool:
    for key, wanted in filters:
        if key == "label":
            name, equals, value = wanted.partition("=")
            if not any(k == name and (not equals or v == value) for k, v in network.labels):
                return False
        elif getattr(network, key) != wanted and not (key == "name" and wanted in network.name):
            return False
    return True


def _row(store: "Store", network: "Network") -> "dict[str, Any]":
    there = [one.container for one in store.attachments(network=network.name)]
    return {
        "name": network.name, "driver": network.driver, "mode": network.mode, "subnets": [s.network for s in network.subnets],
        "gateways": [s.router for s in network.subnets if s.router], "device": network.device, "containers": there,
        "labels": dict(network.labels),
    }  # fmt: skip


def _named(store: "Store", names: "Iterable[str]") -> "list[Network]":
    """All of them, before anything is done. Gone with every name that is none."""
    there = store.networks()
    names = list(dict.fromkeys(names))
    absent = [name for name in names if name not in there]
    if absent:
        from ..networks.mistakes import near

        quoted = ", ".join(f'"{name}"' for name in absent)
        what, why = (f"there is no network {quoted}", near(absent[0], there)) if len(absent) == 1 else (f"there are no networks {quoted}", "")
        raise Gone(what, why=why, fix="networks are listed by: nw network ls")
    return [there[name] for name in names]


def _inspect(words: list[str]) -> int:
    import json

    from ..networks import creation, looking, standing

    given = Words(words, {"--json": ""}, "NETWORK…")
    with opened() as store:
        known, around = looking.facts(store), standing.surroundings(store)
        networks = _named(store, given.names)
        found = [looking.inspected(store, network, known, creation.met(network, around)) for network in networks]
    put(json.dumps(found, ensure_ascii=False, indent=2))
    return 0


def _rm(words: list[str]) -> int:
    from ..networks import members, standing

    given = Words(words, {"--force": "", "-f": "--force"}, "NETWORK…")
    with opened() as store:
        networks = _named(store, given.names)
        for network in networks:
            used = store.attachments(network=network.name)
            if used and "--force" not in given:
                names = ", ".join(one.container for one in used[:5])
                raise Conflict(f"the network {network.name} is used by {names}", fix=f"nw network disconnect {network.name} {used[0].container}, or nw network rm --force {network.name}")
        for network in networks:
            for one in store.attachments(network=network.name):
                told("network", members.leave(store, one.container, network.name))
            standing.remove(store, network)
            put(network.name)
    return 0


def _prune(words: list[str]) -> int:
    from ..networks import standing

    given = Words(words, {"--json": "", "--force": "", "-f": "--force"})  # Docker's --force: nothing is asked in any case
    with opened() as store:
        unused = [network for network in store.networks().values() if not store.attachments(network=network.name)]
        for network in unused:
            standing.remove(store, network)
    if "--json" in given:
        put_json([network.name for network in unused])
    else:
        put("\n".join(f"removed {network.name}" for network in unused) or "nothing to do: every network is used")
    return 0


def _reload(words: list[str]) -> int:
    from ..networks import members, standing

    given = Words(words, {"--json": ""}, "[NETWORK…]")
    told: list[str] = []
    with opened() as store:
        for network in _named(store, given.names or store.networks()):
            todo = standing.steps(store, network)
            standing.leave_frames_alone(store)
            standing.stand(store, network)
            told += [f"{network.name}: {many(len(todo), 'thing')} put back"] if todo else []
            told += [said for one in store.attachments(network=network.name) if (said := members.repair(store, one))]
    if "--json" in given:
        put_json(told)
    else:
        put("\n".join(told) or "nothing to do: everything is as it should be")
    return 0


_VERBS: "dict[str, Callable[[list[str]], int]]" = {
    "create": _create, "rm": _rm, "ls": _ls, "inspect": _inspect, "prune": _prune, "reload": _reload, "remove": _rm, "delete": _rm, "del": _rm, "list": _ls,
}  # fmt: skip
_OTHER_WORDS = ("remove", "delete", "del", "list")
