"""The schemes this service keeps: those by which staff are judged."""

from services.teacher_eval.filling.known_sources import is_known_source
from services.teacher_eval.schemes.tables import IndicatorScheme, SchemeVersion
from shared.kits.schemes.mounting import Schemes
from shared.policy.schemes import scheme_objections
from shared.scoring.scheme.tree import SubjectOfScheme

SCHEMES = Schemes(
    IndicatorScheme, SchemeVersion, frozenset({SubjectOfScheme.STAFF}), scheme_objections, is_known_source
)
