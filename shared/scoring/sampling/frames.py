"""Sampling frames: list of schools and rosters, checked, in canonical order, with a fingerprint (SCORING §8b.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import polars as pl

from shared.scoring.sampling.design import SampleDesign
from shared.terms.errors import DomainError, Fault

ROSTER_COLUMNS = ("school_code", "class_code", "student_id")
_MAX_SIZE = 1_000_000


def canonical_frame(schools: pl.DataFrame, design: SampleDesign) -> pl.DataFrame:
    """The school frame as it is drawn from and fingerprinted.

    Args:
        schools: one row per school: ``school_code``, ``stratum`` (text), ``size`` (whole number of pupils in the
            grade, 1 to 1,000,000), and the design's ``sort_by`` columns (text or whole numbers). Others are dropped.
        design: the design.

    Returns:
        ``school_code, stratum, size`` and the sort columns, ordered by school code.

    Raises:
        DomainError: ``scoring.sample_frame_invalid``.
    """
    columns = ["school_code", "stratum", "size", *design.sort_by]
    _require_columns(schools, columns)
    faults = []
    for column in columns:
        kind = schools.schema[column]
        if not (kind.is_integer() or (kind == pl.String and column != "size")):
            faults.append(Fault("scoring.sample_column_type", column=column, value=str(kind)))
    _refuse(faults)
    text = [pl.col("school_code", "stratum").cast(pl.String), pl.col("size").cast(pl.Int64)]
    frame = schools.select(*text, *design.sort_by).sort("school_code")
    _refuse(_key_faults(frame, columns, "school_code"))
    if not frame["size"].is_between(1, _MAX_SIZE).all():
        worst = frame.filter(~pl.col("size").is_between(1, _MAX_SIZE)).row(0, named=True)
        _refuse([Fault("scoring.sample_size", column="size", source_id=worst["school_code"], value=str(worst["size"]))])
    return frame


def canonical_roster(roster: pl.DataFrame) -> pl.DataFrame:
    """A roster in order of school and pupil.

    Args:
        roster: one row per pupil: ``school_code``, ``class_code``, ``student_id``, as text; pupils are unique.

    Raises:
        DomainError: ``scoring.sample_frame_invalid``.
    """
    _require_columns(roster, ROSTER_COLUMNS)
    ordered = roster.select(pl.col(column).cast(pl.String) for column in ROSTER_COLUMNS)
    ordered = ordered.sort("school_code", "student_id")
    _refuse(_key_faults(ordered, ROSTER_COLUMNS, "student_id"))
    return ordered


def frame_hash(canonical: pl.DataFrame) -> str:
    """SHA-256 of a canonical frame, in hexadecimal.

    Hashed is UTF-8 text of one JSON object per row and line, without spaces, keys in column order, so that the
    fingerprint can be computed anew without this program.
    """
    return hashlib.sha256(canonical.write_ndjson().encode("utf-8")).hexdigest()


def _require_columns(frame: pl.DataFrame, columns: Sequence[str]) -> None:
    _refuse([Fault("scoring.column_missing", column=column) for column in columns if column not in frame.columns])
    if frame.is_empty():
        raise DomainError("scoring.sample_frame_empty")


def _key_faults(frame: pl.DataFrame, columns: Sequence[str], key: str) -> list[Fault]:
    empty = [column for column in columns if frame[column].null_count()]
    faults = [Fault("scoring.sample_value_missing", column=column) for column in empty]
    twice = frame.filter(pl.col(key).is_duplicated() & pl.col(key).is_not_null())[key].unique().sort().head(20)
    return [*faults, *(Fault("scoring.sample_key_twice", column=key, source_id=code) for code in twice)]


def _refuse(faults: Sequence[Fault]) -> None:
    if faults:
        raise DomainError("scoring.sample_frame_invalid", params={"count": len(faults)}, faults=faults)
