"""An exam's figures part by part, each following from the marks it names and from no others (SCORING §0).

Joined by name, in the order of subject and model codes, they are the tables of the exam. Who keeps the parts computes after
a correction only those whose marks have changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from shared.scoring.comparison import comparison_table, school_groups, school_metrics
from shared.scoring.frame import MarkSheet
from shared.scoring.funnel import effect_points, mean_points
from shared.scoring.levels import index_groups
from shared.scoring.plan import AnalysisPlan, ValueAddedModel
from shared.scoring.schemas import shape_frame
from shared.scoring.standing import Groups, subject_standings
from shared.scoring.standing_table import standing_table
from shared.scoring.subjects import Subject
from shared.scoring.summaries.attribute_counts import AttributeCounts
from shared.scoring.summaries.exam_summary import gather_relation
from shared.scoring.summaries.group_counts import Integers
from shared.scoring.summaries.joint_histogram import JointHistogram
from shared.scoring.summaries.mark_histogram import LevelSteps, MarkHistogram, gather_histogram
from shared.scoring.summaries.mark_view import MarkView
from shared.scoring.summary_table import bands, cumulative, finish_levels, join_subjects
from shared.scoring.value_added.companions import companion_table
from shared.scoring.value_added.models import (
    FittedModel,
    coefficient_table,
    fit_model,
    model_table,
    school_table,
    schools_of,
)
from shared.scoring.value_added.transitions import transition_table
from shared.terms.errors import DomainError, Fault
from shared.terms.organization import OrgLevel

Frames = dict[str, pl.DataFrame]
_SCHOOL = ["county_code", "school_code"]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """A whole exam's candidates and their groups: found once, used by every subject.

    Args:
        sheet: the checked sheet, by school and candidate.
        index: every candidate's group among those of ``steps``.
        steps: how classes make schools, counties and the city.
        places: every candidate's group at each level.
    """

    sheet: MarkSheet
    index: Integers
    steps: LevelSteps
    places: Groups

    @classmethod
    def of(cls, sheet: MarkSheet, plan: AnalysisPlan) -> Candidates:
        """Finds the groups of a sheet.

        Args:
            sheet: all candidates, by county, school and number.
            plan: the levels.

        Raises:
            DomainError: ``scoring.no_candidates``; ``scoring.sheet_invalid`` for a school in two counties.
        """
        if sheet.frame.is_empty():
            raise DomainError("scoring.no_candidates")
        keys, index = index_groups(sheet.keys)
        require_one_county_per_school(keys)
        steps = LevelSteps(keys, plan.levels)
        return cls(sheet, index, steps, steps.places(index))

    def histogram(self, subject: Subject) -> MarkHistogram:
        """A subject's histogram by class."""
        return gather_histogram(self.steps.keys, self.index, self.sheet.frame[subject.code], subject=subject)

    def subject(self, subject: Subject, plan: AnalysisPlan) -> Frames:
        """Everything of one subject: :func:`subject_frames`, and where candidates stand in it."""
        histograms = self.steps.climb(self.histogram(subject))
        frames = subject_frames(histograms, subject, plan)
        if plan.with_standings and subject not in plan.intakes:
            tables = {(subject.code, level): standing_table(part) for level, part in histograms.items()}
            found = subject_standings(self.sheet, tables, subject, groups=dict(self.places), plan=plan)
            frames["standings"] = shape_frame("standings", found, plan, is_sorted=True)
        return frames

    def model(self, model: ValueAddedModel, plan: AnalysisPlan) -> Frames:
        """Everything of one value-added model."""
        moments, joints = gather_relation(self.sheet.frame, model, plan)
        return model_frames(fit_model(model, moments, plan), joints, plan)


def subject_frames(histograms: Mapping[OrgLevel, MarkHistogram], subject: Subject, plan: AnalysisPlan) -> Frames:
    """Summary, one-mark tables and bands of a subject, and its funnel where it is an outcome.

    Args:
        histograms: merged histograms of the subject, at least at the levels of the plan.
        subject: a reported subject.
        plan: what is asked for.
    """
    finished = finish_levels({level: MarkView(histograms[level]) for level in plan.levels}, plan)
    table = join_subjects([finished], plan)
    frames = {
        "summary": table,
        "cumulative": cumulative(histograms, subject, plan, flags=table),
        "bands": bands(histograms, subject, plan, flags=table),
    }
    shaped = {name: shape_frame(name, frame, plan, is_sorted=True) for name, frame in frames.items()}
    if subject not in plan.intakes:
        shaped["funnel"] = shape_frame("funnel", mean_points(histograms[OrgLevel.SCHOOL], table), plan)
    return shaped


def model_frames(fitted: FittedModel, joints: Mapping[tuple[str, str], JointHistogram], plan: AnalysisPlan) -> Frames:
    """What a model was fitted to, what it says of every school, and its plain companions.

    Args:
        fitted: the model.
        joints: histograms of its intakes and outcome, at least, by relation and intake.
        plan: what is asked for.
    """
    frames = {
        "value_added_models": model_table(fitted),
        "value_added_coefficients": coefficient_table(fitted),
        "value_added_schools": school_table(fitted, plan),
        "companions": companion_table(fitted, joints, plan),
        "transitions": _transitions(fitted, joints, plan),
        "funnel": effect_points(fitted, plan),
    }
    return {name: shape_frame(name, frame, plan) for name, frame in frames.items()}


def comparison_frame(
    summary: pl.DataFrame,
    value_added: pl.DataFrame,
    plan: AnalysisPlan,
    *,
    attributes: AttributeCounts,
    intakes: Mapping[str, MarkHistogram],
) -> pl.DataFrame:
    """Schools beside their like.

    Args:
        summary: the exam's summary, at least its schools.
        value_added: the frame ``value_added_schools``.
        plan: what is compared by.
        attributes: values of the attributes by school.
        intakes: histograms of intake subjects that make groups.
    """
    if not plan.comparisons:
        return shape_frame("comparison", pl.DataFrame(), plan)
    metrics = school_metrics(summary, value_added, plan)
    groups = school_groups(plan, attributes=attributes, histograms=intakes)
    return shape_frame("comparison", comparison_table(groups, metrics, plan), plan, is_sorted=True)


def require_one_county_per_school(keys: pl.DataFrame) -> None:
    """Refuses a school in two counties.

    Raises:
        DomainError: ``scoring.sheet_invalid`` with each of them.
    """
    schools = keys.select(_SCHOOL).unique()
    twice = schools.filter(pl.col("school_code").is_duplicated())["school_code"].unique().sort()
    if len(twice):
        faults = [Fault("scoring.school_in_two_counties", column="school_code", value=code) for code in twice]
        raise DomainError("scoring.sheet_invalid", params={"count": len(twice)}, faults=faults)


def _transitions(
    fitted: FittedModel, joints: Mapping[tuple[str, str], JointHistogram], plan: AnalysisPlan
) -> pl.DataFrame:
    schools = schools_of(fitted, plan).select(*_SCHOOL, "suppressed")
    tables = []
    for intake in fitted.model.intakes:
        table = transition_table(joints[fitted.model.relation, intake])
        if table.height:
            named = table.with_columns(pl.lit(fitted.model.code).alias("model"), pl.lit(intake).alias("intake"))
            flagged = named.join(schools, on=_SCHOOL, how="left")
            tables.append(flagged.with_columns(pl.col("suppressed").fill_null(value=False)))
    return pl.concat(tables) if tables else pl.DataFrame()
