"""What one reader is shown of a version: own schools by name, the others as bands and counts. Blocks: use a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from services.school_eval.results.frames import changes_of, comparison_of, evaluation_of, frame_of, node_names
from services.school_eval.results.rules import CITY_ONLY
from services.school_eval.results.schemas import (
    BandOut,
    ChangedFigureOut,
    CountyOut,
    DimensionOut,
    LeafNamedOut,
    ProfileOut,
    SchoolResultOut,
)
from services.school_eval.results.tables import CampaignResult
from shared.kernel.store.columnar import ColumnarStore
from shared.kits.explanations import words
from shared.scoring.scheme.explanation import Explanation, explain
from shared.scoring.scheme.tree import Scheme

UNIT, GROUP, DEEPEST = "unit_code", "group", 2
Names = Mapping[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class View:
    """A version, and who looks at it.

    Args:
        store: where its frames are.
        result: the version.
        scheme: as of the campaign's day.
        campaign: code of the campaign.
        names: name and county of the schools the reader sees, by code, ascending.
        sees_ranks: whether places are shown.
        least_group: a group of fewer schools is not compared.
    """

    store: ColumnarStore
    result: CampaignResult
    scheme: Scheme
    campaign: str
    names: Names
    sees_ranks: bool
    least_group: int

    def schools(self, codes: Sequence[str]) -> list[SchoolResultOut]:
        """Totals and grades of some of the reader's schools."""
        totals = frame_of(self.store, self.result, "totals").filter(pl.col(UNIT).is_in(list(codes)))
        return [self._school(row) for row in totals.sort(UNIT).iter_rows(named=True)]

    def _school(self, row: Mapping[str, Any]) -> SchoolResultOut:
        name, county = self.names[row[UNIT]]
        plain = (
            "group",
            "grade",
            "uncapped_grade",
            "vetoed_by",
            "blocked_by",
            "leaf_count",
            "missing_count",
            "group_count",
        )
        return SchoolResultOut(
            school_code=row[UNIT],
            name_zh=name,
            county_code=county,
            total=row["printed_total"],
            rank_in_group=row["rank_in_group"] if self.sees_ranks else None,
            **{member: row[member] for member in plain},
        )

    def explanation(self, school: str) -> Explanation:
        """How a school came to its total."""
        return explain(self.scheme, evaluation_of(self.store, self.result), school)

    def profile(self, school: str) -> ProfileOut:
        """A school's result beside its group."""
        found = self.explanation(school)
        names = node_names(self.scheme)
        nodes = {node.code: node for node in found.root.walk()}

        def leaf(code: str) -> LeafNamedOut:
            node = nodes[code]
            return LeafNamedOut(
                node=code,
                name=names[code],
                printed_points=node.printed_points,
                printed_points_possible=node.printed_points_possible,
            )

        return ProfileOut(
            campaign=self.campaign,
            version=self.result.version,
            school=self.schools([school])[0],
            grade_sentence=words(found.grade_sentence) or {},
            band=self._band(school, found.group),
            dimensions=self._dimensions(school, nodes, names),
            strengths=[leaf(code) for code in found.strengths],
            to_mend=[leaf(code) for code in found.to_mend],
        )

    def _dimensions(self, school: str, nodes: Mapping[str, Any], names: Mapping[str, Any]) -> list[DimensionOut]:
        compared = comparison_of(self.store, self.result, min_units=self.least_group).filter(pl.col(UNIT) == school)
        by_node = {row["node"]: row for row in compared.iter_rows(named=True)}
        rows = []
        for above, node in self.scheme.nodes():
            if len(above) >= DEEPEST:
                continue
            beside, own = by_node.get(node.code, {}), nodes[node.code]
            figures = {name: beside.get(name) for name in ("group_mean", "group_sd", "standardized_difference")}
            rows.append(
                DimensionOut(
                    node=node.code,
                    name=names[node.code],
                    depth=len(above) + 1,
                    percent=None if own.share is None else 100 * own.share,
                    printed_points=own.printed_points,
                    printed_points_possible=own.printed_points_possible,
                    group_count=beside.get("group_units") or 0,
                    **figures,
                )
            )
        return rows

    def _band(self, school: str, group: str) -> BandOut:
        totals = frame_of(self.store, self.result, "totals").filter(pl.col(GROUP) == group)
        values = totals["printed_total"].drop_nulls()
        own = totals.filter(pl.col(UNIT) == school)["printed_total"].item()
        if len(values) < self.least_group or own is None:
            return BandOut(group=group, units=len(values), quartiles=None, quarter=None)
        quartiles = [float(values.quantile(share, "linear") or 0) for share in (0.25, 0.5, 0.75)]
        quarter = 1 + sum(own < limit for limit in quartiles)
        return BandOut(group=group, units=len(values), quartiles=quartiles, quarter=quarter)

    def changes(self, offset: int, size: int) -> tuple[list[ChangedFigureOut], bool]:
        """A page of what the version changed of the reader's schools, and whether more follows."""
        changed = changes_of(self.store, self.result)
        if changed is None:
            return [], False
        seen = changed.filter(pl.col(UNIT).is_in(list(self.names)))
        if not self.sees_ranks:
            seen = seen.filter(~pl.col("figure").is_in(sorted(CITY_ONLY)))
        page = seen.slice(offset, size + 1).rename({UNIT: "school_code"}).to_dicts()
        return [ChangedFigureOut(**row) for row in page[:size]], len(page) > size

    def counties(self) -> list[CountyOut]:
        """The reader's counties rolled up from all their schools."""
        where = pl.DataFrame({UNIT: list(self.names), "county_code": [county for _, county in self.names.values()]})
        totals = frame_of(self.store, self.result, "totals").join(where, on=UNIT)
        grades = [band.grade for band in self.scheme.grades]
        by_county = totals.sort("county_code").group_by("county_code", maintain_order=True)
        return [self._county(code, rows, grades) for (code,), rows in by_county]

    @staticmethod
    def _county(code: Any, rows: pl.DataFrame, grades: Sequence[str]) -> CountyOut:
        counted = dict(rows["grade"].value_counts().iter_rows())
        judged = rows["total"].count()
        counts = [counted.get(grade, 0) for grade in grades]
        return CountyOut(
            county_code=code,
            schools=rows.height,
            with_total=judged,
            mean_total=rows["total"].mean() if judged else None,
            grades=dict(zip(grades, counts, strict=True)),
            at_least_rate={grade: sum(counts[: place + 1]) / judged for place, grade in enumerate(grades)}
            if judged
            else {},
        )
