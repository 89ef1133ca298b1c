"""Audit samples: what can be drawn, the draw that anybody can follow, and what the drawn ones tell. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import numpy as np
import polars as pl

from shared.scoring.disclosure import withheld
from shared.scoring.sampling.frames import frame_hash
from shared.scoring.sampling.hash_order import in_hash_order, number_to_draw
from shared.scoring.statistics.rates import wilson_interval
from shared.terms.errors import DomainError
from shared.workflow.transitions import Transition, TransitionTable


class SampleState(StrEnum):
    """States of a sample."""

    ANNOUNCED = "announced"
    """The seed is settled, its hash is published; nobody else knows it."""
    FRAME_CLOSED = "frame_closed"
    DRAWN = "drawn"


class Outcome(StrEnum):
    """What an examination found of a record."""

    CONFIRMED = "confirmed"
    FALSE = "false"
    NOT_PROVED = "not_proved"


class Side(StrEnum):
    """Who examined it."""

    SCHOOL = "school"
    OFFICE = "office"


_S = SampleState
SAMPLE_LIFE = TransitionTable[SampleState](
    (
        Transition("close_frame", frozenset({_S.ANNOUNCED}), _S.FRAME_CLOSED),
        Transition("draw", frozenset({_S.FRAME_CLOSED}), _S.DRAWN),
    )
)
#: What is published of a frame, and fingerprinted: nothing of who wrote a record.
PUBLISHED = ("school_code", "class_code", "record", "is_flagged")
FRAME_SCHEMA: dict[str, pl.DataType] = {
    "school_code": pl.String(),
    "class_code": pl.String(),
    "record": pl.String(),
    "is_flagged": pl.Boolean(),
    "student_key": pl.String(),
    "org_path": pl.String(),
}


def commitment_of(term: str, seed: str) -> str:
    """What is published before anybody knows what can be drawn: SHA-256 over ``term:seed``, hexadecimal."""
    return hashlib.sha256(f"{term}:{seed}".encode()).hexdigest()


def require_committed(commitment: str, term: str, seed: str) -> None:
    """Raises ``archive_sample.other_seed`` for a seed that is not the one settled beforehand."""
    if commitment_of(term, seed) != commitment:
        raise DomainError("archive_sample.other_seed")


def school_part(frame: pl.DataFrame, school_code: str) -> pl.DataFrame:
    """What is published of a school's part of a frame, by record."""
    return frame.filter(pl.col("school_code") == school_code).select(PUBLISHED).sort("record")


def schools_of(frame: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """Per school the fingerprint of its part, how many records and how many flagged ones it has, and its path."""
    found = {}
    for code, path in frame.select("school_code", "org_path").unique().sort("school_code").iter_rows():
        part = school_part(frame, code)
        counts = {"records": part.height, "flagged": int(part["is_flagged"].sum())}
        found[code] = {"frame_hash": frame_hash(part), **counts, "org_path": path}
    return found


def whole_hash(schools: Mapping[str, Mapping[str, Any]]) -> str:
    """One fingerprint for all schools: SHA-256 over lines ``school_code:frame_hash``, by school."""
    lines = "\n".join(f"{code}:{schools[code]['frame_hash']}" for code in sorted(schools))
    return hashlib.sha256(lines.encode()).hexdigest()


def drawn(frame: pl.DataFrame, design: Mapping[str, Any], *, seed: str) -> pl.DataFrame:
    """The records drawn: of every class a share of the flagged ones and one of the others.

    Within each stratum records stand in the order of SHA-256 over ``seed:frame hash of the school:record``; the first are
    drawn. A school can follow its own part with nothing but its own file and the seed.

    Args:
        frame: of ``FRAME_SCHEMA``; the order of rows does not matter.
        design: ``flagged_rate, other_rate, least_each``.
        seed: as it was committed to.

    Returns:
        The frame's rows, by school and record.
    """
    hashes = {code: found["frame_hash"] for code, found in schools_of(frame).items()}
    chosen: list[str] = []
    strata = frame.group_by("school_code", "class_code", "is_flagged").agg("record")
    for school, _, is_flagged, records in strata.iter_rows():
        share = design["flagged_rate"] if is_flagged else design["other_rate"]
        count = number_to_draw(len(records), share=share, least=design["least_each"])
        chosen += in_hash_order(records, seed=f"{seed}:{hashes[school]}")[:count]
    return frame.filter(pl.col("record").is_in(chosen)).sort("school_code", "record")


RATE_SCHEMA: dict[str, pl.DataType] = {
    "school_code": pl.String(),
    "is_flagged": pl.Boolean(),
    "outcome": pl.String(),
    "count": pl.Int64(),
}


def rates_of(counts: pl.DataFrame, schools: Mapping[str, Mapping[str, Any]], *, least: int | None) -> pl.DataFrame:
    """Examined records of schools and how many were found false.

    Args:
        counts: ``RATE_SCHEMA``: drawn records by school, flag and outcome, null where nobody has examined them yet.
        schools: as :func:`schools_of` gives it.
        least: examined records below which nothing of a school is told, nor so much beside it that subtraction brings
            it back; ``None`` for the school itself.

    Returns:
        ``school_code, drawn, examined, confirmed, false, not_proved, false_rate, ci_low, ci_high, estimated_false_rate,
        is_withheld`` by school. The rate is of examined records with Wilson's 95 % interval; flagged ones are drawn more
        often, so the estimate for the whole frame weighs flagged and others by how many there are of each.
    """
    count, outcome = pl.col("count"), pl.col("outcome")
    told = {each.value: count.filter(outcome == each.value).sum() for each in Outcome}
    sums = {"drawn": count.sum(), "examined": count.filter(outcome.is_not_null()).sum(), **told}
    # Missing counts are none.
    each = counts.group_by("school_code").agg(**sums).sort("school_code").with_columns(pl.col(*sums).fill_null(0))
    low, high = wilson_interval(each[Outcome.FALSE.value].to_numpy(), each["examined"].to_numpy())
    share = pl.col(Outcome.FALSE.value) / pl.col("examined")
    rated = each.with_columns(
        false_rate=pl.when(pl.col("examined") > 0).then(share),
        ci_low=pl.Series(low).fill_nan(None),
        ci_high=pl.Series(high).fill_nan(None),
    ).join(_estimates(counts, schools), on="school_code", how="left", maintain_order="left")
    hidden = set() if least is None else withheld(dict(each.select("school_code", "examined").iter_rows()), min_n=least)
    is_withheld = pl.col("school_code").is_in(sorted(hidden))
    figures = [name for name in rated.columns if name not in ("school_code", "drawn")]
    return rated.with_columns(is_withheld=is_withheld).with_columns(
        pl.when(~pl.col("is_withheld")).then(name).alias(name) for name in figures
    )


def whole_rate(rates: pl.DataFrame, *, least: int | None) -> dict[str, Any] | None:
    """All schools together, from their rates before anything was withheld; ``None`` where they are too few.

    What :func:`rates_of` withholds beside small schools is enough that this brings none of them back.
    """
    names = ["drawn", "examined", *Outcome]
    sums = rates.select(pl.col(*names).sum()).row(0, named=True)
    if sums["examined"] < max(least or 1, 1):
        return None
    count, n = (np.array([float(sums[name])]) for name in (Outcome.FALSE.value, "examined"))
    low, high = wilson_interval(count, n)
    return {**sums, "false_rate": float(count[0] / n[0]), "ci_low": float(low[0]), "ci_high": float(high[0])}


def _estimates(counts: pl.DataFrame, schools: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    """``school_code, estimated_false_rate``; null where a part of a school's frame has no examined record."""
    sizes = [
        (code, is_flagged, found["flagged"] if is_flagged else found["records"] - found["flagged"])
        for code, found in schools.items()
        for is_flagged in (True, False)
    ]
    size = pl.DataFrame(sizes, schema=["school_code", "is_flagged", "size"], orient="row")
    size = size.cast({"school_code": pl.String, "is_flagged": pl.Boolean, "size": pl.Int64}).filter(pl.col("size") > 0)
    examined = counts.filter(pl.col("outcome").is_not_null())
    share = pl.col("count").filter(pl.col("outcome") == Outcome.FALSE.value).sum() / pl.col("count").sum()
    parts = size.join(
        examined.group_by("school_code", "is_flagged").agg(share=share), on=["school_code", "is_flagged"], how="left"
    )
    whole = (pl.col("size") * pl.col("share")).sum() / pl.col("size").sum()
    return parts.group_by("school_code").agg(
        estimated_false_rate=pl.when(pl.col("share").null_count() == 0).then(whole)
    )
