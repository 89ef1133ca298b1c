"""What the paying office gets: everybody's money by item, in a file that no spreadsheet program will run. Blocks."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import polars as pl
import xlsxwriter

from services.teacher_eval.money import yuan
from services.teacher_eval.pay_runs.inputs import STAFF_KEY
from services.teacher_eval.pay_runs.sharing import PAY
from shared.kernel.tabular.safe_csv import neutralized, write_safe_csv

SHEET = "绩效工资发放表"


def payroll_frame(outcomes: pl.DataFrame, names: Mapping[str, str], parts: Sequence[tuple[str, str]]) -> pl.DataFrame:
    """One row per person with whole fen per item, the sum last.

    Args:
        outcomes: of a run.
        names: names of people by key, as far as they are known.
        parts: codes of items and parts with their names, in order.
    """
    amounts = [pl.col(PAY + code).alias(f"{name}（{code}）") for code, name in parts]
    return outcomes.select(
        pl.col(STAFF_KEY).alias("人员代号"),
        pl.col(STAFF_KEY).replace_strict(dict(names), default="", return_dtype=pl.String).alias("姓名"),
        *amounts,
        pl.col("amount_fen").alias("合计"),
    )


def payroll_csv(frame: pl.DataFrame) -> bytes:
    """The frame in yuan, exact text, with a last row of sums."""
    target = io.BytesIO()
    write_safe_csv(_in_yuan(frame), target, byte_order_mark=True)
    return target.getvalue()


def payroll_xlsx(frame: pl.DataFrame) -> bytes:
    """The frame as a workbook: amounts are numbers with two places, sums are values."""
    target = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as book:
        page = book.add_worksheet(SHEET)
        bold, number, text = book.add_format({"bold": True}), book.add_format({"num_format": "0.00"}), book.add_format()
        safe = neutralized(frame)
        page.freeze_panes(1, 2)
        for index, name in enumerate(safe.columns):
            page.set_column(index, index, 16)
            page.write_string(0, index, name, bold)
        for place, row in enumerate([*safe.iter_rows(), _sums(frame)], start=1):
            for index, value in enumerate(row):
                if isinstance(value, int):
                    # Two places of so few yuan are exact to the fen as a double.
                    page.write_number(place, index, value / 100, number)
                else:
                    page.write_string(place, index, value or "", text)
    return target.getvalue()


def _in_yuan(frame: pl.DataFrame) -> pl.DataFrame:
    rows = [[yuan(value) if isinstance(value, int) else value for value in row] for row in frame.iter_rows()]
    rows.append([yuan(value) if isinstance(value, int) else value for value in _sums(frame)])
    return pl.DataFrame(rows, schema=dict.fromkeys(frame.columns, pl.String), orient="row")


def _sums(frame: pl.DataFrame) -> list[str | int]:
    return ["合计", "", *(int(frame[name].sum()) for name in frame.columns[2:])]
