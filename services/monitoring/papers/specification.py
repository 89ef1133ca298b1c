"""The two-way specification table (双向细目表): one row per item, as a file in and as a template out. Blocks."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.monitoring.papers.rules import Finding, ItemKind, PartialCredit, findings
from services.monitoring.papers.schemas import MOST_ITEMS
from shared.kernel.tabular.columns import ROW, Column, ColumnKind, TableLimits
from shared.kernel.tabular.faults import FaultTable
from shared.kernel.tabular.read import read_table
from shared.kernel.tabular.templates import write_template_csv, write_template_xlsx

KINDS: Mapping[str, ItemKind] = {
    "单选题": ItemKind.CHOICE,
    "多选题": ItemKind.MULTIPLE_CHOICE,
    "非选择题": ItemKind.CONSTRUCTED,
} | {kind.value: kind for kind in ItemKind}
PARTIAL: Mapping[str, PartialCredit] = {
    "不给分": PartialCredit.NONE,
    "固定分": PartialCredit.FLAT,
    "按比例": PartialCredit.PROPORTIONAL,
} | {credit.value: credit for credit in PartialCredit}
_MARK_DECIMALS = 4
_LISTS = "多个用分号分隔 / separate several by semicolons"
_LEVELS = (
    "如 了解、理解、掌握、应用；得分率按此汇总 / such as recall, understanding, application; attainment is given by it"
)
_TYPES = "如 选择题、填空题、解答题；得分率按此汇总 / such as choice, completion, solution; attainment is given by it"
_SEPARATOR = re.compile(r"[;；,，、|\n]")
_SHEET = "双向细目表"
COLUMNS: Sequence[Column] = (
    Column(
        "code",
        ColumnKind.CODE,
        required=True,
        aliases=("题号",),
        pattern=r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,39}",
        hint="字母、数字、点、横线 / letters, digits, dots, hyphens",
    ),
    Column("name", aliases=("题目名称",), optional=True, max_length=80),
    Column("kind", required=True, aliases=("题目类型",), allowed=tuple(KINDS)),
    Column("full_mark", ColumnKind.DECIMAL, required=True, aliases=("满分",), decimals=_MARK_DECIMALS),
    Column("step", ColumnKind.DECIMAL, optional=True, aliases=("给分步长",), decimals=_MARK_DECIMALS),
    Column("options", ColumnKind.CODE, optional=True, aliases=("选项",), hint="如 ABCD / such as ABCD", max_length=120),
    Column(
        "key", ColumnKind.CODE, optional=True, aliases=("答案",), hint="如 A；多选 AC / A; several: AC", max_length=40
    ),
    Column("partial_credit", optional=True, aliases=("部分给分",), allowed=tuple(PARTIAL)),
    Column("partial_mark", ColumnKind.DECIMAL, optional=True, aliases=("部分分值",), decimals=_MARK_DECIMALS),
    Column("knowledge_points", optional=True, aliases=("知识点",), hint=_LISTS, max_length=1_000),
    Column("competencies", optional=True, aliases=("核心素养",), hint=_LISTS, max_length=1_000),
    Column("cognitive_level", optional=True, aliases=("认知层次",), hint=_LEVELS, max_length=80),
    Column("question_type", optional=True, aliases=("题型",), hint=_TYPES, max_length=80),
)
_LIMITS = TableLimits(bytes=4 * 2**20, rows=MOST_ITEMS, columns=60)
_NUMBERS = ("full_mark", "step", "partial_mark")


def read_specification(
    path: Path, media_type: str, subject: Mapping[str, Any], *, marks_from_options: bool
) -> dict[str, Any]:
    """The paper that a specification table describes.

    Args:
        path: the file.
        media_type: its format as declared.
        subject: the subject in the exam's definition.
        marks_from_options: whether marks of choice items follow from option and key.

    Raises:
        DomainError: ``table.*`` when it cannot be read; ``paper.faulty`` with every fault, its row and column.
    """
    table = read_table(path, media_type_or_name=media_type, columns=COLUMNS, limits=_LIMITS, source_id="code")
    rows = list(table.frame.iter_rows(named=True))
    content = {"marks_from_options": marks_from_options, "items": [_item(row, subject) for row in rows]}
    if not table.faults:  # what could not be read is not judged as well
        for finding in findings(content, subject):
            _report(finding, rows, table.faults)
    table.faults.raise_if_any("paper.faulty")
    return content


def _report(finding: Finding, rows: Sequence[Mapping[str, Any]], faults: FaultTable) -> None:
    row = None if finding.position is None else int(rows[finding.position][ROW])
    value = rows[finding.position].get(finding.about or "") if finding.position is not None else None
    shown = None if value is None else str(value)
    faults.add(finding.code, row=row, column=finding.about, value=shown, params=finding.params)


def _item(row: Mapping[str, Any], subject: Mapping[str, Any]) -> dict[str, Any]:
    numbers = {name: None if row[name] is None else f"{row[name].normalize():f}" for name in _NUMBERS}
    return {
        "code": row["code"] or "",
        "name": row["name"],
        "kind": KINDS.get(row["kind"] or "", ItemKind.CONSTRUCTED).value,
        "full_mark": numbers["full_mark"] or "0",
        "step": numbers["step"] or subject["step"],
        "options": _options(row["options"]),
        "key": _letters(row["key"]),
        "partial_credit": PARTIAL[row["partial_credit"] or "none"].value,
        "partial_mark": numbers["partial_mark"],
        "knowledge_points": _names(row["knowledge_points"]),
        "competencies": _names(row["competencies"]),
        "cognitive_level": row["cognitive_level"],
        "question_type": row["question_type"],
    }


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in _SEPARATOR.split(text or "") if name.strip()]


def _options(text: str | None) -> list[str]:
    """``ABCD`` as well as ``A,B,C,D``."""
    parts = [part.upper() for part in re.split(r"[;,、|\s]+", text or "") if part]
    return list(parts[0]) if len(parts) == 1 else parts


def _letters(text: str | None) -> str | None:
    """``AC`` as well as ``A,C`` and ``ca``."""
    parts = re.split(r"[;,、|\s]+", (text or "").upper())
    joined = "".join(sorted(parts)) if len(parts) > 1 else parts[0]
    return "".join(sorted(joined)) if joined.isalpha() else joined or None


def specification_file(items: Sequence[Mapping[str, Any]], file_format: str, *, full_mark: str) -> bytes:
    """The template, filled in with the items there are.

    Args:
        items: items of the paper; none for an empty template.
        file_format: ``xlsx`` or ``csv``.
        full_mark: of the subject.
    """
    buffer = io.BytesIO()
    rows = [[_cell(item, column.name) for column in COLUMNS] for item in items]
    if file_format == "csv":
        write_template_csv(COLUMNS, buffer, rows=rows)
    else:
        highest = {"full_mark": Decimal(full_mark)}
        write_template_xlsx(COLUMNS, buffer, sheet=_SHEET, rows=rows, highest=highest)
    return buffer.getvalue()


def _cell(item: Mapping[str, Any], name: str) -> str | None:
    value = item[name]
    if isinstance(value, list):
        return ("," if name == "options" else "；").join(value) or None
    if name == "kind":
        return next(word for word, kind in KINDS.items() if kind == value)
    if name == "partial_credit":
        return (
            None if value == PartialCredit.NONE else next(word for word, credit in PARTIAL.items() if credit == value)
        )
    return value if value is None else str(value)
