"""The schemes this service keeps: those by which the development of pupils is described."""

from services.student_eval.development_filling.known_sources import is_known_source
from services.student_eval.schemes.tables import IndicatorScheme, SchemeVersion
from shared.kits.schemes.mounting import Schemes
from shared.policy.schemes import scheme_objections
from shared.scoring.scheme.tree import SubjectOfScheme

SCHEMES = Schemes(
    IndicatorScheme, SchemeVersion, frozenset({SubjectOfScheme.STUDENT}), scheme_objections, is_known_source
)
