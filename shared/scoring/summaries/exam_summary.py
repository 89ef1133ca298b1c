"""The summary of an exam: everything its figures are finished from, without one candidate's row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from shared.scoring.frame import MarkSheet
from shared.scoring.levels import LEVEL_KEYS, index_groups
from shared.scoring.plan import AnalysisPlan, ValueAddedModel
from shared.scoring.summaries.attribute_counts import AttributeCounts, gather_attributes, merge_attributes
from shared.scoring.summaries.joint_histogram import (
    JointHistogram,
    gather_joint_histogram,
    merge_joint_histograms,
)
from shared.scoring.summaries.mark_histogram import MarkHistogram, gather_histogram, merge_histograms
from shared.scoring.summaries.moments import Moments, gather_moments, merge_moments
from shared.terms.organization import OrgLevel

_SCHOOL = LEVEL_KEYS[OrgLevel.SCHOOL]


@dataclass(frozen=True, slots=True)
class ExamSummary:
    """Summaries of one partition, or of any number merged.

    Args:
        histograms: per reported subject, by class.
        moments: per relation of outcome and intakes, by school; outcome first.
        joints: per relation and intake, by school.
        attributes: values of the comparison attributes, by school.
    """

    histograms: Mapping[str, MarkHistogram]
    moments: Mapping[str, Moments]
    joints: Mapping[tuple[str, str], JointHistogram]
    attributes: AttributeCounts

    def __add__(self, other: ExamSummary) -> ExamSummary:
        return merge_summaries([self, other])

    def __sub__(self, other: ExamSummary) -> ExamSummary:
        """The summary without a part of it: how one school's corrected sheet replaces the old one."""
        return ExamSummary(
            histograms={code: part - other.histograms[code] for code, part in self.histograms.items()},
            moments={code: part - other.moments[code] for code, part in self.moments.items()},
            joints={code: part - other.joints[code] for code, part in self.joints.items()},
            attributes=self.attributes - other.attributes,
        )


def gather_summary(sheet: MarkSheet, plan: AnalysisPlan) -> ExamSummary:
    """Gathers everything a plan needs from one partition, in one pass per column."""
    keys, index = index_groups(sheet.keys)
    histograms = {
        subject.code: gather_histogram(keys, index, sheet.frame[subject.code], subject=subject)
        for subject in plan.reported
    }
    moments: dict[str, Moments] = {}
    joints: dict[tuple[str, str], JointHistogram] = {}
    for model in plan.models:
        if model.relation not in moments:
            moments[model.relation], own = gather_relation(sheet.frame, model, plan)
            joints |= own
    attributes = gather_attributes(sheet.frame, [attribute.code for attribute in plan.attributes])
    return ExamSummary(histograms, moments, joints, attributes)


def merge_summaries(parts: Sequence[ExamSummary]) -> ExamSummary:
    """Adds summaries of the same plan; the order of the parts does not matter."""
    first = parts[0]
    return ExamSummary(
        histograms={code: merge_histograms([part.histograms[code] for part in parts]) for code in first.histograms},
        moments={code: merge_moments([part.moments[code] for part in parts]) for code in first.moments},
        joints={code: merge_joint_histograms([part.joints[code] for part in parts]) for code in first.joints},
        attributes=merge_attributes([part.attributes for part in parts]),
    )


def gather_relation(
    frame: pl.DataFrame, model: ValueAddedModel, plan: AnalysisPlan
) -> tuple[Moments, dict[tuple[str, str], JointHistogram]]:
    """Moments and joint histograms of a model's marks, by school, from a checked sheet."""
    complete = _complete(frame, model)
    moments = gather_moments(complete, keys=_SCHOOL, columns=(model.outcome, *model.intakes))
    return moments, _joints(complete, model, plan)


def _complete(frame: pl.DataFrame, model: ValueAddedModel) -> pl.DataFrame:
    columns = (model.outcome, *model.intakes)
    present = pl.all_horizontal(pl.col(column) >= 0 for column in columns)
    return frame.lazy().filter(present).select(*_SCHOOL, *columns).collect()


def _joints(
    complete: pl.DataFrame, model: ValueAddedModel, plan: AnalysisPlan
) -> dict[tuple[str, str], JointHistogram]:
    keys, index = index_groups(complete.select(_SCHOOL))
    outcome = (plan.subject(model.outcome), complete[model.outcome])
    return {
        (model.relation, intake): gather_joint_histogram(
            keys, index, intake=(plan.subject(intake), complete[intake]), outcome=outcome
        )
        for intake in model.intakes
    }
