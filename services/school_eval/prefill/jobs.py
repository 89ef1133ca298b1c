"""Filling a campaign's leaves from what is known already, as a job: siblings are asked, the figures frozen by their hash."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from services.school_eval.campaigns.repository import campaign_by_id
from services.school_eval.campaigns.tables import Campaign
from services.school_eval.prefill.asking import PREFILL_JOB, require_open
from services.school_eval.prefill.filled import Wanted
from services.school_eval.prefill.from_inspections import InspectionProvider
from services.school_eval.prefill.from_monitoring import MonitoringProvider
from services.school_eval.prefill.from_statistics import StatisticsProvider
from services.school_eval.prefill.from_student_development import StudentDevelopmentProvider
from services.school_eval.prefill.from_surveys import SurveyProvider
from services.school_eval.prefill.from_timetables import TimetableProvider
from services.school_eval.prefill.service import Prefill, gather_prefill, store_prefill
from services.school_eval.schemes.mounted import SCHEMES
from shared.contracts.monitoring import Monitoring, MonitoringClient
from shared.contracts.student_eval import StudentEval, StudentEvalClient
from shared.kernel.jobs.context import JobContext
from shared.kernel.jobs.worker import JobKind
from shared.kernel.records import keep
from shared.kernel.settings import ServiceSettings
from shared.kits.schemes.repository import version_by_id
from shared.kits.schemes.service.reading import scheme_on

OpenMonitoring = Callable[[ServiceSettings], AbstractAsyncContextManager[Monitoring]]
OpenStudentEval = Callable[[ServiceSettings], AbstractAsyncContextManager[StudentEval]]


def prefill_job(open_monitoring: OpenMonitoring, open_students: OpenStudentEval = StudentEvalClient.of) -> JobKind:
    """The job, reading published results through ``open_monitoring`` and pupils' development through ``open_students``."""

    async def run(context: JobContext) -> None:
        settings = context.kernel.settings
        async with open_monitoring(settings) as monitoring, open_students(settings) as students:
            await fill_campaign(context, monitoring, students)

    return JobKind(PREFILL_JOB, run)


async def fill_campaign(context: JobContext, monitoring: Monitoring, students: StudentEval) -> None:
    """Asks every source, stores the figures and names them in the campaign."""
    campaign_id, exams = uuid.UUID(context.args["campaign_id"]), dict(context.args["exams"])
    await context.progress(0, 2, "gathering")
    prefill = await _gathered(context, campaign_id, exams, monitoring, students)
    await context.progress(1, 2, "storing")
    kept = await store_prefill(prefill, context.kernel.columns) | {"exams": exams}
    result: dict[str, Any] = {}
    async with context.final(result) as session:
        row = await campaign_by_id(session, campaign_id)
        require_open(row)
        row.prefill = kept
        detail = {"values": kept["values"], "leaves": len(prefill.origins), "unfilled": len(prefill.unfilled)}
        key = {"campaign": row.code}
        await keep(
            session, row, resource="campaigns", action="campaign.prefilled", key=key, actor=context.actor, detail=detail
        )
        result |= {"campaign": row.code, **detail}


async def _gathered(
    context: JobContext,
    campaign_id: uuid.UUID,
    exams: dict[str, str | None],
    monitoring: Monitoring,
    students: StudentEval,
) -> Prefill:
    async with context.commit() as session:
        row: Campaign = await campaign_by_id(session, campaign_id)
        units = require_open(row)
        scheme = await scheme_on(await version_by_id(session, SCHEMES, row.scheme_version_id), row.as_of)
        frame = await asyncio.to_thread(context.kernel.columns.get, units, ["unit_code"])
        wanted = Wanted(school_year=row.school_year, units=frame, area=row.org_path, exams=exams)
        providers = (
            StatisticsProvider(session, context.actor),
            TimetableProvider(session, context.actor),
            InspectionProvider(session, context.actor),
            SurveyProvider(session, context.actor),
            MonitoringProvider(monitoring),
            StudentDevelopmentProvider(students),
        )
        return await gather_prefill(scheme, wanted, providers)


PREFILL = prefill_job(MonitoringClient.of)
