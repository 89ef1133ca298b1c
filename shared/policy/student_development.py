"""How the development of pupils in compulsory education is observed, and what is told of it, from data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("student_development.yaml")


@dataclass(frozen=True, slots=True)
class ObservationSource:
    """Somebody whose word counts on a checkpoint.

    Args:
        code: ``class_teacher``, ``self``, ``peers`` or ``guardians``.
        name: in ``zh`` and ``en``.
        evaluator: what schemes call them; a checkpoint that does not name it is not asked of them.
        weight: relative to the others.
        from_grade: first grade in which they are asked.
        least: fewest words of which anything is counted or shown.
    """

    code: str
    name: Mapping[str, str]
    evaluator: str
    weight: float
    from_grade: int
    least: int


@dataclass(frozen=True, slots=True)
class DevelopmentPolicy:
    """What holds for the development of pupils.

    Args:
        grades: those it is for, 1 to 9.
        sources: by code, in the order in which they are shown.
        least_weight_rate: share of the weights asked that a level stands on at least, 0 to 1.
        most_in_peer_group: classmates in a group.
        least_pupils: fewest pupils of whom pictures are shown above the school.
        fitness_levels: grade of the fitness standard → level of a checkpoint.
    """

    grades: range
    sources: Mapping[str, ObservationSource]
    least_weight_rate: float
    most_in_peer_group: int
    least_pupils: int
    fitness_levels: Mapping[str, str]

    def weights(self, grade_level: int, evaluators: frozenset[str]) -> dict[str, float]:
        """Weights of those who are asked of a checkpoint in a grade, by source.

        Args:
            grade_level: of the pupils.
            evaluators: that the checkpoint names.
        """
        return {
            code: source.weight
            for code, source in self.sources.items()
            if source.evaluator in evaluators and grade_level >= source.from_grade
        }


@cache
def development_policy() -> DevelopmentPolicy:
    """The policy as it stands."""
    content: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    grades = content["grades"]
    return DevelopmentPolicy(
        grades=range(grades["first"], grades["last"] + 1),
        sources={code: ObservationSource(code=code, **entry) for code, entry in content["sources"].items()},
        least_weight_rate=content["least_weight_rate"],
        most_in_peer_group=content["most_in_peer_group"],
        least_pupils=content["pictures"]["least_pupils"],
        fitness_levels=content["fitness_levels"]["levels"],
    )
