"""A JSON Schema as a reader wants it: rows of fields, and one example value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
MAX_DEPTH = 4
_FORMAT_EXAMPLES = {
    "date": "2026-11-23",
    "date-time": "2026-11-23T08:00:00+08:00",
    "uuid": "019aaf3e-5f00-7000-8000-000000000000",
    "uri": "https://example.org/",
    "uri-reference": "/example",
    "binary": "(binary)",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a schema's table; ``depth`` counts the objects it lies in."""

    name: str
    depth: int
    type: str
    is_required: bool
    text: str
    limits: tuple[str, ...]


def resolve(schema: Schema, components: Schema) -> Schema:
    """Follows a reference; what does not resolve is an empty schema."""
    for _ in range(8):
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return schema
        section, _, name = reference.removeprefix("#/components/").partition("/")
        schema = components.get(section, {}).get(name, {})
    return {}


def fields_of(schema: Schema, components: Schema, *, depth: int = 0) -> list[Field]:
    """The fields of an object, or of the objects of an array, nested ones indented."""
    schema = _interesting(schema, components)
    if schema.get("type") == "array" or "items" in schema:
        return fields_of(schema.get("items", {}), components, depth=depth)
    required = set(schema.get("required", ()))
    rows: list[Field] = []
    for name, member in schema.get("properties", {}).items():
        resolved = _interesting(member, components)
        text = str(member.get("description") or resolved.get("description") or resolved.get("title") or "")
        rows.append(
            Field(name, depth, type_of(member, components), name in required, text, _limits(member, components))
        )
        if depth + 1 < MAX_DEPTH:
            rows += fields_of(resolved, components, depth=depth + 1)
    return rows


def type_of(schema: Schema, components: Schema) -> str:
    """A type in words: ``string (date) | null``, ``array of School``."""
    if "$ref" in schema:
        resolved = resolve(schema, components)
        if resolved.get("type") in (None, "object"):
            return str(schema["$ref"]).rpartition("/")[2]
        return type_of(resolved, components)
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return " | ".join(dict.fromkeys(type_of(part, components) for part in schema[union]))
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False)
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return " | ".join(map(str, kind))
    if kind == "array":
        return f"array of {type_of(schema.get('items', {}), components)}"
    return f"{kind} ({schema['format']})" if "format" in schema else str(kind)


def _interesting(schema: Schema, components: Schema) -> Schema:
    """The part of a schema that holds fields: past references and past ``| null``."""
    schema = resolve(schema, components)
    for union in ("anyOf", "oneOf"):
        parts = [part for part in schema.get(union, ()) if part.get("type") != "null"]
        if parts:
            return _interesting(parts[0], components)
    if schema.get("allOf"):
        merged: dict[str, Any] = {"properties": {}, "required": []}
        for part in schema["allOf"]:
            resolved = resolve(part, components)
            merged["properties"].update(resolved.get("properties", {}))
            merged["required"] += resolved.get("required", [])
        return merged if merged["properties"] else resolve(schema["allOf"][0], components)
    return schema


_LIMITS = (
    ("minimum", "≥ {}"),
    ("exclusiveMinimum", "> {}"),
    ("maximum", "≤ {}"),
    ("exclusiveMaximum", "< {}"),
    ("minLength", "长度 ≥ {}"),
    ("maxLength", "长度 ≤ {}"),
    ("minItems", "项数 ≥ {}"),
    ("maxItems", "项数 ≤ {}"),
    ("pattern", "{}"),
    ("multipleOf", "{} 的倍数"),
    ("default", "默认 {}"),
)


def _limits(schema: Schema, components: Schema) -> tuple[str, ...]:
    resolved = {**_interesting(schema, components), **schema}
    found = [
        words.format(_plain(resolved[key])) for key, words in _LIMITS if key in resolved and resolved[key] is not None
    ]
    if "enum" in resolved:
        found.append(" · ".join(map(str, resolved["enum"])))
    return tuple(found)


def _plain(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def example_of(schema: Schema, components: Schema, *, depth: int = 0) -> Any:
    """An example: the schema's own where it gives one, else made of its types."""
    resolved = resolve(schema, components)
    for source in (schema, resolved):
        if source.get("examples"):
            return source["examples"][0]
        if "example" in source:
            return source["example"]
    resolved = _interesting(resolved, components)
    if resolved.get("examples"):
        return resolved["examples"][0]
    if "const" in resolved:
        return resolved["const"]
    if resolved.get("enum"):
        return resolved["enum"][0]
    if resolved.get("default") is not None:
        return resolved["default"]
    if "properties" in resolved:
        if depth >= MAX_DEPTH:
            return {}
        return {
            name: example_of(member, components, depth=depth + 1) for name, member in resolved["properties"].items()
        }
    return _plain_example(resolved, components, depth)


def _plain_example(schema: Schema, components: Schema, depth: int) -> Any:
    kind = schema.get("type")
    kind = next((part for part in kind if part != "null"), None) if isinstance(kind, list) else kind
    match kind:
        case "array":
            return [example_of(schema.get("items", {}), components, depth=depth + 1)] if depth < MAX_DEPTH else []
        case "integer":
            return int(schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1))
        case "number":
            return schema.get("minimum", 1.5)
        case "boolean":
            return True
        case "string":
            return _FORMAT_EXAMPLES.get(schema.get("format", ""), "string")
        case _:
            return {} if kind == "object" else None
