"""Inspectors as callers write and read them."""

from typing import Annotated

from pydantic import Field, StringConstraints

from services.school_eval.inspectors.tables import Inspector
from shared.kernel.web.fields import SchoolCode, Strict
from shared.kernel.web.organizations import code_of

Account = Annotated[str, StringConstraints(pattern=r"^[^\s/]{1,120}$")]


class InspectorIn(Strict):
    """An inspector of an office."""

    staff_code: str = Field(min_length=1, max_length=40, description="名册中的教职工编号 / staff code in the roster")
    own_schools: list[SchoolCode] = Field(
        max_length=50,
        description="须回避的学校：任职、曾任职或亲属所在 / schools of the person or their family, never visited by them",
    )
    is_active: bool = True


class InspectorOut(InspectorIn):
    """An inspector as kept."""

    account: str
    organization: str
    version: int


def inspector_out(row: Inspector) -> InspectorOut:
    """An inspector as callers see them."""
    kept = {name: getattr(row, name) for name in ("staff_code", "own_schools", "is_active", "account", "version")}
    return InspectorOut(**kept, organization=code_of(row.org_path))
