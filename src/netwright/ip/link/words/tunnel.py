"""Options that all GRE tunnels have in common: keys, sequence numbers, checksums, the device below, encapsulation in UDP."""

from ....model.kinds.gre import CSUM, ENCAP_FLAGS, ENCAPSULATIONS, KEY, SEQ
from ...exits import LOCAL, SYNTAX, Exit, Usage, wrong
from ...words import matches, unsigned
from ..devices import as_setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...words import Words
    from ..command import Command

# word -> (bit, direction: i, o or both)
_BITS = {f"{way}{name}": (bit, way) for name, bit in (("seq", SEQ), ("csum", CSUM)) for way in ("", "i", "o")}
# In ip's order, which decides what an abbreviation means.
_PREFIXED = ("key", "nokey", "ikey", "noikey", "okey", "nookey") + tuple(
    word for name in ("seq", "csum") for way in ("", "i", "o") for word in (f"{way}{name}", f"no{way}{name}")
)


def started(command: "Command", fresh: "dict[str, Any]", others: "tuple[str, ...]") -> "dict[str, Any]":
    """What a tunnel is before the words: `fresh`, or, where one is changed, what it is now in these fields and in `others`."""
    before = _existing(command) or {}
    return {**fresh, **{name: value for name, value in before.items() if name in fresh or name in others}}


def _existing(command: "Command") -> "dict[str, Any] | None":
    """What a tunnel that is to be changed is like now; None when one is made."""
    if command.creating:
        return None
    device = command.wanted.device
    index = device if isinstance(device, int) else command.links.index(device) if device else 0
    link = command.links.message(index)
    data = link.get("linkinfo").get("data") if link is not None and "linkinfo" in link else None
    if data is None or isinstance(data, bytes):
        raise Exit(LOCAL, "Failed to get existing tunnel info.")
    found: dict[str, Any] = data.plain()
    return found


def finished(values: "dict[str, Any]") -> "dict[str, Any]":
    """What is sent of a tunnel: without the ends and the device that it has not; of an external one, only that it is that."""
    if values.get("collect_metadata"):
        return {"collect_metadata": True}
    return {name: value for name, value in values.items() if name not in ("local", "remote", "link") or is_set(value)}


def is_set(value: object) -> bool:
    """Whether a tunnel has this end, or device."""
    return value not in ("", "0.0.0.0", "::", 0)


def unknown(kind: str, word: str) -> Exit:
    """What ip says to a word that is none of the tunnel's: its usage."""
    if matches(word, "help"):
        return Usage("link", LOCAL)
    return Exit(LOCAL, f"Usage: ... {kind}", why=f'"{word}" is no option of {kind}', fix="see: ip link help")


def take_key_or_bit(values: "dict[str, Any]", words: "Words") -> bool:
    """Take `[no][i|o]key`, `[no][i|o]seq` or `[no][i|o]csum`; False when something else is next."""
    word = next((full for full in _PREFIXED if matches(words.peek, full)), "")
    if not word:
        return False
    words.next()
    if word.endswith("key"):
        _key(values, words, word)
    else:
        bit, way = _BITS[word.removeprefix("no")]
        _turn(values, way, bit, on=not word.startswith("no"))
    return True


def _turn(values: "dict[str, Any]", way: str, bit: int, *, on: bool) -> None:
    for field in ("iflags", "oflags"):
        if way in ("", field[0]):
            values[field] = values[field] | bit if on else values[field] & ~bit


def _key(values: "dict[str, Any]", words: "Words", word: str) -> None:
    on = not word.startswith("no")
    way = word.removeprefix("no").removesuffix("key")
    _turn(values, way, KEY, on=on)
    number = key(word, words.next()) if on else 0
    for field in ("ikey", "okey"):
        if way in ("", field[0]):
            values[field] = number


def key(name: str, text: str) -> int:
    """A key: a number, or four with dots."""
    if "." in text:
        from .ip import address32

        return int.from_bytes(bytes(int(part) for part in address32(text).split(".")), "big")
    found = unsigned(text)
    if found is None:
        raise Exit(SYNTAX, f'invalid value for "{name}": "{text}"; it should be an unsigned integer')
    return found


def take_device(values: "dict[str, Any]", words: "Words", command: "Command") -> bool:
    """Take `dev NAME`."""
    if not words.take_prefix("dev"):
        return False
    name = words.next()
    found = command.links.index(name)
    if not found:
        raise Exit(SYNTAX, f'Cannot find device "{name}"')
    values["link"] = as_setting(name, found)
    return True


def take_encapsulation(values: "dict[str, Any]", words: "Words") -> bool:
    """Take one of the words about encapsulation in UDP (FOU, GUE)."""
    word = words.peek
    flag = ENCAP_FLAGS.get(word.removeprefix("no"))
    if flag:
        words.next()
        old = values["encap_flags"]
        values["encap_flags"] = old & ~flag if word.startswith("no") else old | flag
    elif words.take("noencap"):
        values["encap_type"] = 0
    elif words.take("encap"):
        values["encap_type"] = _encapsulation(words.next())
    elif words.take("encap-sport"):
        text = words.next()
        values["encap_sport"] = 0 if text == "auto" else _port(text, "Invalid source port.")
    elif words.take("encap-dport"):
        values["encap_dport"] = _port(words.next(), "Invalid destination port.")
    else:
        return False
    return True


def _encapsulation(text: str) -> int:
    if text not in ENCAPSULATIONS:
        raise wrong(text, "Invalid encap type.", why="one of fou, gue, none")
    return ENCAPSULATIONS.index(text)


def _port(text: str, message: str) -> int:
    found = unsigned(text, bits=16)
    if found is None:
        raise wrong(text, message, why="a port is a number from 0 to 65535")
    return found


def take_external(values: "dict[str, Any]", words: "Words") -> bool:
    """Take `external`: the tunnel takes its addresses from each packet."""
    if words.take("external"):
        values["collect_metadata"] = True
        return True
    return False


def take_mark(values: "dict[str, Any]", words: "Words") -> bool:
    """Take `fwmark N`."""
    if not words.take("fwmark"):
        return False
    text = words.next()
    found = unsigned(text)
    if found is None:
        raise wrong(text, "invalid fwmark", why="a number from 0 to 0xffffffff belongs here")
    values["fwmark"] = found
    return True
