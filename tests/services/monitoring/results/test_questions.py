"""What is worked out for one caller is given to another only if nothing tells them apart."""

from dataclasses import fields, replace
from typing import Any

import pytest

from services.monitoring.results.reading import Question
from shared.policy.visibility import PupilsToHelp, RankDisclosure, Reach, ResultVisibility, result_visibility
from shared.terms.education import Stage
from shared.terms.organization import OrgLevel
from tests.services.monitoring.results.city import SCHOOLS, SMALL, at_school

SEEN = result_visibility(at_school(SMALL), stage=Stage.PRIMARY, exam_kind="sample_monitoring")
OTHERS: dict[str, Any] = {
    "org": SCHOOLS["2199000001"].path,
    "level": OrgLevel.COUNTY,
    "reach": {**SEEN.reach, OrgLevel.CITY: Reach.NONE},
    "own_school": "2199000001",
    "least_other_schools": SEEN.least_other_schools + 1,
    "sees_candidates": not SEEN.sees_candidates,
    "candidate_ranks": next(kind for kind in RankDisclosure if kind is not SEEN.candidate_ranks),
    "sees_school_ranks": not SEEN.sees_school_ranks,
    "sees_answer_options": not SEEN.sees_answer_options,
    "pupils_to_help": next(kind for kind in PupilsToHelp if kind is not SEEN.pupils_to_help),
}


def question(seen: ResultVisibility, **more: Any) -> Question:
    settings: dict[str, Any] = {"table": "summary", "visibility": seen, "min_n": 10} | more
    return Question(**settings)


def test_every_part_of_the_decision_is_tried_here() -> None:
    assert {part.name for part in fields(ResultVisibility)} - {"decisions"} == set(OTHERS)


@pytest.mark.parametrize("part", OTHERS)
def test_callers_who_differ_in_anything_share_nothing(part: str) -> None:
    other = replace(SEEN, **{part: OTHERS[part]})
    assert hash(question(SEEN).caller) == hash(question(replace(SEEN)).caller)
    assert question(other).caller != question(SEEN).caller


@pytest.mark.parametrize("more", [{"min_n": 5}, {"with_ranks": True}, {"is_drawn": True}])
def test_exams_and_questions_that_differ_share_nothing(more: dict[str, Any]) -> None:
    assert question(SEEN, **more).caller != question(SEEN).caller
