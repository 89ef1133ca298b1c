"""A small scheme as text, and ways to spoil it."""

from __future__ import annotations

from typing import Any

from shared.scoring.scheme.checks import CHECKS
from shared.scoring.scheme.checks.base import CheckContext, schemes_on
from shared.scoring.scheme.document import SchemeDocument
from shared.scoring.scheme.example_reading import read_examples
from shared.scoring.scheme.examples import SchemeExamples
from shared.scoring.scheme.findings import Level, sorted_findings
from shared.scoring.scheme.reading import read_scheme

SMALL = """\
scheme: small
name: {zh: 小方案, en: Small scheme}
of: school
in_force_from: 2026-09-01
weights_sum_to: 100
group_by: [stage]
grades:
  - {grade: A, name: {zh: 优秀, en: Excellent}, at_least: 90}
  - {grade: C, name: {zh: 合格, en: Passed}, at_least: 60}
  - {grade: D, name: {zh: 不合格, en: Failed}, at_least: 0}
rules:
  four_levels: {kind: levels, levels: {A: 1, B: 0.8, C: 0.6, D: 0}}
children:
  - code: A1
    name: {zh: 办学方向, en: Direction}
    weight:
      - {from: 2026-09-01, value: 60, document: 甲〔2026〕1号, last_confirmed_on: 2026-11-01}
      - {from: 2027-09-01, value: 40, document: 甲〔2027〕2号}
    children:
      - code: B1
        name: {zh: 德育工作, en: Moral education}
        weight: 1
        rule: four_levels
        source: inspection
        evaluators: [school, county]
        methods: [documents, on_site]
        evaluation_kind: process
      - code: V1
        name: {zh: 安全责任事故, en: Grave accident}
        weight: 0
        rule: {kind: veto, when: yes, caps_at: C}
        source: inspection
        evaluators: [county]
        methods: [documents]
        evaluation_kind: result
  - code: A2
    name: {zh: 办学条件, en: Conditions}
    weight:
      - {from: 2026-09-01, value: 40, document: 甲〔2026〕1号}
      - {from: 2027-09-01, value: 60, document: 甲〔2027〕2号}
    children:
      - code: B2
        name: {zh: 生均图书, en: Books per student}
        weight: 1
        rule:
          - {from: 2026-09-01, value: {kind: linear, min: 10, max: 30}, document: 甲〔2026〕1号}
          - {from: 2027-09-01, value: {kind: linear, min: 10, max: 40}, document: 甲〔2027〕2号}
        source: {kind: statistics, key: books_per_student}
        evaluators: [platform]
        methods: [computed]
        evaluation_kind: result
"""


def spoiled(*changes: tuple[str, str], text: str = SMALL) -> str:
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def document(text: str = SMALL) -> SchemeDocument:
    found = read_scheme(text)
    assert isinstance(found, SchemeDocument), found
    return found


def reading_faults(text: str) -> list[tuple[str, int | None]]:
    found = read_scheme(text)
    assert not isinstance(found, SchemeDocument)
    return [(finding.code.removeprefix("scheme."), finding.line) for finding in found]


def line_of(words: str, text: str = SMALL) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


SMALL_EXAMPLES = """\
scheme: small
examples:
  - code: middling
    name: {zh: 中等, en: Middling}
    on: 2026-09-01
    attributes: {stage: primary}
    values: {B1: B, V1: no, B2: 25}
    expect:
      # 60 × 0.8 + 40 × (25 − 10) ÷ (30 − 10)
      total: 78.00
      grade: C
      shares: {B1: 0.8, B2: 0.75}
      points: {A1: 48, A2: 30}
  - code: struck
    name: {zh: 一票否决, en: Struck by a veto}
    on: 2026-09-01
    like: middling
    values: {B1: A, V1: yes, B2: 30}
    expect: {total: 100, uncapped_grade: A, grade: C}
  - code: later
    name: {zh: 规则更改以后, en: After the change}
    on: 2027-09-01
    like: middling
    values: {B2:}
    expect: {total: 80, statuses: {B2: reweighted, A2: reweighted}}
"""


def examples(text: str = SMALL_EXAMPLES) -> SchemeExamples:
    found = read_examples(text)
    assert isinstance(found, SchemeExamples), found
    return found


def found_by(
    name: str, *changes: tuple[str, str], text: str = SMALL, **context: Any
) -> list[tuple[Level, str, str | None, int | None]]:
    """What one check finds in the small scheme with some changes: level, code, node, line."""
    check = next(check for check in CHECKS if check.name == name)
    scheme = document(spoiled(*changes, text=text))
    findings = check.find(context_of(scheme, **context))
    return [(each.level, each.code.removeprefix("scheme."), each.node, each.line) for each in sorted_findings(findings)]


def context_of(scheme: SchemeDocument, **context: Any) -> CheckContext:
    return CheckContext(document=scheme, schemes=schemes_on(scheme, scheme.days), **context)
