"""Schemes of pupils: the kit's tables in this service."""

from services.student_eval.database import Base
from shared.kits.schemes.tables import IndicatorScheme as KitScheme
from shared.kits.schemes.tables import SchemeVersion as KitVersion


class IndicatorScheme(KitScheme, Base):
    """A scheme."""

    __tablename__ = "schemes"


class SchemeVersion(KitVersion, Base):
    """A published document."""

    __tablename__ = "scheme_versions"
