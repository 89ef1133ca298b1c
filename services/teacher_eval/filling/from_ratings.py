"""Figures out of ratings: ``ratings.`` with an audience, and ``ratings.appraisal`` of the democratic appraisal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import ClassVar

from services.teacher_eval.filling.filled import Filled, Provider, Wanted, filled
from services.teacher_eval.ratings.repository import figures_of_year
from services.teacher_eval.ratings.rules import Audience, RoundKind, combined
from services.teacher_eval.ratings.tables import RatingFigure, RatingRound
from shared.kernel.web.organizations import code_of
from shared.scoring.scheme.tree import SourceKind

_PREFIX = "ratings."
_APPRAISAL = "appraisal"
_Row = tuple[RatingFigure, RatingRound]


class RatingProvider(Provider):
    """The last closed round of the year for each person; who has no figure that is shown is left out."""

    kind: ClassVar[SourceKind] = SourceKind.SURVEY

    @staticmethod
    def knows(key: str) -> bool:
        """``ratings.`` and an audience, or the appraisal."""
        return key.startswith(_PREFIX) and key.removeprefix(_PREFIX) in {*Audience, _APPRAISAL}

    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        """Figures of 0 to 100 with their standard errors."""
        judged = set(wanted.staff["staff_key"])
        rows = [
            row
            for row in await figures_of_year(self._session, self._actor, wanted.school_year, wanted.area)
            if row[0].staff_key in judged
        ]
        found = {}
        for key in keys:
            asked = key.removeprefix(_PREFIX)
            figures = _appraised(rows) if asked == _APPRAISAL else _of_audience(rows, asked)
            if figures:
                used = {of.id: of for figure, of in rows if asked in (_APPRAISAL, figure.audience)}
                found[key] = Filled(filled(figures), _origin(key, list(used.values())))
        return found


def _of_audience(rows: Sequence[_Row], audience: str) -> list[tuple[str, float, float | None]]:
    """Rows come by the last day of their round, so the last of a person stays."""
    last = {figure.staff_key: figure for figure, _ in rows if figure.audience == audience}
    return [(key, figure.value, figure.se) for key, figure in last.items() if figure.value is not None]


def _appraised(rows: Sequence[_Row]) -> list[tuple[str, float, float | None]]:
    appraisals = [row for row in rows if row[1].kind == RoundKind.DEMOCRATIC_APPRAISAL]
    last = {figure.staff_key: of for figure, of in appraisals}
    parts: dict[str, dict[str, tuple[float, float | None]]] = defaultdict(dict)
    for figure, of in appraisals:
        if last[figure.staff_key].id == of.id and figure.value is not None:
            parts[figure.staff_key][figure.audience] = (figure.value, figure.se)
    found: list[tuple[str, float, float | None]] = []
    for key, figures in parts.items():
        weights = {audience: float(asked["weight"]) for audience, asked in last[key].audiences.items()}
        together = combined(figures, weights)
        if together is not None:
            found.append((key, *together))
    return found


def _origin(key: str, rounds: Sequence[RatingRound]) -> dict[str, object]:
    named = sorted((code_of(of.org_path), of.code, of.version) for of in rounds)
    return {
        "source": "ratings",
        "key": key,
        "rounds": [{"organization": org, "round": code, "version": version} for org, code, version in named],
    }
