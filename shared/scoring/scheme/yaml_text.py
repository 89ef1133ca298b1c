"""YAML as people may write it here: plain values with the line of every key, exact numbers, and none of YAML's surprises.

Numbers are decimals as written, dates are dates, ``yes`` and ``no`` are words. Refused: tabs, anchors, aliases, tags, keys
that stand twice, more than one document, deep nesting, large files.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
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
    unprintable = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if unprintable is not None:
        line = text.count("\n", 0, unprintable.start()) + 1
        return _unreadable("scheme.yaml_malformed", line, problem=f"U+{ord(unprintable.group()):04X}")
    tabs = [place for place, line in enumerate(text.splitlines(), 1) if "\t" in line[: len(line) - len(line.lstrip())]]
    if tabs:
        return _unreadable("scheme.yaml_tab", tabs[0])
    reader = _Values(_events(text))
    try:
        content = reader.document()
    except _Refused as refused:
        return _unreadable(refused.code, refused.line, **refused.params)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return _unreadable("scheme.yaml_malformed", mark.line + 1 if mark else None, problem=str(error.problem)[:200])
    return YamlText(content, reader.lines, tuple(reader.findings))


def _unreadable(code: str, line: int | None, **params: object) -> YamlText:
    return YamlText({}, {}, (Finding(Level.ERROR, code, line, params=params),))


class _Refused(Exception):
    def __init__(self, code: str, line: int, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        self.params = params


class _Values:
    """Values out of the parser's events, which keep their lines; stops at what is refused before it can do harm."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self.lines: dict[Path, int] = {}
        self.findings: list[Finding] = []

    def document(self) -> dict[str, Any]:
        """The one document, a mapping."""
        next(self._events)
        first = next(self._events)
        node = next(self._events) if isinstance(first, yaml.DocumentStartEvent) else first
        if not isinstance(node, yaml.MappingStartEvent):
            self._refuse_harm(node, ())
            raise _Refused("scheme.yaml_not_a_mapping", 1)
        content: dict[str, Any] = self._value(node, ())
        next(self._events)
        after = next(self._events)
        if isinstance(after, yaml.DocumentStartEvent):
            raise _Refused("scheme.yaml_malformed", _line(after), problem="a second document")
        return content

    def _value(self, event: yaml.Event, path: Path) -> Any:
        self._refuse_harm(event, path)
        self.lines.setdefault(path, _line(event))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            found: list[Any] = []
            while not isinstance(entry := next(self._events), yaml.SequenceEndEvent):
                found.append(self._value(entry, (*path, len(found))))
            return found
        value: str = getattr(event, "value", "")
        is_plain = getattr(event, "style", None) is None
        return _scalar(value) if is_plain else value

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = _line(event)
            is_word = isinstance(event, yaml.ScalarEvent)
            key: str = getattr(event, "value", "-")
            if not is_word:
                self._report("scheme.yaml_malformed", line, problem="a key must be a word")
                self._value(event, (*path, key))
            elif key in found:
                self._report("scheme.yaml_key_twice", line, key=key[:60], first=self.lines[*path, key])
            else:
                self._refuse_harm(event, path)
                self.lines[*path, key] = line
                found[key] = self._value(next(self._events), (*path, key))
                continue
            self._value(next(self._events), (*path, key))
        return found

    def _refuse_harm(self, event: yaml.Event, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused("scheme.yaml_alias", _line(event))
        if getattr(event, "tag", None):
            raise _Refused("scheme.yaml_tag", _line(event))
        if len(path) > MOST_LEVELS:
            raise _Refused("scheme.yaml_too_deep", _line(event))

    def _report(self, code: str, line: int, **params: object) -> None:
        self.findings.append(Finding(Level.ERROR, code, line, params=params))


def _events(text: str) -> Iterator[yaml.Event]:
    """Always the parser in Python: the one in C reads some flow mappings otherwise, and not every machine has it."""
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=yaml.BaseLoader)
    return events


def _line(event: yaml.Event) -> int:
    mark = event.start_mark
    return 1 if mark is None else mark.line + 1


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
