"""What a service says of its schemes: its tables, whom they judge, what the law refuses, which figures it can fill in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.kits.schemes.tables import IndicatorScheme, SchemeVersion
from shared.scoring.scheme.checks.base import Law
from shared.scoring.scheme.tree import Source, SubjectOfScheme


@dataclass(frozen=True, slots=True)
class Schemes:
    """A service's schemes.

    Args:
        table: its table of schemes.
        versions: its table of versions.
        subjects: whom its schemes judge; those of others are kept by other services.
        law: what the policy objects to in a scheme.
        knows_source: whether figures of a source can be had.
    """

    table: type[IndicatorScheme]
    versions: type[SchemeVersion]
    subjects: frozenset[SubjectOfScheme]
    law: Law
    knows_source: Callable[[Source], bool]
