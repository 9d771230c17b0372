"""`netns list-id [target-nsid N] [nsid N]`: numbers, and the names behind them.

The kernel cuts its dump of numbers to one packet (6.18: 134 of 1000), so the dump is only where we begin: every name is asked
for its number, and numbers from 0 up are asked for until 256 in a row are free.
"""

import os

from ...errors import KernelError, NetwrightError
from ...kernel import namespaces, rtnl
from ...kernel.rtnl import Message
from ..context import Context
from ..exits import LOCAL, Exit, Usage, duplicate, wrong
from ..words import Words, signed

_GAP = 256


def main(context: Context, words: list[str]) -> int:
    """Print the numbers that the current namespace (or target-nsid) has for others."""
    target, nsid = _parse(context, Words(words))
    if nsid >= 0:
        found = [_one(context, nsid, target)]
    else:
        found = _dumped(context, target)
        found += _more(context, target, found)
    names = names_of_numbers(context)
    out = context.out
    out.open_array()
    for message in found:
        print_nsid(context, message, names)
    out.close_array()
    out.finish_json()
    return 0


def _parse(context: Context, words: Words) -> tuple[int, int]:
    values = {"target-nsid": -1, "nsid": -1}
    while words.more:
        key = words.next()
        if key not in values:
            raise Usage("netns")
        if values[key] >= 0:
            raise duplicate(key, key)
        text = words.next()
        number = signed(text)
        if number is None:
            raise wrong(text, f'"{key}" value is invalid')
        if number < 0:
            # ip prints the word behind the wrong one
            raise wrong((words.peek or "(null)") if context.applet else text, f'"{key}" value should be >= 0')
        values[key] = number
    return values["target-nsid"], values["nsid"]


def _one(context: Context, nsid: int, target: int) -> Message:
    try:
        return rtnl.get(context.netlink, rtnl.GETNSID, {}, _filter(nsid, target))
    except KernelError as error:
        raise context.refusal(error) from None


def _filter(nsid: int, target: int) -> dict[str, int]:
    asked = {"nsid": nsid} if nsid >= 0 else {}
    return {**asked, "target_nsid": target} if target >= 0 else asked


def _dumped(context: Context, target: int) -> list[Message]:
    try:
        return rtnl.dump(context.netlink, rtnl.GETNSID, {}, _filter(-1, target))
    except KernelError as error:
        from ..front import kernel_words

        if context.options.json:
            context.stdout("[ ]\n" if context.options.pretty else "[]\n")
        raise Exit(LOCAL, f"{kernel_words(error)}\nDump terminated", why="no namespace has that number here") from None


def _more(context: Context, target: int, found: list[Message]) -> list[Message]:
    """What a cut dump left out."""
    known = {message["nsid"] for message in found}
    out, misses, number = [], 0, max(known, default=-1) + 1
    candidates = [] if target >= 0 else sorted(set(names_of_numbers(context)) - known)
    while misses < _GAP and len(found) >= 100:
        message = _try(context, number, target)
        misses = 0 if message else misses + 1
        out += [message] if message else []
        number += 1
    known |= {message["nsid"] for message in out}
    return out + [m for n in candidates if n not in known and (m := _try(context, n, target))]


def _try(context: Context, nsid: int, target: int) -> Message | None:
    try:
        return rtnl.get(context.netlink, rtnl.GETNSID, {}, _filter(nsid, target))
    except KernelError:
        return None


def names_of_numbers(context: Context) -> dict[int, str]:
    """nsid -> name, asked of each name's own file."""
    out: dict[int, str] = {}
    for name in namespaces.names():
        try:
            fd = namespaces.open_namespace(name)
        except NetwrightError:
            continue
        nsid = namespaces.nsid_of_fd(context.netlink, fd)
        os.close(fd)
        if nsid >= 0:
            out.setdefault(nsid, name)
    return out


def print_nsid(context: Context, message: Message, names: dict[int, str]) -> None:
    """`nsid 5 (iproute2 netns name: a2)`; a number that is gone begins with `Deleted `."""
    out = context.out
    nsid = message.get("nsid", -1)
    current = message.get("current_nsid")
    out.open_object()
    if message.kind == rtnl.DELNSID:
        out.put("deleted", "Deleted ", True)
    if nsid < 0:
        out.text_only("nsid unassigned ")
    else:
        out.put("nsid", f"nsid {nsid} ", nsid)
    if current is not None and current < 0:
        out.text_only("current-nsid unassigned ")
    elif current is not None:
        out.put("current-nsid", f"current-nsid {current} ", current)
    name = names.get(nsid if current is None else current)
    if name is not None:
        out.put("name", f"(iproute2 netns name: {name})", name)
    out.text_only("\n")
    out.close_object()
