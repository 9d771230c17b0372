"""Types of a lab file's fields for pydantic: a word by one of words.py's readers, or a list of them.

Pydantic sees texts only: each field says itself what its text means. Mistakes are errors of the type "lab", whose context has our
own words, with the JSON Schema of the text beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from .nodes import Quoted, Wrong
from .words import Names

Read = Callable[[str, Names], Any]
_NAMES = Names()


def wrong(what: str, fix: str = "") -> PydanticCustomError:
    """A mistake in our words."""
    return PydanticCustomError("lab", "{what}", {"what": what, "fix": fix})


def read_by(read: Read, item: Any, info: ValidationInfo) -> Any:
    """What `read` makes of a text."""
    if not isinstance(item, str):
        raise wrong(f"a text is wanted here, and this is {'a list' if isinstance(item, list) else 'a mapping'}")
    try:
        return read(item, info.context or _NAMES)
    except Wrong as error:
        raise wrong(error.what, error.fix) from None


class Word:
    """One text, read by `read`; `schema` is its JSON Schema."""

    def __init__(self, read: Read, schema: dict[str, Any]) -> None:
        self.read, self.schema = read, schema

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        read = self.read
        return core_schema.with_info_plain_validator_function(lambda item, info: read_by(read, item, info))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return dict(self.schema)


class Words:
    """A list of texts, each read by `read`; one of `instead` (by its text) stands for the whole list."""

    def __init__(self, read: Read, schema: dict[str, Any], instead: dict[str, Any] | None = None, check: Callable[[tuple[Any, ...]], None] | None = None) -> None:
        self.read, self.schema, self.instead, self.check = read, schema, instead or {}, check

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        read = self.read
        word = core_schema.with_info_plain_validator_function(lambda item, info: read_by(read, item, info))
        return core_schema.with_info_wrap_validator_function(self._validate, core_schema.list_schema(word))

    def _validate(self, given: Any, items: Any, info: ValidationInfo) -> Any:
        if isinstance(given, str) and given in self.instead:
            return self.instead[given]
        found = tuple(items([given] if isinstance(given, str) else given))
        if self.check:
            self.check(found)
        return found

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        forms = [{"enum": sorted(self.instead)}] if self.instead else []
        return {"anyOf": [*forms, dict(self.schema), {"type": "array", "items": dict(self.schema)}]}


class Table:
    """A mapping of texts: keys by one reader, values by another."""

    def __init__(self, key: Read, read: Callable[[Any, Names], Any], schema: dict[str, Any]) -> None:
        self.key, self.read, self.schema = key, read, schema

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        key, read = self.key, self.read
        keys = core_schema.with_info_plain_validator_function(lambda item, info: read_by(key, item, info))
        if read is anything:
            return core_schema.dict_schema(keys, core_schema.no_info_plain_validator_function(lambda item: anything(item, _NAMES)))
        return core_schema.dict_schema(keys, core_schema.with_info_plain_validator_function(lambda item, info: read_by(read, item, info)))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": dict(self.schema)}


def anything(item: Any, names: Names) -> Any:
    """A value as it looks: whole numbers are numbers, true and false are what they say, all else is text."""
    if isinstance(item, list):
        return tuple(anything(part, names) for part in item)
    if isinstance(item, dict):
        return tuple(sorted((key, anything(part, names)) for key, part in item.items()))
    if isinstance(item, Quoted):
        return str(item)
    return {"true": True, "false": False}.get(item, int(item) if _is_whole(item) else item)


def _is_whole(text: str) -> bool:
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 19 and (digits == "0" or digits[0] != "0")
