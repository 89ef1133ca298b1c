"""Which keys of which sources can be filled in, for the checks of schemes."""

from __future__ import annotations

from services.teacher_eval.filling import providers
from shared.scoring.scheme.tree import Source, SourceKind

_ENTERED = frozenset({SourceKind.SELF_ASSESSMENT, SourceKind.INSPECTION})


def is_known_source(source: Source) -> bool:
    """Whether values of a source can be had: somebody enters them, or a provider knows the key."""
    if source.kind in _ENTERED:
        return True
    return any(each.kind is source.kind and each.knows(source.key) for each in providers.PROVIDERS)
