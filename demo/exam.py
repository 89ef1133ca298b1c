"""The exam as a city office registers it: sample monitoring of grade 6, which is what the law allows for these pupils."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from demo.mapping import GRADE_LEVEL, SCHOOL_YEAR

CODE = "demo-bdf-2026"
SUBJECTS = (
    # code, names, role, full mark; the data do not state the full marks of the intake tests
    ("language", "语文", "Language", "outcome", 58),
    ("arithmetic", "数学", "Arithmetic", "outcome", 30),
    ("language_intake", "语文前测", "Language intake", "intake", None),
    ("arithmetic_intake", "数学前测", "Arithmetic intake", "intake", None),
)
MARKS = tuple(subject[0] for subject in SUBJECTS)
ATTRIBUTES = (
    ("denomination", "办学性质（原数据编码）", "Denomination (codes of the data)", "value"),
    ("school_ses", "学校社会经济背景", "Socio-economic background of the school", "quartile"),
)
#: Outcome, and the intake it is judged by. Arithmetic is the one compared with lme4.
MODELS = (("arithmetic", "arithmetic_intake"), ("language", "language_intake"))
SAMPLE = (
    "公开发表的荷兰小学研究数据（R 程序包 nlme 的 bdf，Snijders 与 Bosker 1999）：131 所学校的样本，非全体学校。 "
    "Published research data of Dutch primary schools (bdf of the R package nlme, Snijders and Bosker 1999): "
    "a sample of 131 schools, not all schools."
)
MIN_N_REASON = (
    "公开发表的研究数据，不涉及可识别个人；每所学校的效应须可核对。 "
    "Published research data, no person can be identified; every school's effect is to be checkable."
)


def round_full_mark(highest: int) -> int:
    """The smallest multiple of ten that holds every mark: our assumption where the data state no full mark."""
    return -(-highest // 10) * 10


def definition(pupils: pl.DataFrame, participants: Sequence[str]) -> dict[str, Any]:
    """Body of the exam's registration.

    Args:
        pupils: as :func:`demo.dataset.read_pupils` gives them.
        participants: codes of the sampled schools.
    """
    return {
        "name_zh": "示范抽样监测 2026（六年级）",
        "name_en": "Demonstration: sample monitoring 2026, grade 6",
        "kind": "sample_monitoring",
        "grade_level": GRADE_LEVEL,
        "school_year": SCHOOL_YEAR,
        "held_on": "2026-11-05",
        "sample": SAMPLE,
        "participants": sorted(participants),
        "subjects": [_subject(pupils, *subject) for subject in SUBJECTS],
        "min_n": 1,
        "min_n_reason": MIN_N_REASON,
        "value_added_models": [
            {"outcome": outcome, "intakes": [intake], "scale": "raw", "method": "reml"} for outcome, intake in MODELS
        ],
        "comparison_attributes": [
            {"code": code, "name_zh": zh, "name_en": en, "grouping": grouping} for code, zh, en, grouping in ATTRIBUTES
        ],
    }


def agrees(stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Whether a stored definition says what was asked for; what we left to its defaults does not count."""
    return all(_says(stored.get(name), value) for name, value in wanted.items())


def _says(stored: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(stored, Mapping) and agrees(stored, wanted)
    if isinstance(wanted, list):
        return isinstance(stored, list) and len(stored) == len(wanted) and all(map(_says, stored, wanted))
    return bool(stored == wanted)


def _subject(pupils: pl.DataFrame, *subject: Any) -> dict[str, Any]:
    code, zh, en, role, full_mark = subject
    if full_mark is None:
        full_mark = round_full_mark(max(pupils[code].to_list()))
    return {"code": code, "name_zh": zh, "name_en": en, "role": role, "full_mark": str(full_mark), "step": "1"}
