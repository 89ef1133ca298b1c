"""Faults at scale: a Polars frame instead of a million objects.

A ``FaultTable`` is filled by rules that look at whole columns and is read by whoever answers the caller: the first few as
``Fault`` objects, counts by code, or all of them as an error file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from shared.kernel.tabular.columns import ROW
from shared.terms.errors import DomainError, Fault

SHOWN_FAULTS = 100
VALUE_LENGTH = 60

FAULT_SCHEMA = {
    ROW: pl.UInt32(),
    "column": pl.String(),
    "source_id": pl.String(),
    "code": pl.String(),
    "allowed": pl.String(),
    "value": pl.String(),
    "params": pl.String(),
}
"""``params`` is a JSON object of what the sentence of ``code`` needs besides row, column and allowed."""

FIXED = ("row", "column", "source_id", "allowed", "value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What :meth:`FaultTable.add_where` is told, to be looked at together with other rules."""

    mask: pl.Expr
    code: str
    column: str | None = None
    allowed: str | None = None
    params: Mapping[str, object] | None = None


class FaultTable:
    """Every fault found in one table.

    Args:
        source_ids: frame ``row``, ``source_id`` with the caller's own key of each row; added to every fault.
        headers: the caller's header by column name, so that faults name what the caller wrote.
        sensitive: column names whose values are never repeated.
    """

    def __init__(
        self,
        *,
        source_ids: pl.DataFrame | None = None,
        headers: Mapping[str, str] | None = None,
        sensitive: frozenset[str] = frozenset(),
    ) -> None:
        self._source_ids = source_ids
        self._headers = dict(headers or {})
        self._sensitive = sensitive
        self._parts: list[pl.DataFrame] = []

    def add(
        self,
        code: str,
        *,
        row: int | None = None,
        column: str | None = None,
        value: str | None = None,
        allowed: str | None = None,
        params: Mapping[str, object] | None = None,
    ) -> None:
        """Add one fault."""
        frame = pl.DataFrame({ROW: [row], "value": [value]}, schema={ROW: pl.UInt32, "value": pl.String})
        self.add_rows(frame, code, column=column, value="value", allowed=allowed, params=params)

    def add_where(
        self,
        frame: pl.DataFrame,
        mask: pl.Expr,
        *,
        code: str,
        column: str | None = None,
        allowed: str | None = None,
        params: Mapping[str, object] | None = None,
    ) -> None:
        """Add one fault for each row of ``frame`` where ``mask`` is true; the value is that of ``column``.

        Args:
            frame: holds ``row`` and whatever the expressions need.
            mask: Boolean expression; null counts as false.
            code: fault code of the catalogue.
            column: column at fault, ``None`` for the whole row.
            allowed: what would have been accepted.
            params: values of the sentence; a ``pl.Expr`` is evaluated for each row.
        """
        faulty = frame.filter(mask)
        value = column if column in frame.columns else None
        self.add_rows(faulty, code, column=column, value=value, allowed=allowed, params=params)

    def add_broken(self, frame: pl.DataFrame, rules: Sequence[Rule]) -> None:
        """Add the faults of many rules, one rule after the other; those that nothing breaks cost one query together."""
        asked = frame.select(rule.mask.any().alias(str(number)) for number, rule in enumerate(rules))
        for rule, is_broken in zip(rules, asked.rows()[0] if rules else (), strict=True):
            if is_broken:
                self.add_where(
                    frame, rule.mask, code=rule.code, column=rule.column, allowed=rule.allowed, params=rule.params
                )

    def add_rows(
        self,
        faulty: pl.DataFrame,
        code: str,
        *,
        column: str | None = None,
        value: str | pl.Expr | None = None,
        allowed: str | None = None,
        params: Mapping[str, object] | None = None,
    ) -> None:
        """Add one fault for every row of ``faulty``; ``value`` is a column of it, an expression, or nothing."""
        if faulty.is_empty():
            return
        shown = pl.lit(None, pl.String) if value is None or column in self._sensitive else _shown(value)
        header = None if column is None else self._headers.get(column, column)
        self._append(
            faulty.select(
                pl.col(ROW).cast(pl.UInt32),
                column=pl.lit(header, pl.String),
                code=pl.lit(code),
                allowed=pl.lit(allowed, pl.String),
                value=shown,
                params=_json(params),
            )
        )

    def add_findings(self, findings: pl.DataFrame, *, column: str | None) -> None:
        """Add what a reader noted (``row, code, value, params``) for one column or for whole rows."""
        hidden = column in self._sensitive
        self._append(
            findings.select(
                ROW,
                "code",
                "params",
                column=pl.lit(None if column is None else self._headers.get(column, column), pl.String),
                allowed=pl.lit(None, pl.String),
                value=pl.lit(None, pl.String).alias("value") if hidden else _shown("value"),
            )
        )

    def add_frame(self, faults: pl.DataFrame) -> None:
        """Add faults that already have the columns of ``FAULT_SCHEMA`` (``source_id`` is looked up)."""
        if not faults.is_empty():
            self._append(faults)

    def _append(self, part: pl.DataFrame) -> None:
        if self._source_ids is None:
            part = part.with_columns(source_id=pl.lit(None, pl.String))
        else:
            keyed = part.drop("source_id", strict=False)
            part = keyed.join(self._source_ids, on=ROW, how="left", maintain_order="left")
        self._parts.append(part.select(pl.col(name).cast(dtype) for name, dtype in FAULT_SCHEMA.items()))

    @property
    def count(self) -> int:
        """How many faults there are."""
        return sum(part.height for part in self._parts)

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def frame(self) -> pl.DataFrame:
        """All faults, by row, then in the order found; a frame of ``FAULT_SCHEMA``."""
        if not self._parts:
            return pl.DataFrame(schema=FAULT_SCHEMA)
        return pl.concat(self._parts).sort(ROW, nulls_last=False, maintain_order=True)

    def faulty_rows(self) -> pl.Series:
        """Row numbers with at least one fault, ascending."""
        return self.frame.get_column(ROW).drop_nulls().unique().sort()

    def cells(self) -> dict[str, list[int]]:
        """Rows with a cell at fault, by column name: what could not be read is not missing as well."""
        names = {header: name for name, header in self._headers.items()}
        frame = self.frame.filter(pl.col(ROW).is_not_null(), pl.col("column").is_not_null())
        return {names.get(header, header): rows for header, rows in frame.group_by("column").agg(ROW).iter_rows()}

    def counts_by_code(self) -> dict[str, int]:
        """Number of faults per code, most frequent first."""
        counted = self.frame.group_by("code").len().sort(["len", "code"], descending=[True, False])
        return dict(counted.iter_rows())

    def first(self, most: int = SHOWN_FAULTS) -> tuple[Fault, ...]:
        """The first faults by row, as objects; their params hold row, column and allowed as well."""
        return tuple(_fault(entry) for entry in self.frame.head(most).iter_rows(named=True))

    def raise_if_any(self, code: str = "table.faulty", *, shown: int = SHOWN_FAULTS) -> None:
        """Raise ``DomainError(code)`` with the first ``shown`` faults and the count of all, if there are any."""
        if self:
            raise DomainError(code, params={"count": self.count}, faults=self.first(shown), fault_count=self.count)


def unique_faults(frame: pl.DataFrame, keys: Sequence[str], faults: FaultTable, *, code: str = "row.duplicate") -> None:
    """Add a fault for every row whose ``keys`` already stood in an earlier row; rows with a null key are left out.

    The sentence's params are ``first_row`` (where the key stood first) and ``keys`` (their names).
    """
    complete = frame.filter(pl.all_horizontal(pl.col(key).is_not_null() for key in keys))
    repeated = complete.select(
        ROW, *keys, first_row=pl.col(ROW).first().over(keys), later=~pl.struct(keys).is_first_distinct()
    ).filter("later")
    params = {"first_row": pl.col("first_row"), "keys": "、".join(keys)}
    faults.add_rows(repeated, code, column=keys[-1], value=keys[-1], params=params)


def _shown(value: str | pl.Expr) -> pl.Expr:
    text = (pl.col(value) if isinstance(value, str) else value).cast(pl.String)
    return text.str.slice(0, VALUE_LENGTH).str.replace_all(r"[\x00-\x1f\x7f]", "\ufffd").alias("value")


def _json(params: Mapping[str, object] | None) -> pl.Expr:
    if not params:
        return pl.lit(None, pl.String).alias("params")
    if not any(isinstance(value, pl.Expr) for value in params.values()):
        return pl.lit(json.dumps(params, ensure_ascii=False, default=str)).alias("params")
    fields = [(value if isinstance(value, pl.Expr) else pl.lit(value)).alias(name) for name, value in params.items()]
    return pl.struct(fields).struct.json_encode().alias("params")


def _fault(entry: Mapping[str, str | int | None]) -> Fault:
    fixed = {name: entry[name] for name in FIXED if entry[name] is not None}
    own = json.loads(str(entry["params"])) if entry["params"] is not None else {}
    row = entry[ROW]
    return Fault(
        code=str(entry["code"]),
        row=None if row is None else int(row),
        column=_text(entry["column"]),
        value=_text(entry["value"]),
        allowed=_text(entry["allowed"]),
        source_id=_text(entry["source_id"]),
        params={**fixed, **own},
    )


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)
