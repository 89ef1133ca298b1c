"""Sentences for faults, from the problem catalogue, for whole frames at once."""

from __future__ import annotations

from string import Formatter
from typing import Literal

import polars as pl

from shared.terms.problem_catalogue import catalogue

Language = Literal["zh", "en"]

_COLUMNS = {"row", "column", "source_id", "allowed", "value"}


def with_messages(faults: pl.DataFrame, *, language: Language) -> pl.DataFrame:
    """``faults`` (``FAULT_SCHEMA``) with a ``message``: what is wrong and how to mend it.

    A code the catalogue does not know shows as itself: an error file is no place to fail.
    """
    message = pl.col("code")
    known = catalogue()
    for code in faults.get_column("code").unique():
        if code in known:
            problem = known[code]
            remedy = pl.lit((" " if language == "en" else "") + problem.remedy[language])
            sentence = pl.concat_str(_filled(problem.detail[language]), remedy)
            message = pl.when(pl.col("code") == code).then(sentence).otherwise(message)
    return faults.with_columns(message=message)


def _filled(template: str) -> pl.Expr:
    pieces: list[pl.Expr] = []
    for literal, name, _, _ in Formatter().parse(template):
        if literal:
            pieces.append(pl.lit(literal))
        if name is not None:
            pieces.append(_placeholder(name))
    return pl.concat_str(pieces)


def _placeholder(name: str) -> pl.Expr:
    value = pl.col(name).cast(pl.String) if name in _COLUMNS else pl.col("params").str.json_path_match(f"$.{name}")
    return value.fill_null("?")
