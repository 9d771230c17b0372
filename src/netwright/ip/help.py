"""Help: one text file per object in ip/help_texts/, printed when asked for or when the words make no sense."""

import os

from .context import Context
from .exits import Usage

DIRECTORY = os.path.join(os.path.dirname(__file__), "help_texts")


def help_text(command: str) -> str:
    """The text for an object ("link", "netns" …; ``: the program itself)."""
    with open(os.path.join(DIRECTORY, f"{command or 'nw'}.txt"), encoding="utf-8") as file:
        return file.read()


def show_help(context: Context, end: Usage) -> None:
    """On stdout with exit 0 when it was asked for; on stderr with ip's exit code when the words were wrong, or as the applet."""
    text = help_text(end.command)
    (context.stderr if end.code else context.stdout)(text)
