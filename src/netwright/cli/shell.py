"""`nw shell LAB/HOST [-- ARGUMENTS…]`: the user's shell in a host, with a prompt that says where one is."""

import os

from ..lab.entry import split
from ..model.value import value
from .exec import become_there
from .words import Words

_PLACE = "/run/nw-lab/shells"


@value
class Start:
    """How a shell is started: its words, what its environment has more, and the files that it reads."""

    words: "list[str]"
    environment: "dict[str, str]" = {}
    files: "dict[str, str]" = {}


def main(words: list[str]) -> int:
    """Start it; its exit code is ours."""
    given = Words(words, {}, "LAB/HOST", stop=1)
    lab, host = split(given.names[0])
    shell = os.environ.get("SHELL") or "/bin/sh"
    start = how(shell, f"{lab}/{host}", given.rest, os.environ.get("ZDOTDIR") or os.environ.get("HOME", "/"))
    return become_there("shell", lab, host, start.words, start.environment, start.files)


def how(shell: str, label: str, words: list[str], home: str) -> Start:
    """Start a shell with `label` in its prompt, in front of what the user's own start-up files make of it.

    bash, zsh and fish read those files first, and then ours; any other shell has its prompt from PS1.
    """
    name, mark = os.path.basename(shell), f"[{label}] "
    if words:
        return Start([shell, *words])
    if name == "bash":
        path = f"{_PLACE}/{label.replace('/', '.')}.bash"
        return Start([shell, "--rcfile", path], {}, {path: f'[ -r ~/.bashrc ] && . ~/.bashrc\nPS1="{mark}$PS1"\n'})
    if name == "fish":
        program = f"functions -c fish_prompt __nw_prompt; function fish_prompt; printf '%s' '{mark}'; __nw_prompt; end"
        return Start([shell, "-C", program])
    if name == "zsh":
        directory, own = f"{_PLACE}/{label.replace('/', '.')}.zsh", home.replace("'", "'\\''")
        after = f"ZDOTDIR='{own}'\n[ -r $ZDOTDIR/.zshrc ] && . $ZDOTDIR/.zshrc\nPROMPT=\"{mark}$PROMPT\"\n"
        before = f"[ -r '{own}/.zshenv' ] && . '{own}/.zshenv'\nZDOTDIR={directory}\n"
        return Start([shell], {"ZDOTDIR": directory}, {f"{directory}/.zshenv": before, f"{directory}/.zshrc": after})
    return Start([shell], {"PS1": f"{mark}$ "})
