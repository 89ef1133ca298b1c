"""Scores of a round: schools, counties, the city; withheld where too few answered or where they could be worked out."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from services.school_eval.organizations import code_of
from services.school_eval.surveys import repository
from services.school_eval.surveys.rules import ItemKind
from services.school_eval.surveys.schemas import ScoreOut, TextsOut
from services.school_eval.surveys.tables import Questionnaire, SurveyedSchool, SurveyRound
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


def school_list(scores: pl.DataFrame, schools: Sequence[SurveyedSchool], *, min_n: int) -> list[ScoreOut]:
    """Scores of schools; where one of a county is withheld alone, the smallest other is too, so that no difference tells."""
    found = {row["unit_code"]: row for row in scores.iter_rows(named=True)}
    small = {school.school_code for school in schools if found[school.school_code]["n"] < min_n}
    for county in {school.county_code for school in schools}:
        own = [school.school_code for school in schools if school.county_code == county]
        hidden, shown = [code for code in own if code in small], [code for code in own if code not in small]
        if len(hidden) == 1 and found[hidden[0]]["n"] > 0 and shown:
            small.add(min(shown, key=lambda code: (found[code]["n"], code)))
    return [
        _of_row(code_of(school.org_path), found[school.school_code], school.school_code in small) for school in schools
    ]


def county_list(scores: pl.DataFrame, schools: Sequence[SurveyedSchool], *, min_n: int) -> list[ScoreOut]:
    """Scores of counties."""
    found = []
    for county in sorted({school.county_code for school in schools}):
        own = [school.school_code for school in schools if school.county_code == county]
        found.append(whole(code_of(county_path(county)), scores.filter(pl.col("unit_code").is_in(own)), min_n=min_n))
    return found


def whole(organization: str, scores: pl.DataFrame, *, min_n: int) -> ScoreOut:
    """The score of several schools together."""
    found: SurveyScore = together(scores)
    is_small = found.n < min_n
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
