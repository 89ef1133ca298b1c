"""School statistics as callers write and read them."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from services.school_eval.statistics.catalog import Catalog, catalog
from services.school_eval.statistics.rules import derived_values, exact
from services.school_eval.statistics.tables import SchoolStatistics, StatisticsState
from shared.kernel.web.fields import OwnCode, Reason, Strict
from shared.kernel.web.organizations import code_of
from shared.scoring.rounding import half_away_from_zero

Figure = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=4)]


class StatisticsIn(Strict):
    """Every figure of a school; what is left out is not known. Exact figures travel as text."""

    figures: dict[OwnCode, Figure] = Field(
        max_length=200, examples=[{"student_count": "812", "teaching_area": "3650.5"}]
    )
    reason: Reason | None = Field(default=None, description="更正已确认的数据时必填 / why, once they were confirmed")


class DerivedOut(BaseModel):
    """A figure that was worked out: four decimals, half away from zero."""

    code: str
    name: dict[str, str]
    value: str | None
    of: list[str]
    by: str
    per: int


class StatisticsOut(BaseModel):
    """Statistics of a school in a year."""

    organization: str
    school_code: str
    county_code: str
    school_year: str
    figures: dict[str, str]
    missing: list[str]
    source: str
    confirmed_at: dt.datetime | None
    version: int


class StateOut(BaseModel):
    """Figures as they once stood."""

    number: int
    figures: dict[str, str]
    source: str
    reason: str | None
    by: str
    at: dt.datetime


class StatisticsDetail(StatisticsOut):
    """Statistics with everything worked out of them, and their history."""

    derived: list[DerivedOut]
    states: list[StateOut]


class ItemOut(BaseModel):
    """An item of the catalog."""

    code: str
    name: dict[str, str]
    kind: str
    most: int
    within: str | None


class CatalogOut(BaseModel):
    """What is entered and what is worked out."""

    document: str
    verified: bool
    items: list[ItemOut]
    derived: list[DerivedOut]


class CountyCoverage(BaseModel):
    """Schools of a county whose figures are there, and confirmed."""

    county_code: str
    schools: int
    confirmed: int


class CoverageOut(BaseModel):
    """How far collection has come."""

    school_year: str
    items: list[CountyCoverage]


class TakenOut(BaseModel):
    """What a file did."""

    dry_run: bool
    rows: int
    created: int
    changed: int
    unchanged: int
    refused: int
    sha256: str


def catalog_out() -> CatalogOut:
    """The catalog as callers see it."""
    known = catalog()
    return CatalogOut(
        document=known.document,
        verified=known.verified,
        items=[
            ItemOut(code=item.code, name=dict(item.name), kind=item.kind, most=item.most, within=item.within)
            for item in known.items.values()
        ],
        derived=_derived({}, known),
    )


def statistics_out(row: SchoolStatistics) -> StatisticsOut:
    """A school's statistics."""
    return StatisticsOut(
        organization=code_of(row.org_path),
        school_code=row.school_code,
        county_code=row.county_code,
        school_year=row.school_year,
        figures=row.figures,
        missing=[code for code in catalog().items if code not in row.figures],
        source=row.source,
        confirmed_at=row.confirmed_at,
        version=row.version,
    )


def statistics_detail(row: SchoolStatistics, states: Sequence[StatisticsState]) -> StatisticsDetail:
    """A school's statistics with what is derived, and their history."""
    told = [
        StateOut(
            number=state.number,
            figures=state.figures,
            source=state.source,
            reason=state.reason,
            by=code_of(state.by_org),
            at=state.at,
        )
        for state in states
    ]
    derived = _derived(row.figures, catalog())
    return StatisticsDetail(**statistics_out(row).model_dump(), derived=derived, states=told)


def _derived(figures: dict[str, str], known: Catalog) -> list[DerivedOut]:
    values = derived_values(exact(figures), known)
    return [
        DerivedOut(
            code=code,
            name=dict(entry.name),
            value=published(values[code]) if code in values else None,
            of=list(entry.of),
            by=entry.by,
            per=entry.per,
        )
        for code, entry in known.derived.items()
    ]


def published(value: Decimal) -> str:
    """A derived figure as it is shown."""
    return str(half_away_from_zero(value, 4))
