"""Text as people and spreadsheet programs leave it: blanks to strip, first characters that start a formula."""

from __future__ import annotations

import polars as pl

BLANKS = (
    " \t\r\n\v\f\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
"""Every character stripped from both ends of a cell, the full-width space and the invisible ones included."""

NUMBER = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)$"
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"

ALWAYS_FORMULA = r"^[=+@＝＋＠]"
MAYBE_FORMULA = r"^[-－]"
SIGNED_NUMBER = r"^[-－](?:[0-9０-９]+(?:[.．][0-9０-９]*)?|[.．][0-9０-９]+)$"
EXPORT_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
"""What a spreadsheet program may run or split when it opens a CSV file (half and full width)."""


def stripped(expr: pl.Expr) -> pl.Expr:
    """Text without surrounding blanks; null where nothing is left."""
    text = expr.str.strip_chars(BLANKS)
    return pl.when(text.str.len_bytes() > 0).then(text)


def normalized(expr: pl.Expr) -> pl.Expr:
    """Full-width digits and letters as their ordinary forms (NFKC)."""
    return expr.str.normalize("NFKC")


def looks_like_formula(expr: pl.Expr) -> pl.Expr:
    """Whether stripped text would start a formula: ``= + @`` always, ``-`` unless it starts a number."""
    starts_with_minus = expr.str.contains(MAYBE_FORMULA)
    return expr.str.contains(ALWAYS_FORMULA) | (starts_with_minus & ~expr.str.contains(SIGNED_NUMBER))


def clean_header(text: str | None) -> str:
    """A header without surrounding blanks; empty when there is none."""
    return (text or "").strip(BLANKS)
