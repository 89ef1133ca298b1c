"""What monitoring promises other services: published figures of schools, by version; a client and a fake."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import polars as pl

from shared.kernel.client import GatewayClient
from shared.terms.errors import DomainError

PREFIX = "/api/v1/monitoring"
_CHECKSUM = "x-content-sha256"

VALUE_ADDED_SCHEMA: dict[str, pl.DataType] = {
    "model": pl.String(),
    "county_code": pl.String(),
    "school_code": pl.String(),
    "n": pl.Int64(),
    "effect": pl.Float64(),
    "se": pl.Float64(),
    "label": pl.String(),
}
"""Columns of :meth:`Monitoring.value_added`; effect, se and label are null where they are withheld."""
SUMMARY_SCHEMA: dict[str, pl.DataType] = {
    "county_code": pl.String(),
    "school_code": pl.String(),
    "subject": pl.String(),
    "n": pl.Int64(),
    "mean": pl.Float64(),
    "se_mean": pl.Float64(),
}
"""Columns of :meth:`Monitoring.school_summary`, with ``<rate>`` and ``<rate>_se`` of each rate, e.g. ``pass_rate``."""


@dataclass(frozen=True, slots=True)
class PublishedResults:
    """Which version of an exam's results is read.

    Args:
        exam: code of the exam.
        kind: of the exam kinds of the policy.
        school_year: e.g. ``2026-2027``.
        grade_level: 1 to 12.
        version: e.g. ``1.2.0``.
        manifest_sha256: of the manifest in canonical form: names every figure of the version.
        models: code of every value-added model by its outcome.
    """

    exam: str
    kind: str
    school_year: str
    grade_level: int
    version: str
    manifest_sha256: str
    models: Mapping[str, str]


class Monitoring(Protocol):
    """What other services may ask monitoring; answers are what the caller may see."""

    async def results(self, exam: str, *, version: str | None = None) -> PublishedResults | None:
        """The version of an exam's results in force, or one that is asked for; ``None`` where nothing is published."""
        ...

    async def value_added(self, results: PublishedResults, *, outcome: str) -> pl.DataFrame:
        """Value added of every school in one outcome (``VALUE_ADDED_SCHEMA``); empty without such a model."""
        ...

    async def school_summary(self, results: PublishedResults, *, subject: str) -> pl.DataFrame:
        """Means and rates of every school in one subject (``SUMMARY_SCHEMA`` and the exam's rates)."""
        ...


class MonitoringClient(GatewayClient):
    """Monitoring behind the gateway."""

    async def results(self, exam: str, *, version: str | None = None) -> PublishedResults | None:
        """The version of an exam's results in force, or one that is asked for; ``None`` where nothing is published.

        Raises:
            RemoteRefusalError: 404 for an exam that there is not, or a version that there never was.
        """
        definition = (await self.request("GET", f"{PREFIX}/exams/{exam}")).json()["definition"]
        query = {"version": version} if version else {}
        found = (await self.request("GET", f"{PREFIX}/exams/{exam}/results", params=query)).json()
        if found["manifest"] is None:
            return None
        named = PublishedResults(
            exam=exam,
            kind=definition["kind"],
            school_year=definition["school_year"],
            grade_level=definition["grade_level"],
            version=found["in_force"],
            manifest_sha256=hashlib.sha256(_canonical(found["manifest"])).hexdigest(),
            models={},
        )
        if "value_added_models" not in found["manifest"]["frames"]:
            return named
        models = await self._table(named, "value-added-models")
        return replace(named, models=_by_outcome(models))

    async def value_added(self, results: PublishedResults, *, outcome: str) -> pl.DataFrame:
        """Value added of every school in one outcome (``VALUE_ADDED_SCHEMA``); empty without such a model."""
        model = results.models.get(outcome)
        if model is None:
            return pl.DataFrame(schema=VALUE_ADDED_SCHEMA)
        frame = await self._table(results, "value-added-schools")
        return frame.filter(pl.col("model") == model).select(
            pl.col(name).cast(dtype) for name, dtype in VALUE_ADDED_SCHEMA.items()
        )

    async def school_summary(self, results: PublishedResults, *, subject: str) -> pl.DataFrame:
        """Means and rates of every school in one subject (``SUMMARY_SCHEMA`` and the exam's rates)."""
        frame = await self._table(results, "summary")
        schools = frame.filter(pl.col("level") == "school", pl.col("subject") == subject)
        rates = [name for name in frame.columns if f"{name}_se" in frame.columns and f"{name}_ci_low" in frame.columns]
        named = schools.rename({"n_sat": "n"})
        kept = [pl.col(name).cast(dtype) for name, dtype in SUMMARY_SCHEMA.items()]
        return named.select(*kept, *rates, *(f"{name}_se" for name in rates))

    async def _table(self, results: PublishedResults, table: str) -> pl.DataFrame:
        path = f"{PREFIX}/exams/{results.exam}/results/{table}:download"
        answer = await self.request("GET", path, params={"version": results.version, "format": "parquet"})
        if answer.headers.get(_CHECKSUM) != hashlib.sha256(answer.content).hexdigest():
            raise DomainError("server.unavailable", params={"what": path})
        return pl.read_parquet(io.BytesIO(answer.content))


class FakeMonitoring:
    """Monitoring in memory, for tests of other services.

    Args:
        published: versions there are, one per exam.
        value_added: by exam, a frame of ``VALUE_ADDED_SCHEMA``.
        summaries: by exam, a frame of ``SUMMARY_SCHEMA`` with rates.
    """

    def __init__(
        self,
        published: Iterable[PublishedResults] = (),
        *,
        value_added: Mapping[str, pl.DataFrame] | None = None,
        summaries: Mapping[str, pl.DataFrame] | None = None,
    ) -> None:
        self.published = {results.exam: results for results in published}
        self._value_added = dict(value_added or {})
        self._summaries = dict(summaries or {})

    async def results(self, exam: str, *, version: str | None = None) -> PublishedResults | None:
        """The one version of an exam."""
        del version
        return self.published.get(exam)

    async def value_added(self, results: PublishedResults, *, outcome: str) -> pl.DataFrame:
        """Value added, as the service gives it."""
        model = results.models.get(outcome)
        frame = self._value_added.get(results.exam, pl.DataFrame(schema=VALUE_ADDED_SCHEMA))
        return frame.filter(pl.col("model") == model) if model is not None else frame.clear()

    async def school_summary(self, results: PublishedResults, *, subject: str) -> pl.DataFrame:
        """Summaries, as the service gives them."""
        frame = self._summaries.get(results.exam, pl.DataFrame(schema=SUMMARY_SCHEMA))
        return frame.filter(pl.col("subject") == subject)


def _by_outcome(models: pl.DataFrame) -> dict[str, str]:
    """Model of each outcome; of several the plain one, whose code comes first."""
    found: dict[str, str] = {}
    for model, outcome in models.sort("compositional", "model").select("model", "outcome").iter_rows():
        found.setdefault(outcome, model)
    return found


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
