"""Value added as one document: the model, and its schools by page. Blocks: call it in a thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.monitoring.results.answers import table_rows_now
from services.monitoring.results.frames import ResultFrames
from services.monitoring.results.reading import read_rows
from services.monitoring.results.schemas import CoefficientOut, ModelOut
from services.monitoring.results.service.read import Reading
from shared.kernel.web.paging import PageRequest
from shared.terms.errors import DomainError


def read_value_added(
    frames: ResultFrames,
    reading: Reading,
    page: PageRequest,
    *,
    model: str | None,
    filters: Mapping[str, str],
    names: Mapping[str, str],
) -> dict[str, Any]:
    """One value-added model with a page of its schools: a :class:`~services.monitoring.results.schemas.ValueAddedPage`.

    Args:
        frames: the version's frames.
        reading: what is read, and by whom.
        page: which schools.
        model: code of the model; may be left out where there is only one.
        filters: county or school.
        names: names of the schools that may be named.

    Raises:
        DomainError: ``results.model_ambiguous``, ``results.model_unknown``, ``request.cursor_invalid``.
    """
    models, _ = read_rows(frames, reading.question("value_added_models"))
    codes: list[str] = models["model"].to_list()
    code = _chosen(codes, model)
    body: dict[str, Any] = {"exam": reading.exam.code, "version": reading.result_set.version, "models": codes}
    if code is None:
        return {**body, "model": None, "items": [], "next_cursor": None}
    row = next(row for row in models.iter_rows(named=True) if row["model"] == code)
    coefficients, _ = read_rows(frames, reading.question("value_added_coefficients", {"model": code}))
    schools = table_rows_now(
        frames, reading.question("value_added_schools", {**filters, "model": code}), page, reading.result_set.version
    )
    items = [{**item, "name_zh": _name(item, reading, names)} for item in schools.items]
    model_out = _model_out(row, coefficients.to_dicts())
    return {**body, "model": model_out.model_dump(mode="json"), "items": items, "next_cursor": schools.next_cursor}


def _chosen(codes: Sequence[str], asked: str | None) -> str | None:
    if asked is None and len(codes) > 1:
        raise DomainError("results.model_ambiguous", params={"models": ", ".join(codes)})
    if asked is not None and asked not in codes:
        raise DomainError("results.model_unknown", params={"model": asked, "models": ", ".join(codes)})
    return asked or next(iter(codes), None)


def _name(item: Mapping[str, Any], reading: Reading, names: Mapping[str, str]) -> str | None:
    place = {"county_code": item["county_code"], "school_code": item["school_code"]}
    return names.get(item["school_code"]) if reading.visibility.shows_name(**place) else None


def _model_out(row: Mapping[str, Any], coefficients: Sequence[Mapping[str, Any]]) -> ModelOut:
    return ModelOut(
        code=row["model"],
        outcome=row["outcome"],
        intakes=row["intakes"],
        scale=row["scale"],
        method=row["fit_method"],
        compositional=row["compositional"],
        status=row["status"],
        reason=row["reason"],
        n=row["n_candidates"],
        groups=row["n_schools"],
        outcome_mean=row["outcome_mean"],
        outcome_sd=row["outcome_sd"],
        coefficients=[
            CoefficientOut(
                term=entry["term"],
                value=entry["estimate"],
                se=entry["se"],
                ci=None if entry["ci_low"] is None else (entry["ci_low"], entry["ci_high"]),
            )
            for entry in coefficients
        ],
        tau2=row["tau2"],
        sigma2=row["sigma2"],
        icc=row["intraclass_correlation"],
        log_likelihood=row["log_likelihood"],
        method_id=row["method"],
        method_version=row["method_version"],
    )
