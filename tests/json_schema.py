"""What a JSON Schema has against a document: of draft 2020-12 the few words that schemas of ours use."""

import re
from typing import Any

TYPES = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None)}


def wrong(item: Any, rule: dict[str, Any], whole: dict[str, Any], path: str = "") -> list[str]:
    """What a JSON Schema of the few words used here has against an item."""
    if "$ref" in rule:
        return wrong(item, whole["$defs"][rule["$ref"].rpartition("/")[2]], whole, path)
    found = []
    if "anyOf" in rule:
        forms = [wrong(item, form, whole, path) for form in rule["anyOf"]]
        found += [] if [] in forms else max(forms, key=lambda form: len(form[0]))
    types = [rule["type"]] if isinstance(rule.get("type"), str) else rule.get("type")
    if types and not any(isinstance(item, TYPES[name]) and (name == "boolean" or not isinstance(item, bool)) for name in types):
        return [*found, f"{path}: {item!r} is no {types}"]
    if "const" in rule and item != rule["const"]:
        found.append(f"{path}: {item!r} is not {rule['const']!r}")
    if "enum" in rule and item not in rule["enum"]:
        found.append(f"{path}: {item!r} is not in {rule['enum']}")
    if isinstance(item, str) and "pattern" in rule and not re.search(rule["pattern"], item):
        found.append(f"{path}: {item!r}")
    if isinstance(item, int) and not rule.get("minimum", item) <= item <= rule.get("maximum", item):
        found.append(f"{path}: {item}")
    if isinstance(item, list):
        found += [f"{path}: too few or many"] if not rule.get("minItems", 0) <= len(item) <= rule.get("maxItems", len(item)) else []
        found += [text for n, part in enumerate(item) for text in wrong(part, _part(rule, n), whole, f"{path}[{n}]")]
    return found + (_wrong_fields(item, rule, whole, path) if isinstance(item, dict) else [])


def _part(rule: dict[str, Any], number: int) -> dict[str, Any]:
    first = rule.get("prefixItems", [])
    return first[number] if number < len(first) else rule.get("items", {})


def _wrong_fields(item: dict[str, Any], rule: dict[str, Any], whole: dict[str, Any], path: str) -> list[str]:
    found = [f"{path}: {name} is missing" for name in rule.get("required", ()) if name not in item]
    for key, child in item.items():
        patterns = [part for pattern, part in rule.get("patternProperties", {}).items() if re.search(pattern, str(key))]
        part = rule.get("properties", {}).get(key, patterns[0] if patterns else rule.get("additionalProperties", {}))
        found += [f"{path}: {key!r} is not known"] if part is False else wrong(child, part or {}, whole, f"{path}.{key}")
    return found
