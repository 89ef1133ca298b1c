"""One operation of the API, as a section that opens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gateway.pages.markup import Child, Markup, both, tag
from gateway.pages.schema_view import Field, example_of, fields_of, resolve, type_of

Node = Mapping[str, Any]
_PLACES = {"path": "路径 path", "query": "查询 query", "header": "请求头 header", "cookie": "cookie"}


def operation_section(method: str, path: str, operation: Node, components: Node) -> Markup:
    """Everything about one operation; folded until opened."""
    title = str(operation.get("summary") or operation["operationId"])
    needle = " ".join((method, path, title, str(operation.get("description", "")), operation["operationId"]))
    summary = tag(
        "summary",
        tag("span", method.upper(), class_=f"method {method}"),
        tag("code", path, class_="path"),
        tag("span", title, class_="title"),
        _deprecated(operation),
    )
    body = tag(
        "div",
        _prose(operation.get("description")),
        _permission(operation),
        _parameters(operation, components),
        _request_body(operation, components),
        _responses(operation, components),
        class_="operation-body",
    )
    return tag("details", summary, body, class_="operation", id=operation["operationId"], data_search=needle.lower())


def _deprecated(operation: Node) -> Child:
    return tag("span", "已弃用 deprecated", class_="badge warn") if operation.get("deprecated") else None


def _prose(text: object) -> Child:
    if not text:
        return None
    return [tag("p", paragraph.strip()) for paragraph in str(text).split("\n\n") if paragraph.strip()]


def _permission(operation: Node) -> Child:
    permission = operation.get("x-permission")
    if not isinstance(permission, dict):
        words = "无需令牌 No token needed" if operation.get("security") == [] else "需要令牌 Token needed"
        return tag("p", tag("span", words, class_="badge"), class_="permission")
    return tag(
        "p",
        both("权限", "Permission"),
        " ",
        tag("code", str(permission.get("action", ""))),
        " · scope ",
        tag("code", str(permission.get("scope", ""))),
        " · ",
        [tag("span", role, class_="badge") for role in permission.get("roles", ())],
        class_="permission",
    )


def _parameters(operation: Node, components: Node) -> Child:
    parameters = [resolve(parameter, components) for parameter in operation.get("parameters", ())]
    if not parameters:
        return None
    rows = []
    for parameter in parameters:
        schema = parameter.get("schema", {})
        (field,) = fields_of({"properties": {parameter["name"]: schema}}, components)[:1]
        rows.append(
            tag(
                "tr",
                tag("td", tag("code", parameter["name"]), _required(bool(parameter.get("required")))),
                tag("td", _PLACES.get(parameter.get("in", ""), "")),
                tag("td", type_of(schema, components)),
                tag("td", str(parameter.get("description") or field.text), _limits(field)),
            )
        )
    return [tag("h4", both("参数", "Parameters")), _table(("名称", "位置", "类型", "说明"), rows)]


def _request_body(operation: Node, components: Node) -> Child:
    body = resolve(operation.get("requestBody", {}), components)
    parts: list[Child] = []
    for media_type, content in body.get("content", {}).items():
        parts += [
            tag("h4", both("请求正文", "Request body"), " ", tag("code", media_type)),
            _prose(body.get("description")),
            _content(content, components),
        ]
    return parts


def _responses(operation: Node, components: Node) -> Child:
    parts: list[Child] = [tag("h4", both("应答", "Responses"))]
    problems: list[str] = []
    for status, response in operation.get("responses", {}).items():
        if str(response.get("$ref", "")).startswith("#/components/responses/Problem"):
            problems.append(status)
            continue
        resolved = resolve(response, components)
        parts.append(
            tag(
                "p",
                tag("span", status, class_="status"),
                " ",
                str(resolved.get("description", "")),
                class_="response",
            )
        )
        for media_type, content in resolved.get("content", {}).items():
            if content.get("schema"):
                parts.append(tag("p", tag("code", media_type), class_="media"))
                parts.append(_content(content, components))
    if problems:
        link = tag("a", "application/problem+json", href="/problems")
        parts.append(tag("p", "问题应答 Problems: ", [[tag("code", status), " "] for status in problems], "· ", link))
    return parts


def _content(content: Node, components: Node) -> Child:
    schema = content.get("schema", {})
    fields = fields_of(schema, components)
    named = content.get("examples") or {}
    given = next((entry["value"] for entry in named.values() if "value" in entry), content.get("example"))
    example = given if given is not None else example_of(schema, components)
    return [
        _table(("字段", "类型", "说明"), [_field_row(field) for field in fields]) if fields else None,
        _example(example),
    ]


def _example(example: object) -> Child:
    if example in (None, {}, "string", "(binary)"):
        return None
    text = example if isinstance(example, str) else json.dumps(example, ensure_ascii=False, indent=2)
    return tag("details", tag("summary", "示例 Example"), tag("pre", tag("code", text)), class_="example")


def _field_row(field: Field) -> Markup:
    return tag(
        "tr",
        tag(
            "td",
            tag("code", field.name, class_=f"depth{field.depth}"),
            _required(field.is_required),
        ),
        tag("td", field.type),
        tag("td", field.text, _limits(field)),
    )


def _required(is_required: bool) -> Child:
    return tag("span", "必填", class_="required", title="required") if is_required else None


def _limits(field: Field) -> Child:
    return [tag("span", limit, class_="limit") for limit in field.limits]


def _table(heads: tuple[str, ...], rows: list[Markup]) -> Markup:
    head = tag("thead", tag("tr", [tag("th", word) for word in heads]))
    return tag("div", tag("table", head, tag("tbody", rows)), class_="table")
