"""A drawn record with what it says, and rates by school, as those who may see them."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.student_eval.archive_audits.repository import files_of_record
from services.student_eval.archive_samples import repository
from services.student_eval.archive_samples.rules import rates_of, whole_rate
from services.student_eval.archive_samples.schemas import (
    RateOut,
    RatesOut,
    SampledDetail,
    SchoolRateOut,
    sampled_detail,
    sampled_out,
)
from services.student_eval.archive_samples.tables import ArchiveSample, SampledRecord
from services.student_eval.archives.log import archive_of
from shared.kernel.audit.log import note
from shared.kernel.web.organizations import code_of
from shared.policy.record_forensics import forensics_policy
from shared.terms.actor import Actor
from shared.terms.errors import DomainError
from shared.terms.organization import OrgLevel


async def detail_of(session: AsyncSession, *, sample: ArchiveSample, row: SampledRecord, actor: Actor) -> SampledDetail:
    """A drawn record as it stands now, noted; offices are not told whose it is.

    Raises:
        DomainError: ``resource.not_found`` once the archive is kept elsewhere.
    """
    archive = await archive_of(session, actor, row.student_key)
    record = archive.state.records.get(row.record_id)
    if record is None:
        raise DomainError("resource.not_found", params={"what": f"record {row.record_id}"})
    said = (await repository.examinations_of(session, actor, [row.id]))[row.id]
    files = await files_of_record(session, actor, row.record_id)
    # Noted under the pupil, who may ask who has read what is held.
    note(session, actor, "archive_sample.record_read", row.student_key, {"sample": sample.code})
    return sampled_detail(sampled_out(row, said, actor), record, files)


async def rates(session: AsyncSession, *, sample: ArchiveSample, actor: Actor) -> RatesOut:
    """Rates of the schools within the actor's organization; a school sees its own as it is."""
    counts = await repository.outcome_counts(session, actor, sample)
    least = None if actor.level is OrgLevel.SCHOOL else forensics_policy().sample.least_shown
    found = rates_of(counts, sample.schools, least=least)
    whole = whole_rate(rates_of(counts, sample.schools, least=None), least=least)
    note(session, actor, "archive_sample.rates_read", f"{code_of(sample.org_path)}/{sample.code}")
    items = [SchoolRateOut(**row) for row in found.to_dicts()]
    return RatesOut(items=items, whole=None if whole is None else RateOut(**whole))
