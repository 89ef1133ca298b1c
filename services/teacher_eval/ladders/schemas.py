"""Ladders as callers write and read them."""

import datetime as dt
from typing import Self

from pydantic import BaseModel, Field, model_validator

from services.teacher_eval.ladders.criteria import Criterion, RungHeld
from services.teacher_eval.ladders.rules import Keeper, Track
from services.teacher_eval.ladders.tables import Ladder, LadderVersion
from shared.kernel.web.fields import Document, OwnCode, Reason, Strict, TwoNames
from shared.terms.organization import OrgLevel


class Rung(Strict):
    """A rung: who keeps it, for how long, and what it asks."""

    code: OwnCode
    name: TwoNames
    recognized_by: Keeper
    term_years: int | None = Field(
        default=None, ge=1, le=20, description="任期（年），为空则长期有效 / years of a term, null where it has no end"
    )
    criteria: list[Criterion] = Field(max_length=40)


class LadderIn(Strict):
    """A ladder: rungs from the lowest to the highest."""

    name: TwoNames
    track: Track
    document: Document
    verified: bool
    in_force_on: dt.date
    rungs: list[Rung] = Field(min_length=1, max_length=12)

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        below: set[str] = set()
        for rung in self.rungs:
            codes = [criterion.code for criterion in rung.criteria]
            if rung.code in below or len(set(codes)) != len(codes):
                raise ValueError(f"层级或条件代码重复 / a code stands twice: {rung.code}")
            asked = {criterion.rung for criterion in rung.criteria if isinstance(criterion, RungHeld)}
            if asked - below:
                raise ValueError(f"{rung.code} 要求的下级层级不存在 / it asks for rungs that are not below it")
            below.add(rung.code)
        return self

    def rung(self, code: str) -> Rung | None:
        """A rung by its code."""
        return next((rung for rung in self.rungs if rung.code == code), None)


class LadderChange(LadderIn):
    """A new version of a ladder and why there is one."""

    reason: Reason


class LadderOut(LadderIn):
    """A ladder as kept."""

    code: str
    kept_at_level: OrgLevel
    version: int


class LadderVersionOut(BaseModel):
    """One version that was in force."""

    number: int
    in_force_on: dt.date
    document: str
    reason: str
    by_org: str
    at: dt.datetime


class LadderDetail(LadderOut):
    """A ladder and its versions, newest last."""

    versions: list[LadderVersionOut]


class BuiltInOut(LadderIn):
    """A ladder that comes with the platform."""

    code: str
    is_adopted: bool


def ladder_of(content: dict[str, object]) -> LadderIn:
    """A ladder out of its stored content."""
    return LadderIn.model_validate(content)


def ladder_out(row: Ladder) -> LadderOut:
    """A ladder as callers see it."""
    return LadderOut(**row.content, code=row.code, kept_at_level=row.kept_at_level, version=row.version)


def version_out(row: LadderVersion) -> LadderVersionOut:
    """A version as callers see it."""
    content = row.content
    kept = {name: getattr(row, name) for name in ("number", "reason", "by_org", "at")}
    return LadderVersionOut(**kept, in_force_on=content["in_force_on"], document=content["document"])
