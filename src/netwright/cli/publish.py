"""`nw publish add|del|ls`: ports of containers that run."""

from ..errors import Conflict
from ..model.value import replace
from .network import no_verb
from .text import put, put_json, table
from .words import Words, Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..networks.store import Store


def main(words: list[str]) -> int:
    """The word behind `nw publish` says which."""
    verb, rest = (words[0], words[1:]) if words and words[0][:1] != "-" else ("", words)
    if verb not in _VERBS:
        raise _no_verb(words)
    return _VERBS[verb](rest)


def _no_verb(words: list[str]) -> Wrong:
    """A port behind a container's name: add was meant, as Docker's -p needs no word either."""
    wrong = no_verb("publish", words, ["add", "del", "ls"])
    if len(words) > 1 and words[1][:1].isdigit() and words[0][:1] != "-" and words[0].isprintable():
        wrong.fix = f"did you mean: nw publish add {' '.join(words)}"
    return wrong


def _add(words: list[str]) -> int:
    from ..networks import looking, members, publish
    from .network import opened, told

    given = Words(words, {"--json": ""}, "CONTAINER PORT…")
    container, *texts = given.names
    with opened() as store:
        _is_ours(store, container)
        bind = store.network(members.published_on(store, container).attachment.network).bind
        ports = members.add_ports(store, container, publish.parse_all(texts, bind))
        notices = looking.worth_a_word(container, lambda: looking.absent(ports), lambda: looking.stopped_ports(store, container, ports))
    _told(ports, "--json" in given)
    told("publish", notices)
    return 0


def _is_ours(store: "Store", container: str) -> None:
    """Gone for one that is nobody, Conflict for one whose network is another's."""
    from ..networks import containers

    if store.attachments(container=container):
        return
    mine = containers.state(container)
    if mine is None:
        containers.found(store, container)  # a namespace that is on no network yet
        return
    if mine.get("of"):
        raise Conflict(f"{container} has the network of {mine['of']}", fix=f"say it there: nw publish … {mine['of']} PORT")
    if mine.get("mode") == "host":
        raise Conflict(f"{container} has the machine's own network", why="it can be reached where it listens", fix="nothing is to be published")


def _del(words: list[str]) -> int:
    from ..networks import members, publish
    from .network import opened

    given = Words(words, {"--json": ""}, "CONTAINER PORT…")
    container, *texts = given.names
    with opened() as store:
        _is_ours(store, container)
        _told(members.remove_ports(store, container, publish.parse_all(texts, ())), "--json" in given)
    return 0


def _told(ports: "Any", json: bool) -> None:
    from ..networks.publish import text_of_port

    if json:
        return put_json([text_of_port(port) for port in ports])
    for port in ports:
        put(text_of_port(port))
    return None


def _ls(words: list[str]) -> int:
    """Every port, whose it is, and from where it can really be reached."""
    from ..networks import containers, damage, dropping, looking
    from ..networks.publish import text_of_port
    from ..networks.reach import reach
    from .network import opened, told

    given = Words(words, {"--json": "", "--quiet": "", "-q": "--quiet"}, "[CONTAINER]")
    with opened() as store:
        networks = store.networks()
        there = store.attachments(container=given.names[0] if given.names else "")
        if given.names and not there and containers.state(given.names[0]) is None:
            raise containers.gone(given.names[0])
        known = looking.facts(store) if any(one.attachment.ports for one in there) else None
        rows = []
        for one in there:
            if known is None:
                break
            network = networks[one.attachment.network]
            lost = damage.unreached(network, one) if one.attachment.ports else ""
            rows += [(one.container, text_of_port(p), reach(p, one.attachment, network, known, lost)) for p in one.attachment.ports]
    if "--json" in given:
        put_json([{"container": c, "port": p, "host": list(r.host), "outside": list(r.outside), "problems": list(r.problems)} for c, p, r in rows])
    elif "--quiet" in given:
        for _, port, _ in rows:
            put(port)
    elif not rows:
        put("no port is published; publish one with: nw publish add CONTAINER 8080:80")
    else:
        others = {words: dropping.cause(words) for _, _, words in known.drops} if known else {}
        cells = [(c, p, str(replace(r, problems=tuple(others.get(words, words) for words in r.problems)))) for c, p, r in rows]
        put(table(("CONTAINER", "PORT", "REACHED FROM"), cells).rstrip("\n"))
        told("publish", dict.fromkeys(words for _, _, r in rows for words in r.problems if words in others))
    return 0


_VERBS: "dict[str, Callable[[list[str]], int]]" = {"add": _add, "del": _del, "ls": _ls, "rm": _del, "remove": _del, "delete": _del, "list": _ls}
