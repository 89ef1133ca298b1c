"""CSV that no spreadsheet program will run: the only way a CSV leaves the platform."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import polars as pl

from shared.kernel.tabular.text_rules import EXPORT_FORMULA

BYTE_ORDER_MARK = "\ufeff".encode()


def neutralized(frame: pl.DataFrame) -> pl.DataFrame:
    """Text cells and headers that would start a formula get a leading quote; numbers (also negative ones) stay."""
    texts = [name for name, dtype in frame.schema.items() if dtype in (pl.String, pl.Categorical, pl.Enum)]
    safe = frame.with_columns(_quoted(pl.col(name).cast(pl.String)).alias(name) for name in texts)
    names = pl.Series(frame.columns, dtype=pl.String).to_frame("name").select(_quoted(pl.col("name")))
    return safe.rename(dict(zip(frame.columns, names.to_series(), strict=True)))


def _quoted(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(EXPORT_FORMULA)).then(pl.concat_str(pl.lit("'"), text)).otherwise(text)


def write_safe_csv(frame: pl.DataFrame, target: Path | BinaryIO, *, byte_order_mark: bool = False) -> None:
    """Write ``frame`` as UTF-8 CSV with formulas neutralized.

    Args:
        frame: flat columns only.
        target: file to write, or a binary stream.
        byte_order_mark: start with the mark that makes desktop spreadsheet programs read Chinese text as UTF-8.
    """
    if isinstance(target, Path):
        with target.open("wb") as file:
            write_safe_csv(frame, file, byte_order_mark=byte_order_mark)
        return
    if byte_order_mark:
        target.write(BYTE_ORDER_MARK)
    neutralized(frame).write_csv(target)


def safe_csv(frame: pl.DataFrame, *, byte_order_mark: bool = False) -> bytes:
    """``frame`` as UTF-8 CSV with formulas neutralized."""
    text = neutralized(frame).write_csv().encode()
    return BYTE_ORDER_MARK + text if byte_order_mark else text
