"""YAML as people may write it here: plain values with the line of every key, exact numbers, and none of YAML's surprises.

Numbers are decimals as written, dates are dates, ``yes`` and ``no`` are words. Refused: tabs, anchors, aliases, tags, keys
that stand twice, more than one document, deep nesting, large files.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import yaml

from shared.scoring.scheme.findings import Finding, Level

MOST_BYTES = 512 * 1024
MOST_LEVELS = 16
Path = tuple[str | int, ...]

_NUMBER = re.compile(r"[-+]?\d{1,30}(\.\d{1,30})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True)
class YamlText:
    """What a text says.

    Args:
        content: plain mappings, lists, text, ``Decimal``, ``date``, ``bool`` and ``None``; an empty mapping
            where nothing could be read.
        lines: line of every key and entry by its path, the first line being 1.
        findings: what could not be read.
    """

    content: Mapping[str, Any]
    lines: Mapping[Path, int]
    findings: tuple[Finding, ...]

    def line(self, path: Path) -> int | None:
        """The line of a path, or of what is nearest above it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path)


def read_yaml(text: str) -> YamlText:
    """Reads a text; what cannot be read is reported with its line."""
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        return _unreadable("scheme.too_large", None, most=MOST_BYTES // 1024)
    text = text.removeprefix("\ufeff")
    tabs = [place for place, line in enumerate(text.splitlines(), 1) if "\t" in line[: len(line) - len(line.lstrip())]]
    if tabs:
        return _unreadable("scheme.yaml_tab", tabs[0])
    try:
        root = _Composer(text).get_single_node()
    except _Refused as refused:
        return _unreadable(refused.code, refused.line)
    except yaml.reader.ReaderError as error:
        return _unreadable("scheme.yaml_malformed", text.count("\n", 0, error.position) + 1, problem=str(error.reason))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return _unreadable("scheme.yaml_malformed", mark.line + 1 if mark else None, problem=str(error.problem)[:200])
    if not isinstance(root, yaml.MappingNode):
        return _unreadable("scheme.yaml_not_a_mapping", 1)
    reader = _Values()
    content = reader.value(root, ())
    return YamlText(content, reader.lines, tuple(reader.findings))


def _unreadable(code: str, line: int | None, **params: object) -> YamlText:
    return YamlText({}, {}, (Finding(Level.ERROR, code, line, params=params),))


class _Refused(Exception):
    def __init__(self, code: str, line: int) -> None:
        super().__init__(code)
        self.code = code
        self.line = line


class _Composer(yaml.BaseLoader):
    """Builds nodes, which keep their lines, and stops at what is refused before it can do harm."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused("scheme.yaml_alias", line)
        if getattr(event, "tag", None):
            raise _Refused("scheme.yaml_tag", line)
        if self._depth > MOST_LEVELS:
            raise _Refused("scheme.yaml_too_deep", line)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


class _Values:
    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.findings: list[Finding] = []

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, (*path, place)) for place, each in enumerate(node.value)]
        is_plain = getattr(node, "style", None) is None
        return _scalar(node.value) if is_plain else node.value

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._report("scheme.yaml_malformed", line, problem="a key must be a word")
                continue
            key = str(key_node.value)
            if key in found:
                self._report("scheme.yaml_key_twice", line, key=key[:60], first=self.lines[*path, key])
                continue
            self.lines[*path, key] = line
            found[key] = self.value(value_node, (*path, key))
        return found

    def _report(self, code: str, line: int, **params: object) -> None:
        self.findings.append(Finding(Level.ERROR, code, line, params=params))


def _scalar(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    if _DATE.fullmatch(text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            return text
    return text
