"""Which keys of which sources can be filled in, for the checks of schemes."""

from __future__ import annotations

from services.school_eval.prefill.from_monitoring import KEY
from services.school_eval.prefill.from_statistics import is_statistic
from services.school_eval.prefill.from_student_development import KEY as ROLL_UP
from services.school_eval.surveys.rules import Audience
from shared.policy.timetables import RULES
from shared.scoring.scheme.tree import Source, SourceKind

_SATISFACTION = frozenset(f"satisfaction.{audience}" for audience in Audience)
_TIMETABLES = frozenset(f"{rule}_rate" for rule in RULES)


def is_known_source(source: Source) -> bool:
    """Whether values of a source can be had; nobody fills records in yet."""
    match source.kind:
        case SourceKind.STATISTICS:
            return is_statistic(source.key) or source.key in _TIMETABLES
        case SourceKind.SURVEY:
            return source.key in _SATISFACTION
        case SourceKind.MONITORING:
            return KEY.match(source.key) is not None
        case SourceKind.ROLL_UP:
            return ROLL_UP.fullmatch(source.key) is not None
        case SourceKind.RECORDS:
            return False
        case SourceKind.SELF_ASSESSMENT | SourceKind.INSPECTION:
            return True
