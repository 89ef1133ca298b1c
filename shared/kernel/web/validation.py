"""What pydantic finds in a request, as faults of the catalogue: its own English sentences reach no caller.

Every type of error that a value sent as JSON, query or form can cause has a code in ``FINDINGS``; the sentence of the code
stands in ``shared/terms/problems/fields.yaml``, in Chinese and English, and takes its limits from the error's context.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import PydanticCustomError

from shared.terms.errors import DomainError, Fault

_NUMBER = ("int_type", "int_parsing", "int_parsing_size", "int_from_float")
_OBJECT = ("dict_type", "mapping_type", "model_type", "model_attributes_type", "dataclass_type", "named_tuple_type")
_LIST = ("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type", "deque_type")
_DATE = ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact")
_MOMENT = ("datetime_type", "datetime_parsing", "datetime_object_invalid", "datetime_from_date_parsing")
_ADDRESS = ("url_type", "url_parsing", "url_syntax_violation", "url_scheme")

#: Type of a pydantic error → code of the catalogue.
FINDINGS: Mapping[str, str] = {
    "missing": "field.missing",
    "extra_forbidden": "field.unknown",
    "greater_than": "field.not_above",
    "greater_than_equal": "field.too_low",
    "less_than": "field.not_below",
    "less_than_equal": "field.too_high",
    "multiple_of": "field.not_a_multiple",
    "finite_number": "field.not_finite",
    "string_too_short": "field.text_too_short",
    "string_too_long": "field.text_too_long",
    "bytes_too_short": "field.text_too_short",
    "bytes_too_long": "field.text_too_long",
    "url_too_long": "field.text_too_long",
    "string_pattern_mismatch": "field.pattern",
    "enum": "field.not_allowed",
    "literal_error": "field.not_allowed",
    **dict.fromkeys(("string_type", "string_unicode", "bytes_type", "bytes_invalid_encoding"), "field.not_text"),
    **dict.fromkeys(_NUMBER, "field.not_integer"),
    **dict.fromkeys(("float_type", "float_parsing", "decimal_type", "decimal_parsing"), "field.not_number"),
    "decimal_max_digits": "field.too_many_digits",
    "decimal_max_places": "field.too_many_decimals",
    "decimal_whole_digits": "field.too_many_whole_digits",
    **dict.fromkeys(("bool_type", "bool_parsing"), "field.not_boolean"),
    **dict.fromkeys(_DATE, "field.not_date"),
    **dict.fromkeys(_MOMENT, "field.not_date_time"),
    **dict.fromkeys(("time_type", "time_parsing"), "field.not_time"),
    **dict.fromkeys(("time_delta_type", "time_delta_parsing"), "field.not_duration"),
    **dict.fromkeys(("timezone_aware", "timezone_offset"), "field.time_zone_missing"),
    "timezone_naive": "field.time_zone_given",
    **dict.fromkeys(("date_past", "datetime_past"), "field.not_in_the_past"),
    **dict.fromkeys(("date_future", "datetime_future"), "field.not_in_the_future"),
    **dict.fromkeys(("uuid_type", "uuid_parsing", "uuid_version"), "field.not_uuid"),
    **dict.fromkeys(_ADDRESS, "field.not_url"),
    **dict.fromkeys(_LIST, "field.not_list"),
    "too_short": "field.too_few_entries",
    "too_long": "field.too_many_entries",
    "set_item_not_hashable": "field.entry_nested",
    **dict.fromkeys(_OBJECT, "field.not_object"),
    "invalid_key": "field.name_not_text",
    "none_required": "field.not_null",
    "union_tag_not_found": "field.kind_missing",
    "union_tag_invalid": "field.kind_unknown",
    **dict.fromkeys(("recursion_loop", "recursion_depth_exceeded"), "field.nested_too_deeply"),
}
#: Names that the context gives a limit under.
_LIMITS = (
    *("gt", "ge", "lt", "le", "min_length", "max_length"),
    *("max_digits", "decimal_places", "whole_digits"),
)
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def refused(code: str, *, allowed: str | None = None, **params: object) -> PydanticCustomError:
    """A model's own refusal, to be raised by its validators: a fault of the catalogue with its values."""
    return PydanticCustomError("refused", "refused", {"fault_code": code, "allowed": allowed, "params": params})


def validation_problem(errors: Sequence[Any], *, body: object = None) -> DomainError:
    """Pydantic's findings as one problem, every fault with its pointer.

    Args:
        errors: pydantic's errors, each located from the part of the request on (``("body", "code")``).
        body: what was sent: the text for the place of a syntax error, the parsed body for pointers into it.
    """
    broken = [error for error in errors if error["type"] == "json_invalid"]
    if broken:
        return DomainError("request.malformed", params={"format": "JSON"}, faults=_syntax_faults(broken, body))
    return DomainError("request.invalid", faults=[_fault_of(error, body) for error in errors])


def _syntax_faults(errors: Sequence[Any], body: object) -> list[Fault]:
    """Where the text stops being JSON, in lines and columns as editors count them."""
    faults = []
    for error in errors:
        offset = error["loc"][-1] if error["loc"] else None
        said = re.search(r"line (\d+) column (\d+)", str((error.get("ctx") or {}).get("error", "")))
        if said:
            line, column = int(said[1]), int(said[2])
        elif isinstance(offset, int) and isinstance(body, str):
            line, column = body.count("\n", 0, offset) + 1, offset - body.rfind("\n", 0, offset)
        else:
            continue
        faults.append(Fault("json.syntax", params={"line": line, "column": column}))
    return faults


def _fault_of(error: Mapping[str, Any], body: object) -> Fault:
    pointer = _pointer(error, body)
    context = error.get("ctx") or {}
    if "fault_code" in context:
        params = context.get("params", {})
        return Fault(context["fault_code"], pointer=pointer, allowed=context.get("allowed"), params=params)
    if error["type"] in ("value_error", "assertion_error"):
        return _refusal(str(context.get("error", "")), pointer)
    allowed = _allowed(context)
    params = {name: value for name, value in _params(context, allowed).items() if value is not None}
    return Fault(FINDINGS.get(error["type"], "field.invalid"), pointer=pointer, allowed=allowed, params=params)


def _pointer(error: Mapping[str, Any], body: object) -> str:
    place, *path = error["loc"] or ("body",)
    if place == "body":
        path = _without_kinds(path, body)
    pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
    return pointer if place == "body" else f"{place}:{'/'.join(map(str, path))}"


def _without_kinds(path: Sequence[Any], body: object) -> list[Any]:
    """A place without the kinds of its objects: pydantic names the member of a union it looked at, the caller sent none."""
    kept, here = [], body
    for part in path:
        if isinstance(here, Mapping) and part not in here and part in here.values():
            continue
        kept.append(part)
        if isinstance(here, Mapping):
            here = here.get(part)
        elif isinstance(here, Sequence) and isinstance(part, int) and part < len(here):
            here = here[part]
        else:
            here = None
    return kept


def _params(context: Mapping[str, Any], allowed: str | None) -> dict[str, object]:
    limit = next((context[name] for name in _LIMITS if name in context), None)
    return {
        "limit": limit if limit is None or isinstance(limit, int) else str(limit),
        "step": _text(context.get("multiple_of")),
        "pattern": context.get("pattern"),
        "count": context.get("actual_length"),
        "field": _text(context.get("discriminator"), strip="'"),
        "allowed": allowed,
    }


def _text(value: object, strip: str = "") -> str | None:
    return None if value is None else str(value).strip(strip)


def _allowed(context: Mapping[str, Any]) -> str | None:
    """The values a choice allows, without the words that English puts between them."""
    expected = context.get("expected") or context.get("expected_tags") or context.get("expected_schemes")
    if not expected:
        return None
    return ", ".join(_QUOTED.findall(str(expected))) or str(expected).replace(" or ", ", ")


def _refusal(reason: str, pointer: str) -> Fault:
    """A model's refusal in its own words: ``中文 / English``; words without Chinese are not shown."""
    chinese, _, english = reason.partition(" / ")
    if not english or not _CHINESE.search(chinese):
        return Fault("field.invalid", pointer=pointer)
    return Fault("field.refused", pointer=pointer, params={"reason_zh": chinese.rstrip("。"), "reason_en": english})
