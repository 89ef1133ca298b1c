"""Computing many schools at once: inputs frozen by hash, the scheme evaluated, a version per school."""

from __future__ import annotations

import hashlib
import json
import platform
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.teacher_eval.cycles.tables import Cycle, SchoolCycle
from services.teacher_eval.results import repository
from services.teacher_eval.results.frames import SCHOOL, frame_of
from services.teacher_eval.results.rules import next_version
from services.teacher_eval.results.tables import SchoolResult
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.scheme.changes import changed_figures, summary_of
from shared.scoring.scheme.evaluation import Evaluation, evaluate
from shared.scoring.scheme.said_values import values_frame
from shared.scoring.scheme.tree import Scheme
from shared.terms.actor import Actor

UNIT = "unit_code"


@dataclass(frozen=True, slots=True, eq=False)
class Computed:
    """What was computed of some schools together.

    Args:
        inputs: hashes of everything it rests on.
        frames: hashes of ``scores`` and ``totals``.
        evaluation: the frames, with the school of every row.
    """

    inputs: Mapping[str, Any]
    frames: Mapping[str, str]
    evaluation: Evaluation

    @property
    def inputs_sha256(self) -> str:
        """SHA-256 of the inputs' canonical JSON."""
        return hashlib.sha256(json.dumps(self.inputs, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def of_school(self, school_code: str) -> dict[str, pl.DataFrame]:
        """The frames of one school."""
        frames = {"scores": self.evaluation.scores, "totals": self.evaluation.totals}
        return {name: frame.filter(pl.col(SCHOOL) == school_code).drop(SCHOOL) for name, frame in frames.items()}


def compute(store: ColumnarStore, cycle: Cycle, scheme: Scheme, units: pl.DataFrame, said: pl.DataFrame) -> Computed:
    """Evaluates everybody at once and stores inputs and frames. Blocks.

    Args:
        store: the columnar store.
        cycle: for its filled figures and its scheme's hash.
        scheme: as of the cycle's day.
        units: attributes of everybody, see :func:`services.teacher_eval.cycles.units.units_frame`.
        said: ``unit_code, leaf, value``, the last word on each value.
    """
    filled: Mapping[str, Any] = cycle.filled or {}
    figures = store.get(filled["values"]) if filled.get("values") else None
    values = values_frame(scheme, units, said, figures)
    found = evaluate(scheme, units, values)
    where = units.select(UNIT, SCHOOL)
    scores, totals = (_by_school(frame, where) for frame in (found.scores, found.totals))
    inputs = {
        "scheme": {"code": scheme.code, "sha256": cycle.scheme_sha256, "as_of": cycle.as_of.isoformat()},
        "units": store.put(units).sha256,
        "values": store.put(values).sha256,
        "errors": filled.get("errors"),
        "origins": filled.get("origins") or {},
    }
    frames = {"scores": store.put(scores).sha256, "totals": store.put(totals).sha256}
    return Computed(inputs, frames, Evaluation(scores, totals))


def _by_school(frame: pl.DataFrame, where: pl.DataFrame) -> pl.DataFrame:
    """Rows of a school together, inside in the order they had."""
    return frame.join(where, on=UNIT, how="left", maintain_order="left").sort(SCHOOL, maintain_order=True)


def changes_of(
    store: ColumnarStore, computed: Computed, schools: Sequence[SchoolCycle], replaced: Mapping[uuid.UUID, SchoolResult]
) -> dict[uuid.UUID, dict[str, Any]]:
    """Of every school whose results are replaced: everything that differs, stored, and how much. Blocks."""
    found = {}
    for school in schools:
        if school.id in replaced:
            code = school.school_code
            before = {name: frame_of(store, replaced[school.id], name, code) for name in computed.frames}
            changed = changed_figures(before, computed.of_school(code))
            stored = store.put(changed)
            found[school.id] = {"sha256": stored.sha256, "rows": stored.rows} | summary_of(changed)
    return found


async def keep_versions(
    session: AsyncSession,
    *,
    cycle: Cycle,
    computed: Computed,
    schools: Sequence[SchoolCycle],
    replaced: Mapping[uuid.UUID, SchoolResult],
    changes: Mapping[uuid.UUID, Mapping[str, Any]],
    last_words: Mapping[uuid.UUID, int],
    actor: Actor,
    appeal_id: uuid.UUID | None,
) -> list[SchoolResult]:
    """Puts what was computed in force: a version per school, totals beside the people."""
    counts = _counts(computed.evaluation.totals)
    rows = []
    for school in schools:
        major, minor = next_version(replaced.get(school.id), is_ruling=appeal_id is not None)
        rows.append(
            SchoolResult(
                school_cycle_id=school.id,
                org_path=school.org_path,
                major=major,
                minor=minor,
                inputs=dict(computed.inputs),
                inputs_sha256=computed.inputs_sha256,
                frames=dict(computed.frames),
                counts=counts.get(school.school_code, {}),
                software=software(),
                changes=dict(changes[school.id]) if school.id in changes else None,
                last_word=last_words.get(school.id, 0),
                appeal_id=appeal_id,
                computed_by=actor.subject,
            )
        )
    session.add_all(rows)
    await session.flush()
    totals = computed.evaluation.totals
    await repository.set_totals(session, cycle.id, dict(totals.select(UNIT, "printed_total").iter_rows()))
    keys = [
        (row.org_path, {"cycle": cycle.code, "school_code": s.school_code})
        for row, s in zip(rows, schools, strict=True)
    ]
    detail = {"schools": len(rows), "people": totals.height, "inputs_sha256": computed.inputs_sha256}
    note(session, actor, "school_results.computed", cycle.code, detail)
    await record_changes(session, "school_results", Operation.UPSERTED, keys)
    return rows


def _counts(totals: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """People, people without a total and vetoed ones, by school."""
    counted = totals.group_by(SCHOOL).agg(
        pl.len().alias("people"),
        pl.col("total").null_count().alias("without_total"),
        (pl.col("vetoed_by").list.len() > 0).sum().alias("vetoed"),
    )
    return {row.pop(SCHOOL): row for row in counted.to_dicts()}


def software() -> dict[str, str]:
    """Versions of what computed the figures."""
    return {"python": platform.python_version(), "polars": pl.__version__, "numpy": np.__version__}
