"""Every source that leaves of pupils' schemes can be filled from."""

from __future__ import annotations

from services.student_eval.development_filling.filled import Provider
from services.student_eval.development_filling.from_fitness import FitnessProvider

PROVIDERS: tuple[type[Provider], ...] = (FitnessProvider,)
KEYS = frozenset((provider.kind, provider.key) for provider in PROVIDERS)
