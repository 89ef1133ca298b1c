"""The scheme of a cycle: a published version, frozen with the cycle."""

from __future__ import annotations

import datetime as dt

from services.teacher_eval.cycles.tables import Cycle
from shared.kits.schemes.service.reading import scheme_as_of, scheme_on
from shared.kits.schemes.tables import SchemeVersion
from shared.scoring.scheme.tree import Scheme
from shared.terms.errors import DomainError

SCHOOL = "school_code"


async def scheme_of(cycle: Cycle) -> Scheme:
    """The scheme of a cycle, as of its day."""
    return await scheme_as_of(cycle.scheme_document, cycle.as_of)


async def sound_scheme(version: SchemeVersion, day: dt.date) -> Scheme:
    """The scheme a version is on a day.

    Raises:
        DomainError: ``cycle.ranked_beyond_school`` where places in a group reach over several schools, whose evaluations end
            at different times.
    """
    scheme = await scheme_on(version, day)
    ranked = [leaf.code for leaf in scheme.leaves() if leaf.rule.kind == "rank_in_group"]
    if ranked and SCHOOL not in scheme.group_by:
        raise DomainError("cycle.ranked_beyond_school", params={"leaves": ", ".join(ranked)})
    return scheme
