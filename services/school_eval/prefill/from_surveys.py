"""Figures out of satisfaction surveys: the score of each school, ``satisfaction.guardians``."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from services.school_eval.prefill.filled import FILLED_SCHEMA, Filled, OwnSource, Wanted
from services.school_eval.surveys import repository
from services.school_eval.surveys.rules import Audience
from services.school_eval.surveys.scores import scored_schools, withheld_schools
from shared.scoring.scheme.tree import SourceKind

_PREFIX = "satisfaction."


class SurveyProvider(OwnSource):
    """The last round of the year that asked an audience; schools whose scores are withheld have no figure."""

    kind = SourceKind.SURVEY

    def knows(self, key: str) -> bool:
        """``satisfaction.`` and an audience."""
        return key.startswith(_PREFIX) and key.removeprefix(_PREFIX) in set(Audience)

    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        """Scores of 0 to 100 with their standard errors."""
        audiences = {key.removeprefix(_PREFIX) for key in keys}
        rounds = await repository.rounds_of_year(self._session, self._actor, wanted.school_year, audiences)
        last = {survey.audience: survey for survey in rounds}
        found = {}
        for audience, survey in last.items():
            asked = await repository.questionnaire_of(self._session, self._actor, survey)
            scores, schools = await scored_schools(
                self._session, survey=survey, questionnaire=asked, actor=self._actor, below=wanted.area
            )
            hidden = withheld_schools(scores, schools, min_n=survey.min_n)
            enough = scores.filter(~pl.col("unit_code").is_in(sorted(hidden)))
            frame = enough.select("unit_code", pl.col("score").alias("value"), "se").cast(pl.Schema(FILLED_SCHEMA))
            origin = {
                "source": "survey",
                "round": survey.code,
                "questionnaire": f"{asked.code} {asked.number}",
                "answers": int(enough["n"].sum()),
            }
            found[_PREFIX + audience] = Filled(frame, origin)
        return found
