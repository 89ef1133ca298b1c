"""The schemes this service keeps: of schools and counties, and what the city observes of itself."""

from services.school_eval.prefill.known_sources import is_known_source
from services.school_eval.schemes.tables import IndicatorScheme, SchemeVersion
from shared.kits.schemes.mounting import Schemes
from shared.policy.schemes import scheme_objections
from shared.scoring.scheme.tree import SubjectOfScheme

SCHEMES = Schemes(
    IndicatorScheme,
    SchemeVersion,
    frozenset(SubjectOfScheme) - {SubjectOfScheme.STAFF, SubjectOfScheme.STUDENT},
    scheme_objections,
    is_known_source,
)
