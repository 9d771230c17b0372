"""The JSON Schema that is published is the one of the code, and it takes what the loader takes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from netwright.lab import schema
from netwright.lab.load import LabFileInvalid, json_schema, loads
from netwright.lab.validate import keys_of

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = ROOT / "src" / "netwright" / "lab" / "lab.schema.json"
EXAMPLES = sorted((ROOT / "examples").glob("*.lab.yaml"))
GOOD = sorted(path for path in (Path(__file__).parent / "files" / "good").glob("*.yaml") if path.stem not in ("looks", "merge-keys"))
PARTS = {
    "host": schema.HostFile, "switch": schema.SwitchFile, "link": schema.LinkFile, "cable": schema.CableFile,
    "policy": schema.PolicyFile, "check": schema.CheckFile, "route": schema.RouteFile, "": schema.LabFile,
}  # fmt: skip
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
    if "enum" in rule and item not in rule["enum"]:
        found.append(f"{path}: {item!r} is not in {rule['enum']}")
    if isinstance(item, str) and "pattern" in rule and not re.search(rule["pattern"], item):
        found.append(f"{path}: {item!r}")
    if isinstance(item, int) and not rule.get("minimum", item) <= item <= rule.get("maximum", item):
        found.append(f"{path}: {item}")
    if isinstance(item, list):
        found += [f"{path}: too few or many"] if not rule.get("minItems", 0) <= len(item) <= rule.get("maxItems", len(item)) else []
        found += [text for n, part in enumerate(item) for text in wrong(part, rule.get("items", {}), whole, f"{path}[{n}]")]
    return found + (_wrong_fields(item, rule, whole, path) if isinstance(item, dict) else [])


def _wrong_fields(item: dict[str, Any], rule: dict[str, Any], whole: dict[str, Any], path: str) -> list[str]:
    found = [f"{path}: {name} is missing" for name in rule.get("required", ()) if name not in item]
    for key, child in item.items():
        patterns = [part for pattern, part in rule.get("patternProperties", {}).items() if re.search(pattern, str(key))]
        part = rule.get("properties", {}).get(key, patterns[0] if patterns else rule.get("additionalProperties", {}))
        found += [f"{path}: {key!r} is not known"] if part is False else wrong(child, part or {}, whole, f"{path}.{key}")
    return found


def test_the_published_schema_is_the_one_of_the_code():
    made = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    assert PUBLISHED.read_text() == made, "python -m netwright.lab.json_schema > src/netwright/lab/lab.schema.json"


def test_the_schema_is_of_2020_12_and_every_reference_leads_somewhere():
    made = json_schema()
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(made))) <= set(made["$defs"])  # type: ignore[call-overload]


@pytest.mark.parametrize("path", [*EXAMPLES, *GOOD], ids=lambda path: path.name)
def test_what_the_loader_takes_the_schema_takes(path: Path):
    whole = json_schema()
    assert wrong(yaml.safe_load(path.read_text()), whole, whole) == []


@pytest.mark.parametrize(
    "text",
    [
        "hots: {}",
        "hosts: { a: { sitch: s } }",
        "hosts: { a: { mtu: 12 } }",
        "hosts: { a: { links: { eth0: { kind: macvln } } } }",
        "hosts: { a: { router: perhaps } }",
        "cables: [[a, b, c]]",
        "cables: [{ mtu: 1400 }]",
        "routing: ospf",
        "policy: [{ from: a, too: b }]",
        "switches: { s: { subnets: { a: b } } }",
        "defaults: { host: {} }",
    ],
)
def test_what_the_schema_refuses_the_loader_refuses(text: str):
    whole = json_schema()
    assert wrong(yaml.safe_load(text), whole, whole) != []
    with pytest.raises(LabFileInvalid):
        loads(text)


@pytest.mark.parametrize("name", PARTS)
def test_every_key_is_in_the_schema_with_a_description(name: str):
    whole: Any = json_schema()
    properties = (whole["$defs"][name] if name else whole)["properties"]
    assert set(keys_of(PARTS[name])) <= set(properties)
    assert [key for key, part in properties.items() if not part.get("description")] == []


@pytest.mark.parametrize("name", PARTS)
def test_every_key_is_in_the_documentation(name: str):
    page = (ROOT / "docs" / "lab-file.md").read_text()
    missing = [key for key in keys_of(PARTS[name]) if f"`{key}`" not in page]
    assert missing == []


def test_every_example_in_the_documentation_is_a_lab():
    page = (ROOT / "docs" / "lab-file.md").read_text()
    blocks = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) > 5
    for block in blocks:
        loads(block)


def test_the_mistakes_in_the_documentation_are_what_is_said():
    page = (ROOT / "docs" / "lab-file.md").read_text()
    text, said = re.search(r"^```yaml bad\n(.*?)^```\n+```\n(.*?)^```", page, re.MULTILINE | re.DOTALL).groups()  # type: ignore[union-attr]
    with pytest.raises(LabFileInvalid) as caught:
        loads(text, name="shop.lab.yaml")
    assert f"{caught.value}\n" == said
