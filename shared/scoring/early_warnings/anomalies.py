"""Anomalies of marks and answers as warnings: to be looked into, never a finding of guilt (SCORING §14.5, §7b)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from shared.scoring.anomalies.base import FALSE_ALARM_RATE
from shared.scoring.anomalies.mark_inflation import line_heaping, subject_outliers
from shared.scoring.early_warnings.base import SCHOOL, Detector, ExamFigures, Parameters, findings, no_findings
from shared.scoring.levels import KEY_COLUMNS, index_groups
from shared.scoring.plan import OutcomeScale
from shared.scoring.subjects import Subject
from shared.scoring.summaries.group_counts import GroupCounts
from shared.scoring.summaries.mark_histogram import MarkHistogram

PASS = "pass"  # noqa: S105 - a rate, no secret


def mark_inflation(current: ExamFigures, _: Sequence[ExamFigures], parameters: Parameters) -> pl.DataFrame:
    """Schools whose marks pile up on the upper side of the pass line (§7b.3), by subject.

    ``value`` is the share of the marks near the line that lie on it or above, ``reference`` the share expected.

    Args:
        current: the exam's figures.
        _: earlier exams say nothing here.
        parameters: ``width``, a share of the full mark; ``false_alarm_rate`` for the exam and subject.
    """
    frame, rate = current.frame("cumulative"), next((rate for rate in current.plan.rates if rate.code == PASS), None)
    if not frame.width or rate is None:
        return no_findings()
    schools = frame.filter(pl.col("level") == "school", ~pl.col("suppressed"), pl.col("count") > 0)
    parts = []
    for subject in current.plan.outcomes:
        rows = schools.filter(pl.col("subject") == subject.code)
        if rows.is_empty():
            continue
        found = line_heaping(
            _histogram(rows, subject),
            line=subject.units_reaching(rate.threshold),
            width=max(round(parameters["width"] * subject.full_units), 1),
            false_alarm_rate=parameters["false_alarm_rate"],
        )
        parts.append(found.filter("is_flagged").with_columns(pl.lit(subject.code).alias("subject")))
    if not parts:
        return no_findings()
    return findings(
        pl.concat(parts).select(
            *SCHOOL,
            "subject",
            pl.col("n_near").alias("n"),
            (pl.col("n_at_or_above") / pl.col("n_near")).alias("value"),
            pl.col("expected_share").alias("reference"),
        )
    )


def _histogram(rows: pl.DataFrame, subject: Subject) -> MarkHistogram:
    """The histogram that a one-mark table was made from."""
    ordered = rows.with_columns((pl.col("mark") / float(subject.unit)).round().cast(pl.Int64).alias("cell")).sort(
        *SCHOOL, "cell"
    )
    keys, group = index_groups(ordered.select(KEY_COLUMNS))
    return MarkHistogram(subject, GroupCounts(keys, group, *(_whole(ordered, name) for name in ("cell", "count"))))


def _whole(frame: pl.DataFrame, name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return frame[name].cast(pl.Int64).to_numpy()


def subject_apart(current: ExamFigures, _: Sequence[ExamFigures], parameters: Parameters) -> pl.DataFrame:
    """Schools of which one subject's progress stands far above that of their other subjects (§7b.4).

    Needs models in T of two outcomes or more: with one alone a very good school cannot be told from an inflated paper.
    ``value`` is the contrast in T; ``detail`` the model.

    Args:
        current: the exam's figures.
        _: earlier exams say nothing here.
        parameters: ``false_alarm_rate`` for the whole exam.
    """
    schools, models = current.frame("value_added_schools"), current.frame("value_added_models")
    chosen = {
        model.outcome: model.code for model in reversed(current.plan.models) if model.scale is OutcomeScale.T
    }  # the first model of each outcome
    if not schools.width or not models.width:
        return no_findings()
    computed = models.filter(pl.col("model").is_in(list(chosen.values())), pl.col("status") == "computed")
    if computed.height < 2:
        return no_findings()
    usable = schools.filter(~pl.col("suppressed"), pl.col("mean_residual").is_not_null())
    rows = usable.join(computed.select("model"), on="model", how="semi")
    found = subject_outliers(rows, computed, false_alarm_rate=parameters["false_alarm_rate"])
    return findings(
        found.filter("is_flagged").select(
            *SCHOOL,
            pl.col("model").str.split("~").list.first().alias("subject"),
            pl.col("model").alias("detail"),
            "n",
            pl.col("contrast").alias("value"),
            (pl.col("contrast") / pl.col("statistic")).alias("se"),
            pl.lit(0.0).alias("reference"),
        )
    )


def copied_answers(current: ExamFigures, _: Sequence[ExamFigures], parameters: Parameters) -> pl.DataFrame:
    """Classes in which wrong answers agree more than chance lets them (§7b.2): the class is named, never a pupil.

    ``value`` is the number of identical pairs, ``reference`` the number expected; ``detail`` the class. The frame holds
    classes flagged at a rate of 1 % per subject: a smaller rate leaves fewer of them.

    Args:
        current: the exam's figures, with the frame ``item_anomalies``.
        _: earlier exams say nothing here.
        parameters: ``false_alarm_rate`` for the subject.
    """
    frame = current.frame("item_anomalies")
    if not frame.width:
        return no_findings()
    share = pl.col("threshold") * (parameters["false_alarm_rate"] / FALSE_ALARM_RATE)
    return findings(
        frame.filter(pl.col("kind") == "copied_answers", pl.col("p_value") < share).select(
            *SCHOOL,
            "subject",
            pl.col("class_code").alias("detail"),
            pl.col("identical_pairs").alias("value"),
            pl.col("expected_pairs").alias("reference"),
        )
    )


_RATE = frozenset({"false_alarm_rate"})
INFLATION_DETECTOR = Detector("mark_inflation", "cumulative", frozenset({"count"}), _RATE | {"width"}, mark_inflation)
APART_DETECTOR = Detector("subject_apart", "value_added_schools", frozenset({"mean_residual"}), _RATE, subject_apart)
COPIED_DETECTOR = Detector("copied_answers", "item_anomalies", frozenset({"identical_pairs"}), _RATE, copied_answers)
