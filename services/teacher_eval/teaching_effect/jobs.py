"""Computing the effect of teaching: published value added of classes, held against frozen links."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import polars as pl

from services.teacher_eval.teaching_effect import repository
from services.teacher_eval.teaching_effect.rules import bands_of, link_parts, on_t_scale, require_usable
from services.teacher_eval.teaching_effect.schemas import EffectIn, ExamIn
from services.teacher_eval.teaching_effect.service import COMPUTE_JOB
from services.teacher_eval.teaching_effect.tables import TeachingEffectRun
from services.teacher_eval.teaching_links.repository import frozen_hashes, verified
from shared.contracts.monitoring import Monitoring, MonitoringClient, PublishedResults
from shared.kernel import clock
from shared.kernel.audit.log import note
from shared.kernel.changes.feed import Operation, record_changes
from shared.kernel.ids import new_id
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.settings import ServiceSettings
from shared.kernel.web.organizations import code_of
from shared.scoring.teaching_effect import composition_of, teacher_parts, teaching_effects
from shared.terms.errors import DomainError

OpenMonitoring = Callable[[ServiceSettings], AbstractAsyncContextManager[Monitoring]]
_NAMES = (
    "staff_key", "subjects", "org_path", "classes", "n", "value", "value_se", "effect", "se", "ci_low", "ci_high",
    "reliability", "expected", "label",
)  # fmt: skip


def compute_job(open_monitoring: OpenMonitoring) -> JobKind:
    """The job, reading monitoring through ``open_monitoring``."""

    async def run(context: JobContext) -> None:
        async with open_monitoring(context.kernel.settings) as monitoring:
            await compute(context, monitoring)

    return JobKind(COMPUTE_JOB, run)


async def compute(context: JobContext, monitoring: Monitoring) -> None:
    """Computes and keeps one run."""
    area, school_year = context.args["area"], context.args["school_year"]
    asked = EffectIn.model_validate(context.args["definition"])
    await context.progress(0, 3, "reading results")
    used, classes = await _classes(monitoring, asked, school_year)
    await context.progress(1, 3, "reading links")
    async with context.commit() as session:
        links = await verified(session, context.actor, school_year, area)
        hashes = await frozen_hashes(session, context.actor, school_year, area)
    if links.is_empty():
        raise DomainError("teaching_effect.no_links", params={"school_year": school_year})
    found, composition = await asyncio.to_thread(_computed, asked, used, classes, links, school_year)
    await context.progress(2, 3, "storing")
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        row = TeachingEffectRun(
            id=new_id(),
            org_path=area,
            school_year=school_year,
            number=await repository.last_number(session, context.actor, area, school_year) + 1,
            definition=asked.model_dump(mode="json"),
            origin={"exams": [_origin(each) for each in used], "links": _links_origin(hashes)},
            composition=composition.to_dicts(),
            bands=bands_of(found),
            teacher_count=found.height,
            effects_sha256=hashlib.sha256(found.write_json().encode()).hexdigest(),
            computed_by=context.actor.subject,
            computed_at=clock.now(),
        )
        session.add(row)
        await session.flush()
        rows = [{"id": new_id(), "run_id": row.id, **values} for values in found.iter_rows(named=True)]
        await repository.insert_effects(session, rows)
        flagged = sum(bool(flag) for flag in composition["flagged"])
        result |= {"number": row.number, "teachers": found.height, "flagged": flagged, "sha256": row.effects_sha256}
        note(session, context.actor, "teaching_effect.computed", f"{code_of(area)}/{school_year}", dict(result))
        key = {"organization": code_of(area), "school_year": school_year, "number": str(row.number)}
        await record_changes(session, "teaching_effect_runs", Operation.UPSERTED, [(area, key)])


async def _classes(
    monitoring: Monitoring, asked: EffectIn, school_year: str
) -> tuple[list[PublishedResults], dict[tuple[str, str], pl.DataFrame]]:
    """What is published, and figures of classes by exam and outcome.

    Raises:
        DomainError: ``teaching_effect.not_published``, ``teaching_effect.entrance_exam``, ``teaching_effect.other_year``,
            ``teaching_effect.no_value_added``.
    """
    used, classes = [], {}
    for entry in asked.exams:
        results = await monitoring.results(entry.exam, version=entry.version)
        if results is None:
            raise DomainError("teaching_effect.not_published", params={"exam": entry.exam})
        require_usable(entry.exam, kind=results.kind, exam_year=results.school_year, school_year=school_year)
        used.append(results)
        for outcome in sorted(set(entry.subjects.values())):
            frame = await monitoring.class_effects(results, outcome=outcome)
            if frame.is_empty():
                raise DomainError("teaching_effect.no_value_added", params={"exam": entry.exam, "outcome": outcome})
            classes[entry.exam, outcome] = frame
    return used, classes


def _computed(
    asked: EffectIn,
    used: Sequence[PublishedResults],
    classes: dict[tuple[str, str], pl.DataFrame],
    links: pl.DataFrame,
    school_year: str,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Effects with school and subjects by teacher, and the composition check of every exam's subject."""
    figures, taught = [], []
    for entry, results in zip(asked.exams, used, strict=True):
        held_on = dt.date.fromisoformat(results.held_on)
        for outcome in sorted(set(entry.subjects.values())):
            source = f"{entry.exam}/{outcome}"
            figures.append(on_t_scale(classes[entry.exam, outcome], source=source))
            own = links.filter(pl.col("subject").is_in(_taught_as(entry, outcome)))
            taught.append(link_parts(own, school_year=school_year, held_on=held_on, source=source))
    parts = teacher_parts(pl.concat(figures), pl.concat(taught))
    composition = composition_of(parts, min_n=asked.min_n)
    if not asked.use_when_flagged:
        flagged = composition.filter("flagged")["source"].unique().to_list()
        parts = parts.filter(~pl.col("source").is_in(flagged))
    effects = teaching_effects(parts, min_n=asked.min_n, least_reliability=asked.least_reliability)
    return effects.join(_places(asked, links), on="staff_key", how="left").select(_NAMES).sort("staff_key"), composition


def _taught_as(entry: ExamIn, outcome: str) -> list[str]:
    return [subject for subject, code in entry.subjects.items() if code == outcome]


def _places(asked: EffectIn, links: pl.DataFrame) -> pl.DataFrame:
    """``staff_key, org_path, subjects``: where somebody teaches most, and what, among the subjects asked for."""
    codes = sorted({subject for entry in asked.exams for subject in entry.subjects})
    own = links.filter(pl.col("subject").is_in(codes))
    most = (
        own.group_by("staff_key", "org_path")
        .agg(pl.col("share").sum())
        .sort("staff_key", "share", "org_path", descending=[False, True, False])
        .unique("staff_key", keep="first", maintain_order=True)
    )
    subjects = own.group_by("staff_key").agg(pl.col("subject").unique().sort().str.join("+").alias("subjects"))
    return most.select("staff_key", "org_path").join(subjects, on="staff_key")


def _links_origin(hashes: Sequence[str]) -> dict[str, Any]:
    """How many schools have frozen their links, and one hash over what they froze."""
    return {"schools": len(hashes), "sha256": hashlib.sha256("\n".join(hashes).encode()).hexdigest()}


def _origin(results: PublishedResults) -> dict[str, str]:
    return {"exam": results.exam, "version": results.version, "manifest_sha256": results.manifest_sha256}


COMPUTE_TEACHING_EFFECT = compute_job(MonitoringClient.of)
