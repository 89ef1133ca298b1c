"""Columns of a file of records of one kind."""

from __future__ import annotations

from services.teacher_eval.record_kinds.schemas import Catalog, FieldType, Kind
from shared.kernel.tabular.columns import Column, ColumnKind

STAFF, NUMBER, SOURCE_ID = "staff_key", "citizen_number", "source_id"
FIELD = "fields."
DAYS = ("happened_on", "ends_on")
_DAY = r"^\d{4}-\d{2}-\d{2}$"


def file_columns(kind: Kind, catalog: Catalog) -> list[Column]:
    """Who (by key, or by citizen number, which goes no further than the door), the sender's own key, what the kind asks."""
    code = ColumnKind.CODE
    columns = [
        Column(STAFF, code, optional=True, aliases=("人员代号",), pattern="^[a-z2-7]{26}$"),
        Column(NUMBER, code, optional=True, aliases=("身份证号", "公民身份号码"), sensitive=True),
        Column(SOURCE_ID, code, required=True, aliases=("来源编号",), max_length=80),
        Column("happened_on", required=True, aliases=("日期",), pattern=_DAY, hint="YYYY-MM-DD"),
    ]
    columns += _achievement(kind, catalog) if kind.is_achievement else _quantity(kind)
    if kind.is_shared:
        columns += [
            Column("author_rank", ColumnKind.INTEGER, required=True, aliases=("署名次序",)),
            Column("author_count", ColumnKind.INTEGER, required=True, aliases=("署名人数",)),
        ]
    for name, field in kind.fields.items():
        allowed = tuple(field.choices) if field.type is FieldType.CHOICE else None
        aliases = (field.name.zh,)
        columns.append(
            Column(FIELD + name, optional=not field.required, required=field.required, aliases=aliases, allowed=allowed)
        )
    return columns


def _achievement(kind: Kind, catalog: Catalog) -> list[Column]:
    columns = [
        Column("title", required=True, aliases=("成果名称",), max_length=300),
        Column("issuer", required=True, aliases=("颁发单位",), max_length=300),
        Column("level", ColumnKind.CODE, required=True, aliases=("级别",), allowed=tuple(catalog.levels)),
    ]
    if kind.grades:
        columns.append(Column("grade", ColumnKind.CODE, required=True, aliases=("等次",), allowed=tuple(kind.grades)))
    return columns


def _quantity(kind: Kind) -> list[Column]:
    unit = "数量" if kind.unit is None else f"数量（{kind.unit.zh}）"
    columns = [Column("ends_on", optional=True, aliases=("结束日期",), pattern=_DAY, hint="YYYY-MM-DD")]
    if not kind.amount_is_one:
        columns.append(Column("amount", ColumnKind.DECIMAL, required=True, aliases=(unit, "数量"), decimals=2))
    if kind.categories:
        title = "类别" if kind.category is None else kind.category.zh
        allowed = tuple(kind.categories)
        columns.append(Column("category", ColumnKind.CODE, required=True, aliases=(title,), allowed=allowed))
    return columns
