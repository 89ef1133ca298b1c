"""What one caller sees of a result frame: the policy's decision, applied to rows, figures and columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from services.monitoring.results.catalog import TABLES, Audience, ResultTable
from services.monitoring.results.remainders import is_one_of, withheld_rows
from shared.policy.visibility import RankDisclosure, Reach, ResultVisibility
from shared.scoring.disclosure import IDENTITY, Suppression, withhold_figures, withhold_rows
from shared.scoring.levels import LEVELS
from shared.terms.organization import OrgLevel

#: Words in the names of columns that tell a candidate's rank, or can be computed back to it.
_RANKS = ("rank", "normalized_t_score")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TableView:
    """One frame as one caller sees it.

    Args:
        name: the frame.
        visibility: what the policy decided for the caller.
        with_ranks: whether the caller asked for ranks of candidates; the policy still decides.
        withheld: keys of rows that would tell a school about another one.
        is_drawn: whether the exam's schools are a drawn sample.
    """

    name: str
    visibility: ResultVisibility
    withheld: pl.DataFrame
    with_ranks: bool = False
    is_drawn: bool = False

    @property
    def rows(self) -> pl.Expr:
        """Rows that are shown; to be applied before any other step."""
        shown = row_filter(self.name, self.visibility, is_drawn=self.is_drawn)
        if not TABLES[self.name].rows_tell:
            return shown
        small = pl.col("suppressed") & pl.col("school_code").ne_missing(pl.lit(self.visibility.own_school, pl.String))
        return shown & ~small & ~is_one_of(self.withheld)

    def shown(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Rows chosen by :attr:`rows`, without the figures and columns that are withheld."""
        if TABLES[self.name].audience is Audience.OWN_CANDIDATES:
            return self._of_candidates(frame)
        own = self.visibility.own_school
        if TABLES[self.name].rows_tell:
            return withhold_rows(frame, own_school=own)
        if "suppressed" in frame.columns:
            frame = _without_small(self.name, frame, own_school=own)
        if not self.withheld.is_empty():
            frame = _blank(self.name, frame, is_one_of(self.withheld))
        if TABLES[self.name].relative:
            frame = self._without_relative(frame)
        return frame if self.visibility.sees_school_ranks else frame.drop("rank_in_group", strict=False)

    def _without_relative(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Empties what is relative to a city whose own figures are not shown: the difference would give them away."""
        hidden = pl.lit(value=self.is_drawn)
        if not self.withheld.is_empty():
            hidden |= is_one_of(self.withheld.filter(pl.col("level") == OrgLevel.CITY.value).drop("level"))
        columns = sorted(TABLES[self.name].relative)
        return frame.with_columns(pl.when(~hidden).then(pl.col(column)).alias(column) for column in columns)

    def _of_candidates(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self.is_drawn:
            # A place among those tested is no place in the city: they had unequal chances of being tested.
            beyond = tuple(f"{level.value}_" for level in (OrgLevel.CITY, OrgLevel.COUNTY))
            frame = frame.drop(name for name in frame.columns if name.startswith(beyond) and name not in IDENTITY)
        for level, subject in self.withheld.iter_rows():
            hidden = [column for column in frame.columns if column.startswith(f"{level}_") and column not in IDENTITY]
            here = pl.col("subject") == subject if "subject" in frame.columns else pl.lit(value=True)
            frame = frame.with_columns(pl.when(~here).then(pl.col(column)).alias(column) for column in hidden)
        if self.with_ranks and self.visibility.candidate_ranks is RankDisclosure.ON_REQUEST:
            return frame
        return frame.drop(column for column in frame.columns if any(word in column for word in _RANKS))


def table_view(
    name: str,
    scan: Callable[[str], pl.LazyFrame],
    *,
    visibility: ResultVisibility,
    min_n: int,
    is_drawn: bool,
    with_ranks: bool = False,
) -> TableView:
    """The view of a frame; reads what it needs of the result set's frames, so it blocks.

    Args:
        name: the frame.
        scan: gives any frame of the result set.
        visibility: what the policy decided for the caller.
        min_n: smallest group whose figures leave its school.
        is_drawn: whether the exam's schools are a drawn sample; nobody may forget to ask.
        with_ranks: whether the caller asked for ranks of candidates.
    """
    withheld = withheld_rows(name, scan, visibility=visibility, min_n=min_n)
    return TableView(name=name, visibility=visibility, withheld=withheld, with_ranks=with_ranks, is_drawn=is_drawn)


def row_filter(name: str, visibility: ResultVisibility, *, is_drawn: bool = False) -> pl.Expr:
    """Rows of a frame that the policy shows, as an expression; agrees with ``visibility.shows`` row by row.

    Of a drawn sample, rows that would pass for a population's are left out (``census_levels``).
    """
    table, own = TABLES[name], visibility.own_school
    if table.audience is Audience.OWN_CANDIDATES:
        shown = own is not None and visibility.sees_candidates
        return pl.col("school_code") == own if shown else pl.lit(value=False)
    if table.audience is Audience.OFFICES and own is not None:
        return pl.lit(value=False)
    if table.audience is Audience.TEACHING and not visibility.sees_answer_options:
        return pl.lit(value=False)
    if table.level is not None:
        return _level_filter(table.level, visibility, table)
    return pl.any_horizontal(
        (pl.col("level") == level.value) & _level_filter(level, visibility, table)
        for level in LEVELS
        if not (is_drawn and level in table.census_levels)
    )


def _level_filter(level: OrgLevel, visibility: ResultVisibility, table: ResultTable) -> pl.Expr:
    hidden = visibility.own_school is not None and level in table.not_towards_schools
    reach = Reach.NONE if hidden else visibility.reach.get(level, Reach.NONE)
    if reach is not Reach.OWN:
        return pl.lit(value=reach is Reach.ALL)
    inside = pl.col("county_code").str.starts_with(visibility.area).fill_null(value=False)
    if level in (OrgLevel.SCHOOL, OrgLevel.CLASS) and visibility.own_school is not None:
        return inside & pl.col("school_code").eq_missing(pl.lit(visibility.own_school))
    return inside


def _without_small(name: str, frame: pl.DataFrame, *, own_school: str | None) -> pl.DataFrame:
    """Empties the figures of small groups; what says which figures they are stays."""
    kept = [column for column in frame.columns if column in {*TABLES[name].keys, *TABLES[name].describing}]
    own = own_school if "school_code" in frame.columns else None
    return withhold_figures(frame, own_school=own).with_columns(frame[column] for column in kept)


def _blank(name: str, frame: pl.DataFrame, rows: pl.Expr) -> pl.DataFrame:
    """Empties the figures of rows and says that they are withheld."""
    keep = IDENTITY | TABLES[name].describing | set(TABLES[name].keys)
    hidden = frame.select(rows.alias("hidden"))["hidden"]
    columns = [pl.when(~hidden).then(pl.col(column)).alias(column) for column in frame.columns if column not in keep]
    if "suppressed" in frame.columns:
        columns.append((pl.col("suppressed") | hidden).alias("suppressed"))
    if "suppression" in frame.columns:
        reason = pl.lit(Suppression.COMPLEMENTARY.value)
        columns.append(pl.when(hidden).then(reason).otherwise(pl.col("suppression")).alias("suppression"))
    return frame.with_columns(columns)
