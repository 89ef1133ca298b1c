"""Checks of a scheme, one small question per file, listed here (docs/schemes.md).

To add one: write ``checks/<name>.py`` with a ``CHECK``, add it to the tuple, test it in
``tests/scoring/spec/scheme/checks/test_<name>.py``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from shared.scoring.scheme.checks import (
    applicability,
    burden,
    codes,
    confirmation,
    dates,
    documents,
    evaluators,
    exam_marks,
    grades,
    law,
    missing_values,
    names,
    rule_fit,
    sources,
    verification,
    vetoes,
    weights,
    worked_examples,
)
from shared.scoring.scheme.checks.base import Check, CheckContext, Law, schemes_on
from shared.scoring.scheme.document import SchemeDocument
from shared.scoring.scheme.examples import SchemeExamples
from shared.scoring.scheme.findings import Finding, errors, sorted_findings
from shared.scoring.scheme.tree import Source

CHECKS: tuple[Check, ...] = (
    names.CHECK,
    codes.CHECK,
    dates.CHECK,
    weights.CHECK,
    grades.CHECK,
    vetoes.CHECK,
    rule_fit.CHECK,
    sources.CHECK,
    evaluators.CHECK,
    applicability.CHECK,
    missing_values.CHECK,
    exam_marks.CHECK,
    documents.CHECK,
    verification.CHECK,
    confirmation.CHECK,
    burden.CHECK,
    law.CHECK,
    worked_examples.CHECK,
)


def check_scheme(
    document: SchemeDocument,
    *,
    law: Law,
    examples: SchemeExamples | None = None,
    knows_source: Callable[[Source], bool] | None = None,
    on: dt.date | None = None,
) -> tuple[Finding, ...]:
    """Everything that the checks find, in the order of the file.

    Args:
        document: a scheme that could be read.
        law: what the law refuses, ``shared.policy.schemes.scheme_objections``.
        examples: its worked examples.
        knows_source: whether values can be had from a source; without it sources are not checked.
        on: the day of the check; without it nobody asks how long ago values were confirmed.
    """
    context = CheckContext(
        document=document,
        schemes=schemes_on(document, document.days),
        examples=examples,
        law=law,
        knows_source=knows_source,
        on=on,
    )
    found: list[Finding] = []
    for check in CHECKS:
        if not (check.needs_sound and errors(found)):
            found += check.find(context)
    return sorted_findings(found)


__all__ = ["CHECKS", "Check", "CheckContext", "check_scheme"]
