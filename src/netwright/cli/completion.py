"""`nw completion bash|zsh|fish`: the script by which a shell completes our words. It starts no program to know names.

Labs are the directories of the runtime directory, hosts the lines of LAB/hosts in it, namespaces the names in /run/netns; container
networks are told by their files, containers by their directories.
Commands and options are put in here, from the tables that the program itself reads.
"""

from ..errors import Invalid
from .commands import NAMES, help_text
from .text import put_all
from .words import Words

SHELLS = ("bash", "zsh", "fish")
# What the words behind each command are.
_HOSTS = ("exec", "shell", "ping", "capture")
_LABS_OR_FILES = ("down", "plan", "diff", "explain", "check")
_LABS = ("ps", "snapshot")
_FILES = ("up",)
_VERBS = {
    "network": "create ls inspect rm prune reload connect disconnect", "publish": "add del ls", "dns": "status trace",
    "cni": "add del check gc status ls install uninstall dhcp",
}  # fmt: skip


def main(words: list[str]) -> int:
    """The script on stdout."""
    given = Words(words, {}, "bash|zsh|fish")
    shell = given.names[0]
    if shell not in SHELLS:
        raise Invalid(f'"{shell}" is no shell that is known here', fix="bash, zsh or fish")
    put_all(script(shell))
    return 0


def options(command: str) -> list[str]:
    """The options of a command, as its help tells them."""
    found = []
    for line in help_text(command).partition("\nOPTIONS")[2].splitlines():
        if not line.startswith("  -"):
            continue
        for word in line.replace(",", " ").split():
            if word[:1] != "-":
                break
            found.append(word)
        found += [word.rstrip(",;") for word in line.split() if word in ("--no-pin",)]
    return found


def script(shell: str) -> str:
    """The text for bash, zsh or fish."""
    from ..ip.front import OBJECTS
    from .completion_scripts import SCRIPTS

    text = SCRIPTS[shell]
    places = {
        "COMMANDS": " ".join(NAMES),
        "OBJECTS": " ".join(name for name, module in OBJECTS.items() if module),
        "HOSTS": "|".join(_HOSTS) if shell != "fish" else " ".join(_HOSTS),
        "LABS_OR_FILES": "|".join(_LABS_OR_FILES) if shell != "fish" else " ".join(_LABS_OR_FILES),
        "LABS": "|".join(_LABS) if shell != "fish" else " ".join(_LABS),
        "FILES": "|".join(_FILES) if shell != "fish" else " ".join(_FILES),
        "OPTIONS": _cases(shell, [(command, " ".join(dict.fromkeys(options(command)))) for command in NAMES]),
        "VERBS": _cases(shell, list(_VERBS.items())),
    }
    for name, found in places.items():
        text = text.replace(f"@{name}@", found)
    return text


def _cases(shell: str, rows: "list[tuple[str, str]]") -> str:
    """A line for each command that has any of these words."""
    if shell == "fish":
        return "\n".join(f"        case {command}\n            printf '%s\\n' {words}" for command, words in rows if words)
    return "\n".join(f"        {command}) echo '{words}' ;;" for command, words in rows if words)
