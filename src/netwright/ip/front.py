"""The front of ip(8): options, then an object, then its own words; or a batch of such lines.

The table of objects is ip's, in ip's order, since abbreviations mean the first that fits. An object that is not ours, and any
words that an object of ours leaves to others (`NotOurs`), go to the real `ip` unchanged.
"""

import os
import sys

from ..errors import KernelError, NetwrightError
from .context import FAMILIES, Context, Options
from .exits import LOCAL, SYNTAX, Exit, Usage
from .words import matches

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

# ip's objects in ip's order; those with a module are ours.
OBJECTS: dict[str, str] = {
    "address": "address", "addrlabel": "", "maddress": "", "route": "route", "rule": "rule", "neighbor": "neighbour",
    "neighbour": "neighbour", "ntable": "", "ntbl": "", "link": "link", "l2tp": "", "fou": "", "ila": "", "macsec": "",
    "tunnel": "", "tunl": "", "tuntap": "", "tap": "", "token": "", "tcpmetrics": "", "tcp_metrics": "",
    "monitor": "monitor", "xfrm": "", "mroute": "", "mrule": "", "netns": "netns", "netconf": "", "vrf": "", "sr": "",
    "nexthop": "", "mptcp": "", "ioam": "", "help": "", "stats": "",
}  # fmt: skip


class NotOurs(Exception):
    """Grammar that belongs to the real ip: raised by an object that meets it (`why` says which words)."""

    def __init__(self, why: str = "") -> None:
        super().__init__(why)
        self.why = why


# -- options -------------------------------------------------------------------------------------------------------------

# In ip's order; matched by prefix, so `-n` is -netns (-Numeric needs its capital) and `-s` is -stats.
_COUNTERS = [
    ("-human", "human"), ("-human-readable", "human"), ("-iec", "iec"), ("-stats", "stats"), ("-statistics", "stats"),
    ("-details", "details"), ("-resolve", "resolve"), ("-oneline", "oneline"), ("-timestamp", "timestamp"),
    ("-tshort", "tshort"), ("-Version", "version"), ("-force", "force"), ("-batch", "batch"), ("-brief", "brief"),
    ("-json", "json"), ("-pretty", "pretty"), ("-rcvbuf", "rcvbuf"), ("-color", "color"), ("-help", "help"),
    ("-netns", "netns"), ("-Numeric", "numeric"), ("-all", "all"),
]  # fmt: skip
_FIXED = {"-4": 2, "-6": 10, "-0": 17, "-M": 28, "-B": 7}
_OURS = {"--dry-run": "dry_run", "--explain": "explain", "--json-errors": "json_errors", "--atomic": "atomic"}


def parse_options(words: list[str], options: Options) -> list[str]:
    """Read the options in front; returns the words behind them. Exit 255 for an unknown one."""
    at = 0

    def value() -> str:
        nonlocal at
        at += 1
        if at >= len(words):
            raise Usage()
        return words[at]

    while at < len(words) and words[at][:1] == "-":
        word = words[at]
        if word == "--":
            return words[at + 1 :]
        if word in _OURS:
            setattr(options, _OURS[word], True)
            options.dry_run = options.dry_run or options.explain
        else:
            _option(word[1:] if word[:2] == "--" else word, options, value)
        at += 1
    return words[at:]


def _option(word: str, options: Options, value: "Callable[[], str]") -> None:
    if matches(word, "-loops"):
        digits = value()
        options.loops = int(digits) if digits.isdigit() else 0
    elif matches(word, "-family"):
        options.family = _family(value())
    elif word in _FIXED:
        options.family = _FIXED[word]
    elif word == "-echo":
        options.echo += 1
    else:
        name = _option_name(word)
        if name in _SPECIAL:
            _SPECIAL[name](options, value, word)
        else:
            setattr(options, name, getattr(options, name) + 1)


def _option_name(word: str) -> str:
    plain = word.partition("=")[0] if word[:2] == "-c" else word
    for full, name in _COUNTERS:
        if matches(plain, full):
            return name
    raise Exit(SYNTAX, f'Option "{word}" is unknown, try "ip -help".', fix=_similar(word, [f for f, _ in _COUNTERS]))


def _family(word: str) -> int:
    if word == "help":
        raise Usage()
    if word not in FAMILIES:
        raise Exit(
            SYNTAX, f'Error: argument "{word}" is wrong: invalid protocol family', why="one of " + ", ".join(FAMILIES)
        )
    return FAMILIES[word]


def _set_batch(options: Options, value: "Callable[[], str]", _: str) -> None:
    options.batch = value()


def _set_rcvbuf(options: Options, value: "Callable[[], str]", _: str) -> None:
    from .words import unsigned

    size = value()
    if unsigned(size) is None:
        raise Exit(SYNTAX, f"Invalid rcvbuf size '{size}'")


def _set_color(options: Options, _: "Callable[[], str]", word: str) -> None:
    when = word.partition("=")
    if when[2] not in ("", "always", "auto", "never"):
        raise Exit(SYNTAX, f'Option "{word}" is unknown, try "ip -help".', fix="-color=always, -color=auto or -color=never")
    options.color = when[2] or "always"


def _set_short_time(options: Options, _: "Callable[[], str]", __: str) -> None:
    options.timestamp += 1
    options.timestamp_short += 1


def _set_netns(options: Options, value: "Callable[[], str]", _: str) -> None:
    try:
        options.netns = value()
    except Usage:
        # What ip prints when it looks for no name at all.
        raise Exit(SYNTAX, 'Cannot open network namespace "(null)": No such file or directory', why="-n needs a name") from None
    from .inside import enter

    enter(options.netns)


def _set_all(options: Options, _: "Callable[[], str]", __: str) -> None:
    options.all = True


def _version(options: Options, _: "Callable[[], str]", __: str) -> None:
    raise Version()


def _help(options: Options, _: "Callable[[], str]", __: str) -> None:
    raise Usage("", 0)


class Version(Exception):
    """-V was given."""


_SPECIAL: "dict[str, Callable[[Options, Callable[[], str], str], None]]" = {
    "batch": _set_batch, "rcvbuf": _set_rcvbuf, "color": _set_color, "tshort": _set_short_time, "netns": _set_netns,
    "all": _set_all, "version": _version, "help": _help,
}  # fmt: skip


# -- one command -----------------------------------------------------------------------------------------------------------


def object_of(word: str) -> str:
    """ip's full name of the object that `word` abbreviates, or ``."""
    return next((name for name in OBJECTS if matches(word, name)), "")


def command(context: Context, words: list[str]) -> int:
    """Run OBJECT COMMAND…; the exit code. Exit and NotOurs pass through."""
    name = object_of(words[0])
    if not name:
        raise Exit(LOCAL, f'Object "{words[0]}" is unknown, try "ip help".', fix=_meant(words[0], context), fatal=False)
    if name == "help":
        raise Usage("", SYNTAX if context.applet else 0)
    if not OBJECTS[name]:
        raise NotOurs(f"ip {name}")
    code: int = __import__(f"{__package__}.{OBJECTS[name]}", fromlist=["main"]).main(context, words[1:])
    context.flush()
    return code


def object_command(context: Context, spoken: str, commands: "dict[str, str]", words: list[str]) -> int:
    """Run COMMAND… of the object that ip calls `spoken`; the exit code. `commands` has them in ip's order, each with its file, or ``
    for what only the real ip does. Without words it is list. Exit 255 for an unknown command, NotOurs.
    """
    word, room = words[0] if words else "list", OBJECTS[object_of(spoken)]
    # An abbreviation means the first that fits; chg is never abbreviated.
    name = next((full for full in commands if (word == full if full == "chg" else matches(word, full))), "")
    if not name:
        raise unknown_command(spoken, commands, word)
    if name == "help":
        raise Usage(room, SYNTAX if context.applet else 0)
    if not commands[name]:
        raise NotOurs(f"ip {spoken} {name}")
    module = __import__(f"{__package__}.{room}.{commands[name]}", fromlist=["main"])
    verb = ["change" if name == "chg" else name] if commands[name] == "change" else []
    code: int = module.main(context, words[1:], *verb)
    return code


def unknown_command(spoken: str, commands: "dict[str, str]", word: str) -> Exit:
    """What ip says to a `word` that is no command of the object it calls `spoken`."""
    fix = _similar(word, list(commands)) or f"see: nw {spoken} help"
    return Exit(SYNTAX, f'Command "{word}" is unknown, try "ip {spoken} help".', fix=fix)


def run(context: Context, words: list[str]) -> int:
    """One command with its errors reported; the exit code."""
    try:
        if not words:
            raise Usage()
        return command(context, words)
    except Exit as end:
        if isinstance(end, Usage) and context.applet and not context.in_batch:
            raise  # the real ip prints its own
        context.flush()
        context.fatal = end.fatal
        report(context, end)
        return end.code
    except NetwrightError as error:
        context.flush()
        refusal = as_exit(error)
        report(context, refusal)
        return refusal.code


def as_exit(error: NetwrightError) -> Exit:
    """An error of the library as ip's exit: a kernel's refusal is 2, everything else 1."""
    if isinstance(error, KernelError):
        return Exit(2, kernel_words(error), fix=error.fix)
    return Exit(LOCAL, error.what, why=error.why, fix=error.fix)


def kernel_words(error: KernelError) -> str:
    """`Error: <extended ack>.`, or `RTNETLINK answers: <errno in words>`."""
    if error.message:
        return f"Error: {error.message}{'' if error.message.endswith('.') else '.'}"
    return f"RTNETLINK answers: {os.strerror(error.errno)}"


def report(context: Context, end: Exit) -> None:
    """ip's line on stderr, then ours, indented (under the name ip only on a terminal)."""
    if isinstance(end, Usage):
        from .help import show_help

        show_help(context, end)
        return
    show_more = not context.applet or os.isatty(2)
    show_more = show_more or bool(context.options.json_errors)
    if show_more and end.advice:
        end.why, end.fix = end.advice()
    elif show_more and not (end.why or end.fix) and end.text:
        from .advice import about_text

        end.why, end.fix = about_text(context, end.text)
    if context.options.json_errors:
        from .report import error_as_json

        context.stderr(error_as_json(end))
        return
    text = f"{end.text}\n" if end.text else ""
    more = "; ".join(part for part in (end.why, end.fix) if part)
    context.stderr(text + (f"    {more}\n" if more and show_more else ""))


def _meant(word: str, context: Context) -> str:
    """The commands beside ip's objects are known only as the first word and in full."""
    if word in context.others:
        return f"{word} comes first: nw {word} …"
    in_its_place = context.instead(word) if context.instead else ""
    return in_its_place or _similar(word, [*(entry for entry, module in OBJECTS.items() if module), *context.others])


def _similar(word: str, known: list[str]) -> str:
    from ..model.meant import did_you_mean

    return did_you_mean(word, known)


# -- the whole -------------------------------------------------------------------------------------------------------------


def main(argv: list[str], *, applet: bool, others: "tuple[str, ...]" = (), instead: "Callable[[str], str] | None" = None) -> int:
    """The program under the name `ip` (applet) or `nw`: argv[0] is its path; `others` are commands that are not ip's, `instead` tells what
    to say for a word of another program ("" for none)."""
    options = Options()
    context = Context(options, applet=applet, program=os.path.basename(argv[0]))
    context.others, context.instead = others, instead
    try:
        words = parse_options(argv[1:], options)
        context.out = context.new_output()
        if options.batch:
            from .batch import run_batch

            return run_batch(context, options.batch)
        return run(context, _object_in_name(context, applet) + words)
    except Exit as end:
        if isinstance(end, Usage) and applet:
            end.code = end.code or SYNTAX  # ip prints its usage on stderr, asked for or not
            return _to_ip(argv, context, end)
        report(context, end)
        return end.code
    except Version:
        if applet:
            return _to_ip(argv, context, None)
        from .. import __version__

        context.stdout(f"{context.program} utility, netwright-{__version__}\n")
        return 0
    except NotOurs as reason:
        if applet:
            return _to_ip(argv, context, Exit(LOCAL, f"{reason.why}: this is for the real ip, which is not in PATH"))
        report(context, Exit(LOCAL, f"{reason.why}: not part of netwright", fix="the real ip has it: `ip …`, or `nw ip …`"))
        return LOCAL


def _object_in_name(context: Context, applet: bool) -> list[str]:
    """Under the name `iplink` or `ipnetns` the object stands in the program's name."""
    rest = context.program[2:] if applet and context.program[:2] == "ip" else ""
    return [rest] if object_of(rest) else []


def _to_ip(argv: list[str], context: Context, otherwise: Exit | None) -> int:
    """Become the real ip with the same words; without one, `otherwise`."""
    if "NETWRIGHT_NO_EXEC" in os.environ and otherwise is not None:
        if isinstance(otherwise, Usage):
            report(context, otherwise)
            return otherwise.code
        return 99
    from ..kernel.process import become, find_program

    path = find_program("ip", but_not=[argv[0], sys.argv[0]])
    if path:
        become(path, ["ip", *argv[1:]])
    if otherwise is not None:
        report(context, otherwise)
        return otherwise.code
    return LOCAL
