"""A catalog of kinds of records: the platform's file, a bureau's versions, and what callers send and read."""

import datetime as dt
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from shared.kernel.web.fields import Document, OwnCode, Reason, Strict
from shared.kernel.web.validation import refused
from shared.scoring.records.rules import Measure, Span

Level = Literal["national", "province", "city", "county", "school"]
Figure = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}\.[a-z][a-z0-9_]{0,59}$")]
Points = Annotated[Decimal, Field(ge=0, le=1000, decimal_places=2)]
#: What kinds and figures that a bureau adds begin with; checks of schemes know them by it.
OWN = "own_"


class Named(Strict):
    """A name in both languages."""

    zh: Annotated[str, Field(min_length=1, max_length=60)]
    en: Annotated[str, Field(min_length=1, max_length=120)]


class FieldType(StrEnum):
    """What a field of a kind holds."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    CHOICE = "choice"


class KindField(Strict):
    """A field of a kind, beside those that every record has."""

    name: Named
    type: FieldType = FieldType.TEXT
    required: bool = False
    choices: list[OwnCode] = Field(default=[], max_length=40)
    most: Decimal | None = None

    @model_validator(mode="after")
    def _choices(self) -> Self:
        if (self.type is FieldType.CHOICE) != bool(self.choices):
            raise refused("record_kind.choices")
        return self


class BoundIn(Strict):
    """The most that is possible within a span of time."""

    per: Span
    most: Annotated[int, Field(ge=1, le=10_000)]


class PointTable(Strict):
    """Points by level, or by level and grade, in force from a day."""

    in_force_from: dt.date = Field(alias="from")
    document: Document
    table: dict[Level, Points | dict[OwnCode, Points]] = Field(min_length=1)


class Kind(Strict):
    """A kind of records."""

    name: Named
    nature: Literal["quantity", "achievement"]
    unit: Named | None = None
    entered_by: list[Literal["teacher", "school"]] = Field(min_length=1, max_length=2)
    certified_by: Literal["school", "county"] = "school"
    evidence: Literal["required", "optional"] = "optional"
    fields: dict[OwnCode, KindField] = Field(default={}, max_length=30)
    category: Named | None = None
    categories: list[OwnCode] = Field(default=[], max_length=40)
    amount_is_one: bool = False
    standards: dict[OwnCode, Annotated[Decimal, Field(gt=0, le=1000)]] = Field(default={})
    bound: BoundIn | None = None
    window: Annotated[int, Field(ge=1, le=10)] | None = Field(default=None, description="有效年数 / years it counts")
    is_shared: bool = Field(default=False, description="合作成果按署名次序分配 / co-authors share by rank")
    needs_listed_issuer: bool = False
    grades: list[OwnCode] = Field(default=[], max_length=20)
    cap: Points | None = None
    points: list[PointTable] = Field(default=[], max_length=40)

    @property
    def is_achievement(self) -> bool:
        """Whether it is counted once at its highest level, rather than summed."""
        return self.nature == "achievement"

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.is_achievement != bool(self.points):
            raise refused("record_kind.points")
        if set(self.standards) - set(self.categories):
            raise refused("record_kind.categories")
        for entry in self.points:
            for values in entry.table.values():
                grades = list(values) if isinstance(values, dict) else []
                if bool(self.grades) != isinstance(values, dict) or set(grades) - set(self.grades):
                    raise refused("record_kind.grades")
        return self


class FigureIn(Strict):
    """A figure worked out of records."""

    measure: Measure
    kinds: list[OwnCode] = Field(min_length=1, max_length=40)
    category: OwnCode | None = None
    cap: Points | None = None
    without: Literal["zero", "unknown"] = "zero"


class Catalog(Strict):
    """Everything about kinds of records at once: a version of it never changes."""

    document: Document
    verified: bool = False
    levels: list[Level] = Field(min_length=1)
    issuers: list[Annotated[str, Field(min_length=2, max_length=120)]] = Field(
        default=[],
        max_length=2000,
        description="认可的颁发单位；空为暂不限制 / issuers that count; none: not limited yet",
    )
    shares: dict[Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]?$")], list[Decimal]]
    kinds: dict[OwnCode, Kind] = Field(min_length=1, max_length=100)
    figures: dict[Figure, FigureIn] = Field(max_length=200)

    @model_validator(mode="after")
    def _agreed(self) -> Self:
        for count, shares in self.shares.items():
            falling = all(later <= earlier for earlier, later in pairwise(shares))
            if len(shares) != int(count) or sum(shares) != 1 or not falling or any(share < 0 for share in shares):
                raise refused("record_kind.shares", count=count)
        unknown = {kind for figure in self.figures.values() for kind in figure.kinds} - self.kinds.keys()
        if unknown:
            raise refused("record_kind.unknown_kinds", kinds=", ".join(sorted(unknown)))
        return self


class CatalogIn(Strict):
    """A bureau's new version."""

    catalog: Catalog
    reason: Reason


class CatalogOut(BaseModel):
    """A catalog in force: the platform's (number 0) or a bureau's."""

    number: int
    sha256: str
    catalog: Catalog
