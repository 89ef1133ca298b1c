"""What monitoring promises other services: published figures of schools, by version; a client and a fake."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Protocol

import polars as pl

from shared.kernel.client import GatewayClient, RemoteRefusalError
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


CLASS_EFFECT_SCHEMA: dict[str, pl.DataType] = {
    "county_code": pl.String(),
    "school_code": pl.String(),
    "class_code": pl.String(),
    "n": pl.Int64(),
    "mean_residual": pl.Float64(),
    "se": pl.Float64(),
    "expected": pl.Float64(),
    "scale": pl.String(),
    "outcome_sd": pl.Float64(),
}
"""Columns of :meth:`Monitoring.class_effects`; figures are null where they are withheld.

``scale`` is that of the model: ``t``, or ``raw`` with the standard deviation of its outcome in marks.
"""


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
        held_on: the day of the exam, ``YYYY-MM-DD``.
    """

    exam: str
    kind: str
    school_year: str
    grade_level: int
    version: str
    manifest_sha256: str
    models: Mapping[str, str]
    held_on: str = ""


@dataclass(frozen=True, slots=True)
class TeachingSuggestion:
    """What a subject's quality report suggests for a class, under one of the seven links of teaching."""

    link: str
    finding: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class ClassReport:
    """What is published of one class in a subject, as the caller may see it.

    Args:
        class_code: the class.
        n: candidates present; null where withheld.
        mean: mean mark with its standard error, null where withheld.
        se_mean: of the mean.
        gap: distance of the mean to the group compared with, with its 95 % interval; null where there is none.
        gap_ci: the interval.
        reference: level of that group.
        suggestions: what follows from what is beyond chance.
    """

    class_code: str
    n: int | None
    mean: float | None
    se_mean: float | None
    gap: float | None
    gap_ci: tuple[float, float] | None
    reference: str | None
    suggestions: tuple[TeachingSuggestion, ...]


@dataclass(frozen=True, slots=True)
class TeachingReport:
    """The quality report of a subject for the classes of one teacher, from one published version."""

    exam: str
    exam_name_zh: str
    school_year: str
    held_on: str
    subject: str
    subject_name_zh: str
    version: str
    min_n: int
    classes: tuple[ClassReport, ...]


class Monitoring(Protocol):
    """What other services may ask monitoring; answers are what the caller may see."""

    async def results(self, exam: str, *, version: str | None = None) -> PublishedResults | None:
        """The version of an exam's results in force, or one that is asked for; ``None`` where nothing is published."""
        ...

    async def value_added(self, results: PublishedResults, *, outcome: str) -> pl.DataFrame:
        """Value added of every school in one outcome (``VALUE_ADDED_SCHEMA``); empty without such a model."""
        ...

    async def class_effects(self, results: PublishedResults, *, outcome: str) -> pl.DataFrame:
        """Value added of every class in one outcome (``CLASS_EFFECT_SCHEMA``); empty without such figures."""
        ...

    async def school_summary(self, results: PublishedResults, *, subject: str) -> pl.DataFrame:
        """Means and rates of every school in one subject (``SUMMARY_SCHEMA`` and the exam's rates)."""
        ...

    async def teaching_report(self, exam: str, *, subject: str, class_codes: Sequence[str]) -> TeachingReport:
        """What is published of the caller's own classes in a subject, with suggestions for teaching."""
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
            held_on=definition["held_on"],
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

    async def class_effects(self, results: PublishedResults, *, outcome: str) -> pl.DataFrame:
        """Value added of every class in one outcome (``CLASS_EFFECT_SCHEMA``).

        Empty without a model of it, and for versions published before classes had figures.
        """
        model = results.models.get(outcome)
        if model is None:
            return pl.DataFrame(schema=CLASS_EFFECT_SCHEMA)
        try:
            frame = await self._table(results, "value-added-classes")
        except RemoteRefusalError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return pl.DataFrame(schema=CLASS_EFFECT_SCHEMA)
        models = await self._table(results, "value-added-models")
        named = frame.filter(pl.col("model") == model).join(models.select("model", "scale", "outcome_sd"), on="model")
        return named.select(pl.col(name).cast(dtype) for name, dtype in CLASS_EFFECT_SCHEMA.items())

    async def school_summary(self, results: PublishedResults, *, subject: str) -> pl.DataFrame:
        """Means and rates of every school in one subject (``SUMMARY_SCHEMA`` and the exam's rates)."""
        frame = await self._table(results, "summary")
        schools = frame.filter(pl.col("level") == "school", pl.col("subject") == subject)
        rates = [name for name in frame.columns if f"{name}_se" in frame.columns and f"{name}_ci_low" in frame.columns]
        named = schools.rename({"n_sat": "n"})
        kept = [pl.col(name).cast(dtype) for name, dtype in SUMMARY_SCHEMA.items()]
        return named.select(*kept, *rates, *(f"{name}_se" for name in rates))

    async def teaching_report(self, exam: str, *, subject: str, class_codes: Sequence[str]) -> TeachingReport:
        """What is published of the caller's own classes in a subject, with suggestions for teaching.

        Raises:
            RemoteRefusalError: 404 for what there is not or what the caller may not see.
        """
        query = {"level": "teacher", "class_code": list(class_codes)}
        return _teaching_report(
            (await self.request("GET", f"{PREFIX}/exams/{exam}/reports/{subject}", params=query)).json()
        )

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
        reports: by exam and subject.
        class_effects: by exam and outcome, a frame of ``CLASS_EFFECT_SCHEMA``.
    """

    def __init__(
        self,
        published: Iterable[PublishedResults] = (),
        *,
        value_added: Mapping[str, pl.DataFrame] | None = None,
        summaries: Mapping[str, pl.DataFrame] | None = None,
        reports: Mapping[tuple[str, str], TeachingReport] | None = None,
        class_effects: Mapping[tuple[str, str], pl.DataFrame] | None = None,
    ) -> None:
        self.published = {results.exam: results for results in published}
        self._value_added = dict(value_added or {})
        self._summaries = dict(summaries or {})
        self._reports = dict(reports or {})
        self._class_effects = dict(class_effects or {})

    async def results(self, exam: str, *, version: str | None = None) -> PublishedResults | None:
        """The one version of an exam."""
        del version
        return self.published.get(exam)

    async def value_added(self, results: PublishedResults, *, outcome: str) -> pl.DataFrame:
        """Value added, as the service gives it."""
        model = results.models.get(outcome)
        frame = self._value_added.get(results.exam, pl.DataFrame(schema=VALUE_ADDED_SCHEMA))
        return frame.filter(pl.col("model") == model) if model is not None else frame.clear()

    async def class_effects(self, results: PublishedResults, *, outcome: str) -> pl.DataFrame:
        """Value added of classes, as the service gives it."""
        nothing = pl.DataFrame(schema=CLASS_EFFECT_SCHEMA)
        known = outcome in results.models
        return self._class_effects.get((results.exam, outcome), nothing) if known else nothing

    async def school_summary(self, results: PublishedResults, *, subject: str) -> pl.DataFrame:
        """Summaries, as the service gives them."""
        frame = self._summaries.get(results.exam, pl.DataFrame(schema=SUMMARY_SCHEMA))
        return frame.filter(pl.col("subject") == subject)

    async def teaching_report(self, exam: str, *, subject: str, class_codes: Sequence[str]) -> TeachingReport:
        """The report of an exam's subject, for the classes asked for.

        Raises:
            RemoteRefusalError: 404 as the service answers for what there is not.
        """
        report = self._reports.get((exam, subject))
        if report is None or not set(class_codes) <= {each.class_code for each in report.classes}:
            raise RemoteRefusalError(404, {"code": "resource.not_found"})
        kept = tuple(each for each in report.classes if each.class_code in class_codes)
        return replace(report, classes=kept)


def _teaching_report(document: Mapping[str, Any]) -> TeachingReport:
    exam, subject = document["exam"], document["subject"]
    return TeachingReport(
        exam=exam["code"],
        exam_name_zh=exam["name_zh"],
        school_year=exam["school_year"],
        held_on=exam["held_on"],
        subject=subject["code"],
        subject_name_zh=subject["name_zh"],
        version=document["version"],
        min_n=document["min_n"],
        classes=tuple(_class_report(section) for section in document["sections"]),
    )


def _class_report(section: Mapping[str, Any]) -> ClassReport:
    group, reference = section["group"], section["reference"]
    mean = group["mean"]
    gap = next((gaps["mean"]["gap"] for gaps in group["gaps"] if gaps["reference"] == reference), None)
    interval = gap["ci"] if gap is not None else None
    return ClassReport(
        class_code=group["class_code"],
        n=group["participation"]["n_sat"],
        mean=mean["value"],
        se_mean=mean["se"],
        gap=gap["value"] if gap is not None else None,
        gap_ci=(interval[0], interval[1]) if interval is not None else None,
        reference=reference,
        suggestions=tuple(
            TeachingSuggestion(link=link["link"], finding=item["finding"], zh=item["zh"], en=item["en"])
            for link in section["suggestions"]
            for item in link["items"]
        ),
    )


def _by_outcome(models: pl.DataFrame) -> dict[str, str]:
    """Model of each outcome; of several the plain one, whose code comes first."""
    found: dict[str, str] = {}
    for model, outcome in models.sort("compositional", "model").select("model", "outcome").iter_rows():
        found.setdefault(outcome, model)
    return found


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
