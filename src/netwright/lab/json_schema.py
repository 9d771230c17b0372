"""The JSON Schema of a lab file as it is written, for editors: what the models say, with the short forms beside it.

lab.schema.json is this, and a test says when it is not. After a change of the schema:
`python -m netwright.lab.json_schema > src/netwright/lab/lab.schema.json`.
"""

from __future__ import annotations

import json
from typing import Any

from .schema import NAME, LabFile
from .shapes import ETH0
from .validate import WRITTEN

Schema = dict[str, Any]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_MANY_NAMES = {"anyOf": [NAME, {"type": "array", "items": NAME}]}
_TEMPLATE = {**_MANY_NAMES, "description": "the template that it begins with, or several"}
_ENDS = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
_NOT_SAID: tuple[Any, ...] = (0, "", None, [], {}, ())


def described() -> Schema:
    """The schema, draft 2020-12."""
    whole = _tidy(LabFile.model_json_schema(by_alias=True))
    parts = {name.removesuffix("File").lower(): part for name, part in whole.pop("$defs").items()}
    for part in (*parts.values(), whole):
        _synonyms(part)
    parts["gateway"] = {"type": "object", "properties": _but(parts["route"]["properties"], "to"), "additionalProperties": False}
    _host(parts)
    _switch(parts["switch"])
    for name in ("policy", "check"):
        for side in ("from", "to"):
            parts[name]["properties"][side] = {**_MANY_NAMES, "description": parts[name]["properties"][side]["description"]}
    parts["cable"]["properties"]["ends"] |= {"anyOf": [{"type": "string"}, _ENDS]}
    _whole(whole, parts)
    for part in (whole, *(parts[name] for name in ("host", "switch", "link", "cable"))):
        part["properties"] = {key: _or_nothing(item) for key, item in part["properties"].items()}
    made: Schema = _renamed({"$schema": _DRAFT, "title": "netwright lab file", **whole, "$defs": dict(sorted(parts.items()))})
    return made


def _tidy(schema: Any) -> Any:
    """Without the titles that pydantic makes up, and without defaults that say nothing."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    named = "properties" in schema or "$defs" in schema
    out = {}
    for key, item in schema.items():
        if (key == "title" and isinstance(item, str)) or (key == "default" and not isinstance(item, bool) and item in _NOT_SAID):
            continue
        out[key] = {name: _tidy(part) for name, part in item.items()} if named and key in ("properties", "$defs") else _tidy(item)
    return out


def _or_nothing(part: Schema) -> Schema:
    """A key with nothing behind it takes a template's away."""
    out = dict(part)
    if "anyOf" in out:
        out["anyOf"] = [*out["anyOf"], {"type": "null"}]
    elif "$ref" in out:
        out = {"anyOf": [out, {"type": "null"}]}
    elif "enum" in out:
        out["enum"] = [*out["enum"], None]
    elif "type" in out:
        out["type"] = [*([out["type"]] if isinstance(out["type"], str) else out["type"]), "null"]
    return out


def _renamed(schema: Any) -> Any:
    """With references to host, and not to HostFile."""
    if isinstance(schema, list):
        return [_renamed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {key: item.removesuffix("File").lower() if key == "$ref" else _renamed(item) for key, item in schema.items()}


def _but(properties: Schema, *names: str) -> Schema:
    return {name: part for name, part in properties.items() if name not in names}


def _synonyms(part: Schema) -> None:
    properties = part.get("properties", {})
    for name in list(properties):
        if name in WRITTEN:
            properties[WRITTEN[name]] = properties[name]


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _host(parts: Schema) -> None:
    host, link = parts["host"], parts["link"]["properties"]
    own = {WRITTEN.get(name, name): link[name] for name in ETH0} | {name: link[name] for name in ETH0}
    switches = {"anyOf": [NAME, {"type": "array", "items": NAME}], "description": "the switch of its eth0, or those of eth0, eth1 …"}
    links = {"anyOf": [{"type": "object", "additionalProperties": {"anyOf": [NAME, _ref("link")]}}, {"type": "array", "items": {"anyOf": [NAME, _ref("link")]}}]}
    gateways = {"type": "object", "additionalProperties": {"anyOf": [{"type": "string"}, _ref("gateway")]}}
    routes = {"anyOf": [gateways, {"type": "array", "items": _ref("route")}], "description": host["properties"]["routes"]["description"]}
    host["properties"] = {
        "switch": switches, "template": _TEMPLATE, "templates": _TEMPLATE, **own, **host["properties"],
        "links": {**links, "description": host["properties"]["links"]["description"]}, "route": routes, "routes": routes,
    }  # fmt: skip


def _switch(switch: Schema) -> None:
    switch["properties"] |= {"template": _TEMPLATE, "templates": _TEMPLATE}


def _whole(whole: Schema, parts: Schema) -> None:
    """The keys of the file itself, with short forms for what stands below them."""
    properties = whole["properties"]
    network, names = {"type": "string"}, {"type": "array", "items": NAME}
    short = {"hosts": [{"type": "null"}, NAME, names], "switches": [{"type": "null"}, network, {"type": "array", "items": network}]}
    for key, forms in short.items():
        each = {"anyOf": [_ref(key.removesuffix("s").removesuffix("e")), *forms]}
        properties[key] = {"anyOf": [{"type": "object", "additionalProperties": each}, names], "description": properties[key]["description"]}
    properties["cables"]["items"] = {"anyOf": [_ref("cable"), {"type": "string"}, _ENDS]}
    checks = {"anyOf": [{"type": "string"}, _ref("check")]}
    properties["checks"] = {"anyOf": [{"type": "string"}, {"type": "array", "items": checks}], "description": properties["checks"]["description"]}
    properties["zones"]["additionalProperties"] = {"anyOf": [NAME, names, {"type": "null"}]}
    defaults = {key: _ref(name) for key, name in (("hosts", "host"), ("switches", "switch"), ("links", "link"), ("cables", "defaultcable"))}
    parts["defaultcable"] = {**{k: v for k, v in parts["cable"].items() if k != "required"}, "description": "What a cable has when it does not say otherwise."}
    properties["include"] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}], "description": "files that this one lies over"}
    properties["defaults"] = {"type": "object", "properties": defaults, "additionalProperties": False, "description": "what all hosts, switches, links, cables have when they do not say otherwise"}
    template = {"anyOf": [_ref("host"), _ref("switch")]}
    properties["templates"] = {"type": "object", "additionalProperties": template, "description": "named parts that hosts and switches begin with"}
    whole["patternProperties"] = {"^x-": {"description": "anything; for YAML anchors"}}


if __name__ == "__main__":
    print(json.dumps(described(), indent=2, ensure_ascii=False))
