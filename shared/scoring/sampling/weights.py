"""Weights: inverse inclusion probability, adjusted for schools and pupils that did not take part (SCORING §8b.6)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import polars as pl

from shared.scoring.sampling.design import out_of_range
from shared.scoring.sampling.draws import SampleDraw
from shared.terms.errors import DomainError, Fault

_KEYS = ["school_code", "class_code", "student_id"]
WEIGHT_COLUMNS = (
    "stratum",
    "position",
    "is_certain",
    "school_code",
    "class_code",
    "student_id",
    "school_weight",
    "school_adjustment",
    "pupil_weight",
    "pupil_adjustment",
    "weight",
)


class Participation(StrEnum):
    """What became of a drawn pupil."""

    PARTICIPATED = "participated"
    ABSENT = "absent"
    INELIGIBLE = "ineligible"


def sample_weights(
    draw: SampleDraw,
    pupils: pl.DataFrame,
    *,
    ineligible_schools: Sequence[str] = (),
    school_classes: pl.DataFrame | None = None,
    pupil_class: str | None = None,
    min_response: float = 0.0,
    trim: float | None = None,
) -> pl.DataFrame:
    """Weights of all pupils who took part.

    ``weight = 1/π_school · f_school · 1/π_pupil · f_pupil``. A school took part when more than none, and at least the share
    ``min_response``, of its eligible drawn pupils did. In a class of schools f = Σ size/π over eligible sampled
    schools ÷ Σ size/π over schools that took part, replacements with their own probability. In a class of pupils inside a
    school f = Σ 1/π of eligible ÷ Σ 1/π of those who took part; where a class has no participant, the school is one
    class. Ineligible pupils and schools (moved away, closed) leave the population and weigh nothing.

    Args:
        draw: drawn schools.
        pupils: drawn pupils: ``school_code, class_code, student_id, pupil_probability, participation`` and the class column.
        ineligible_schools: sampled schools that turned out not to belong to the population.
        school_classes: ``school_code, adjustment_class`` for all drawn schools and replacements; else the stratum.
        pupil_class: column of ``pupils`` that makes classes inside schools.
        min_response: share of pupils below which a school counts as not taking part.
        trim: weights above so many medians of the stratum are cut, see :func:`trimmed`.

    Raises:
        DomainError: ``scoring.sample_weights_impossible``, with every reason.
    """
    if not 0 <= min_response <= 1:
        raise out_of_range("min_response", min_response, allowed="0–1")
    _require_known(draw, pupils)
    taking_part = pl.col("participation") == Participation.PARTICIPATED.value
    eligible = pupils.filter(pl.col("participation") != Participation.INELIGIBLE.value).with_columns(
        (1 / pl.col("pupil_probability")).alias("pupil_weight"),
        taking_part.alias("__took_part"),
        (pl.col(pupil_class) if pupil_class else pl.lit("")).cast(pl.String).fill_null("").alias("__class"),
    )
    response = pl.col("__took_part").mean()
    present = (
        eligible.group_by("school_code")
        .agg(response.alias("response"))
        .filter((pl.col("response") > 0) & (pl.col("response") >= min_response))
    )
    schools = _school_weights(draw, present["school_code"], ineligible=ineligible_schools, classes=school_classes)
    weighted = _pupil_adjusted(eligible).join(schools, on="school_code", how="inner")
    whole = pl.col("school_weight") * pl.col("school_adjustment") * pl.col("pupil_weight") * pl.col("pupil_adjustment")
    weighted = weighted.with_columns(whole.alias("weight")).select(WEIGHT_COLUMNS)
    weighted = weighted.sort("stratum", "position", "student_id")
    return weighted if trim is None else trimmed(weighted, trim)


def trimmed(weighted: pl.DataFrame, factor: float) -> pl.DataFrame:
    """Weights above ``factor`` medians of their stratum are cut to it; all are then scaled so that the stratum's sum stays.

    Trimming trades a little bias for less variance; it is done once, not repeated.
    """
    if factor < 1:
        raise out_of_range("trim", factor, allowed="≥ 1")
    cut = pl.min_horizontal(pl.col("weight"), factor * pl.col("weight").median().over("stratum"))
    scaled = cut * pl.col("weight").sum().over("stratum") / cut.sum().over("stratum")
    return weighted.with_columns(scaled.alias("weight"))


def weight_check(draw: SampleDraw, weighted: pl.DataFrame, *, tolerance: float = 0.05) -> pl.DataFrame:
    """Sum of weights beside the number of pupils in the frame, per stratum and over all (``stratum`` null).

    ``ratio`` = Σw / N; ``is_near`` where it is within ``tolerance`` of 1; ``weights_design_effect`` = n Σw² / (Σw)², what
    unequal weights alone cost (Kish).
    """
    sums = weighted.group_by("stratum", maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias("n"),
        pl.col("weight").sum().alias("weight_sum"),
        pl.col("weight").pow(2).sum().alias("__squares"),
    )
    strata = draw.strata.select("stratum", pl.col("pupils").alias("population")).join(sums, on="stratum", how="left")
    strata = strata.sort("stratum").with_columns(pl.col("n", "weight_sum", "__squares").fill_null(0))
    whole = strata.select(pl.lit(None, pl.String).alias("stratum"), pl.exclude("stratum").sum())
    ratio = pl.col("weight_sum") / pl.col("population")
    effect = pl.when(pl.col("n") > 0).then(pl.col("n") * pl.col("__squares") / pl.col("weight_sum").pow(2))
    return (
        pl.concat([strata, whole])
        .with_columns(
            ratio.alias("ratio"),
            ((ratio - 1).abs() <= tolerance).alias("is_near"),
            effect.alias("weights_design_effect"),
        )
        .drop("__squares")
    )


def _require_known(draw: SampleDraw, pupils: pl.DataFrame) -> None:
    unknown = pupils.join(draw.schools, on="school_code", how="anti")["school_code"].unique().sort()
    faults = [Fault("scoring.sample_school_unknown", source_id=code) for code in unknown]
    statuses = [status.value for status in Participation]
    wrong = pupils.filter(~pl.col("participation").is_in(statuses).fill_null(value=False))
    faults += [
        Fault("scoring.sample_participation_unknown", source_id=student, allowed=", ".join(statuses))
        for student in wrong["student_id"].head(20)
    ]
    if faults:
        raise DomainError("scoring.sample_weights_impossible", params={"count": len(faults)}, faults=faults)


def _school_weights(
    draw: SampleDraw, present: pl.Series, *, ineligible: Sequence[str], classes: pl.DataFrame | None
) -> pl.DataFrame:
    sampled, replacement = pl.col("role") == "sampled", pl.col("role") == "replacement"
    schools = draw.schools.with_columns(
        pl.col("school_code").is_in(present.implode()).alias("__present"),
        (sampled & ~pl.col("school_code").is_in(list(ineligible))).alias("__eligible"),
        (1 / pl.col("probability")).alias("school_weight"),
    )
    if classes is None:
        schools = schools.with_columns(pl.col("stratum").alias("__class"))
    else:
        named = classes.select("school_code", pl.col("adjustment_class").cast(pl.String).alias("__class"))
        schools = schools.join(named, on="school_code", how="left").with_columns(pl.col("__class").fill_null(""))
    slot = pl.coalesce("replaces", "school_code")
    crowded = schools.filter((pl.col("__present").sum().over(slot) > 1) & replacement & pl.col("__present"))
    stray = schools.filter(sampled & ~pl.col("__eligible"))["school_code"]
    idle = schools.filter(pl.col("__present") & slot.is_in(stray.implode()))
    size = pl.col("size") * pl.col("school_weight")
    wanted, had = size.filter(pl.col("__eligible")).sum(), size.filter(pl.col("__present")).sum()
    schools = schools.with_columns(wanted.over("__class").alias("__wanted"), had.over("__class").alias("__had"))
    lost = schools.filter((pl.col("__wanted") > 0) & (pl.col("__had") == 0))["__class"].unique().sort()
    faults = [Fault("scoring.sample_replacement_unneeded", source_id=code) for code in crowded["school_code"]]
    faults += [Fault("scoring.sample_school_ineligible", source_id=code) for code in idle["school_code"]]
    faults += [Fault("scoring.sample_no_participants", value=code) for code in lost]
    if faults:
        raise DomainError("scoring.sample_weights_impossible", params={"count": len(faults)}, faults=faults)
    kept = schools.filter("__present").with_columns((pl.col("__wanted") / pl.col("__had")).alias("school_adjustment"))
    return kept.select("school_code", "stratum", "position", "is_certain", "school_weight", "school_adjustment")


def _pupil_adjusted(eligible: pl.DataFrame) -> pl.DataFrame:
    cell = ["school_code", "__class"]
    had = pl.col("pupil_weight").filter(pl.col("__took_part")).sum()
    lost = (~pl.col("__took_part").any().over(cell)).any().over("school_code")
    merged = eligible.with_columns(pl.when(lost).then(pl.lit("")).otherwise("__class").alias("__class"))
    adjusted = merged.with_columns((pl.col("pupil_weight").sum().over(cell) / had.over(cell)).alias("pupil_adjustment"))
    return adjusted.filter("__took_part").select(*_KEYS, "pupil_weight", "pupil_adjustment")
