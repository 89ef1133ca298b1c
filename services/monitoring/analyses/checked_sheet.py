"""The checked sheet of all schools, kept from run to run: after a correction it is read, and the corrected sheets alone.

Whether kept or made anew it is the same to the byte: candidates stand by county, school and number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from services.monitoring.analyses import rules
from services.monitoring.exams.rules import analysis_plan, plan_fields
from services.monitoring.results.table_files import StoredPart
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.frame import STATUS_SUFFIX, MarkSheet, MarkUnit, check_sheet

CODE = "sheet"
"""Under which a run keeps it, beside the tasks done."""
Kept = Mapping[str, Any]
"""``{"key", "schools": {school code: SHA-256 of its sheet}, "frames": {"sheet": file}}``"""
_ORDER = ("county_code", "school_code", "candidate_id")


@dataclass(frozen=True, slots=True, eq=False)
class CheckedSheet:
    """What a run reads of all schools.

    Args:
        marks: codes of every candidate.
        beside: the same rows: ``candidate_id``, ``school_code``, and what else the sheets hold (the pupil's pseudonym).
        whole: both, as it is kept.
        schools: SHA-256 of every school's sheet in it.
        key: what it follows from beside them.
        kept: what an earlier run kept, if that is the same.
    """

    marks: MarkSheet
    beside: pl.DataFrame
    whole: pl.DataFrame
    schools: Mapping[str, str]
    key: str
    kept: Kept | None

    def keep(self, store: ColumnarStore) -> Kept:
        """Stores it for the next run."""
        if self.kept is not None:
            return self.kept
        file = asdict(StoredPart.put(store, CODE, self.whole))
        return {"key": self.key, "schools": self.schools, "frames": {CODE: file}}


def kept_sheet(inputs: Mapping[str, Any], known: Sequence[Mapping[str, Any]]) -> Kept | None:
    """The newest sheet that an earlier run of the same plan kept."""
    key = _key(inputs)
    return next((done for done in known if done["key"] == key), None)


def checked_sheet(
    store: ColumnarStore, inputs: Mapping[str, Any], kept: Kept | None, read: Callable[[Sequence[str]], pl.DataFrame]
) -> CheckedSheet:
    """All schools' sheets as one.

    Args:
        store: the columnar store.
        inputs: the frozen inputs.
        kept: what an earlier run kept; if its file is missing or damaged all sheets are read.
        read: reads sheets by SHA-256, each known to be what its name says.

    Raises:
        DomainError: ``scoring.sheet_invalid``; whatever ``read`` raises.
    """
    schools = {sheet["school_code"]: sheet["sha256"] for sheet in inputs["sheets"]}
    frame = store.get_sound(kept["frames"][CODE]["sha256"]) if kept else None
    if kept is not None and frame is not None:
        if kept["schools"] == schools:
            return _divided(frame, inputs, schools, kept)
        frame = _brought_up(frame, kept["schools"], schools, inputs, read)
    if frame is None:
        frame = _checked(read(list(schools.values())), inputs)
    return _divided(frame.sort(_ORDER), inputs, schools, None)


def _brought_up(
    frame: pl.DataFrame,
    before: Mapping[str, str],
    now: Mapping[str, str],
    inputs: Mapping[str, Any],
    read: Callable[[Sequence[str]], pl.DataFrame],
) -> pl.DataFrame | None:
    """A kept sheet with the schools that changed put in place of what they were; ``None`` where that cannot be done."""
    changed = {code: sha256 for code, sha256 in now.items() if before.get(code) != sha256}
    others = frame.filter(~pl.col("school_code").is_in([*changed, *(before.keys() - now.keys())]))
    if not changed:
        return others
    corrected = _checked(read(list(changed.values())), inputs)
    if corrected.schema != others.schema:
        return None
    whole = pl.concat([others, corrected])
    # A candidate of two schools is refused, with both, where all sheets are checked together.
    return None if whole["candidate_id"].is_duplicated().any() else whole


def _checked(rows: pl.DataFrame, inputs: Mapping[str, Any]) -> pl.DataFrame:
    plan = analysis_plan(inputs["definition"])
    marks = check_sheet(rows, plan, unit=MarkUnit.GRID_UNIT).frame
    read = {*marks.columns, *(subject.code + STATUS_SUFFIX for subject in plan.marked)}
    return marks.hstack(rows.select(column for column in rows.columns if column not in read))


def _divided(
    frame: pl.DataFrame, inputs: Mapping[str, Any], schools: Mapping[str, str], kept: Kept | None
) -> CheckedSheet:
    plan = analysis_plan(inputs["definition"])
    names = [subject.code for subject in plan.reported] + [attribute.code for attribute in plan.attributes]
    keys = ["candidate_id", "school_code"]
    marks = [column for column in frame.columns if column in {*_ORDER, "class_code", *names}]
    beside = frame.select(*keys, *(column for column in frame.columns if column not in marks))
    return CheckedSheet(MarkSheet(frame.select(marks)), beside, frame, schools, _key(inputs), kept)


def _key(inputs: Mapping[str, Any]) -> str:
    content = {"code": CODE, "plan": plan_fields(inputs["definition"]), "software": rules.software()}
    return rules.canonical_sha256(content)
