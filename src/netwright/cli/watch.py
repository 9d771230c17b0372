"""`nw watch`: what changes in any namespace, as it happens, a line each."""

import sys

from .words import Words, Wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ..hostmap.live.event import Event
    from ..hostmap.live.follow import Follower

_OUTPUT = 1
_OPTIONS = {"--json": "", "--namespace": "NAME", "-n": "--namespace"}


def main(words: list[str]) -> int:
    """Until it is interrupted."""
    given = Words(words, _OPTIONS, "[KIND…]")
    kinds = _kinds(given.names)
    from ..hostmap.live.follow import Follower
    from .map_names import register_all

    register_all()
    follower = Follower()
    try:
        wanted = _wanted(kinds, given.all("--namespace"), follower)
        _told(follower)
        watch(follower, wanted, _printer("--json" in given))
    finally:
        follower.close()
    return 0


def _kinds(names: list[str]) -> "Collection[str]":
    """Kinds by the words of ip(8), whose beginnings are enough there too."""
    from ..hostmap.live.event import KINDS, USUAL

    if not names:
        return USUAL
    out = {"lost"}
    for name in names:
        found = [kind for kind in KINDS if kind.startswith(name) and name]
        if not found:
            raise Wrong(f'"{name}" is no kind of event', fix=f"kinds are {', '.join(KINDS[:-1])}")
        out.update(found)
    return out


def _wanted(kinds: "Collection[str]", names: tuple[str, ...], follower: "Follower") -> "Callable[[Event], bool]":
    known = {space.name for space in follower.map.namespaces}
    lost = [name for name in names if name not in known]
    if lost:
        sys.stderr.write(f'nw watch: there is no namespace "{lost[0]}" yet; its events are told when it comes. Names are listed by: nw map\n')
    return lambda event: event.kind in kinds and (not names or event.where in names or event.there in names or event.kind == "lost")


def _told(follower: "Follower") -> None:
    """What will not be heard, and that it has begun."""
    count = len(follower.map.namespaces)
    if follower.alone:
        sys.stderr.write(f"nw watch: only this namespace is heard: {follower.alone}; run it with sudo\n")
    elif follower.silent:
        sys.stderr.write(f"nw watch: {len(follower.silent)} of {count} namespaces cannot be entered, and are not heard\n")
    sys.stderr.write(f"watching {count} namespace{'s' * (count != 1)}; end with Ctrl-C\n")
    sys.stderr.flush()


def _printer(json: bool) -> "Callable[[list[Event]], None]":
    import time

    from ..hostmap.drawing.words import clean
    from ..hostmap.live.event import plain, words

    def lines(events: "list[Event]") -> None:
        import json as js

        now = time.time()
        for event in events:
            sys.stdout.write(js.dumps(plain(event, now)) + "\n")
        sys.stdout.flush()

    def texts(events: "list[Event]") -> None:
        now = time.time()
        stamp = time.strftime("%H:%M:%S", time.localtime(now)) + f".{int(now % 1 * 1000):03}"
        sys.stdout.write("".join(f"{stamp} {clean(words(event))}\n" for event in events))
        sys.stdout.flush()

    return lines if json else texts


def watch(follower: "Follower", wanted: "Callable[[Event], bool]", put: "Callable[[list[Event]], None]") -> None:
    """The loop. An interrupt or a closed output ends it by its exception, although there may be nothing to be told for hours."""
    import select

    poll = select.poll()
    ears, mounts = follower.files()
    for file in (ears, mounts):
        poll.register(file, select.POLLIN)
    poll.register(_OUTPUT, 0)  # only whether nobody reads it any more: POLLERR of a pipe, POLLHUP of a terminal
    while True:
        delay = follower.delay()
        ready = {file for file, _ in poll.poll(None if delay is None else delay * 1000 + 1)}
        if _OUTPUT in ready:
            raise BrokenPipeError
        if mounts in ready:
            follower.mounted()
        events = follower.turn()
        follower.rounds()
        if follower.due():
            events += follower.settle(follower.look())
        told = [event for event in events if wanted(event)]
        if told:
            put(told)
