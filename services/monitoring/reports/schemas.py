"""Reports as callers read them."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field

from services.monitoring.reports.findings import FindingKind
from services.monitoring.reports.rules import PupilReason, ReportBasis, ReportLevel, Verdict
from services.monitoring.results.schemas import StatisticOut


class ReportExamOut(BaseModel):
    """The exam that is reported on; ``area`` is the level of whoever holds it, which its widest group is."""

    code: str
    area: str
    name_zh: str
    name_en: str
    kind: str
    grade_level: int
    school_year: str
    held_on: dt.date


class ReportSubjectOut(BaseModel):
    """The subject; the total has no full mark of its own."""

    code: str
    name_zh: str
    name_en: str
    full_mark: str | None


class ParticipationOut(BaseModel):
    """Who took part."""

    n_registered: int | None
    n_sat: int | None
    n_absent: int | None
    n_void: int | None
    n_exempt: int | None
    n_not_entered: int | None
    participation_rate: StatisticOut


class RateOut(BaseModel):
    """A rate on both bases."""

    code: str
    threshold: str
    direction: Literal["at_least", "below"]
    of_present: StatisticOut
    of_registered: StatisticOut


class DifferenceOut(BaseModel):
    """A distance to a group that holds this one; a verdict only where it has an interval."""

    gap: StatisticOut
    verdict: Verdict | None


class RateDifferenceOut(DifferenceOut):
    """The distance of a rate; of rates that count downward less is better, and the verdict says so."""

    code: str


class GapsOut(BaseModel):
    """Distances to one group that holds this one."""

    reference: str
    mean: DifferenceOut
    participation: DifferenceOut
    rates: list[RateDifferenceOut]


class EstimateOut(BaseModel):
    """What the figures of a drawn sample rest on: pupils and schools examined, and the pupils they stand for."""

    n: int | None
    schools: int | None
    population: float | None = Field(
        description="所代表的学生数（权重之和） / pupils they stand for, the sum of weights"
    )
    design_effect: float | None = Field(description="平均分的设计效应 / of the mean")
    variance_method: str | None


class GroupOut(BaseModel):
    """The figures of a group; withheld ones are null and say so."""

    level: str
    county_code: str | None
    school_code: str | None
    class_code: str | None
    name_zh: str | None
    suppressed: bool
    participation: ParticipationOut
    mean: StatisticOut
    sd: StatisticOut
    score_rate: StatisticOut
    min: StatisticOut
    max: StatisticOut
    quantiles: dict[str, StatisticOut]
    rates: list[RateOut]
    gaps: list[GapsOut]
    estimate: EstimateOut | None = Field(
        description="由抽样推算的数字的依据；普查时为空 / what estimated figures rest on; null where all were examined"
    )


class BandOut(BaseModel):
    """Share of candidates in a band of marks."""

    band_low: float
    band_high: float
    count: int
    share: float
    reference_share: float | None


class ReportValueAddedOut(BaseModel):
    """Value added by one model: of a school its effect and label, of an area how many schools got each label."""

    model: str
    intakes: list[str]
    scale: str
    effect: StatisticOut | None
    label: str | None = Field(description="not_classifiable：各方法结论不一致 / the methods disagree")
    agrees: bool | None
    labels: dict[str, int] | None


class ReportPeersOut(BaseModel):
    """A school among unnamed schools that share an attribute: a band, never a rank; none in a group too small."""

    attribute: str
    name_zh: str
    name_en: str
    group_value: str | None
    group_schools: int | None
    band: str | None
    reason: str | None


class AspectOut(BaseModel):
    """What was attained on an item, or on items of one knowledge point, competency, cognitive level or question type."""

    code: str
    attainment: StatisticOut
    reference_attainment: float | None
    gap: StatisticOut
    verdict: Verdict | None


class MeasureOut(BaseModel):
    """A quality measure of an item over all candidates."""

    value: float | None
    band: str | None
    method: str


class ReportItemOut(AspectOut):
    """An item with its quality."""

    full_mark: float | None = None
    measures: dict[str, MeasureOut] = Field(default_factory=dict)


class AspectsOut(BaseModel):
    """Strengths and gaps beyond chance, the furthest first; all else is in line with the reference."""

    strength: list[AspectOut]
    gap: list[AspectOut]
    in_line: list[AspectOut]


class ItemsOut(BaseModel):
    """The items of the paper; the four lists name some of them by code."""

    items: list[ReportItemOut]
    hardest: list[str]
    easiest: list[str]
    ahead: list[str]
    behind: list[str]


class OwnShareOut(DifferenceOut):
    """Share of an option in one class of the reader's own school."""

    class_code: str | None
    share: StatisticOut


class OptionOut(BaseModel):
    """An option; null is no choice."""

    option: str | None
    is_key: bool
    reference_share: StatisticOut
    own_shares: list[OwnShareOut]
    outdraws_key_at_top: bool | None
    attracts_the_able: bool | None


class ItemOptionsOut(BaseModel):
    """The options of a choice item."""

    code: str
    options: list[OptionOut]


class FindingOut(BaseModel):
    """Something noticed, and what it concerns."""

    kind: FindingKind
    about: list[str]


class SuggestionOut(BaseModel):
    """A suggestion and the finding it answers."""

    finding: FindingKind
    zh: str
    en: str


class LinkOut(BaseModel):
    """Suggestions under one of the seven links of teaching (备教批辅考研评)."""

    link: str
    name_zh: str
    name_en: str
    items: list[SuggestionOut]


class SectionOut(BaseModel):
    """One group; a teacher's report has one for each class."""

    group: GroupOut
    reference: str | None = Field(description="比较对象的层级 / level of the group compared with")
    references: list[GroupOut]
    members: list[GroupOut]
    distribution: list[BandOut]
    value_added: list[ReportValueAddedOut]
    peers: list[ReportPeersOut]
    knowledge_points: AspectsOut | None
    competencies: AspectsOut | None
    cognitive_levels: AspectsOut | None = Field(description="认知层次 / by cognitive level")
    question_types: AspectsOut | None = Field(description="题型 / by type of question")
    items: ItemsOut | None
    options: list[ItemOptionsOut]
    findings: list[FindingOut]
    suggestions: list[LinkOut]


class PupilOut(BaseModel):
    """A candidate to help: no rank, and the order is that of class and number."""

    candidate_id: str
    class_code: str | None
    mark: float | None
    reason: PupilReason
    weak_points: list[str] = Field(
        description="自己得分低而本校多数已掌握的知识点 / low here, mastered by most of the school"
    )


class PupilsOut(BaseModel):
    """Candidates below the lines of the exam's own rates, or with several weak points."""

    pass_mark: float | None
    low_score_mark: float | None
    items: list[PupilOut]


class ReportOut(BaseModel):
    """The quality report of one subject, from one published version."""

    exam: ReportExamOut
    version: str
    published_at: dt.datetime
    subject: ReportSubjectOut
    level: ReportLevel
    basis: ReportBasis = Field(description="全体实测，或由抽样推算 / all examined, or estimated from a drawn sample")
    min_n: int
    sections: list[SectionOut]
    pupils: PupilsOut | None
