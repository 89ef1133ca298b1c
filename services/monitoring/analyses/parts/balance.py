"""Balance of candidates' subjects (SCORING §6.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from services.monitoring.analyses.parts.base import Frames, Inputs, Part, Source, Task, sheets_sha256
from services.monitoring.exams.rules import analysis_plan, plan_fields
from shared.scoring.balance import candidate_balance, subject_balance, weak_counts, weak_rates
from shared.scoring.levels import KEY_COLUMNS, index_level
from shared.scoring.summaries.mark_histogram import gather_histogram
from shared.terms.organization import OrgLevel

_FRAMES = ("subject_balance", "candidate_balance")


def _tasks(inputs: Inputs) -> Iterator[Task]:
    definition = inputs["definition"]
    if sum(subject["role"] == "outcome" for subject in definition["subjects"]) > 1:
        needs = {"plan": plan_fields(definition), "weak_at": definition["weak_at"], "sheets": sheets_sha256(inputs)}
        yield Task("balance", needs, _compute, closely=_follows_from)


def _follows_from(source: Source) -> Mapping[str, Any]:
    """The candidates and their marks in this exam's subjects: intake marks change nothing here."""
    definition = source.inputs["definition"]
    plan = analysis_plan(definition)
    columns = ("candidate_id", *KEY_COLUMNS, *(subject.code for subject in plan.outcomes))
    needs = {"plan": plan_fields(definition), "weak_at": definition["weak_at"]}
    return needs | {"columns": source.columns_sha256(plan, columns)}


def _compute(source: Source) -> Frames:
    definition = source.inputs["definition"]
    plan = analysis_plan(definition)
    sheet = source.mark_sheet(plan)
    histograms = {
        subject.code: gather_histogram(
            *index_level(sheet.keys, OrgLevel.CITY), sheet.frame[subject.code], subject=subject
        )
        for subject in plan.outcomes
    }
    balance = subject_balance(sheet, histograms, weak_at=definition["weak_at"])
    source.report(0.5, "balance")
    counts = weak_counts(balance)
    rates = [weak_rates(counts, level=level, min_n=plan.min_n) for level in plan.levels]
    return {
        "subject_balance": pl.concat(rates).sort("level", "county_code", "school_code", "class_code", "subject"),
        "candidate_balance": candidate_balance(balance).sort("county_code", "school_code", "candidate_id"),
    }


PART = Part("balance", _FRAMES, _tasks)
