"""Samples as callers write and read them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from services.student_eval.archive_audits.schemas import Term
from services.student_eval.archive_samples.rules import Outcome, SampleState, Side
from services.student_eval.archive_samples.tables import ArchiveSample, RecordExamination, SampledRecord
from services.student_eval.archives.state import Record
from services.student_eval.archives.tables import Evidence
from shared.kernel.web.fields import OwnCode, Strict
from shared.kernel.web.organizations import code_of
from shared.kits.fields import Reason
from shared.terms.actor import Actor
from shared.terms.organization import OrgLevel

Rate = Annotated[float, Field(gt=0, le=1)]


class SampleIn(Strict):
    """A sample: the seed is settled and kept secret, its hash is published."""

    code: OwnCode
    term: Term
    seed_commitment: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="SHA-256(学期:种子)，封框前公布 / SHA-256 over term:seed, published before the frame is closed"
    )
    flagged_rate: Rate | None = Field(default=None, description="有待核实事项的记录抽取比例 / share of flagged records")
    other_rate: Rate | None = Field(default=None, description="其他记录抽取比例 / share of the others")


class DrawIn(Strict):
    """The draw: the seed is told."""

    seed: Annotated[str, StringConstraints(min_length=16, max_length=200)]
    witnessed_by: Annotated[str, StringConstraints(min_length=2, max_length=200)]


class ExamineIn(Strict):
    """What was found of a record."""

    outcome: Outcome
    reason: Reason


class SchoolFrameOut(BaseModel):
    """What can be drawn of one school."""

    school_code: str
    frame_hash: str
    records: int
    flagged: int


class SampleOut(BaseModel):
    """A sample; whoever reads it is told of the schools of the own organization alone."""

    organization: str
    code: str
    term: str
    state: SampleState
    design: dict[str, Any]
    seed_commitment: str
    announced_at: dt.datetime
    frame_hash: str | None
    frame_closed_at: dt.datetime | None
    schools: list[SchoolFrameOut]
    seed: str | None
    witnessed_by: str | None
    drawn_at: dt.datetime | None
    version: int


class ExaminationOut(BaseModel):
    """What one side found."""

    side: Side
    outcome: Outcome
    reason: str
    examined_at: dt.datetime


class SampledOut(BaseModel):
    """A drawn record. What the other side found is told once one's own has spoken."""

    record: uuid.UUID
    school_code: str
    class_code: str
    student_key: str | None = Field(description="仅学校可见 / for the school alone")
    is_flagged: bool
    outcome: Outcome | None
    opened: dict[str, str] | None
    examinations: list[ExaminationOut]


class FileOut(BaseModel):
    """A file of a record; it is shown by the school."""

    sha256: str
    kind: str
    size: int
    uploaded_at: dt.datetime


class SampledDetail(SampledOut):
    """A drawn record with what it says."""

    type: str
    status: str
    fields: dict[str, Any]
    text: str
    files: list[FileOut]


class VerifiedOut(BaseModel):
    """Whether the draw, repeated from frame and seed, gives the same records."""

    is_verified: bool
    differences: list[str]


class RateOut(BaseModel):
    """All schools together; Wilson's 95 % interval."""

    drawn: int
    examined: int
    confirmed: int
    false: int
    not_proved: int
    false_rate: float
    ci_low: float
    ci_high: float


class SchoolRateOut(BaseModel):
    """Records of a school that were examined, and how many are false."""

    school_code: str
    drawn: int
    examined: int | None
    confirmed: int | None
    false: int | None
    not_proved: int | None
    false_rate: float | None = Field(description="已核查记录中不实的比例 / share of examined records")
    ci_low: float | None = Field(description="Wilson 95 %")
    ci_high: float | None
    estimated_false_rate: float | None = Field(
        description="按抽样框加权的估计 / estimate for all records, flagged and others weighed"
    )
    is_withheld: bool


class RatesOut(BaseModel):
    """Rates by school; small numbers are withheld from offices."""

    items: list[SchoolRateOut]
    whole: RateOut | None = Field(description="合计；过少时不显示 / together, null where too few were examined")


def sample_out(row: ArchiveSample, actor: Actor) -> SampleOut:
    """A sample as an actor reads it."""
    names = ("frame_hash", "records", "flagged")
    schools = [
        SchoolFrameOut(school_code=code, **{name: found[name] for name in names})
        for code, found in row.schools.items()
        if actor.covers(found["org_path"])
    ]
    plain = {name: getattr(row, name) for name in SampleOut.model_fields if name not in ("organization", "schools")}
    return SampleOut(organization=code_of(row.org_path), schools=schools, **plain)


def sampled_out(row: SampledRecord, said: Sequence[RecordExamination], actor: Actor) -> SampledOut:
    """A drawn record as an actor reads it."""
    is_school = actor.level is OrgLevel.SCHOOL
    own = Side.SCHOOL if is_school else Side.OFFICE
    has_spoken = any(each.side == own for each in said)
    return SampledOut(
        record=row.record_id,
        school_code=row.school_code,
        class_code=row.class_code,
        student_key=row.student_key if is_school else None,
        is_flagged=row.is_flagged,
        outcome=Outcome(row.outcome) if row.outcome and has_spoken else None,
        opened=row.opened if has_spoken else None,
        examinations=[
            ExaminationOut(
                side=Side(each.side), outcome=Outcome(each.outcome), reason=each.reason, examined_at=each.examined_at
            )
            for each in said
            if has_spoken
        ],
    )


def sampled_detail(plain: SampledOut, record: Record, files: Sequence[Evidence]) -> SampledDetail:
    """A drawn record with what it says."""
    held = [FileOut(sha256=f.sha256, kind=f.kind, size=f.size, uploaded_at=f.uploaded_at) for f in files]
    return SampledDetail(
        **plain.model_dump(),
        type=record.type,
        status=record.status,
        fields=dict(record.fields),
        text=record.text,
        files=held,
    )
