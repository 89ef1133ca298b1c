"""Coverage and targets as callers write and read them."""

from pydantic import BaseModel, Field

from services.teacher_eval.title_coverage.tables import TitleTarget
from shared.kernel.web.fields import Document, Strict, TwoNames
from shared.kernel.web.organizations import code_of


class GroupOut(BaseModel):
    """Holders of a group against its active staff."""

    group: str
    held_count: int
    staff_count: int | None = Field(
        description="在职人数；学科人数名册未提供时为空 / null where the register cannot say"
    )
    held_rate: float | None


class CoverageOut(BaseModel):
    """Holders of a rung by group, within the caller's organization."""

    ladder: str
    rung: str
    by: str
    items: list[GroupOut]


class GoalOut(BaseModel):
    """A number that plans fix, its place, and where it stands today."""

    code: str
    name: TwoNames
    kind: str
    goal: float
    value: float | None
    by_year: int | None
    document: str
    verified: bool


class GoalsOut(BaseModel):
    """Every number that plans fix for the city."""

    year: int
    items: list[GoalOut]


class TargetIn(Strict):
    """How many holders there are to be."""

    goal_count: int = Field(ge=0, le=1_000_000)
    document: Document
    verified: bool = False


class TargetOut(TargetIn):
    """A target and how many hold the rung today."""

    organization: str
    ladder: str
    rung: str
    goal_year: int
    held_count: int
    version: int


def target_out(row: TitleTarget, held: int) -> TargetOut:
    """A target as callers see it."""
    kept = {name: getattr(row, name) for name in (*TargetIn.model_fields, "ladder", "rung", "goal_year", "version")}
    return TargetOut(**kept, organization=code_of(row.org_path), held_count=held)
