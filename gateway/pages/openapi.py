"""OpenAPI: every service's document completed with what the gateway adds, and all of them joined."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.pages.about import About
from gateway.pages.problems import example_document
from shared.kernel.web.problems import KIND_STATUS
from shared.terms.problem_catalogue import ProblemKind, catalogue

Document = dict[str, Any]
METHODS = ("get", "put", "post", "patch", "delete", "head", "options")
_REPLACED = ("HTTPValidationError", "ValidationError")
_PROBLEM_STATUSES = ("400", "401", "403", "404", "409", "412", "413", "422", "428", "429")


def join_documents(about: About, documents: Mapping[str, Document]) -> Document:
    """One OpenAPI 3.1 document of several services.

    Components that differ under one name get the service's name in front; equal ones are shared. Operation ids stay
    unique. Every operation can answer with a problem, and says which token scope it needs.
    """
    components: dict[str, dict[str, Any]] = {}
    joined_paths: dict[str, Any] = {}
    scopes: dict[str, str] = {}
    operation_ids: set[str] = set()
    tags: list[Document] = []
    for name, original in sorted(documents.items()):
        document = _renamed(name, json.loads(json.dumps(original)), components)
        for section, entries in document.get("components", {}).items():
            components.setdefault(section, {}).update(entries)
        for path, item in document.get("paths", {}).items():
            for _, operation in operations_of(item):
                _complete(name, operation, operation_ids, scopes)
            joined_paths[path] = item
        tags.append({"name": name, "description": document.get("info", {}).get("title", name)})
    for replaced in _REPLACED:
        components.get("schemas", {}).pop(replaced, None)
    components.setdefault("schemas", {})["Problem"] = _problem_schema()
    components.setdefault("responses", {}).update(_problem_responses())
    components["securitySchemes"] = _security(about, scopes)
    return {
        "openapi": "3.1.0",
        "info": {"title": "教育质量评价与监测平台 API", "version": about.api_version},
        "servers": [{"url": about.public_base_url or "/"}],
        "security": [{"oauth2": []}],
        "tags": tags,
        "paths": joined_paths,
        "components": components,
    }


def operations_of(item: Mapping[str, Any]) -> Iterator[tuple[str, Document]]:
    """Methods and operations of a path item."""
    return ((method, item[method]) for method in METHODS if method in item)


def _renamed(service: str, document: Document, taken: Mapping[str, Mapping[str, Any]]) -> Document:
    renames: dict[str, str] = {}
    for section, entries in document.get("components", {}).items():
        if section == "securitySchemes":
            continue
        others = taken.get(section, {})
        for name in list(entries):
            if name in others and others[name] != entries[name] and name not in _REPLACED:
                renames[f"#/components/{section}/{name}"] = f"#/components/{section}/{_prefixed(service, name)}"
                entries[_prefixed(service, name)] = entries.pop(name)
    document.get("components", {}).pop("securitySchemes", None)
    if renames:
        # What refers to a renamed component now differs from its namesake of another service, so look again.
        return _renamed(service, _with_references(document, renames), taken)
    return document


def _prefixed(service: str, name: str) -> str:
    return f"{service.replace('-', '_').title().replace('_', '')}_{name}"


def _with_references(node: Any, renames: Mapping[str, str]) -> Any:
    """A copy in which every reference, in ``$ref`` or in a discriminator's mapping, has its new name."""
    if isinstance(node, dict):
        return {key: _with_references(value, renames) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_references(value, renames) for value in node]
    return renames.get(node, node) if isinstance(node, str) else node


def _complete(service: str, operation: Document, taken: set[str], scopes: dict[str, str]) -> None:
    operation_id = operation.get("operationId") or f"{service}_operation"
    if operation_id in taken:
        operation_id = f"{service}_{operation_id}"
    base, number = operation_id, 2
    while operation_id in taken:
        operation_id, number = f"{base}_{number}", number + 1
    taken.add(operation_id)
    operation["operationId"] = operation_id
    operation["tags"] = [service, *(tag for tag in operation.get("tags", []) if tag != service)]
    permission = operation.get("x-permission")
    if isinstance(permission, dict) and permission.get("scope"):
        scope = str(permission["scope"])
        scopes[scope] = f"{scope}: {permission.get('action', scope)}"
        operation["security"] = [{"oauth2": [scope]}]
    elif permission is None and not operation.get("security"):
        operation["security"] = []
    responses = operation.setdefault("responses", {})
    if "422" in responses:
        responses["422"] = {"$ref": "#/components/responses/Problem422"}
    statuses = ("401", "403", "429") if operation["security"] else ("429",)
    for status in statuses:
        told = responses.setdefault(status, {"$ref": f"#/components/responses/Problem{status}"})
        # Whatever a service says with this status, the gateway may say it as well, in its own form.
        if "content" in told:
            told["content"].setdefault("application/problem+json", {"schema": {"$ref": "#/components/schemas/Problem"}})
    responses.setdefault("default", {"$ref": "#/components/responses/Problem"})


def _security(about: About, scopes: Mapping[str, str]) -> Document:
    flow = {"tokenUrl": about.address(about.token_path), "scopes": dict(sorted(scopes.items()))}
    return {"oauth2": {"type": "oauth2", "flows": {"clientCredentials": flow}}}


def _problem_schema() -> Document:
    text = {"type": "string"}
    optional = {"type": ["string", "null"]}
    fault = {
        "type": "object",
        "required": ["code", "detail"],
        "properties": {
            "code": text,
            "detail": text,
            "remedy": text,
            "pointer": {**text, "description": "RFC 6901, in a JSON body"},
            "row": {"type": "integer", "description": "row of the caller's file, header = 1"},
            "column": text,
            "source_id": text,
            "value": text,
            "allowed": text,
        },
    }
    return {
        "type": "object",
        "description": "RFC 9457 problem details; the type resolves to a page that explains it.",
        "required": ["type", "title", "status", "detail", "code", "actor", "remedy"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "code": text,
            "actor": {"type": "string", "enum": ["vendor", "school", "bureau", "host"]},
            "remedy": text,
            "trace_id": optional,
            "error_count": {"type": "integer"},
            "errors": {"type": "array", "items": fault},
        },
    }


def _problem_responses() -> Document:
    """One response per status, with every problem of that status as an example."""
    examples: dict[str, Document] = {}
    for code, problem in sorted(catalogue().items()):
        if problem.kind is not ProblemKind.FAULT:
            status = str(KIND_STATUS[problem.kind])
            examples.setdefault(status, {})[code] = {"value": example_document(problem)}
    responses = {
        f"Problem{status}": _problem_response(f"问题 {status}", examples.get(status, {}))
        for status in _PROBLEM_STATUSES
    }
    others = {
        code: example
        for status, entries in examples.items()
        for code, example in entries.items()
        if status not in _PROBLEM_STATUSES
    }
    responses["Problem"] = _problem_response("其他问题 Any other problem", others)
    return responses


def _problem_response(description: str, examples: Document) -> Document:
    content: Document = {"schema": {"$ref": "#/components/schemas/Problem"}}
    if examples:
        content["examples"] = examples
    return {"description": description, "content": {"application/problem+json": content}}
