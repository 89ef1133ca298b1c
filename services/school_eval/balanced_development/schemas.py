"""Balanced development as its readers see it."""

from __future__ import annotations

from pydantic import BaseModel

from services.school_eval.balanced_development.service import Balance


class StandardOut(BaseModel):
    """The standard of a stage."""

    stage: str
    indicators: dict[str, str]
    required: int
    least_share: str
    variation_limit: str
    document: str
    verified: bool


class VariationOut(BaseModel):
    """How far a county's schools differ in one indicator; pupils of schools with the figure over all pupils."""

    indicator: str
    school_count: int
    student_count: int
    mean: float | None
    sd: float | None
    coefficient_of_variation: float | None
    is_within: bool | None
    covered_rate: float


class CountyBalanceOut(BaseModel):
    """A county's schools of one stage; ``is_met`` is null where missing figures decide."""

    county_code: str
    stage: str
    school_count: int
    met_school_count: int
    unknown_school_count: int
    within_count: int
    is_met: bool | None
    variation: list[VariationOut]


class CountiesBalanceOut(BaseModel):
    """All counties the reader sees; schools of other stages, or without a number of pupils, are left out."""

    campaign: str
    school_year: str
    standards: list[StandardOut]
    left_out_count: int
    items: list[CountyBalanceOut]


class IndicatorOut(BaseModel):
    """One resource indicator of a school."""

    indicator: str
    value: float | None
    standard: float
    ratio: float | None
    is_met: bool | None


class SchoolBalanceOut(BaseModel):
    """A school's seven indicators; ``is_met`` is null where missing figures decide."""

    school_code: str
    county_code: str
    stage: str
    met_count: int
    missing_count: int
    lowest_ratio: float | None
    is_met: bool | None
    indicators: list[IndicatorOut]


class SchoolsBalancePage(BaseModel):
    """A page of schools."""

    campaign: str
    school_year: str
    items: list[SchoolBalanceOut]
    next_cursor: str | None


def counties_out(balance: Balance) -> CountiesBalanceOut:
    """The counties of a balance."""
    variation: dict[tuple[str, str], list[VariationOut]] = {}
    found = balance.found
    for row in found.variation.drop("limit").iter_rows(named=True) if found else ():
        variation.setdefault((row.pop("county_code"), row.pop("stage")), []).append(VariationOut(**row))
    rows = found.counties.iter_rows(named=True) if found else ()
    return CountiesBalanceOut(
        campaign=balance.campaign.code,
        school_year=balance.campaign.school_year,
        standards=[
            StandardOut(
                stage=standard.stage,
                indicators={code: str(least) for code, least in standard.indicators.items()},
                required=standard.required,
                least_share=str(standard.least_share),
                variation_limit=str(standard.variation_limit),
                document=standard.document,
                verified=standard.verified,
            )
            for standard in balance.standards
        ],
        left_out_count=len(balance.left_out),
        items=[CountyBalanceOut(**row, variation=variation[row["county_code"], row["stage"]]) for row in rows],
    )


def schools_out(balance: Balance, codes: list[str]) -> list[SchoolBalanceOut]:
    """Some of the schools of a balance, by code."""
    if balance.found is None:
        return []
    wanted = balance.found.schools["school_code"].is_in(codes)
    indicators: dict[str, list[IndicatorOut]] = {}
    of_wanted = balance.found.indicators.filter(balance.found.indicators["school_code"].is_in(codes))
    for row in of_wanted.drop("county_code", "stage").iter_rows(named=True):
        indicators.setdefault(row.pop("school_code"), []).append(IndicatorOut(**row))
    rows = balance.found.schools.filter(wanted).sort("school_code").iter_rows(named=True)
    return [SchoolBalanceOut(**row, indicators=indicators[row["school_code"]]) for row in rows]


def school_codes(balance: Balance, *, unmet: bool) -> list[str]:
    """Codes of the schools that were judged, ascending; all, or those that fall short."""
    if balance.found is None:
        return []
    schools = balance.found.schools
    shown = schools.filter(schools["is_met"] == False) if unmet else schools  # noqa: E712
    return shown["school_code"].sort().to_list()
