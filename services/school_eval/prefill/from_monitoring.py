"""Figures out of monitoring's published results: value added and attainment, by version.

A school with several exams (a nine-year school, two subjects' samples) gets one figure: effects weighted by their
precision, rates and means by the candidates behind them. What monitoring withholds from small groups stays missing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import polars as pl

from services.school_eval.prefill.filled import FILLED_SCHEMA, Filled, Wanted
from shared.contracts.monitoring import Monitoring, PublishedResults
from shared.policy.schemes import attainment_objection
from shared.scoring.scheme.tree import SourceKind

#: ``value_added.total``, ``pass_rate.math``, ``mean.total``: a measure and a subject.
KEY = re.compile(r"^(value_added|mean|[a-z][a-z0-9_]*_rate)\.([a-z][a-z0-9_]{0,39})$")
VALUE_ADDED = "value_added"


class MonitoringProvider:
    """Monitoring's published results of a campaign's exams."""

    kind = SourceKind.MONITORING

    def __init__(self, monitoring: Monitoring) -> None:
        self._monitoring = monitoring

    def knows(self, key: str) -> bool:
        """A measure and a subject."""
        return KEY.match(key) is not None

    async def gather(self, wanted: Wanted, keys: Collection[str]) -> Mapping[str, Filled]:
        """Figures of every school in any of the exams; exams without published results are named in the origin."""
        found: list[PublishedResults] = []
        unpublished = []
        for exam, version in wanted.exams.items():
            results = await self._monitoring.results(exam, version=version)
            if results is None:
                unpublished.append(exam)
            else:
                found.append(results)
        filled = {}
        for key in keys:
            lawful = [results for results in found if _may_give(results, key)]
            parts = [await self._of_exam(results, key) for results in lawful]
            used = [results for results, part in zip(lawful, parts, strict=True) if part.height]
            origin = {
                "source": "monitoring",
                "key": key,
                "results": [
                    {"exam": each.exam, "version": each.version, "manifest_sha256": each.manifest_sha256}
                    for each in used
                ],
                "unpublished": unpublished,
                "refused": [_refused(results) for results in found if results not in lawful],
            }
            filled[key] = Filled(_joined(parts, is_effect=key.startswith(f"{VALUE_ADDED}.")), origin)
        return filled

    async def _of_exam(self, results: PublishedResults, key: str) -> pl.DataFrame:
        matched = KEY.match(key)
        if matched is None:
            raise KeyError(key)
        measure, subject = matched.groups()
        if measure == VALUE_ADDED:
            effects = await self._monitoring.value_added(results, outcome=subject)
            return effects.select(
                pl.col("school_code").alias("unit_code"), pl.col("effect").alias("value"), "se", "n"
            ).drop_nulls("value")
        summary = await self._monitoring.school_summary(results, subject=subject)
        se = "se_mean" if measure == "mean" else f"{measure}_se"
        if measure not in summary.columns:
            return pl.DataFrame(schema={**FILLED_SCHEMA, "n": pl.Int64()})
        return summary.select(
            pl.col("school_code").alias("unit_code"), pl.col(measure).alias("value"), pl.col(se).alias("se"), "n"
        ).drop_nulls("value")


def _may_give(results: PublishedResults, key: str) -> bool:
    """Attainment in exams that decide admission is never scored; value added out of them may be."""
    return key.startswith(f"{VALUE_ADDED}.") or attainment_objection(results.kind) is None


def _refused(results: PublishedResults) -> dict[str, str]:
    rule = attainment_objection(results.kind)
    return {"exam": results.exam, "rule": "" if rule is None else f"{rule.id} {rule.title['zh']}"}


def _joined(parts: list[pl.DataFrame], *, is_effect: bool) -> pl.DataFrame:
    """One figure per school: Σ w v / Σ w with w = 1/se² of effects, w = n of means and rates.

    The standard error follows from independent exams: 1/√Σw of effects, √Σ(w se)² / Σw of the others. An effect without a
    standard error above 0 has no weight beside others that have one.
    """
    if not parts:
        return pl.DataFrame(schema=FILLED_SCHEMA)
    rows = pl.concat(parts)
    precision = pl.when(pl.col("se") > 0).then(1 / pl.col("se") ** 2)
    weighted = rows.with_columns((precision if is_effect else pl.col("n").cast(pl.Float64)).alias("w"))
    value, se, w = pl.col("value"), pl.col("se"), pl.col("w")
    together = weighted.group_by("unit_code").agg(
        pl.len().alias("parts"),
        value.first().alias("only_value"),
        se.first().alias("only_se"),
        ((w * value).sum() / w.sum()).alias("mean"),
        (((w * se) ** 2).sum().sqrt() / w.sum()).alias("spread"),
        w.is_not_null().any().alias("has_weight"),
    )
    alone = (pl.col("parts") == 1) | ~pl.col("has_weight")
    return (
        together.select(
            "unit_code",
            pl.when(alone).then("only_value").otherwise("mean").alias("value"),
            pl.when(alone).then("only_se").otherwise("spread").alias("se"),
        )
        .cast(pl.Schema(FILLED_SCHEMA))
        .sort("unit_code")
    )
