"""Words of advice, from the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from services.student_eval.development_results.rules import Advice, AdviceKind
from shared.scoring.scheme.tree import Name

_FILE = Path(__file__).with_name("advice.yaml")


def words_of(advice: Advice, indicator: Name) -> dict[str, str]:
    """A piece of advice in ``zh`` and ``en``."""
    texts = _catalogue()[advice.kind]
    return {"zh": texts["zh"].format(indicator=indicator.zh), "en": texts["en"].format(indicator=indicator.en)}


@cache
def _catalogue() -> Mapping[AdviceKind, Mapping[str, str]]:
    content = yaml.safe_load(_FILE.read_text("utf-8"))
    return {kind: content[kind.value] for kind in AdviceKind}
