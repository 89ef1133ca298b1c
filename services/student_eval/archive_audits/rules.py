"""The life of a finding; records as forensics looks at them. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import groupby

import polars as pl

from services.student_eval.archives.chain import Entry, EntryKind, breaks_of
from services.student_eval.archives.state import ArchiveState, RecordStatus, replayed
from shared.policy.student_archives import EnteredBy, archive_policy
from shared.scoring.forensics.base import RECORD_SCHEMA, Finding, FindingKind
from shared.workflow.transitions import Transition, TransitionTable


class FindingState(StrEnum):
    """States of a finding."""

    OPEN = "open"
    CLEARED = "cleared"
    """Answered: there is nothing to it."""
    REFERRED = "referred"
    """A doubt or a cancellation was opened about its records."""
    LAPSED = "lapsed"
    """A later audit did not find it any more."""


_S = FindingState
FINDING_LIFE = TransitionTable[FindingState](
    (
        Transition("clear", frozenset({_S.OPEN}), _S.CLEARED),
        Transition("refer", frozenset({_S.OPEN}), _S.REFERRED),
        Transition("reopen", frozenset({_S.CLEARED}), _S.OPEN),
        # By the platform.
        Transition("lapse", frozenset({_S.OPEN}), _S.LAPSED),
        Transition("return", frozenset({_S.LAPSED}), _S.OPEN),
    )
)
#: Steps of people.
STEPS = frozenset({"clear", "refer", "reopen"})

MATERIAL_SCHEMA: dict[str, pl.DataType] = {**RECORD_SCHEMA, "is_chosen": pl.Boolean()}


def looked_through(entries: Iterable[Entry], class_code: str, term: str) -> tuple[pl.DataFrame, list[Finding]]:
    """Records of a class's pupils in a term, and chains that do not hold.

    Args:
        entries: whole chains, by pupil and number.
        class_code: the class.
        term: the term.
    """
    chains = {student: list(chain) for student, chain in groupby(entries, key=lambda entry: entry.student_key)}
    broken = [
        Finding(
            kind=FindingKind.BROKEN_CHAIN,
            records=(),
            students=(student,),
            figures={"number": breaks[0].number, "reason": breaks[0].reason, "breaks": len(breaks)},
        )
        for student, chain in chains.items()
        if (breaks := breaks_of(chain))
    ]
    return material_of(chains, class_code, term), broken


def material_of(chains: Mapping[str, Sequence[Entry]], class_code: str, term: str) -> pl.DataFrame:
    """Standing records of a term as forensics looks at them, and whether the pupil chose them: ``MATERIAL_SCHEMA``."""
    rows: list[tuple[object, ...]] = []
    for student, chain in chains.items():
        said = [entry for entry in chain if entry.term == term]
        rows += _records(student, class_code, said, replayed(said), term)
    plain = {name: pl.String() if kind == pl.Date() else kind for name, kind in MATERIAL_SCHEMA.items()}
    frame = pl.DataFrame(rows, schema=plain, orient="row")
    return frame.with_columns(pl.col("began_on", "ended_on").str.to_date("%Y-%m-%d", strict=False))


def _records(
    student: str, class_code: str, entries: Sequence[Entry], state: ArchiveState, term: str
) -> list[tuple[object, ...]]:
    kinds = archive_policy().record_types
    first = {entry.record_id: entry for entry in entries if entry.kind is EntryKind.RECORD_WRITTEN}
    chosen = {record.id for record in state.selected(term)}
    rows: list[tuple[object, ...]] = []
    for record in state.records.values():
        if record.status is not RecordStatus.STANDING or record.term != term:
            continue
        fields, written = record.fields, first[record.id]
        rows.append(
            (
                str(record.id),
                student,
                class_code,
                record.type,
                *(fields.get(name) for name in ("began_on", "ended_on", "minutes", "count", "place", "certifier")),
                record.text,
                kinds[record.type].by is EnteredBy.STUDENT,
                dt.datetime.fromisoformat(written.at),
                written.by,
                record.id in chosen,
            )
        )
    return rows
