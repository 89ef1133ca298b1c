"""The bulk routes' bodies in the OpenAPI document: the JSON Schema of a row, the columns of a file."""

from __future__ import annotations

from typing import Any

from services.roster.intake.collection import Collection
from shared.kernel.web.upload import FILE_TYPES

_BINARY = {"schema": {"type": "string", "contentEncoding": "binary"}}


def batch_body(collection: Collection[Any]) -> dict[str, Any]:
    """Request body of ``:batch``."""
    row = row_schema(collection)
    items = {
        "type": "object",
        "required": ["items"],
        "additionalProperties": False,
        "properties": {"items": {"type": "array", "items": row}},
    }
    content = {"application/json": {"schema": items}, "application/x-ndjson": {"schema": row}}
    return {"requestBody": {"required": True, "content": content}}


def file_body(collection: Collection[Any]) -> dict[str, Any]:
    """Request body of ``:import``; ``x-columns`` are the headers accepted."""
    columns = [
        {"name": column.name, "aliases": list(column.aliases), "kind": column.kind.value, "required": column.required}
        for column in collection.columns
    ]
    content = dict.fromkeys(FILE_TYPES, _BINARY)
    return {"requestBody": {"required": True, "content": content}, "x-columns": columns}


def row_schema(collection: Collection[Any]) -> dict[str, Any]:
    """JSON Schema of one row; it has no ``$defs``, which would not resolve inside an OpenAPI document."""
    schema: dict[str, Any] = collection.row.model_json_schema()
    if "$defs" in schema:
        raise ValueError(f"the row of {collection.name} refers to models of its own")
    return schema
