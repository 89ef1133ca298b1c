"""Schools as senders write them and readers get them."""

import datetime as dt
import json
import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from services.roster.intake.fields import Day, SchoolCode, SourcedRow, coded, refuse
from services.roster.schools.rules import stages_in_order
from shared.terms.codes import code_lists
from shared.terms.education import Stage

MAX_ATTRIBUTES = 50
_SEPARATOR = re.compile(r"[;,|、；，]")
_ATTRIBUTE = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
Attribute = str | int | float | bool


def _stages(value: Any) -> list[str]:
    """A list, or as files have it: codes or Chinese names with a separator between."""
    parts = _SEPARATOR.split(value) if isinstance(value, str) else value
    if not isinstance(parts, list) or not parts:
        refuse("roster.stages_empty")
    codes = code_lists()["stages"]
    found = [codes.code_of(str(part).strip()) for part in parts]
    if None in found:
        refuse("roster.code_unknown", allowed=", ".join(codes.codes), list="stages")
    return [stage.value for stage in stages_in_order(Stage(code) for code in found if code)]


def _attributes(value: Any) -> Any:
    """An object, or its JSON text in a file's cell."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            refuse("roster.attributes_format")
    if not isinstance(value, dict) or len(value) > MAX_ATTRIBUTES:
        refuse("roster.attributes_format")
    for name, content in value.items():
        too_long = isinstance(content, str) and len(content) > 200
        if not _ATTRIBUTE.match(str(name)) or not isinstance(content, Attribute) or too_long:
            refuse("roster.attributes_format")
    return value


_STAGE_LIST = {"type": "array", "items": {"type": "string", "enum": [stage.value for stage in Stage]}, "minItems": 1}


class SchoolIn(SourcedRow):
    """A school without its code, as the body of PUT."""

    name: Annotated[str, Field(title="学校名称", min_length=1, max_length=100)]
    name_en: Annotated[str | None, Field(title="英文名称", max_length=200)] = None
    county_code: Annotated[str, Field(title="行政区划码", min_length=6, max_length=6)]
    school_type: Annotated[str, *coded("school_types", "办学类型码")]
    urban_rural: Annotated[str | None, *coded("urban_rural_types", "城乡类型码")] = None
    ownership: Annotated[str | None, *coded("ownership_types", "办别码")] = None
    stages: Annotated[list[str], Field(title="学段"), BeforeValidator(_stages), WithJsonSchema(_STAGE_LIST)]
    closed_on: Annotated[Day | None, Field(title="撤销日期")] = None
    attributes: Annotated[
        dict[str, Any],
        Field(title="比较属性"),
        BeforeValidator(_attributes),
        WithJsonSchema({"type": "object", "description": "comparison attributes: scalars by lower-case name"}),
    ] = Field(default_factory=dict)


class SchoolRow(SchoolIn):
    """A school with its code, as in batches and files."""

    school_code: SchoolCode


class SchoolOut(BaseModel):
    """A school."""

    school_code: str
    name: str
    name_en: str | None
    county_code: str
    school_type: str
    urban_rural: str | None
    ownership: str | None
    stages: list[str]
    closed_on: dt.date | None
    attributes: dict[str, Any]
    source_system: str | None
    source_id: str | None
    org_path: str
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime
