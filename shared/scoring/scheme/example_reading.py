"""From the text of worked examples to examples, with every fault and its line at once (docs/schemes.md)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.scoring.scheme.entries import Entry
from shared.scoring.scheme.examples import ExampleUnit, Expected, SchemeExamples, WorkedExample
from shared.scoring.scheme.findings import Finding, Level, sorted_findings
from shared.scoring.scheme.yaml_text import YamlText, read_yaml

ONLY_UNIT = "unit"
_Base = tuple[Mapping[str, str], Mapping[str, Any]]


def read_examples(text: str) -> SchemeExamples | tuple[Finding, ...]:
    """Reads worked examples.

    Args:
        text: YAML as docs/schemes.md describes it.

    Returns:
        The examples, or everything that is wrong with the text.
    """
    yaml_text = read_yaml(text)
    if not yaml_text.content:
        return yaml_text.findings or (Finding(Level.ERROR, "scheme.yaml_not_a_mapping", 1),)
    reader = _Reader(yaml_text)
    examples = reader.examples()
    return sorted_findings((*yaml_text.findings, *reader.found)) or examples


class _Reader:
    def __init__(self, text: YamlText) -> None:
        self._text = text
        self._bases: dict[str, _Base] = {}
        self.found: list[Finding] = []

    def examples(self) -> SchemeExamples:
        root = Entry(self._text.content, (), self._text, self.found)
        found = SchemeExamples(
            root.code("scheme"), tuple(self._example(part) for part in root.parts("examples", needed=True))
        )
        root.close()
        return found

    def _example(self, part: Entry) -> WorkedExample:
        code, name, on = part.code("code"), part.name(), part.day("on", needed=True)
        if part.raw("units") is None:
            units: tuple[ExampleUnit, ...] = (self._unit(part, ONLY_UNIT),)
        else:
            inner = part.parts("units")
            units = tuple(self._unit(unit, unit.code("code")) for unit in inner)
            for unit in inner:
                unit.close()
        part.close()
        if code in self._bases:
            part.report("scheme.example_twice", code=code)
        if units:
            self._bases[code] = (units[0].attributes, units[0].values)
        return WorkedExample(code=code, name=name, on=on or dt.date.min, units=units, line=part.line)

    def _unit(self, part: Entry, code: str) -> ExampleUnit:
        like = part.text("like")
        if like is not None and like not in self._bases:
            part.report("scheme.example_like_unknown", at=(*part.path, "like"), like=like[:60])
        attributes, values = self._bases.get(like or "", ({}, {}))
        own = part.limits("attributes")
        return ExampleUnit(
            code=code,
            attributes={**attributes, **{name: texts[0] for name, texts in own.items() if texts}},
            values={**values, **self._mapping(part, "values")},
            expected=self._expected(part),
            line=part.line,
        )

    def _expected(self, part: Entry) -> Expected:
        expect = part.part("expect", needed=True)
        if expect is None:
            return Expected()
        found = Expected(
            total=expect.number("total"),
            grade=expect.text("grade"),
            uncapped_grade=expect.text("uncapped_grade"),
            shares=self._numbers(expect, "shares"),
            points=self._numbers(expect, "points"),
            statuses={name: str(word) for name, word in self._mapping(expect, "statuses").items()},
        )
        expect.close()
        return found

    def _numbers(self, part: Entry, key: str) -> dict[str, Decimal]:
        found = {}
        for name, value in self._mapping(part, key).items():
            if isinstance(value, Decimal):
                found[name] = value
            else:
                at = (*part.path, key, name)
                part.report("scheme.wrong_kind", at=at, key=f"{key}.{name}", expected="0.5", value=str(value)[:60])
        return found

    def _mapping(self, part: Entry, key: str) -> Mapping[str, Any]:
        value = part.raw(key)
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            part.report("scheme.wrong_kind", at=(*part.path, key), key=key, expected="{…}", value=str(value)[:60])
            return {}
        return value
