"""From the text of a scheme to its document, with every fault and its line at once (docs/schemes.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from shared.scoring.rules import RULES_BY_KIND, Rule, rule_faults
from shared.scoring.rules.parameters import KIND, exact
from shared.scoring.scheme.document import BranchEntry, Dated, LeafEntry, Life, SchemeDocument
from shared.scoring.scheme.entries import Entry
from shared.scoring.scheme.findings import Finding, Level, sorted_findings
from shared.scoring.scheme.tree import (
    EvaluationKind,
    Evaluator,
    GradeBand,
    Method,
    Missing,
    Source,
    SourceKind,
    SubjectOfScheme,
)
from shared.scoring.scheme.yaml_text import Path, YamlText, read_yaml

MOST_NODES = 1000


def read_scheme(text: str) -> SchemeDocument | tuple[Finding, ...]:
    """Reads a scheme; :func:`shared.scoring.scheme.checks.check_scheme` says whether it makes sense.

    Args:
        text: YAML as docs/schemes.md describes it.

    Returns:
        The scheme, or everything that is wrong with the text in its order; all of these are errors.
    """
    yaml_text = read_yaml(text)
    if not yaml_text.content:
        return yaml_text.findings or (Finding(Level.ERROR, "scheme.yaml_not_a_mapping", 1),)
    reader = _Reader(yaml_text)
    document = reader.scheme()
    return sorted_findings((*yaml_text.findings, *reader.found)) or document


class _Reader:
    def __init__(self, text: YamlText) -> None:
        self._text = text
        self._rules: dict[str, Dated[Rule]] = {}
        self._node_count = 0
        self.found: list[Finding] = []

    def scheme(self) -> SchemeDocument:
        root = Entry(self._text.content, (), self._text, self.found)
        code, name, of = root.code("scheme"), root.name(), root.word("of", SubjectOfScheme)
        self._read_named_rules(root)
        document = SchemeDocument(
            code=code,
            name=name,
            of=of,
            life=Life(from_on=root.day("in_force_from", needed=True), until_on=root.day("in_force_until")),
            grades=root.dated("grades", self._grades),
            weights_sum_to=root.number("weights_sum_to"),
            group_by=root.texts("group_by"),
            applies_to=root.limits("applies_to"),
            shows_total=root.flag("shows_total", default=True),
            document=root.text("document"),
            is_verified=root.flag("verified"),
            note=root.text("note"),
            line=self._text.line(("scheme",)),
            children=tuple(self._dimension(part) for part in root.parts("children", needed=True)),
        )
        root.close()
        if self._node_count > MOST_NODES:
            root.report("scheme.too_many_nodes", count=self._node_count, most=MOST_NODES)
        return document

    def _read_named_rules(self, root: Entry) -> None:
        table = root.part("rules")
        if table is not None:
            self._rules = {name: table.dated(name, self._rule) for name in table.keys}

    def _dimension(self, part: Entry) -> BranchEntry:
        if part.raw("children") is None:
            part.report("scheme.key_missing", key="children")
        return self._branch(part)

    def _node(self, part: Entry) -> BranchEntry | LeafEntry:
        return self._leaf(part) if part.raw("children") is None else self._branch(part)

    def _branch(self, part: Entry) -> BranchEntry:
        entry = BranchEntry(
            **self._common(part),
            weights_sum_to=part.number("weights_sum_to"),
            children=tuple(self._node(child) for child in part.parts("children")),
        )
        part.close()
        return entry

    def _leaf(self, part: Entry) -> LeafEntry:
        common = self._common(part)
        entry = LeafEntry(
            **common,
            rule=self._leaf_rule(part),
            source=self._source(part, common["code"]),
            evaluators=part.words("evaluators", Evaluator),
            methods=part.words("methods", Method),
            evaluation_kind=part.word("evaluation_kind", EvaluationKind),
            missing=part.word("missing", Missing, default=Missing.REWEIGHT),
            is_exam_derived=part.flag("exam_derived"),
            is_observed_only=part.flag("observed_only"),
            applies_to=part.limits("applies_to"),
            asks=part.whole("asks", default=1),
        )
        part.close()
        return entry

    def _common(self, part: Entry) -> dict[str, Any]:
        self._node_count += 1
        return {
            "code": part.code("code"),
            "name": part.name(),
            "weight": part.dated("weight", self._weight),
            "life": Life(from_on=part.day("in_force_from"), until_on=part.day("in_force_until")),
            "document": part.text("document"),
            "is_verified": part.flag("verified"),
            "note": part.text("note"),
            "line": part.line,
        }

    def _source(self, part: Entry, code: str) -> Source:
        inner = part.part("source", needed=True) if _is_mapping(part.raw("source")) else None
        if inner is not None:
            source = Source(inner.word("kind", SourceKind), inner.code("key"))
            inner.close()
            return source
        return Source(part.word("source", SourceKind), code)

    def _leaf_rule(self, part: Entry) -> Dated[Rule]:
        """Written out, or the name of one in the scheme's table ``rules``."""
        name = part.raw("rule")
        if not isinstance(name, str):
            return part.dated("rule", self._rule)
        line = self._text.line((*part.path, "rule"))
        named = self._rules.get(name)
        if named is None:
            known = ", ".join(self._rules) or "-"
            part.report("scheme.rule_not_named", at=(*part.path, "rule"), value=name[:60], allowed=known)
            return Dated((), line)
        return Dated(tuple(replace(value, line=line or value.line) for value in named.values), line)

    def _rule(self, content: Any, path: Path) -> Rule | None:
        faults = rule_faults(content)
        for fault in faults:
            line = self._text.line((*path, *fault.path))
            self.found.append(Finding(Level.ERROR, fault.code, line, params=fault.params))
        return None if faults else RULES_BY_KIND[content[KIND]].parse(content)

    def _weight(self, content: Any, path: Path) -> Decimal | None:
        number = exact(content)
        if number is None or number < 0:
            params = {"key": "weight", "expected": "≥ 0", "value": str(content)[:60]}
            self.found.append(Finding(Level.ERROR, "scheme.wrong_kind", self._text.line(path), params=params))
            return None
        return number

    def _grades(self, content: Any, path: Path) -> tuple[GradeBand, ...] | None:
        if not isinstance(content, list):
            params = {
                "key": "grades",
                "expected": "[{grade: A, name: {…}, at_least: 90}, …]",
                "value": str(content)[:60],
            }
            self.found.append(Finding(Level.ERROR, "scheme.wrong_kind", self._text.line(path), params=params))
            return None
        bands = []
        for place, each in enumerate(content):
            part = Entry(each, (*path, place), self._text, self.found)
            at_least = part.number("at_least")
            if at_least is None and part.raw("at_least") is None:
                part.report("scheme.key_missing", key="at_least")
            bands.append(GradeBand(part.code("grade"), part.name(), Decimal(0) if at_least is None else at_least))
            part.close()
        return tuple(bands)


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping)
