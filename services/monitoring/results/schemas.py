"""Results as callers read them."""

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import BaseModel, Field, StrictFloat, StrictInt, StrictStr

from services.monitoring.exams.fields import Strict
from services.monitoring.results.tables import ResultReconciliation, ResultSet


class PublishIn(Strict):
    """Publication; the note is kept with the version."""

    note: str | None = Field(default=None, max_length=500)


class VersionOut(BaseModel):
    """One version of an exam's results."""

    version: str
    state: Literal["published", "withdrawn"]
    reason: str | None
    published_at: dt.datetime


class ResultSetOut(VersionOut):
    """A version with its manifest: checksums, counts, methods."""

    exam: str
    manifest: dict[str, Any]


class ResultsOut(BaseModel):
    """All versions, newest first, and the manifest of the one in force; null once withdrawn."""

    exam: str
    in_force: str | None
    manifest: dict[str, Any] | None
    versions: list[VersionOut]


class StatisticOut(BaseModel):
    """One published statistic; ``value`` is null where it does not exist or is withheld (``suppressed``)."""

    value: float | None
    n: int | None
    se: float | None
    ci: tuple[float, float] | None = Field(description="95 %")
    suppressed: bool
    method: str
    version: str


class MethodOut(BaseModel):
    """The method of a table."""

    id: str
    version: str


Plain = str | int | float | bool | list[str] | None
Cell = StatisticOut | Plain


class TablePage(BaseModel):
    """A page of a table: keys and counts plainly, statistics as objects; cells of distributions plainly."""

    exam: str
    version: str
    table: str
    method: MethodOut
    items: list[dict[str, Cell]]
    next_cursor: str | None


class ChangedFigureOut(BaseModel):
    """A figure that differs: null where it does not exist, or was withheld from the caller in that version."""

    column: str
    before: Plain
    after: Plain


class ChangedRowOut(BaseModel):
    """A row that differs; of one added or removed, the figures that it holds."""

    key: dict[str, str | int | float | None]
    change: Literal["changed", "added", "removed"]
    figures: list[ChangedFigureOut]


class ChangesPage(BaseModel):
    """What changed in a table since the version that was replaced, as the caller sees both; counts are of the whole list."""

    exam: str
    version: str
    replaces: str
    table: str
    counts: dict[str, int]
    items: list[ChangedRowOut]
    next_cursor: str | None


class CoefficientOut(BaseModel):
    """A fixed effect of a value-added model."""

    term: str
    value: float | None
    se: float | None
    ci: tuple[float, float] | None


class ModelOut(BaseModel):
    """A value-added model: what was asked for and what was estimated, in full double precision."""

    code: str
    outcome: str
    intakes: list[str]
    scale: str
    method: str = Field(description="reml / ml")
    compositional: bool
    status: str
    reason: str | None
    n: int | None
    groups: int | None
    outcome_mean: float | None
    outcome_sd: float | None
    coefficients: list[CoefficientOut]
    tau2: float | None
    sigma2: float | None
    icc: float | None
    log_likelihood: float | None
    method_id: str
    method_version: str


class ValueAddedPage(BaseModel):
    """A value-added model and its schools; null without a model."""

    exam: str
    version: str
    models: list[str]
    model: ModelOut | None
    items: list[dict[str, Cell]]
    next_cursor: str | None


def version_out(row: ResultSet) -> VersionOut:
    """A version in the list."""
    return VersionOut(
        version=row.version,
        state=row.state,
        reason=row.reason,
        published_at=row.published_at,
    )


def result_set_out(row: ResultSet, exam_code: str) -> ResultSetOut:
    """A version on its own."""
    return ResultSetOut(**version_out(row).model_dump(), exam=exam_code, manifest=row.manifest)


class ReconcileIn(Strict):
    """Figures held by the caller: of each its key columns, ``figure`` and ``value``; numbers, or numbers as text."""

    rows: list[dict[str, StrictStr | StrictInt | StrictFloat | None]] = Field(
        examples=[[{"level": "school", "county_code": "990001", "school_code": "2199000001", "subject": "maths",
                    "figure": "mean", "value": "71.25"}]]
    )  # fmt: skip


class ReconciliationOut(BaseModel):
    """A comparison: what was posted, and how many figures came to which outcome."""

    id: uuid.UUID
    exam: str
    version: str
    table: str
    digits: int | None
    body_sha256: str
    rows: int
    counts: dict[str, int]
    posted_org: str
    posted_by: str
    posted_at: dt.datetime


class DifferenceOut(BaseModel):
    """A figure that differs, is missing on one side, was posted twice or is no number."""

    key: dict[str, Plain]
    figure: str
    outcome: Literal["different", "missing_there", "missing_here", "repeated", "unreadable"]
    theirs: float | None
    ours: float | None
    difference: float | None


class DifferencesPage(BaseModel):
    """A page of what differs."""

    reconciliation: ReconciliationOut
    items: list[DifferenceOut]
    next_cursor: str | None


def reconciliation_out(record: ResultReconciliation, *, exam_code: str, version: str) -> ReconciliationOut:
    """A comparison on its own."""
    return ReconciliationOut(
        id=record.id,
        exam=exam_code,
        version=version,
        table=record.table_name.replace("_", "-"),
        digits=record.digits,
        body_sha256=record.body_sha256,
        rows=record.row_count,
        counts=record.counts,
        posted_org=record.posted_org,
        posted_by=record.posted_by,
        posted_at=record.posted_at,
    )


class StepOut(BaseModel):
    """A number, how it is made, and of what; without a formula it is given."""

    name: str
    zh: str
    en: str
    value: float | int | None
    formula: str | None
    section: str | None = Field(description="docs/scoring.md")
    parts: list["StepOut"]


class SheetOut(BaseModel):
    """A mark sheet by its hash."""

    school_code: str
    sha256: str
    rows: int


class ExplainedInputsOut(BaseModel):
    """What the figure follows from: the hash of all frozen inputs, and the sheets that the caller may know of."""

    inputs_sha256: str
    analysis: int
    sheets: list[SheetOut]


class ExplanationOut(BaseModel):
    """A figure with the steps that end in it."""

    exam: str
    version: str
    table: str
    key: dict[str, Plain]
    figure: str
    value: float | int
    agrees: bool = Field(description="各步算得的数与所示一致 / the steps end in the printed figure")
    method: MethodOut
    explanation: StepOut
    inputs: ExplainedInputsOut
