"""Checklists as callers write and read them."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, model_validator

from services.school_eval.checklists.rules import LABELS, Routine, Scale
from services.school_eval.checklists.tables import Checklist, ChecklistVersion
from services.school_eval.research_staff.rules import TeachingLink
from shared.kernel.web.fields import Document, OwnCode, Reason, Strict, TwoNames
from shared.kernel.web.validation import refused

Weight = Annotated[Decimal, Field(gt=0, le=100, max_digits=6, decimal_places=3)]


class Item(Strict):
    """Something that is looked at and rated."""

    code: OwnCode
    name: TwoNames
    scale: Scale
    weight: Weight
    evidence: TwoNames | None = Field(default=None, description="要看的材料 / what is to be seen for it")
    verified: bool = False


class Section(Strict):
    """Items that belong together; of the teaching routine, one of its seven links (备教批辅考研评)."""

    code: OwnCode
    name: TwoNames
    link: TeachingLink | None = None
    items: list[Item] = Field(min_length=1, max_length=60)


class ChecklistIn(Strict):
    """A checklist."""

    name: TwoNames
    routine: Routine
    document: Document
    verified: bool
    sections: list[Section] = Field(min_length=1, max_length=30)

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        codes = [section.code for section in self.sections]
        codes += [f"{section.code}.{item.code}" for section in self.sections for item in section.items]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise refused("checklist.codes_twice", codes=", ".join(twice))
        missing = [section.code for section in self.sections if (section.link is None) == (self.routine == "teaching")]
        if missing:
            raise refused("checklist.links_differ", sections=", ".join(missing))
        return self


class ChecklistOut(ChecklistIn):
    """A checklist as it is worked on."""

    code: str
    published_number: int | None
    is_published: bool = Field(description="草案与已发布版本一致 / the draft is what was published last")
    version: int


class VersionOut(ChecklistIn):
    """A published version, with what its ratings are called."""

    code: str
    number: int
    sha256: str
    note: str
    published_at: dt.datetime
    labels: dict[Scale, list[TwoNames]]


class PublishIn(Strict):
    """What changed in this version, and why."""

    note: Reason


class VersionsOut(BaseModel):
    """Published versions, newest first."""

    items: list[VersionOut]


def checklist_out(row: Checklist, latest: ChecklistVersion | None) -> ChecklistOut:
    """A checklist as callers see it."""
    is_published = latest is not None and latest.content == row.draft
    kept: dict[str, Any] = {"code": row.code, "published_number": row.published_number, "version": row.version}
    return ChecklistOut(**row.draft, **kept, is_published=is_published)


def version_out(row: ChecklistVersion) -> VersionOut:
    """A published version as callers see it."""
    kept = {name: getattr(row, name) for name in ("code", "number", "sha256", "note", "published_at")}
    labels = {scale: [TwoNames(**label) for label in names] for scale, names in LABELS.items()}
    return VersionOut(**row.content, **kept, labels=labels)
