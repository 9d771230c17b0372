"""`ip monitor`: what the kernel tells, as it happens, until interrupted."""

import os

from ..context import Context
from ..exits import SYNTAX, Exit, Usage, wrong
from ..words import Words, matches

# The words in ip's order: an abbreviation means the first that fits. What has no file is left to the real ip.
COMMANDS = {
    "file": "", "label": "watch", "link": "watch", "address": "watch", "route": "watch", "mroute": "", "prefix": "watch",
    "neigh": "watch", "netconf": "watch", "rule": "watch", "nsid": "watch", "nexthop": "watch", "stats": "", "all": "watch",
    "all-nsid": "watch", "help": "", "dev": "watch",
}  # fmt: skip
_WHOLE = ("stats", "all", "dev")
OBJECTS = ("link", "address", "route", "prefix", "neigh", "netconf", "rule", "nsid", "nexthop")


class Wanted:
    """What the words ask for: `objects` (empty: all), `label`, `all_nsid`, `index` of a device (0: any)."""

    def __init__(self) -> None:
        self.objects: list[str] = []
        self.label = self.all_nsid = False
        self.index = 0
        self.file = ""


def main(context: Context, words: list[str]) -> int:
    """Print events; comes back only by an exception."""
    wanted = parse(context, words)
    from .watch import watch

    return watch(context, wanted)


def parse(context: Context, words: list[str]) -> Wanted:
    """The words behind `monitor`. Exit 255 for one that is no keyword; NotOurs for what only the real ip can watch."""
    wanted = Wanted()
    cursor = Words(words)
    while cursor.more:
        _read(context, wanted, cursor)
    if wanted.file:
        _leave_file_to_ip(wanted.file)
    return wanted


def _read(context: Context, wanted: Wanted, words: Words) -> None:
    word = words.next()
    keyword = next((full for full in COMMANDS if (word == full if full in _WHOLE else matches(word, full))), "")
    if keyword in OBJECTS:
        wanted.objects.append(keyword)
    elif keyword in ("label", "all"):
        wanted.label = True
    elif keyword == "all-nsid":
        wanted.all_nsid = True
    elif keyword == "dev":
        wanted.index = _device(context, words.next())
    elif keyword == "file":
        wanted.file = words.next()
    elif keyword == "help":
        raise Usage("monitor", SYNTAX if context.applet else 0)
    elif keyword:
        from ..front import NotOurs

        raise NotOurs(f"ip monitor {keyword}")
    else:
        raise _unknown(word)


def _device(context: Context, name: str) -> int:
    index = context.links.index(name)
    if not index:
        raise wrong(name, "Device does not exist", fix="see: nw link show")
    return index


def _unknown(word: str) -> Exit:
    from ...model.meant import did_you_mean

    fix = did_you_mean(word, COMMANDS) or "see: nw monitor help"
    return Exit(SYNTAX, f'Argument "{word}" is unknown, try "ip monitor help".', fix=fix)


def _leave_file_to_ip(path: str) -> None:
    """A file of events is the real ip's; one that cannot be read is a mistake all the same."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        raise Exit(SYNTAX, f"Cannot fopen: {error.strerror}", why=path) from None
    from ..front import NotOurs

    raise NotOurs("ip monitor file")
