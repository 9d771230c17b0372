"""`-batch FILE`: lines of OBJECT COMMAND…, as ip(8) reads them.

`#` begins a comment, a backslash at the end continues a line, quotes keep a word together. The first line that fails ends the
batch with `Command failed FILE:LINE`, exit 1; with -force it goes on and the exit code is still 1. Wrong words (exit 255) end it
at once, with -force too. With --atomic (ours) every line is checked before the first is done, and a failure takes back what was
done.
"""

import os
import sys

from .context import Context
from .exits import LOCAL, Exit
from .front import NotOurs, run

_BLANKS = " \t\r\n"
_MOST_WORDS = 511


def run_batch(context: Context, path: str) -> int:
    """Run the lines of a file (`-`: standard input); the exit code."""
    try:
        lines = logical_lines(_read(path))
    except OSError as error:
        raise Exit(
            LOCAL, f'Cannot open file "{path}" for reading: {os.strerror(error.errno or 0)}', fix="give a file, or - for standard input"
        ) from None
    context.in_batch = True
    if context.options.atomic:
        from .atomic import run_atomic

        return run_atomic(context, path, lines)
    return _run_lines(context, path, lines)


def _read(path: str) -> str:
    if path == "-":
        return sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "surrogateescape")


def _run_lines(context: Context, path: str, lines: list[tuple[int, list[str]]]) -> int:
    code = 0
    family = context.options.family
    try:
        for at, (number, words) in enumerate(lines):
            context.options.family = family
            context.out = context.new_output()
            _make_ahead(context, lines, at)
            result = run_line(context, words)
            if context.fatal:
                return result
            if result:
                report_line(context, path, number)
                code = LOCAL
                if not context.options.force:
                    break
    finally:
        _end_ahead(context)
    return code


def report_line(context: Context, path: str, number: int) -> None:
    """`Command failed FILE:LINE`; with --json-errors as JSON like all else on stderr."""
    text = f"Command failed {path}:{number}"
    if context.options.json_errors:
        from .report import error_as_json

        context.stderr(error_as_json(Exit(LOCAL, text)))
    else:
        context.stderr(text + "\n")


_WORTH_IT = 16


def _adds_a_name(words: list[str]) -> bool:
    return len(words) > 2 and words[0] == "netns" and words[1] in ("a", "ad", "add")


def _make_ahead(context: Context, lines: list[tuple[int, list[str]]], at: int) -> None:
    """Before a long run of `netns add`: let threads make the namespaces while the lines name them, one after the other."""
    ahead = context.session.ahead
    if _adds_a_name(lines[at][1]):
        if (ahead is not None and ahead.more) or not all(_adds_a_name(words) for _, words in lines[at : at + _WORTH_IT]):
            return
        if len(lines) - at < _WORTH_IT or context.options.dry_run:
            return
        run = next((end for end in range(at, len(lines)) if not _adds_a_name(lines[end][1])), len(lines)) - at
        from ..kernel.ahead import Ahead

        _end_ahead(context)
        context.session.ahead = Ahead(run)
    elif ahead is not None:
        _end_ahead(context)


def _end_ahead(context: Context) -> None:
    if context.session.ahead is not None:
        context.session.ahead.close()
        context.session.ahead = None


def run_line(context: Context, words: list[str]) -> int:
    """One line; its exit code. Words that are for the real ip are given to it."""
    try:
        return run(context, words)
    except NotOurs:
        if not context.applet or "NETWRIGHT_NO_EXEC" in os.environ:
            raise
        if context.options.dry_run:
            return context.show_command(words)
        from ..kernel.process import find_program
        from ..kernel.process import run as run_program

        return run_program(find_program("ip", but_not=[sys.argv[0]]), ["ip", *words])


def logical_lines(text: str) -> list[tuple[int, list[str]]]:
    """(number of its last physical line, words) of each line that has words. Exit 1 for an unterminated quote."""
    out, number, pending = [], 0, ""
    physical_lines = text.split("\n")  # only a newline ends a line: other separators may stand in names
    for physical in physical_lines:
        number += 1
        line = pending + physical.partition("#")[0]
        if line.endswith("\\") and number < len(physical_lines):
            pending = line[:-1]
            continue
        pending = ""
        words = split_words(line)
        if words:
            out.append((number, words))
    return out


def split_words(line: str) -> list[str]:
    """Words between blanks; a quote at the beginning of a word keeps everything up to the next such quote together."""
    words: list[str] = []
    at = 0
    while True:
        while at < len(line) and line[at] in _BLANKS:
            at += 1
        if at >= len(line):
            return words
        if len(words) >= _MOST_WORDS:
            raise Exit(LOCAL, "Too many arguments to command", fatal=True)
        word, at = _word(line, at)
        words.append(word)


def _word(line: str, at: int) -> tuple[str, int]:
    if line[at] in "'\"":
        end = line.find(line[at], at + 1)
        if end < 0:
            raise Exit(LOCAL, "Unterminated quoted string", fatal=True)
        return line[at + 1 : end], end + 1
    end = at
    while end < len(line) and line[end] not in _BLANKS:
        end += 1
    return line[at:end], end
