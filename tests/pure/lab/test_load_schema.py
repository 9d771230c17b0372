"""The JSON Schema that is published is the one of the code, and it takes what the loader takes."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from json_schema import wrong
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
