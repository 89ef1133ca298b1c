"""Designing a sample, and what precision it may be expected to give."""

from __future__ import annotations

import asyncio
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.monitoring.exams.rules import EDITABLE
from services.monitoring.exams.tables import Exam
from services.monitoring.samples import repository, rules
from services.monitoring.samples.rules import SampleState
from services.monitoring.samples.schemas import PreviewOut, SampleDesignIn, StratumPreview
from services.monitoring.samples.tables import Sample
from shared.kernel.audit.log import note
from shared.kernel.jobs.queue import enqueue
from shared.kernel.store.columnar import ColumnarStore
from shared.scoring.sampling.design import PupilSelection, SampleDesign
from shared.scoring.sampling.draws import SampleDraw, draw_schools
from shared.scoring.sampling.precision import design_summary
from shared.terms.actor import Actor
from shared.terms.errors import DomainError

READ_SIZES_JOB = "read_sample_sizes"
#: A preview needs some draw of the right size; which schools it takes is shown to nobody.
_PREVIEW_SEED = 0


def require_designable(exam: Exam) -> None:
    """A sample is designed and drawn while its exam is a draft whose schools are to be drawn.

    Raises:
        DomainError: ``sample.schools_are_listed``; ``exam.not_editable``.
    """
    if not rules.is_drawn_sample(exam.definition):
        raise DomainError("sample.schools_are_listed")
    if exam.state not in EDITABLE:
        raise DomainError("exam.not_editable", params={"state": exam.state})


def require_undrawn(sample: Sample) -> None:
    """Raises ``sample.already_drawn``: who could draw again could draw until the result pleases."""
    if sample.state == SampleState.DRAWN:
        raise DomainError("sample.already_drawn")


async def put_design(session: AsyncSession, *, exam: Exam, body: SampleDesignIn, actor: Actor) -> tuple[Sample, bool]:
    """Takes a design and asks for the roster's sizes; a frame closed under another design is open again.

    Args:
        session: the transaction.
        exam: the exam, locked.
        body: the design.
        actor: who designs.

    Returns:
        The sample, and whether it is new.
    """
    require_designable(exam)
    design = body.model_dump(mode="json")
    rules.sample_design(design)
    sample = await repository.sample_by_exam(session, exam.id)
    is_new = sample is None
    if sample is None:
        sample = Sample(exam_id=exam.id, org_path=exam.org_path, version=0, replacements=[])
        session.add(sample)
    require_undrawn(sample)
    if not is_new and sample.design == design:
        return sample, False
    sample.design, sample.state, sample.version = design, SampleState.DESIGNED, sample.version + 1
    _open_frame(sample)
    args = {"exam_id": str(exam.id), "exam_code": exam.code}
    job = await enqueue(session, actor, READ_SIZES_JOB, args=args, org_path=exam.org_path, lock=f"exam-{exam.id}")
    sample.job_id = job.id
    await session.flush()
    note(session, actor, "sample.designed", exam.code, {"version": sample.version})
    return sample, is_new


def _open_frame(sample: Sample) -> None:
    for name in ("schools_sha256", "roster_sha256", "frame_hash", "roster_hash", "school_count", "pupil_count"):
        setattr(sample, name, None)
    sample.grade_level = sample.school_year = sample.frame_closed_at = sample.frame_closed_by = None


async def preview(sample: Sample, store: ColumnarStore, *, icc: float, sd: float) -> PreviewOut:
    """Expected precision of a mean under the design, on the closed frame or else on the sizes last read.

    Args:
        sample: the sample.
        store: where its frame is.
        icc: share of the variance that lies between schools inside strata, as an earlier round found it.
        sd: standard deviation of pupils inside strata; 1 answers in standard deviations.

    Raises:
        DomainError: ``sample.sizes_pending``; ``scoring.sample_allocation`` and other refusals of the frame.
    """
    files = (sample.schools_sha256, sample.sizes_sha256)
    if files == (None, None):
        raise DomainError("sample.sizes_pending")
    design = dict(sample.design)

    def work() -> PreviewOut:
        closed, sizes = files
        frame = store.get(closed) if closed else rules.school_frame(store.get(str(sizes)), design)
        return _preview(frame, design, basis="closed_frame" if closed else "sizes", icc=icc, sd=sd)

    return await asyncio.to_thread(work)


def _preview(frame: pl.DataFrame, body: dict[str, Any], *, basis: Any, icc: float, sd: float) -> PreviewOut:
    design = rules.sample_design(body)
    draw = draw_schools(frame, design, seed=_PREVIEW_SEED, spread=body["spread"])
    class_size = _class_size(frame, design)
    summary = design_summary(draw, icc=icc, sd=sd, class_size=class_size)
    counts = _frame_counts(draw)
    items = [StratumPreview(frame_schools=counts[row["stratum"]], **row) for row in summary.iter_rows(named=True)]
    return PreviewOut(basis=basis, icc=icc, sd=sd, class_size=class_size, items=items)


def _class_size(frame: pl.DataFrame, design: SampleDesign) -> float | None:
    if design.pupil_selection is PupilSelection.PUPILS:
        return None
    return int(frame["size"].sum()) / int(frame["class_count"].sum())


def _frame_counts(draw: SampleDraw) -> dict[str | None, int]:
    counts: dict[str | None, int] = dict(draw.strata.select("stratum", "schools").iter_rows())
    return counts | {None: int(draw.strata["schools"].sum())}
