"""Columns of a file that people of a pool come in: who, when, and every figure that a plan asks for."""

from __future__ import annotations

from collections.abc import Sequence

from services.teacher_eval.pay_plans.document import PlanDocument, WorkloadRatio
from shared.kernel.tabular.columns import Column, ColumnKind
from shared.scoring.allocation.plan import Exclusion

STAFF_KEY, NAME, CITIZEN_NUMBER = "staff_key", "name", "citizen_number"
POST, TITLE, GROUP, STAGE = "post", "title", "group", "stage"
JOINED, LEFT, LEAVE_FROM, LEAVE_TO, TIME_SHARE = "joined_on", "left_on", "leave_from", "leave_to", "time_share"
EXCLUSION, EXCLUSION_REASON, ENTITLEMENT = "exclusion", "exclusion_reason", "entitlement_yuan"
STAYING = (JOINED, LEFT, LEAVE_FROM, LEAVE_TO, TIME_SHARE)
POINTS, COUNTS = "points.", "counts."
_DAY = r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])( 00:00:00)?$"
_DAYS = ((JOINED, "到岗日期"), (LEFT, "离岗日期"), (LEAVE_FROM, "请假首日"), (LEAVE_TO, "请假末日"))


def file_columns(document: PlanDocument | None) -> list[Column]:
    """The columns of a file; with a plan, those of its points and counts too. Any but the keys may be left out."""
    keys = [
        Column(STAFF_KEY, ColumnKind.CODE, optional=True, aliases=("人员代号",), pattern=r"^[a-z2-7]{26}$"),
        # Who it is, for people to read; read past.
        Column(NAME, optional=True, aliases=("姓名",), max_length=60, sensitive=True),
        Column(CITIZEN_NUMBER, ColumnKind.CODE, optional=True, aliases=("公民身份号码", "身份证号"), sensitive=True),
    ]
    days = [Column(name, optional=True, aliases=(title,), pattern=_DAY, hint="YYYY-MM-DD") for name, title in _DAYS]
    own = [
        Column(POST, ColumnKind.CODE, optional=True, aliases=("岗位",), pattern=r"^[0-9a-z][0-9a-z_]{0,39}$"),
        Column(TITLE, ColumnKind.CODE, optional=True, aliases=("职称",), pattern=r"^[0-9a-z][0-9a-z_]{0,39}$"),
        Column(GROUP, optional=True, aliases=("分组",), max_length=40),
        Column(STAGE, ColumnKind.CODE, optional=True, aliases=("学段",), pattern=r"^[0-9a-z][0-9a-z_]{0,39}$"),
        *days,
        Column(TIME_SHARE, ColumnKind.DECIMAL, optional=True, aliases=("工作量比例",), decimals=4),
        Column(EXCLUSION, ColumnKind.CODE, optional=True, aliases=("不参与情形",), allowed=tuple(Exclusion)),
        Column(EXCLUSION_REASON, optional=True, aliases=("不参与原因",), max_length=500),
        Column(ENTITLEMENT, ColumnKind.DECIMAL, optional=True, aliases=("本人标准（元）",), decimals=2),
    ]
    fixed = [*keys, *own]
    taken = [header for column in fixed for header in column.headers]
    return [*fixed, *(_figures(document, taken) if document is not None else ())]


def _figures(document: PlanDocument, taken: Sequence[str]) -> Sequence[Column]:
    names = {POINTS + source.key: source.name for source in document.sources()}
    # A count that one part shares by bears that part's name where no fixed item has named it.
    names |= {
        COUNTS + part.method.count: part.name
        for part in reversed(document.parts)
        if isinstance(part.method, WorkloadRatio)
    }
    names |= {COUNTS + item.count: item.name for item in reversed(document.fixed_items)}
    wanted = [POINTS + key for key in document.points_keys()] + [COUNTS + key for key in document.counts_keys()]
    titles = [names.get(name) for name in wanted]
    # A header that two columns share would leave the reader guessing.
    heads = [*titles, *(name.partition(".")[2] for name in wanted), *taken]
    return [
        Column(
            name,
            ColumnKind.DECIMAL,
            optional=True,
            decimals=4,
            aliases=tuple(alias for alias in (title, name.partition(".")[2]) if alias and heads.count(alias) == 1),
        )
        for name, title in zip(wanted, titles, strict=True)
    ]
