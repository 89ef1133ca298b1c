"""Statistics are read off the columns of a frame, whatever rates an exam defines."""

from decimal import Decimal

import polars as pl

from services.monitoring.results.catalog import TABLES
from services.monitoring.results.figures import rows_as_json, statistics
from shared.scoring.disclosure import IDENTITY
from shared.scoring.plan import AnalysisPlan, CompositeWeight, Rate
from shared.scoring.schemas import SCHEMAS, SORT_KEYS, schemas
from shared.scoring.subjects import Subject


def found(name: str) -> dict[str, tuple[str | None, str | None, tuple[str, str] | None]]:
    return {one.value: (one.n, one.se, one.ci) for one in statistics(name, SCHEMAS[name])}


def test_the_summarys_statistics() -> None:
    summary = found("summary")
    assert summary["mean"] == ("n_sat", "se_mean", ("mean_ci_low", "mean_ci_high"))
    assert summary["pass_rate"] == ("n_sat", "pass_rate_se", ("pass_rate_ci_low", "pass_rate_ci_high"))
    assert summary["pass_rate_registered"][:2] == ("n_registered", "pass_rate_registered_se")
    assert summary["p50"] == ("n_sat", None, None)
    assert summary["participation_rate"] == ("n_registered", None, None)


def test_plain_columns_of_precision_belong_to_the_principal_figure() -> None:
    bounds = ("ci_low", "ci_high")
    assert found("value_added_schools") == {
        "effect": ("n", "se", bounds),
        "mean_residual": ("n", None, None),
        "reliability": ("n", None, None),
    }
    assert found("companions") == {"value": ("n", "se", bounds)}
    assert found("value_added_coefficients") == {"estimate": (None, "se", bounds)}
    assert found("comparison")["value"] == ("n", "se", bounds)
    assert found("comparison")["group_mean"] == ("n", None, None)
    assert found("funnel")["value"] == ("n", "se", None)
    assert found("funnel")["lower_95"] == ("n", None, None)


def test_every_column_is_told_once() -> None:
    for name, schema in SCHEMAS.items():
        inside = [column for one in statistics(name, schema) for column in one.columns]
        assert len(inside) == len(set(inside)), name
        if not TABLES[name].is_plain:
            floats = {column for column, dtype in schema.items() if dtype == pl.Float64}
            assert floats == set(inside), name
        assert not set(inside) & (IDENTITY | set(SORT_KEYS[name])), name


def test_a_rate_of_the_bureaus_own_is_a_statistic_like_any_other() -> None:
    plan = AnalysisPlan(
        outcomes=(Subject("maths", Decimal(100)),),
        rates=(Rate("top", Decimal("0.95")),),
        composite=(CompositeWeight("top", Decimal(1)),),
    )
    summary = {one.value: one for one in statistics("summary", schemas(plan)["summary"])}
    assert summary["top_rate"].se == "top_rate_se"
    assert summary["top_rate_registered"].ci == ("top_rate_registered_ci_low", "top_rate_registered_ci_high")


def test_missing_is_not_withheld() -> None:
    base = dict.fromkeys(SCHEMAS["companions"]) | {"model": "m", "measure": "delta_t", "school_code": "1"}
    frame = pl.DataFrame(
        [
            base | {"suppressed": False, "n": 1, "value": 2.5},
            base | {"suppressed": True, "suppression": "primary"},
            base | {"suppressed": True, "suppression": "primary", "n": 3, "value": 1.0, "se": 0.5},
        ],
        schema=SCHEMAS["companions"],
    )
    alone, withheld, own = rows_as_json("companions", frame)
    method = {"method": "value_added.companions", "version": "1.0.0"}
    assert alone["value"] == {"value": 2.5, "n": 1, "se": None, "ci": None, "suppressed": False, **method}
    assert withheld["value"]["suppressed"]
    assert withheld["value"]["value"] is None
    assert own["value"] == {"value": 1.0, "n": 3, "se": 0.5, "ci": None, "suppressed": False, **method}
