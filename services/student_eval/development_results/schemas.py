"""Results of terms as callers read them."""

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.student_eval.development_results.pictures import Distribution
from services.student_eval.development_results.rules import AdviceKind, Change
from services.student_eval.development_results.tables import DevelopmentResult
from shared.kernel.web.fields import Strict
from shared.kits.fields import Reason


class ReportIn(Strict):
    """A term to be reported; pupils without a judgement or comment need a reason."""

    accept_reason: Reason | None = Field(default=None, description="有缺项仍报告的理由 / why words may be missing")


class SchoolReportIn(ReportIn):
    """All classes of a school that are being judged; incomplete ones are named and left."""

    semester: Literal[1, 2]


class GradeOut(BaseModel):
    """A pupil's grade in a dimension or indicator, in words, against the own grade of the term before."""

    node: str
    parent: str | None
    name: dict[str, str]
    grade: str | None
    words: dict[str, str] | None
    change: Change | None
    checkpoint_count: int = Field(description="其下的考查要点数 / checkpoints it is made of")
    described_count: int = Field(description="其中有等级的 / of these, with a level")


class SourceOut(BaseModel):
    """What a source said of a checkpoint; of classmates only what they said together."""

    source: str
    name: dict[str, str]
    level: str


class CheckpointOut(GradeOut):
    """A checkpoint with what its level rests on."""

    is_computed: bool
    sources: list[SourceOut]


class TermGradesOut(BaseModel):
    """What a pupil is told of a term."""

    term_id: uuid.UUID
    organization: str
    class_code: str
    grade_level: int
    school_year: str
    semester: int
    grades: list[GradeOut]
    comment: str | None


class DevelopmentsOut(BaseModel):
    """A pupil's terms, the last first."""

    student_key: str
    items: list[TermGradesOut]


class TermDetailOut(TermGradesOut):
    """A term with every checkpoint."""

    checkpoints: list[CheckpointOut]


class TermGradeOut(BaseModel):
    """A grade of one term."""

    school_year: str
    semester: int
    grade: str | None
    change: Change | None


class GrowthOut(BaseModel):
    """A dimension or indicator over a pupil's terms, the first first."""

    node: str
    parent: str | None
    name: dict[str, str]
    terms: list[TermGradeOut]


class GrowthsOut(BaseModel):
    """A pupil against oneself, by dimension and indicator, under the scheme of the last term."""

    student_key: str
    scheme: str | None
    items: list[GrowthOut]


class AdviceOut(BaseModel):
    """A piece of advice on an indicator."""

    kind: AdviceKind
    indicator: str
    name: dict[str, str]
    words: dict[str, str]


class AdvicesOut(BaseModel):
    """Advice after a pupil's last term."""

    student_key: str
    school_year: str | None
    semester: int | None
    items: list[AdviceOut]


class PupilGradesOut(BaseModel):
    """Grades of a pupil of the class, by node."""

    student_key: str
    grades: dict[str, str]


class ResultOut(BaseModel):
    """A computation of a term."""

    number: int
    inputs: dict[str, Any]
    inputs_sha256: str
    student_count: int
    accept_reason: str | None
    computed_at: dt.datetime


class ResultsOut(BaseModel):
    """Every computation of a term, the last first."""

    items: list[ResultOut]


class CountOut(BaseModel):
    """Pupils with a grade."""

    grade: str
    words: dict[str, str]
    count: int
    rate: float | None


class DistributionOut(BaseModel):
    """Grades of a group in a dimension or indicator; nothing where withheld."""

    node: str
    name: dict[str, str]
    is_withheld: bool
    pupils: int | None
    grades: list[CountOut]


class GroupPictureOut(BaseModel):
    """The picture of a group."""

    group: str
    nodes: list[DistributionOut]


class PictureOut(BaseModel):
    """The picture of an organization: as a whole and by groups."""

    organization: str
    school_year: str
    semester: int
    scheme: str
    by: str
    min_n: int
    school_count: int
    listed_pupils: int
    reported_pupils: int
    whole: list[DistributionOut]
    groups: list[GroupPictureOut]


def result_out(row: DevelopmentResult) -> ResultOut:
    """A computation."""
    return ResultOut(**{name: getattr(row, name) for name in ResultOut.model_fields})


def distribution_out(found: Distribution, name: dict[str, str], words: dict[str, dict[str, str]]) -> DistributionOut:
    """A distribution; rates are of the pupils who have a grade."""
    counts = found.counts or {}
    return DistributionOut(
        node=found.node,
        name=name,
        is_withheld=found.counts is None,
        pupils=found.pupils,
        grades=[
            CountOut(
                grade=grade,
                words=words[grade],
                count=count,
                rate=round(count / found.pupils, 4) if found.pupils else None,
            )
            for grade, count in counts.items()
        ],
    )
