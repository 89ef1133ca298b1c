"""Bodies of scenarios."""

from __future__ import annotations

import uuid

from pydantic import Field

from services.teacher_eval.pay_plans.document import PlanDocument
from shared.kernel.web.fields import Name, Strict


class ScenariosIn(Strict):
    """Plans to be run side by side."""

    name: Name
    plans: list[uuid.UUID] = Field(default_factory=list, max_length=10, description="已有方案 / plans by id")
    documents: list[PlanDocument] = Field(
        default_factory=list, max_length=10, description="未保存的草案 / documents that are no plans yet"
    )
    save: bool = Field(default=False, description="是否保存结果 / whether it is kept")
