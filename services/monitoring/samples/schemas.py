"""Samples as callers write and read them."""

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from services.monitoring.exams.fields import Strict
from services.monitoring.samples.rules import SampleState
from services.monitoring.samples.tables import Sample
from shared.scoring.sampling.design import Allocation, PupilSelection, SchoolSelection

AttributeName = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
#: Largest whole number that every program reads from JSON without loss.
MAX_SEED = 2**53 - 1


class SampleDesignIn(Strict):
    """A stratified two-stage design; numbers are judged together, so that every contradiction is answered at once."""

    strata: list[AttributeName] = Field(
        default=["county"],
        max_length=4,
        description="分层属性：county、urban_rural、school_type、ownership、attributes.<名称> / attributes that make strata",
    )
    schools: int = Field(description="抽取学校数 / schools to draw", examples=[120])
    pupil_selection: PupilSelection = PupilSelection.PUPILS
    take: int = Field(default=30, description="每校学生数或班级数 / pupils or classes per school")
    allocation: Allocation = Allocation.PROPORTIONAL
    spread: dict[str, float] | None = Field(
        default=None,
        max_length=500,
        description="各层标准差，仅 neyman 需要 / standard deviation by stratum, for neyman",
    )
    min_schools: int = Field(default=2, description="每层至少学校数 / least schools per stratum")
    selection: SchoolSelection = SchoolSelection.SYSTEMATIC
    sort_by: list[AttributeName] = Field(default=[], max_length=4, description="隐含分层排序 / implicit stratification")
    replacements: int = Field(default=2, description="每校替补学校数 / replacement schools for each (0–2)")


class DrawIn(Strict):
    """The draw: the seed was made after the frame was closed, before witnesses."""

    seed: int = Field(ge=0, le=MAX_SEED, description="封框后当众产生 / made in public after the frame was closed")
    witnessed_by: str = Field(min_length=2, max_length=200, description="见证部门或职务 / offices that witnessed it")
    frame_hash: str | None = Field(
        default=None, description="见证时宣读的框指纹 / fingerprint read out before the seed"
    )


class ReplaceIn(Strict):
    """A drawn school that refuses or cannot take part."""

    school_code: str = Field(min_length=1, max_length=40)
    reason: str = Field(min_length=5, max_length=500)


class LookupIn(Strict):
    """Pupil numbers of the own school; they are turned into pseudonyms at the door and not kept."""

    student_numbers: list[Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]] = (
        Field(min_length=1, max_length=5_000)
    )


class FrameOut(BaseModel):
    """A closed frame; both hashes can be computed anew from the downloads with any SHA-256 program."""

    frame_hash: str
    roster_hash: str
    schools: int
    pupils: int
    grade_level: int
    school_year: str
    closed_at: dt.datetime
    closed_by: str


class ReplacementOut(BaseModel):
    """A school that takes another's place."""

    school_code: str
    replacement: str
    reason: str
    at: dt.datetime
    by: str


class DrawOut(BaseModel):
    """A draw, and everything needed to repeat it beside the frame."""

    seed: int
    witnessed_by: str
    draw_sha256: str
    pupils_sha256: str
    drawn_at: dt.datetime
    drawn_by: str


class SampleOut(BaseModel):
    """The sample of an exam."""

    exam: str
    state: SampleState
    design: dict[str, Any]
    job_id: uuid.UUID | None
    frame: FrameOut | None
    draw: DrawOut | None
    replacements: list[ReplacementOut]
    version: int


class StratumPreview(BaseModel):
    """What a design is expected to give in a stratum, or over all (null)."""

    stratum: str | None
    frame_schools: int
    population: int
    schools: int
    pupils: float
    design_effect: float
    effective_pupils: float
    se: float
    margin: float = Field(description="95 % 区间的一半 / half of the 95 % interval")


class PreviewOut(BaseModel):
    """Expected precision of a mean."""

    basis: Literal["sizes", "closed_frame"]
    icc: float
    sd: float
    class_size: float | None
    items: list[StratumPreview]


class DrawnSchoolOut(BaseModel):
    """A school of the draw, for those who drew it."""

    school_code: str
    stratum: str
    position: int
    size: int
    probability: float
    is_certain: bool
    role: Literal["sampled", "replacement"]
    replaces: str | None
    replacement_order: int | None
    is_active: bool
    drawn_pupils: int


class VerificationOut(BaseModel):
    """The draw repeated from stored frame and seed."""

    is_verified: bool
    differences: list[str]


class OwnSchoolOut(BaseModel):
    """What a school is told: whether it was drawn, and how many of its pupils in which classes."""

    is_drawn: bool
    drawn_pupils: int
    classes: dict[str, int]


class DrawnPupilOut(BaseModel):
    """A drawn pupil of the own school, under the roster's pseudonym."""

    student_key: str
    class_code: str | None


class LookupItem(BaseModel):
    """Whether the pupil at a place of the list asked for was drawn; from 1, as in the request."""

    position: int
    is_drawn: bool
    class_code: str | None


class LookupOut(BaseModel):
    """Answers in the order of the request; the numbers are not repeated."""

    items: list[LookupItem]


def sample_out(sample: Sample, exam_code: str) -> SampleOut:
    """A sample as its office sees it."""
    return SampleOut(
        exam=exam_code,
        state=SampleState(sample.state),
        design=sample.design,
        job_id=sample.job_id,
        frame=_frame_out(sample),
        draw=_draw_out(sample),
        replacements=[ReplacementOut(**entry) for entry in sample.replacements],
        version=sample.version,
    )


def _frame_out(sample: Sample) -> FrameOut | None:
    if sample.frame_hash is None:
        return None
    return FrameOut.model_validate(
        {
            "frame_hash": sample.frame_hash,
            "roster_hash": sample.roster_hash,
            "schools": sample.school_count,
            "pupils": sample.pupil_count,
            "grade_level": sample.grade_level,
            "school_year": sample.school_year,
            "closed_at": sample.frame_closed_at,
            "closed_by": sample.frame_closed_by,
        }
    )


def _draw_out(sample: Sample) -> DrawOut | None:
    if sample.seed is None:
        return None
    names = ("seed", "witnessed_by", "draw_sha256", "pupils_sha256", "drawn_at", "drawn_by")
    return DrawOut.model_validate({name: getattr(sample, name) for name in names})
