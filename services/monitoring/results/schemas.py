"""Results as callers read them."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.monitoring.exams.fields import Strict
from services.monitoring.results.tables import ResultSet


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
