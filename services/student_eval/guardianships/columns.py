"""Columns of a sheet of guardians."""

from __future__ import annotations

from shared.kernel.tabular.columns import Column, ColumnKind
from shared.policy.minors import minors_policy

STUDENT_NUMBER, STUDENT_KEY = "student_number", "student_key"
GUARDIAN_NUMBER, GUARDIAN_KEY = "guardian_number", "guardian_key"
RELATION, DOCUMENT = "relation", "document"
KEY_PATTERN = "^[a-z2-7]{26}$"
#: Names that schools' sheets have; they are read past and kept nowhere.
PASSED_OVER = ("学生姓名", "姓名", "监护人姓名", "家长姓名", "班级")
_REFUSED = "refused_"


def sheet_columns() -> list[Column]:
    """Every column a sheet may have, and those it may not: they are known, so that their refusal says why."""
    passed = [
        Column(f"passed_over_{place}", optional=True, aliases=(title,), sensitive=True)
        for place, title in enumerate(PASSED_OVER)
    ]
    refused = [
        Column(f"{_REFUSED}{place}", optional=True, aliases=(title,), sensitive=True)
        for place, title in enumerate(minors_policy().refused_titles)
    ]
    return [*template_columns(), *passed, *refused]


def template_columns() -> list[Column]:
    """What the template offers."""
    code, words = ColumnKind.CODE, tuple(minors_policy().relation_words())
    return [
        Column(STUDENT_NUMBER, code, required=True, aliases=("学籍号",), max_length=40, sensitive=True),
        Column(GUARDIAN_NUMBER, code, optional=True, aliases=("监护人身份证号", "身份证号"), sensitive=True),
        Column(GUARDIAN_KEY, code, optional=True, aliases=("监护人代号",), pattern=KEY_PATTERN, hint="26 位代号"),
        Column(RELATION, code, required=True, aliases=("监护关系", "关系", "与学生关系"), allowed=words),
        Column(DOCUMENT, optional=True, aliases=("依据文件", "监护依据"), max_length=300),
    ]


def refused_headers(headers: tuple[str, ...]) -> list[str]:
    """Which of a file's headers are refused."""
    refused = set(minors_policy().refused_titles)
    return [header for header in headers if header in refused]
