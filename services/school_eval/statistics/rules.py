"""Pure decisions about a school's statistics: which figures cannot stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.school_eval.statistics.catalog import Catalog


@dataclass(frozen=True, slots=True)
class FigureFault:
    """What is wrong with one figure."""

    item: str
    code: str
    value: str
    allowed: str | None = None


def figure_faults(values: Mapping[str, Decimal], catalog: Catalog) -> Iterator[FigureFault]:
    """Everything that is wrong with the figures of one school, in the catalog's order."""
    for code in sorted(values.keys() - catalog.items.keys()):
        yield FigureFault(code, "statistics.item_unknown", str(values[code]))
    for code, item in catalog.items.items():
        value = values.get(code)
        if value is None:
            continue
        if value != round(value, item.decimals):
            yield FigureFault(code, "statistics.too_fine", str(value), allowed=str(item.decimals))
        elif not 0 <= value <= item.most:
            yield FigureFault(code, "statistics.out_of_bounds", str(value), allowed=f"0–{item.most}")
        elif item.within is not None and item.within in values and value > values[item.within]:
            yield FigureFault(code, "statistics.part_exceeds_whole", str(value), allowed=f"≤ {values[item.within]}")


def derived_values(values: Mapping[str, Decimal], catalog: Catalog) -> dict[str, Decimal]:
    """Everything that can be worked out of a school's figures."""
    found = {code: entry.value(values) for code, entry in catalog.derived.items()}
    return {code: value for code, value in found.items() if value is not None}


def merged(before: Mapping[str, str], sent: Mapping[str, Decimal]) -> dict[str, str]:
    """Figures after a file that may leave some out: those sent replace, the others stay."""
    return {**before, **{code: plain(value) for code, value in sent.items()}}


def plain(value: Decimal) -> str:
    """The shortest exact form of a figure, the same however it was written."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact(values: Mapping[str, str]) -> dict[str, Decimal]:
    """Stored figures as numbers."""
    return {code: Decimal(value) for code, value in values.items()}
