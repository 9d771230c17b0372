"""JSON, read and written with next to no imports.

How it works. `import json` brings `re` along, and both together cost as much as starting Python; the C parts that do the
work are in `_json` and cost nothing. Where that module is not (another implementation of Python), json does it all.

An object in which a name stands twice becomes a Twice, which knows the names; Go takes the last one and says nothing.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_BLANKS = " \t\n\r"
_DEEPEST = 200  # so deep no configuration is; Python's own limit would end in the middle of somebody's recursion


class Twice(dict):  # type: ignore[type-arg]
    """An object some of whose names (`twice`) stood in it more than once."""

    twice: "tuple[str, ...]" = ()


def _object(pairs: "list[tuple[str, Any]]") -> "dict[str, Any]":
    plain = dict(pairs)
    if len(plain) == len(pairs):
        return plain
    out = Twice(plain)
    seen: set[str] = set()
    again = {name for name, _ in pairs if name in seen or seen.add(name)}  # type: ignore[func-returns-value]
    out.twice = tuple(name for name in plain if name in again)
    return out


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _fraction(text: str) -> float:
    found = float(text)
    if found in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is too large a number")
    return found


class _Ways:
    """What the scanner asks for."""

    strict, object_hook, object_pairs_hook = True, None, staticmethod(_object)
    parse_float, parse_int, parse_constant = staticmethod(_fraction), int, staticmethod(_no_number)


try:
    from _json import encode_basestring_ascii as _quoted
    from _json import make_scanner

    _scan: "Callable[[str, int], tuple[Any, int]]" = make_scanner(_Ways())  # type: ignore[arg-type]
except ImportError:
    import json

    _quoted = json.dumps
    _scan = json.JSONDecoder(object_pairs_hook=_object, parse_float=_fraction, parse_constant=_no_number).raw_decode


def read(text: "bytes | str") -> "Any":
    """What a JSON document says. ValueError with the reason when it is none.

    Bytes that are not UTF-8, and halves of surrogate pairs, become U+FFFD (as in Go).
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    start = len(text) - len(text.lstrip(_BLANKS))
    try:
        found, end = _scanned(text, start)
    except StopIteration as stop:
        raise ValueError(f"no JSON value begins at character {stop.value}" if text.strip(_BLANKS) else "the document is empty") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if text[end:].strip(_BLANKS):
        raise ValueError(f"more follows after the end of the document, at character {end}")
    if _depth(text) > _DEEPEST:
        raise ValueError(f"it is nested more than {_DEEPEST} levels deep")
    return _whole(found) if "\\ud" in text or "\\uD" in text else found


def _scanned(text: str, start: int) -> "tuple[Any, int]":
    try:
        return _scan(text, start)
    except SystemError:
        # What is wrong with the text the C scanner says by json.decoder's exception, and it only looks for it among what is
        # imported already.
        __import__("json.decoder")

        return _scan(text, start)


def _depth(text: str) -> int:
    """No less than how deep it is nested (brackets inside of texts count too)."""
    return text.count("[") + text.count("{") if text.count("[") + text.count("{") <= _DEEPEST else _counted(text)


def _counted(text: str) -> int:
    deepest = depth = 0
    inside = escaped = False
    for c in text:
        if inside:
            inside, escaped = escaped or c != '"', not escaped and c == "\\"
        elif c == '"':
            inside = True
        elif c in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif c in "]}":
            depth -= 1
    return deepest


def _whole(found: "Any") -> "Any":
    """The same without halves of surrogate pairs."""
    if isinstance(found, str):
        return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(found, list):
        return [_whole(item) for item in found]
    return _object([(_whole(name), _whole(item)) for name, item in found.items()]) if isinstance(found, dict) else found


def write(document: "Any") -> str:
    """A document (of dicts, lists, tuples, texts, numbers, True, False, None) as JSON in one line of ASCII."""
    if isinstance(document, str):
        return _quoted(document)
    if document is None or isinstance(document, bool):
        return {None: "null", True: "true", False: "false"}[document]
    if isinstance(document, dict):
        return "{" + ",".join([f"{_quoted(str(name))}:{write(item)}" for name, item in document.items()]) + "}"
    if isinstance(document, list | tuple):
        return "[" + ",".join([write(item) for item in document]) + "]"
    return repr(document)
