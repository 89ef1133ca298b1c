"""Columns of a file that many schools' statistics come in."""

from __future__ import annotations

from services.school_eval.statistics.catalog import catalog
from shared.kernel.tabular.columns import Column, ColumnKind

SCHOOL_CODE, COUNTY_CODE = "school_code", "county_code"


def file_columns() -> list[Column]:
    """The keys, then every item of the catalog, any of which may be left out."""
    keys = [
        Column(SCHOOL_CODE, ColumnKind.CODE, required=True, aliases=("学校代码",)),
        Column(COUNTY_CODE, ColumnKind.CODE, required=True, aliases=("区县代码",)),
    ]
    return keys + [
        Column(item.code, ColumnKind.DECIMAL, optional=True, aliases=(item.name["zh"],), decimals=item.decimals)
        for item in catalog().items.values()
    ]
