"""Columns of a file of training records out of another system."""

from __future__ import annotations

from services.teacher_eval.trainings.rules import TrainingLevel
from shared.kernel.tabular.columns import Column, ColumnKind

STAFF, NUMBER, RECORD, TITLE, LEVEL, HOURS, COMPLETED = (
    "staff_key", "citizen_number", "record_code", "title", "level", "hours", "completed_on",
)  # fmt: skip


def file_columns() -> list[Column]:
    """Who (by key, or by citizen number, which goes no further than the door), what, how long, when."""
    code = ColumnKind.CODE
    return [
        Column(STAFF, code, optional=True, aliases=("人员代号",), pattern="^[a-z2-7]{26}$"),
        Column(NUMBER, code, optional=True, aliases=("身份证号", "公民身份号码"), sensitive=True),
        Column(RECORD, code, required=True, aliases=("项目编号", "学时记录编号"), max_length=60),
        Column(TITLE, required=True, aliases=("项目名称",), max_length=200),
        Column(LEVEL, code, required=True, aliases=("级别",), allowed=tuple(TrainingLevel)),
        Column(HOURS, ColumnKind.DECIMAL, required=True, aliases=("学时",), decimals=1),
        Column(COMPLETED, required=True, aliases=("结业日期",), pattern=r"^\d{4}-\d{2}-\d{2}$", hint="YYYY-MM-DD"),
    ]
