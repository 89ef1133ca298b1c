"""Terms of classes computed together: words become levels, the scheme is evaluated, grades follow. Blocks: use a thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from services.student_eval.development_terms.opened import observed_weights
from shared.policy.student_development import development_policy
from shared.scoring.scheme.evaluation import Evaluation, evaluate
from shared.scoring.scheme.grades import grade_positions_of_exact
from shared.scoring.scheme.observed_levels import combined_levels, source_levels
from shared.scoring.scheme.said_values import values_frame
from shared.scoring.scheme.tree import Scheme
from shared.terms.education import stage_of_grade

UNIT = "unit_code"
#: The node that stands for a scheme as a whole in counts.
WHOLE = "all"


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """What was computed of classes under one scheme and in one grade.

    Args:
        values: ``unit_code`` and a level per checkpoint.
        sources: what each source said, see :func:`shared.scoring.scheme.observed_levels.source_levels`.
        evaluation: scores and totals.
        grades: ``unit_code, node, grade, share``, a row per unit and node that has a grade; the whole is ``all``.
    """

    values: pl.DataFrame
    sources: pl.DataFrame
    evaluation: Evaluation
    grades: pl.DataFrame


def compute(
    scheme: Scheme, grade_level: int, units: pl.DataFrame, words: pl.DataFrame, filled: Mapping[str, pl.DataFrame]
) -> Computed:
    """Levels, shares and grades of everybody at once.

    Args:
        scheme: as of the terms' day.
        grade_level: of the classes.
        units: ``unit_code`` and ``student_key`` of every pupil.
        words: ``unit_code, leaf, source, level, n``, the words that count.
        filled: by checkpoint ``unit_code, value``, what providers know.
    """
    policy = development_policy()
    weights = observed_weights(scheme, grade_level)
    choices = {leaf.code: leaf.rule.choices for leaf in scheme.leaves()}
    least = {code: source.least for code, source in policy.sources.items()}
    sources = source_levels(words, choices, least)
    said = combined_levels(sources, choices, weights, least_weight_rate=policy.least_weight_rate)
    known = units.select(UNIT).sort(UNIT)
    for leaf, frame in filled.items():
        known = known.join(frame.select(UNIT, pl.col("value").alias(leaf)), on=UNIT, how="left", maintain_order="left")
    values = values_frame(scheme, units, said, known)
    attributes = units.select(
        UNIT, pl.lit(stage_of_grade(grade_level).value).alias("stage"), pl.lit(str(grade_level)).alias("grade_level")
    )
    evaluation = evaluate(scheme, attributes, values)
    return Computed(values, sources, evaluation, node_grades(scheme, evaluation))


def node_grades(scheme: Scheme, evaluation: Evaluation) -> pl.DataFrame:
    """The grade of every node of every unit: of a checkpoint its level, of what is above by the share of full marks."""
    counted = evaluation.scores.filter(pl.col("share").is_not_null(), pl.col("points_possible").is_not_null())
    positions = grade_positions_of_exact(scheme, 100 * counted["share"].to_numpy())
    letters = np.array([band.grade for band in scheme.grades], object)
    by_share = pl.Series("__grade", letters[positions], pl.String)
    nodes = counted.with_columns(by_share).select(
        UNIT, "node", pl.when("is_leaf").then("choice").otherwise("__grade").alias("grade"), "share"
    )
    whole = evaluation.totals.select(UNIT, pl.lit(WHOLE).alias("node"), "grade", (pl.col("total") / 100).alias("share"))
    return pl.concat([nodes, whole]).drop_nulls("grade").sort(UNIT, maintain_order=True)
