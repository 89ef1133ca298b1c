"""Changing one node of a scheme's text and nothing else: comments, order and lines of the rest stay. Pure; blocks."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from shared.terms.errors import DomainError

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
CHILDREN, CODE, ROOT_CODE = "children", "code", "scheme"


def with_node_replaced(text: str, code: str, content: Mapping[str, Any]) -> str:
    """The text with a node written anew.

    Raises:
        DomainError: ``scheme.node_unknown``.
    """
    node = _found(text, code)
    start, end = node.start_mark.index, _end(text, node)
    return text[:start] + _written(content, node.start_mark.column) + text[end:]


def without_node(text: str, code: str) -> str:
    """The text without a node and what is below it.

    Raises:
        DomainError: ``scheme.node_unknown``; ``scheme.node_last`` for the only child of its parent.
    """
    for _, children in _families(_root(text)):
        if code in _codes(children):
            if len(children.value) == 1:
                raise DomainError("scheme.node_last", params={"node": code})
            node = children.value[_codes(children).index(code)]
            line_start = text.rfind("\n", 0, node.start_mark.index) + 1
            return text[:line_start] + text[_end(text, node) :].lstrip(" ").removeprefix("\n")
    raise DomainError("scheme.node_unknown", params={"node": code})


def with_node_added(text: str, parent: str, content: Mapping[str, Any]) -> str:
    """The text with a node added as the last child of a parent, which is a node or the scheme itself.

    Raises:
        DomainError: ``scheme.node_unknown`` for a parent that has no children.
    """
    for name, children in _families(_root(text)):
        if name == parent:
            last = children.value[-1]
            column, end = last.start_mark.column, _end(text, last)
            return f"{text[:end]}\n{' ' * (column - 2)}- {_written(content, column)}{text[end:]}"
    raise DomainError("scheme.node_unknown", params={"node": parent})


def _root(text: str) -> yaml.MappingNode:
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    if not isinstance(root, yaml.MappingNode):
        raise DomainError("scheme.node_unknown", params={"node": "-"})
    return root


def _found(text: str, code: str) -> yaml.MappingNode:
    for _, children in _families(_root(text)):
        codes = _codes(children)
        if code in codes:
            node: yaml.MappingNode = children.value[codes.index(code)]
            return node
    raise DomainError("scheme.node_unknown", params={"node": code})


def _families(root: yaml.MappingNode) -> Iterator[tuple[str | None, yaml.SequenceNode]]:
    """Every parent's code with its children, in block style, where nodes can be cut out line by line."""
    waiting = [(root, _member(root, ROOT_CODE))]
    while waiting:
        node, code = waiting.pop()
        children = next((value for key, value in node.value if key.value == CHILDREN), None)
        if isinstance(children, yaml.SequenceNode) and children.value and not children.flow_style:
            yield code, children
            waiting += [(each, _member(each, CODE)) for each in children.value if isinstance(each, yaml.MappingNode)]


def _codes(children: yaml.SequenceNode) -> list[str | None]:
    return [_member(each, CODE) if isinstance(each, yaml.MappingNode) else None for each in children.value]


def _member(node: yaml.MappingNode, name: str) -> str | None:
    return next((str(value.value) for key, value in node.value if key.value == name), None)


def _end(text: str, node: yaml.Node) -> int:
    """Where a node's own text ends: the parser counts blank lines and comments after it as its own."""
    body = text[node.start_mark.index : node.end_mark.index]
    lines = body.split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return int(node.start_mark.index) + len("\n".join(lines).rstrip())


def _written(content: Mapping[str, Any], column: int) -> str:
    dumped = yaml.safe_dump(
        _plain(content), allow_unicode=True, sort_keys=False, width=10_000, default_flow_style=False
    )
    return dumped.rstrip("\n").replace("\n", "\n" + " " * column)


def _plain(value: Any) -> Any:
    """JSON knows no dates: text that is one is written as one."""
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return value
    return value
