"""The words behind `nw COMMAND`: options with and without a value, and names, by a table for each command.

Small on purpose: argparse costs as much as starting Python, and `nw exec` runs thousands of times.
"""

from ..errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_ALWAYS = {"--json-errors": "", "--help": "", "-h": "--help"}


class Wrong(Invalid):
    """The words make no sense: exit code 2."""


class HelpWanted(Exception):
    """--help was among the words."""


class Words:
    """`names` are the words that are no options, `rest` what stands behind them when `stop` says where a foreign command begins.

    `options` maps an option to "" (no value), to the name of its value ("FILE"), or to the option that it is short for.
    `stop`: so many names, then everything belongs to the command that is run. `instead`: what to do in the place of options that
    people know from elsewhere. Wrong for anything else.
    """

    __slots__ = ("_given", "_instead", "_options", "names", "rest")

    def __init__(
        self, words: list[str], options: "Mapping[str, str]", names: str = "", *, stop: int = -1, instead: "Mapping[str, str] | None" = None
    ) -> None:
        self._options = {**_ALWAYS, **options}
        self._instead = instead or {}
        self._given: dict[str, list[str]] = {}
        self.names: list[str] = []
        self.rest: list[str] = []
        self._read(words, stop)
        self._count(names, stop)

    def __contains__(self, option: str) -> bool:
        return option in self._given

    def get(self, option: str, default: str = "") -> str:
        """The value of an option (the last one given)."""
        return self._given[option][-1] if option in self._given else default

    def all(self, option: str) -> "tuple[str, ...]":
        """Every value of an option, in order."""
        return tuple(self._given.get(option, ()))

    def number(self, option: str, default: int) -> int:
        """The value of an option as a number from 0. Wrong when it is none."""
        text = self.get(option, str(default))
        if not (text.isascii() and text.isdigit()):
            raise Wrong(f'{option} takes a number, not "{text}"', fix=f"for example: {option} 3")
        return int(text)

    def seconds(self, option: str, default: float) -> float:
        """The value of an option as seconds, with a decimal point where needed. Wrong when it is none."""
        text = self.get(option, str(default))
        if not text.replace(".", "", 1).isdigit() or not text.isascii():
            raise Wrong(f'{option} takes seconds, not "{text}"', fix=f"for example: {option} 0.5")
        return float(text)

    def _read(self, words: list[str], stop: int) -> None:
        at = 0
        while at < len(words):
            word = words[at]
            at += 1
            if word == "--":
                self._end(words[at:], stop)
                return
            if len(word) < 2 or word[0] != "-":
                self.names.append(word)
                if len(self.names) == stop:
                    self.rest = words[at + 1 :] if words[at : at + 1] == ["--"] else words[at:]
                    return
                continue
            at = self._option(word, words, at)

    def _end(self, words: list[str], stop: int) -> None:
        if stop < 0:
            self.names += words
            return
        more = max(0, stop - len(self.names))
        self.names += words[:more]
        self.rest = words[more:]

    def _option(self, word: str, words: list[str], at: int) -> int:
        name, equals, text = word.partition("=") if word[:2] == "--" else (word, "", "")
        if name not in self._options:
            raise Wrong(f'option "{name}" is unknown', fix=self._meant(name))
        takes = self._options[name]
        if takes[:1] == "-":
            name, takes = takes, self._options[takes]
        if name == "--help":
            raise HelpWanted
        if not takes:
            if equals:
                raise Wrong(f"{name} takes no value", fix=f"write {name} alone")
            self._given.setdefault(name, []).append("")
            return at
        if not equals:
            if at >= len(words):
                raise Wrong(f"{name} needs {takes}", fix=f"{name} {takes}")
            text = words[at]
            at += 1
        self._given.setdefault(name, []).append(text)
        return at

    def _meant(self, name: str) -> str:
        from ..model.meant import did_you_mean

        if name in self._instead:
            return self._instead[name]
        if len(name) > 2 and name[1] != "-" and name[:2] in self._options:  # -p8080:80, -dp
            takes = self._options[name[:2]]
            takes = self._options[takes] if takes[:1] == "-" else takes
            return f"write {name[:2]} {name[2:]}" if takes else f"each by itself: {' '.join('-' + letter for letter in name[1:])}"
        known = ", ".join(option for option, takes in self._options.items() if option not in _ALWAYS and takes[:1] != "-")
        # Dashes are common to all, and make short words look alike.
        close = did_you_mean(name.lstrip("-"), [option.lstrip("-") for option in self._options])
        return (close and did_you_mean(name, self._options)) or (f"options are {known}" if known else "it has no options")

    def _count(self, names: str, stop: int) -> None:
        """`names` is "FILE", "[LAB|FILE]", "LAB/A B", "[NAME…]": each word stands for one, in brackets for at most one."""
        wanted = names.split()
        least = sum(1 for word in wanted if word[0] != "[")
        if len(self.names) < least:
            missing = wanted[len(self.names)]
            raise Wrong(f"{missing} is missing", fix=self.usage_hint(names))
        if stop < 0 and "…" not in names and len(self.names) > len(wanted):
            extra = self.names[len(wanted)]
            raise Wrong(f'"{extra}" is one word too many', fix=self.usage_hint(names))

    def usage_hint(self, names: str) -> str:
        """What belongs there."""
        return f"what belongs here: {names}" if names else "nothing more belongs here"
