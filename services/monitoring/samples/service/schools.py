"""The schools of a draw as its office sees them."""

from __future__ import annotations

import asyncio

import polars as pl

from services.monitoring.samples import rules
from services.monitoring.samples.schemas import DrawnSchoolOut
from services.monitoring.samples.service.stored import get_pupils, get_schools
from services.monitoring.samples.tables import Sample
from shared.kernel.store.columnar import ColumnarStore
from shared.terms.errors import DomainError


async def drawn_schools(sample: Sample, store: ColumnarStore) -> list[DrawnSchoolOut]:
    """Sampled schools and replacements with probability, place, and whether they take part now.

    Raises:
        DomainError: ``sample.not_drawn``.
    """
    if sample.draw_sha256 is None or sample.pupils_sha256 is None:
        raise DomainError("sample.not_drawn")
    files, replaced = (sample.draw_sha256, sample.pupils_sha256), list(sample.replacements)

    def work() -> list[DrawnSchoolOut]:
        draw, pupils = get_schools(store, files[0]), get_pupils(store, files[1])
        active = rules.active_schools(draw, replaced)
        counts = pupils.pupils.group_by("school_code").agg(pl.len().alias("drawn_pupils"))
        rows = draw.schools.join(counts, on="school_code", how="left", maintain_order="left").with_columns(
            pl.col("drawn_pupils").fill_null(0), pl.col("school_code").is_in(list(active)).alias("is_active")
        )
        return [DrawnSchoolOut(**row) for row in rows.iter_rows(named=True)]

    return await asyncio.to_thread(work)
