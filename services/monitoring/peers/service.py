"""A school's place among its peers, as far as its own figures are shown to the one who asks. Blocks."""

from __future__ import annotations

import polars as pl

from services.monitoring.peers.rules import FAMILY, peer_rows
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.reading import Question, view_of


def shown_peers(frames: ResultFrames, question: Question, *wanted: pl.Expr, school_code: str) -> pl.DataFrame:
    """:func:`~services.monitoring.peers.rules.peer_rows`, without comparisons in which the school's figure is withheld.

    Args:
        frames: the version's frames.
        question: about the frame ``comparison``, asked by the reader.
        wanted: further conditions on its rows.
        school_code: the school.
    """
    view = view_of(frames, question)
    own = view.shown(
        frames.scan("comparison").filter(view.rows, pl.col("school_code") == school_code, *wanted).collect()
    )
    shown = own.filter(pl.col("value").is_not_null()).select(FAMILY)
    rows = peer_rows(frames.scan("comparison").filter(*wanted).collect(), school_code=school_code)
    return rows.join(shown, on=list(FAMILY), how="semi", nulls_equal=True, maintain_order="left")
