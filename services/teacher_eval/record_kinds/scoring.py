"""A catalog as the rules that records are scored by."""

from __future__ import annotations

from decimal import Decimal

import polars as pl

from services.teacher_eval.record_kinds.schemas import OWN, Catalog, Kind
from shared.scoring.records.rules import (
    POINTS_SCALE,
    POINTS_SCHEMA,
    SHARE_SCALE,
    Bound,
    Figure,
    KindRule,
    Measure,
    RecordRules,
)
from shared.terms.errors import DomainError


def rules_of(catalog: Catalog) -> RecordRules:
    """What records are worth by a catalog."""
    return RecordRules(
        kinds={code: _kind(kind) for code, kind in catalog.kinds.items()},
        points=_points(catalog),
        shares={int(count): [int(share * SHARE_SCALE) for share in shares] for count, shares in catalog.shares.items()},
        figures={
            name: Figure(
                measure=figure.measure,
                kinds=figure.kinds,
                category=figure.category,
                cap=_cap(figure.cap, figure.measure),
                is_zero_without=figure.without == "zero",
            )
            for name, figure in catalog.figures.items()
        },
    )


def _cap(cap: Decimal | None, measure: Measure) -> float | None:
    if cap is None:
        return None
    return float(cap * POINTS_SCALE if measure is Measure.POINTS else cap)


def _kind(kind: Kind) -> KindRule:
    return KindRule(
        years=kind.window if kind.window and kind.window > 1 else None,
        bound=None if kind.bound is None else Bound(kind.bound.per, kind.bound.most),
        is_shared=kind.is_shared,
        cap=None if kind.cap is None else int(kind.cap * POINTS_SCALE),
        standards={category: float(standard) for category, standard in kind.standards.items()},
    )


def _points(catalog: Catalog) -> pl.DataFrame:
    rows = []
    for code, kind in catalog.kinds.items():
        for entry in kind.points:
            for level, values in entry.table.items():
                graded = values if isinstance(values, dict) else {"": values}
                for grade, points in graded.items():
                    rows.append((code, level, grade, entry.in_force_from, int(points * POINTS_SCALE)))
    return pl.DataFrame(rows, schema=POINTS_SCHEMA, orient="row")


def require_own_names(catalog: Catalog, platform: Catalog) -> None:
    """Kinds and figures that the platform does not have are recognized by their first letters.

    Raises:
        DomainError: ``record_kind.not_own``.
    """
    added = (catalog.kinds.keys() - platform.kinds.keys()) | (catalog.figures.keys() - platform.figures.keys())
    wrong = sorted(name for name in added if not name.startswith(OWN))
    if wrong:
        raise DomainError("record_kind.not_own", params={"names": ", ".join(wrong)})
