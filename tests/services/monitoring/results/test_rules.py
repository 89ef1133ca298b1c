"""Versions: numbers, pins, and which one a reader gets."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.monitoring.results.rules import (
    in_force,
    next_major,
    next_number,
    version_pin,
    version_to_read,
    withdrawal_of,
)
from shared.terms.errors import DomainError


@dataclass(frozen=True)
class Row:
    major: int
    state: str
    reason: str | None = None
    minor: int = 0
    patch: int = 0
    manifest: dict[str, Any] = field(default_factory=dict)


FIRST, WITHDRAWN, SECOND = Row(1, "published"), Row(2, "withdrawn", "录入有误"), Row(3, "published")


def read(versions: list[Row], pin: str | None = None) -> Row:
    return version_to_read(versions, version_pin(pin) if pin else None)


def refusal(versions: list[Row], pin: str | None = None) -> DomainError:
    with pytest.raises(DomainError) as refused:
        read(versions, pin)
    return refused.value


def test_without_a_pin_the_newest_is_in_force() -> None:
    assert read([FIRST]) is FIRST
    assert read([SECOND, WITHDRAWN, FIRST]) is SECOND
    assert refusal([]).code == "results.not_published"


@pytest.mark.parametrize("pin", ["3", "3.*", "3.0.*", "3.0.0"])
def test_pins_that_accept_the_newest(pin: str) -> None:
    assert read([SECOND, WITHDRAWN, FIRST], pin) is SECOND


def test_a_withdrawn_version_tells_the_reason_however_it_is_asked_for() -> None:
    for versions, pin in (
        ([WITHDRAWN, FIRST], None),
        ([WITHDRAWN, FIRST], "1.0.0"),
        ([WITHDRAWN, FIRST], "2.*"),
        ([SECOND, WITHDRAWN, FIRST], "1.*"),
        ([SECOND, WITHDRAWN, FIRST], "2.0.0"),
    ):
        error = refusal(versions, pin)
        assert (error.code, error.params["reason"]) == ("results.withdrawn", "录入有误")


def test_each_withdrawal_tells_its_own_reason() -> None:
    third = Row(4, "withdrawn", "再次撤回")
    versions = [third, SECOND, WITHDRAWN, FIRST]
    assert withdrawal_of(FIRST, versions) is WITHDRAWN
    assert withdrawal_of(SECOND, versions) is third


def test_unknown_and_malformed_pins() -> None:
    assert refusal([FIRST], "2.*").code == "results.version_unknown"
    assert refusal([FIRST], "1.1.*").code == "results.version_unknown"
    for text in ("", "*", "1.", "1.*.0", "v1", "1.0.0.0", "-1", "1.0.0 ", "１"):
        with pytest.raises(DomainError) as refused:
            version_pin(text)
        assert refused.value.code == "results.version_malformed"


@given(st.lists(st.sampled_from(["published", "withdrawn"]), max_size=8))
def test_majors_count_up_and_only_what_stands_is_read(states: list[str]) -> None:
    rows: list[Row] = []
    for state in states:
        rows.insert(0, Row(next_major(rows), state, "r"))
    assert [row.major for row in reversed(rows)] == list(range(1, len(rows) + 1))
    for row in rows:
        stands = row.state == "published" and not any(o.state == "withdrawn" and o.major > row.major for o in rows)
        if stands:
            assert read(rows, f"{row.major}.*") is row
        else:
            assert refusal(rows, f"{row.major}.*").code == "results.withdrawn"


MANIFEST: dict[str, Any] = {
    "definition": {"name_zh": "六年级", "subjects": [{"code": "maths", "name_zh": "数学", "full_mark": "100"}]},
    "methods": [{"id": "distribution.summary", "version": "1.0.0", "section": "2.1"}],
    "data_model_version": "1.2.0",
    "frames": {"summary": {"sha256": "a"}},
}


def after(**changes: Any) -> tuple[int, int, int]:
    return next_number([Row(3, "published", minor=2, patch=1, manifest=MANIFEST)], MANIFEST | changes)


def test_the_number_says_what_a_reader_must_do() -> None:
    assert next_number([], MANIFEST) == (1, 0, 0)
    assert next_number([WITHDRAWN, FIRST], MANIFEST) == (3, 0, 0)
    assert after() == (3, 2, 2)
    assert after(note="words", inputs_sha256="of another roster") == (3, 2, 2)
    assert after(frames={"summary": {"sha256": "b"}}) == (3, 3, 0)
    assert after(frames=MANIFEST["frames"] | {"bands": {"sha256": "c"}}) == (3, 3, 0)
    assert after(data_model_version="1.3.0") == (3, 2, 2)
    assert after(data_model_version="2.0.0") == (4, 0, 0)
    assert after(methods=[{"id": "distribution.summary", "version": "1.1.0"}]) == (4, 0, 0)
    assert after(methods=[*MANIFEST["methods"], {"id": "another", "version": "1.0.0"}]) == (3, 2, 2)
    assert after(methods=[]) == (4, 0, 0)


def test_names_are_presentation_and_full_marks_are_not() -> None:
    renamed = {"name_zh": "小学六年级", "subjects": [{"code": "maths", "name_zh": "数学科", "full_mark": "100"}]}
    assert after(definition=renamed) == (3, 2, 2)
    rescaled = {"name_zh": "六年级", "subjects": [{"code": "maths", "name_zh": "数学", "full_mark": "120"}]}
    assert after(definition=rescaled, frames={"summary": {"sha256": "b"}}) == (4, 0, 0)


def test_only_a_newest_version_that_was_not_withdrawn_is_in_force() -> None:
    assert in_force([]) is None
    assert in_force([FIRST]) is FIRST
    assert in_force([FIRST, WITHDRAWN]) is None
    assert in_force([FIRST, SECOND, WITHDRAWN]) is SECOND
