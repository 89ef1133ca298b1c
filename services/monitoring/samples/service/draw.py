"""Drawing from the closed frame with a seed given afterwards, and repeating the draw."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.tables import Exam
from services.monitoring.samples import repository, rules
from services.monitoring.samples.rules import SampleState
from services.monitoring.samples.schemas import DrawIn
from services.monitoring.samples.service.design import require_designable, require_undrawn
from services.monitoring.samples.service.frame import drawn_from
from services.monitoring.samples.service.stored import StoredDraw, get_pupils, get_schools, put_draw
from services.monitoring.samples.tables import Sample
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.sampling.draws import SampleDraw, draw_differences, draw_schools
from shared.scoring.sampling.pupils import PupilDraw, draw_pupils
from shared.terms.actor import Actor
from shared.terms.errors import DomainError


async def draw_sample(session: AsyncSession, store: ColumnarStore, *, exam: Exam, body: DrawIn, actor: Actor) -> Sample:
    """Draws schools, their replacements, and pupils in all of them, once and for good.

    Pupils of replacement schools are drawn now and not when one is needed: the witnesses then see everything that follows
    from the seed, and nothing is left to be chosen.

    Args:
        session: the transaction.
        store: where the frame is, and the draw goes.
        exam: the exam, locked.
        body: seed and witnesses.
        actor: who draws.

    Raises:
        DomainError: ``sample.frame_open``, ``sample.already_drawn``, ``sample.frame_outdated``, ``sample.frame_differs``,
            ``sample.file_damaged``; ``exam.must_be_sample`` where everybody would be taken.
    """
    require_designable(exam)
    sample = await repository.sample_of(session, actor, exam, for_update=True)
    require_undrawn(sample)
    _require_closed(sample, exam, body)
    drawn = await asyncio.to_thread(_draw, store, _inputs(sample), body.seed)
    rules.require_sample(
        kind=exam.kind,
        grade_level=exam.grade_level,
        approval_document=exam.definition.get("approval_document"),
        schools=int(drawn.schools.strata["drawn"].sum()),
        pupils=_drawn_pupils(drawn),
        population=int(sample.pupil_count or 0),
    )
    sample.seed, sample.witnessed_by = body.seed, body.witnessed_by
    sample.draw_sha256, sample.pupils_sha256 = drawn.draw_sha256, drawn.pupils_sha256
    sample.state, sample.drawn_at, sample.drawn_by = SampleState.DRAWN, clock.now(), actor.subject
    sample.version += 1
    detail = {"seed": body.seed, "witnessed_by": body.witnessed_by, "frame_hash": sample.frame_hash}
    note(session, actor, "sample.drawn", exam.code, detail | {"draw_sha256": drawn.draw_sha256})
    await session.flush()
    return sample


def _require_closed(sample: Sample, exam: Exam, body: DrawIn) -> None:
    if sample.state != SampleState.FRAME_CLOSED:
        raise DomainError("sample.frame_open")
    if (sample.grade_level, sample.school_year) != (exam.grade_level, exam.school_year):
        raise DomainError("sample.frame_outdated")
    if body.frame_hash not in (None, sample.frame_hash):
        raise DomainError("sample.frame_differs", params={"frame_hash": sample.frame_hash})


def _inputs(sample: Sample) -> dict[str, Any]:
    return {
        "design": dict(sample.design),
        "schools_sha256": str(sample.schools_sha256),
        "roster_sha256": str(sample.roster_sha256),
    }


def _draw(store: ColumnarStore, inputs: Mapping[str, Any], seed: int) -> StoredDraw:
    frame, roster = _frame(store, inputs)
    return put_draw(store, *_repeat(frame, roster, inputs["design"], seed))


def _frame(store: ColumnarStore, inputs: Mapping[str, Any]) -> tuple[pl.DataFrame, pl.DataFrame]:
    for name in ("schools_sha256", "roster_sha256"):
        if not store.is_sound(inputs[name]):
            raise DomainError("sample.file_damaged", params={"sha256": inputs[name]})
    return store.get(inputs["schools_sha256"]), store.get(inputs["roster_sha256"])


def _repeat(
    frame: pl.DataFrame, roster: pl.DataFrame, design: Mapping[str, Any], seed: int
) -> tuple[SampleDraw, PupilDraw]:
    parameters = rules.sample_design(design)
    schools = draw_schools(frame, parameters, seed=seed, spread=design["spread"])
    named = roster.filter(pl.col("school_code").is_in(schools.schools["school_code"].implode()))
    return schools, draw_pupils(named, parameters, seed=seed)


def _drawn_pupils(drawn: StoredDraw) -> int:
    sampled = drawn.schools.schools.filter(pl.col("role") == "sampled")["school_code"]
    return drawn.pupils.pupils.filter(pl.col("school_code").is_in(sampled.implode())).height


async def verify(sample: Sample, store: ColumnarStore) -> tuple[str, ...]:
    """Repeats the draw from the stored frame and seed and names what differs; nothing means verified.

    Differences: ``frame_hash``, ``roster_hash``, ``strata``, ``schools``, ``pupils``, and ``files`` where a stored file is
    missing or not what its name says.

    Raises:
        DomainError: ``sample.not_drawn``.
    """
    if sample.seed is None:
        raise DomainError("sample.not_drawn")
    inputs, seed = _inputs(sample), sample.seed
    hashes = (sample.frame_hash, sample.roster_hash)
    files = (str(sample.draw_sha256), str(sample.pupils_sha256))

    def work() -> tuple[str, ...]:
        if not all(store.is_sound(sha256) for sha256 in (*files, inputs["schools_sha256"], inputs["roster_sha256"])):
            return ("files",)
        return _differences(store, inputs, seed, hashes=hashes, files=files)

    return await asyncio.to_thread(work)


def _differences(
    store: ColumnarStore,
    inputs: Mapping[str, Any],
    seed: int,
    *,
    hashes: tuple[str | None, str | None],
    files: tuple[str, str],
) -> tuple[str, ...]:
    frame, roster = _frame(store, inputs)
    stored, pupils = get_schools(store, files[0]), get_pupils(store, files[1])
    found = list(draw_differences(stored, frame))
    listed = roster.rename({"student_id": "student_key"})
    _, frame_hash, roster_hash = drawn_from(frame, listed, inputs["design"])
    again_schools, again_pupils = _repeat(frame, roster, inputs["design"], seed)
    if frame_hash != hashes[0] and "frame_hash" not in found:
        found.append("frame_hash")
    if roster_hash != hashes[1]:
        found.append("roster_hash")
    if again_schools.to_json() != stored.to_json() and "schools" not in found:
        found.append("schools")
    if again_pupils.to_json() != pupils.to_json():
        found.append("pupils")
    return tuple(found)
