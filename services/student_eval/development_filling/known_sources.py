"""Which keys of which sources can be filled in, for the checks of schemes."""

from __future__ import annotations

from services.student_eval.development_filling.providers import KEYS
from shared.scoring.scheme.tree import Source, SourceKind

_ENTERED = frozenset({SourceKind.SELF_ASSESSMENT, SourceKind.INSPECTION})


def is_known_source(source: Source) -> bool:
    """Whether values of a source can be had: somebody observes them, or a provider knows the key."""
    return source.kind in _ENTERED or (source.kind, source.key) in KEYS
