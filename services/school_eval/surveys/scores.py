"""Scores of a round: schools, counties, the city; withheld where too few answered or where they could be worked out."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.surveys import repository
from services.school_eval.surveys.schemas import ScoreOut, TextsOut
from services.school_eval.surveys.tables import Questionnaire, SurveyedSchool, SurveyRound
from shared.kernel.web.organizations import code_of
from shared.kits.surveys.questions import ItemKind
from shared.scoring.disclosure import withheld
from shared.scoring.surveys import SurveyScore, respondent_scores, school_scores, together
from shared.terms.actor import Actor
from shared.terms.organization import county_path


async def scored_schools(
    session: AsyncSession, *, survey: SurveyRound, questionnaire: Questionnaire, actor: Actor, below: str
) -> tuple[pl.DataFrame, Sequence[SurveyedSchool]]:
    """Scores of the schools of an organization, as :func:`shared.scoring.surveys.school_scores` gives them."""
    schools = await repository.invited_within(session, actor, survey, below=below)
    rows = await repository.answers_of(session, actor, survey, below=below)
    points = {item["code"]: item["points"] for item in questionnaire.content["items"] if item["kind"] == ItemKind.SCALE}
    columns: dict[str, Any] = {item: [answers.get(item) for _, answers in rows] for item in points}
    schema = {"unit_code": pl.String(), **dict.fromkeys(points, pl.Int64())}
    answers = pl.DataFrame({"unit_code": [school for school, _ in rows], **columns}, schema=schema)
    invited = pl.DataFrame(
        {
            "unit_code": [school.school_code for school in schools],
            "invited_count": [school.invited_count for school in schools],
        },
        schema={"unit_code": pl.String, "invited_count": pl.Int64},
    )
    return school_scores(respondent_scores(answers, points=points), invited), schools


def withheld_schools(scores: pl.DataFrame, schools: Sequence[SurveyedSchool], *, min_n: int) -> set[str]:
    """Schools whose scores are not shown: few answers, or what would tell those of others by subtraction."""
    counts = dict(scores.select("unit_code", "n").iter_rows())
    by_county = _by_county(schools)
    hidden_counties = _withheld_counties(counts, by_county, min_n=min_n)
    hidden: set[str] = set()
    for county, codes in by_county.items():
        own = {code: counts[code] for code in codes}
        hidden |= withheld(own, min_n=min_n, must_hide=county in hidden_counties and sum(own.values()) > 0)
    return hidden


def _by_county(schools: Sequence[SurveyedSchool]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for school in schools:
        found.setdefault(school.county_code, []).append(school.school_code)
    return found


def _withheld_counties(counts: Mapping[str, int], by_county: Mapping[str, Sequence[str]], *, min_n: int) -> set[str]:
    totals = {county: sum(counts[code] for code in codes) for county, codes in by_county.items()}
    return withheld(totals, min_n=min_n)


def school_list(scores: pl.DataFrame, schools: Sequence[SurveyedSchool], *, min_n: int) -> list[ScoreOut]:
    """Scores of schools, without those withheld."""
    found = {row["unit_code"]: row for row in scores.iter_rows(named=True)}
    hidden = withheld_schools(scores, schools, min_n=min_n)
    return [
        _of_row(code_of(school.org_path), found[school.school_code], school.school_code in hidden) for school in schools
    ]


def county_list(scores: pl.DataFrame, schools: Sequence[SurveyedSchool], *, min_n: int) -> list[ScoreOut]:
    """Scores of counties, without those withheld."""
    by_county = _by_county(schools)
    hidden = _withheld_counties(dict(scores.select("unit_code", "n").iter_rows()), by_county, min_n=min_n)
    return [
        whole(
            code_of(county_path(county)),
            scores.filter(pl.col("unit_code").is_in(codes)),
            min_n=min_n,
            is_withheld=county in hidden,
        )
        for county, codes in sorted(by_county.items())
    ]


def whole(organization: str, scores: pl.DataFrame, *, min_n: int, is_withheld: bool = False) -> ScoreOut:
    """The score of several schools together."""
    found: SurveyScore = together(scores)
    is_small = is_withheld or found.n < min_n
    return ScoreOut(
        organization=organization,
        invited_count=found.invited_count,
        n=None if is_small else found.n,
        response_rate=None if is_small else found.response_rate,
        value=None if is_small else found.score,
        se=None if is_small else found.se,
        ci=None if is_small else found.ci,
        suppressed=is_small,
    )


def _of_row(organization: str, row: dict[str, Any], is_small: bool) -> ScoreOut:
    interval = None if row["se"] is None else (row["ci_low"], row["ci_high"])
    return ScoreOut(
        organization=organization,
        invited_count=row["invited_count"],
        n=None if is_small else row["n"],
        response_rate=None if is_small else row["response_rate"],
        value=None if is_small else row["score"],
        se=None if is_small else row["se"],
        ci=None if is_small else interval,
        suppressed=is_small,
    )


async def texts_of(
    session: AsyncSession, *, survey: SurveyRound, questionnaire: Questionnaire, item: str, actor: Actor, below: str
) -> TextsOut:
    """What was written to a question, shuffled; nothing where fewer than the round's smallest number answered."""
    rows = await repository.answers_of(session, actor, survey, below=below)
    texts = [str(answers[item]).strip() for _, answers in rows if item in answers]
    known = {each["code"] for each in questionnaire.content["items"] if each["kind"] == ItemKind.TEXT}
    if item not in known or len(texts) < survey.min_n:
        return TextsOut(question=item, n=0, texts=[])
    random.SystemRandom().shuffle(texts)
    return TextsOut(question=item, n=len(texts), texts=texts)
