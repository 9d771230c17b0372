"""`nw shell LAB/HOST [-- ARGUMENTS…]`: the user's shell in a host, with a prompt that says where one is."""

import os

from ..lab.entry import split
from .exec import become_there
from .words import Words

# A host's files are below a directory of the lab, which goes with it.
_PLACE = "/run/nw-lab/shells"


def main(words: list[str]) -> int:
    """Start it; its exit code is ours."""
    given = Words(words, {}, "LAB/HOST", stop=1)
    lab, host = split(given.names[0])
    shell = os.environ.get("SHELL") or "/bin/sh"
    argv, environment = shell_for(shell, f"{lab}/{host}", given.rest)
    return become_there("shell", lab, host, argv, environment)


def shell_for(shell: str, label: str, words: list[str]) -> tuple[list[str], dict[str, str]]:
    """The words and environment that start a shell with `label` in its prompt, after the user's own start-up files.

    bash takes its prompt from what runs before each of them, zsh and fish from a command; any other from PS1.
    """
    name = os.path.basename(shell)
    mark = f"[{label}] "
    if words:
        return [shell, *words], {"PS1": f"{mark}$ "}
    if name == "bash":
        return [shell], {"PROMPT_COMMAND": f'case $PS1 in "{mark}"*) ;; *) PS1="{mark}$PS1";; esac' + _before()}
    if name == "fish":
        program = f"functions -c fish_prompt __nw_prompt; function fish_prompt; printf '%s' '{mark}'; __nw_prompt; end"
        return [shell, "-C", program], {}
    if name == "zsh":
        # zsh runs no command before its first prompt that did not come from a file; but it expands this one, set by nobody.
        return [shell, "-o", "prompt_subst", "-i"], {"PS1": f"{mark}%# ", "PROMPT": f"{mark}%# ", "RPROMPT": mark.strip()}
    return [shell], {"PS1": f"{mark}$ "}


def _before() -> str:
    given = os.environ.get("PROMPT_COMMAND", "")
    return f"; {given}" if given else ""
