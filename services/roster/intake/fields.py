"""Field types of rows that senders write: each refuses with a code of the problem catalogue, in both languages."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Annotated, Any, NoReturn

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from shared.kernel.web.validation import refused
from shared.terms.codes import code_lists
from shared.terms.education import is_school_year

SCHOOL_CODE = r"^(21|31|34|36|37|51|11)[0-9]{8}$"
PERSON_KEY = r"^[a-z2-7]{26}$"
_CLASS_CODE = re.compile(r"^[^/\\\s\x00-\x1f\x7f]{1,40}$")
# A letter first, so that no name can start a formula.
_NAME = re.compile(r"^[^\W\d_][^\d\x00-\x1f\x7f<>=+@\"\\/]{0,49}$")
_DATE = re.compile(r"^(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T]00:00:00)?$", re.ASCII)
_SHOWN_CODES = 30


def refuse(code: str, *, allowed: str | None = None, **params: object) -> NoReturn:
    """Refuses a value with a fault of the catalogue."""
    raise refused(code, allowed=allowed, **params)


def plain(text: str) -> str:
    """A number as it is meant: half-width, upper case; full-width digits would make another pseudonym."""
    return unicodedata.normalize("NFKC", text).strip().upper()


def _school_code(text: str) -> str:
    return text if re.match(SCHOOL_CODE, text) else refuse("roster.school_code_format")


def _school_year(text: str) -> str:
    return text if text.isascii() and is_school_year(text) else refuse("roster.school_year_format")


def _class_code(text: str) -> str:
    return text if _CLASS_CODE.match(text) else refuse("roster.class_code_format")


def _person_key(text: str) -> str:
    return text if re.match(PERSON_KEY, text) else refuse("roster.person_key_format")


def _person_name(text: str) -> str:
    name = text.strip()
    return name if _NAME.match(name) else refuse("roster.person_name_format")


def _date(value: Any) -> Any:
    """Dates as files have them: ``2026-09-01``, ``2026/9/1``, ``20260901``, ``2026年9月1日``; date cells at midnight."""
    if not isinstance(value, str):
        return value if isinstance(value, dt.date) or value is None else refuse("roster.date_format")
    match = _DATE.match(value.strip())
    try:
        return dt.date(*map(int, match.groups())) if match else refuse("roster.date_format")
    except ValueError:
        refuse("roster.date_format")


def coded(name: str, title: str) -> Any:
    """A field of a code list: the code, or its Chinese name; ``title`` is the field's header in files."""
    codes = code_lists()[name]
    shown = ", ".join(f"{item.code} {item.zh}" for item in codes.items[:_SHOWN_CODES])

    def checked(value: Any) -> Any:
        if value is None:
            return None
        return codes.code_of(str(value).strip()) or refuse("roster.code_unknown", allowed=shown, list=name)

    schema = {"type": "string", "description": f"code list {name}", "examples": [codes.items[0].code]}
    return Field(title=title), BeforeValidator(checked), WithJsonSchema(schema)


def _schema(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


SchoolCode = Annotated[str, Field(title="学校标识码"), AfterValidator(_school_code), _schema(SCHOOL_CODE, "2152000001")]
SchoolYear = Annotated[str, Field(title="学年"), AfterValidator(_school_year), _schema(r"^\d{4}-\d{4}$", "2026-2027")]
ClassCode = Annotated[str, Field(title="班级代码"), AfterValidator(_class_code), _schema(r"^[^/\\\s]{1,40}$", "202601")]
PersonKey = Annotated[
    str, Field(title="人员代号"), AfterValidator(_person_key), _schema(PERSON_KEY, "abcdefghijklmnopqrstuvwxyz")
]
PersonName = Annotated[str, Field(title="姓名"), AfterValidator(_person_name), WithJsonSchema({"type": "string"})]
GradeLevel = Annotated[int, Field(title="年级", ge=1, le=12)]
Day = Annotated[
    dt.date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-09-01"]})
]
SourceName = Annotated[str, Field(title="来源系统", pattern=r"^[0-9A-Za-z_.@:-]{1,60}$")]
SourceId = Annotated[str, Field(title="来源标识", min_length=1, max_length=100)]


class RowModel(BaseModel):
    """A row of a collection as senders write it; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class SourcedRow(RowModel):
    """A row with the sender's own key: both parts or neither."""

    source_system: SourceName | None = None
    source_id: SourceId | None = None
