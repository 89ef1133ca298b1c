"""The document of a cycle's scheme: checked when it is given, frozen with the cycle, read once."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from functools import lru_cache

from services.teacher_eval.cycles.tables import Cycle
from services.teacher_eval.filling.known_sources import is_known_source
from shared.policy.schemes import scheme_objections
from shared.scoring.scheme.checks import check_scheme
from shared.scoring.scheme.document import SchemeDocument
from shared.scoring.scheme.findings import require_sound
from shared.scoring.scheme.reading import read_scheme
from shared.scoring.scheme.tree import Scheme, SubjectOfScheme
from shared.terms.errors import DomainError

#: Documents held in memory: a handful serves every school of a year.
HELD = 16
SCHOOL = "school_code"


@lru_cache(maxsize=4 * HELD)
def _scheme(text: str, day: dt.date) -> Scheme:
    document = read_scheme(text)
    if not isinstance(document, SchemeDocument):
        raise ValueError("a frozen document is sound")
    return document.as_of(day)


async def scheme_of(cycle: Cycle) -> Scheme:
    """The scheme of a cycle, as of its day."""
    return await asyncio.to_thread(_scheme, cycle.scheme_document, cycle.as_of)


async def sound_scheme(text: str, day: dt.date) -> Scheme:
    """The scheme a document is on a day.

    Raises:
        DomainError: ``scheme.faulty`` with everything that keeps it from being read or that checks and law refuse;
            ``cycle.not_of_staff``; ``cycle.ranked_beyond_school`` where places in a group reach over several schools, whose
            evaluations end at different times.
    """
    return await asyncio.to_thread(_sound, text, day)


def _sound(text: str, day: dt.date) -> Scheme:
    document = read_scheme(text)
    if not isinstance(document, SchemeDocument):
        require_sound(document)
        raise ValueError("what cannot be read has errors")
    require_sound(check_scheme(document, law=scheme_objections, knows_source=is_known_source))
    scheme = document.as_of(day)
    if scheme.of is not SubjectOfScheme.STAFF:
        raise DomainError("cycle.not_of_staff", params={"scheme": scheme.code, "of": scheme.of})
    ranked = [leaf.code for leaf in scheme.leaves() if leaf.rule.kind == "rank_in_group"]
    if ranked and SCHOOL not in scheme.group_by:
        raise DomainError("cycle.ranked_beyond_school", params={"leaves": ", ".join(ranked)})
    return scheme


def sha256_of(text: str) -> str:
    """SHA-256 of a document."""
    return hashlib.sha256(text.encode()).hexdigest()
