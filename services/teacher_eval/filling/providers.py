"""The sources of computed figures: one line each."""

from __future__ import annotations

from services.teacher_eval.filling.filled import Provider
from services.teacher_eval.filling.from_conduct import ConductProvider
from services.teacher_eval.filling.from_development import DevelopmentProvider
from services.teacher_eval.filling.from_monitoring import MonitoringProvider
from services.teacher_eval.filling.from_ratings import RatingProvider
from services.teacher_eval.filling.from_records import RecordProvider

#: Asked in this order; each key is known to one of them at most.
PROVIDERS: tuple[type[Provider], ...] = (
    DevelopmentProvider,
    RecordProvider,
    ConductProvider,
    RatingProvider,
    MonitoringProvider,
)
