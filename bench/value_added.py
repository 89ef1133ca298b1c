"""Random-intercept model by REML for one cohort, from Parquet (§8.1); lme4 where Rscript has it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import polars as pl

from bench.measure import Contender
from shared.scoring.plan import OutcomeScale
from shared.scoring.summaries.moments import gather_moments
from shared.scoring.value_added.products import model_products
from shared.scoring.value_added.random_intercept import RandomInterceptFit, fit_random_intercept

FILE = "cohort.parquet"
_COLUMNS = ("outcome", "intake")
_SCRIPT = """
suppressMessages({library(lme4); library(jsonlite)})
rows <- read.csv(commandArgs(TRUE)[1])
started <- proc.time()[["elapsed"]]
fit <- lmer(outcome ~ intake + (1 | school_code), rows, REML = TRUE)
seconds <- proc.time()[["elapsed"]] - started
variances <- as.data.frame(VarCorr(fit))$vcov
cat(toJSON(c(seconds, fixef(fit), variances), digits = 12))
"""


def lme4_is_here() -> bool:
    """Whether Rscript with lme4 and jsonlite is on this machine."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return False
    check = [rscript, "-e", "stopifnot(requireNamespace('lme4'), requireNamespace('jsonlite'))"]
    return subprocess.run(check, capture_output=True, check=False).returncode == 0  # noqa: S603


def _ours(folder: Path) -> RandomInterceptFit:
    frame = pl.read_parquet(folder / FILE)
    moments = gather_moments(frame, keys=("county_code", "school_code"), columns=_COLUMNS)
    products = model_products(moments, steps=[0.5, 0.5], scale=OutcomeScale.RAW, compositional=False)
    return fit_random_intercept(products)


def _ours_tidy(fit: RandomInterceptFit) -> pl.DataFrame:
    return _table([*fit.coefficients, fit.tau2, fit.sigma2])


def _as_csv(folder: Path) -> Path:
    path = folder / "cohort.csv"
    pl.read_parquet(folder / FILE).with_columns(pl.col(_COLUMNS) * 0.5).write_csv(path)
    return path


def _lme4(csv: Path) -> list[float]:
    rscript = shutil.which("Rscript") or "Rscript"
    done = subprocess.run([rscript, "-e", _SCRIPT, str(csv)], capture_output=True, check=True)  # noqa: S603
    answer: list[float] = json.loads(done.stdout)
    return answer


def _lme4_tidy(answer: Any) -> pl.DataFrame:
    return _table(answer[1:])


def _lme4_seconds(answer: Any) -> float:
    return float(answer[0])


def _table(values: list[float]) -> pl.DataFrame:
    return pl.DataFrame(
        {"name": ["intercept", "intake", "tau2", "sigma2"], "value": [float(value) for value in values]}
    )


CONTENDERS = (
    Contender("this project", _ours, _ours_tidy),
    Contender("lme4", _lme4, _lme4_tidy, prepare=_as_csv, own_clock=_lme4_seconds),
)
