"""Plans that come with the platform, ready to be adopted."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from services.school_eval.action_plans.schemas import ActionPlanIn

_FILES = ("bijie_2023_2028.yaml",)


@cache
def built_in_plans() -> dict[str, dict[str, Any]]:
    """Content of every plan by code."""
    contents = [yaml.safe_load(Path(__file__).with_name(name).read_text("utf-8")) for name in _FILES]
    return {content["code"]: content for content in contents}


def built_in_body(code: str) -> ActionPlanIn:
    """A built-in plan as it would be written."""
    content = built_in_plans()[code]
    return ActionPlanIn.model_validate({name: content[name] for name in ActionPlanIn.model_fields})
