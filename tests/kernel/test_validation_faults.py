"""What a model finds becomes a fault of the catalogue with its values, in Chinese first; never the validator's prose."""

import datetime as dt
import re
import uuid
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args

import httpx
import pytest
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core.core_schema import ErrorType

from shared.kernel.web.problems import fault_document
from shared.kernel.web.validation import FINDINGS, refused, validation_problem
from shared.terms.problem_catalogue import catalogue
from tests.support.settings import actor, bearer

pytestmark = pytest.mark.anyio
CITY = bearer(actor("city_admin", "99/9900/"))


def _own_refusal(_: str) -> str:
    raise refused("field.not_allowed", allowed="a, b")


def _in_words(text: str) -> str:
    raise ValueError("结束早于开始 / it ends before it starts" if text == "both" else "english only")


class Color(StrEnum):
    RED = "red"
    BLUE = "blue"


class Circle(BaseModel):
    kind: Literal["circle"]


class Square(BaseModel):
    kind: Literal["square"]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(min_length=2, max_length=3, pattern="^[a-z]*$")] | None = None
    whole: Annotated[int, Field(ge=1, le=12)] | None = None
    above: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)] | None = None
    exact: Annotated[Decimal, Field(max_digits=4, decimal_places=2)] | None = None
    step: Annotated[int, Field(multiple_of=5)] | None = None
    color: Color | None = None
    way: Literal["up", "down"] | None = None
    size: Literal[1, 2] | None = None
    day: dt.date | None = None
    moment: AwareDatetime | None = None
    clock: dt.time | None = None
    key: uuid.UUID | None = None
    yes: bool | None = None
    names: Annotated[list[str], Field(min_length=2, max_length=3)] | None = None
    inner: Circle | None = None
    table: dict[str, int] | None = None
    shape: Annotated[Circle | Square, Field(discriminator="kind")] | None = None
    own: Annotated[str, AfterValidator(_own_refusal)] | None = None
    words: Annotated[str, AfterValidator(_in_words)] | None = None


FOUND: list[tuple[str, Any, str, str]] = [
    ("code", "a", "field.text_too_short", "至少 2 个字符。"),
    ("code", "abcd", "field.text_too_long", "最多 3 个字符。"),
    ("code", "A1", "field.pattern", "应符合格式 ^[a-z]*$（正则表达式）。"),
    ("code", 5, "field.not_text", "应为文字（JSON 字符串，UTF-8）。"),
    ("whole", 0, "field.too_low", "应不小于 1。"),
    ("whole", 13, "field.too_high", "应不大于 12。"),
    ("whole", "x", "field.not_integer", "应为整数，不带小数与单位。"),
    ("whole", 1.5, "field.not_integer", "应为整数，不带小数与单位。"),
    ("above", 0, "field.not_above", "应大于 0.0。"),
    ("above", 1, "field.not_below", "应小于 1.0。"),
    ("above", float("nan"), "field.not_finite", "不接受无穷大或非数值（NaN）。"),
    ("above", [], "field.not_number", "应为数值，不带单位与千位分隔符。"),
    ("exact", "12345", "field.too_many_digits", "总位数最多 4 位。"),
    ("exact", "1.234", "field.too_many_decimals", "小数最多 2 位。"),
    ("exact", "123.4", "field.too_many_whole_digits", "小数点前最多 2 位。"),
    ("exact", "x", "field.not_number", "应为数值，不带单位与千位分隔符。"),
    ("step", 7, "field.not_a_multiple", "应为 5 的倍数。"),
    ("color", "green", "field.not_allowed", "允许的值：red, blue。"),
    ("way", "left", "field.not_allowed", "允许的值：up, down。"),
    ("size", 3, "field.not_allowed", "允许的值：1, 2。"),
    ("day", "2026-02-30", "field.not_date", "应为实际存在的日期，格式 YYYY-MM-DD，不带时刻。"),
    ("day", [], "field.not_date", "应为实际存在的日期，格式 YYYY-MM-DD，不带时刻。"),
    ("moment", "soon", "field.not_date_time", "应为日期与时刻，格式如 2026-09-01T08:00:00+08:00（ISO 8601）。"),
    ("moment", "2026-09-01T08:00:00", "field.time_zone_missing", "时间应带时区，如 +08:00。"),
    ("clock", "25:00", "field.not_time", "应为时刻，格式如 08:30:00。"),
    ("key", "x", "field.not_uuid", "应为 UUID，如 0199b0c4-5f4e-7000-8000-000000000000。"),
    ("yes", "perhaps", "field.not_boolean", "应为 true（是）或 false（否）。"),
    ("names", "a", "field.not_list", '应为列表（JSON 数组，如 ["a", "b"]）。'),
    ("names", ["a"], "field.too_few_entries", "至少 2 项，现有 1 项。"),
    ("names", ["a"] * 4, "field.too_many_entries", "最多 3 项。"),
    ("inner", [], "field.not_object", '应为带字段名的对象（JSON 对象，如 {"code": "…"}）。'),
    ("table", [], "field.not_object", '应为带字段名的对象（JSON 对象，如 {"code": "…"}）。'),
    ("shape", {}, "field.kind_missing", "应写明 kind，据此确定其余字段。"),
    ("shape", {"kind": "line"}, "field.kind_unknown", "kind 的允许值：circle, square。"),
    ("own", "x", "field.not_allowed", "允许的值：?。"),
    ("words", "both", "field.refused", "不符合要求：结束早于开始。"),
    ("words", "other", "field.invalid", "值不符合此项的要求。"),
    ("unknown", 1, "field.unknown", "没有这个字段（区分大小写）。"),
]


@pytest.mark.parametrize(("name", "value", "code", "sentence"), FOUND)
def test_a_finding_is_told_in_chinese_with_its_limits(name: str, value: Any, code: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Body.model_validate({name: value})
    (fault,) = validation_problem([{**error, "loc": ("body", *error["loc"])} for error in caught.value.errors()]).faults
    shown = fault_document(fault, "zh")
    assert (shown["code"], shown["detail"]) == (code, sentence)
    assert shown["pointer"].startswith(f"/{name}")
    assert not re.search("[\u4e00-\u9fff]", str(fault_document(fault, "en")["detail"]))


class Sided(BaseModel):
    kind: Literal["sided"]
    sides: int


class Drawing(BaseModel):
    shapes: list[Annotated[Circle | Square | Sided, Field(discriminator="kind")]]


def test_a_pointer_leads_into_what_was_sent() -> None:
    body = {"shapes": [{"kind": "circle"}, {"kind": "sided"}]}
    with pytest.raises(ValidationError) as caught:
        Drawing.model_validate(body)
    located = [{**error, "loc": ("body", *error["loc"])} for error in caught.value.errors()]
    (fault,) = validation_problem(located, body=body).faults
    assert (fault.pointer, fault.code) == ("/shapes/1/sides", "field.missing")


def test_a_refusal_with_a_code_of_its_own_keeps_what_it_allows() -> None:
    with pytest.raises(ValidationError) as caught:
        Body(own="x")
    (fault,) = validation_problem(caught.value.errors()).faults
    assert (fault.code, fault.allowed) == ("field.not_allowed", "a, b")


def test_codes_of_findings_are_in_the_catalogue_and_types_are_the_validators() -> None:
    assert set(FINDINGS) <= set(get_args(ErrorType))
    assert set(FINDINGS.values()) <= set(catalogue())


async def test_english_is_given_to_those_who_ask_for_it(sample: httpx.AsyncClient) -> None:
    sent = {"code": "x" * 30, "text": "a", "org_path": 5}
    english = await sample.post("/notes", json=sent, headers={**CITY, "Accept-Language": "en"})
    details = {fault["pointer"]: fault["detail"] for fault in english.json()["errors"]}
    assert details["/code"].startswith("It may have ")
    assert details["/org_path"] == "It has to be text (a JSON string, UTF-8)."
    chinese = (await sample.post("/notes", json=sent, headers=CITY)).text
    assert "应为文字" in chinese
    assert "should" not in chinese


async def test_broken_json_is_shown_by_line_and_column(sample: httpx.AsyncClient) -> None:
    headers = {**CITY, "Content-Type": "application/json"}
    answer = await sample.post("/notes", content='{"code": "a",\n "text": }', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "request.malformed")
    (fault,) = answer.json()["errors"]
    assert (fault["code"], fault["detail"]) == ("json.syntax", "第 2 行第 10 列起不是有效的 JSON。")
