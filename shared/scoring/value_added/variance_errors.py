"""Standard errors of the variance components of a random-intercept model (SCORING §8.1).

From the information in (θ, σ²), θ = τ²/σ², at the maximum of the (restricted) likelihood, fixed effects profiled out:
``−2ℓ = d ln σ² + L(θ) + rss(θ)/σ²`` with ``L = Σ ln(1 + nθ) [+ ln|Mₓₓ| under REML]``. With c = (−β, 1) and M(θ) the
generalized cross products, ``rss' = cᵀM'c`` and ``rss'' = cᵀM''c − 2 (M'c)ₓᵀ Mₓₓ⁻¹ (M'c)ₓ``. Expected information:
``½ tr(P V_a P V_b)``, whose entry for θ is −L''/2; observed: the second derivatives themselves, (L'' + rss''/σ²)/2. They
agree for schools of equal size. Published multilevel results mostly rest on the expected one. Source: Searle, Casella
and McCulloch (1992), Variance Components, §6.3 and §6.6.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shared.scoring.plan import FitMethod
from shared.scoring.value_added.products import Floats, ModelProducts


@dataclass(frozen=True, slots=True)
class VarianceErrors:
    """Standard errors; NaN where the estimate lies on the boundary τ² = 0, where there is no such normal interval.

    Args:
        tau2: of the variance between schools, from the expected information.
        sigma2: of the variance within schools, likewise.
        intraclass_correlation: of τ² / (τ² + σ²), likewise.
        tau2_observed: of the variance between schools, from the observed information.
        sigma2_observed: of the variance within schools, likewise.
    """

    tau2: float
    sigma2: float
    intraclass_correlation: float
    tau2_observed: float
    sigma2_observed: float


def variance_errors(products: ModelProducts, *, theta: float, sigma2: float, method: FitMethod) -> VarianceErrors:
    """Standard errors at the maximum.

    On the boundary θ = 0 only ``sigma2`` has one: σ² √(2/d), d = N − p (REML) or N (ML). Inverted in
    (ln θ, ln σ²), so that no scale of the marks can make the information ill-conditioned.

    Args:
        products: what the model was fitted to.
        theta: estimate of τ²/σ².
        sigma2: estimate of σ².
        method: which likelihood was maximized.
    """
    p = len(products.terms)
    freedom = products.candidate_count - (p if method is FitMethod.REML else 0)
    if theta == 0:
        none, within = float("nan"), sigma2 * float(np.sqrt(2 / freedom))
        return VarianceErrors(none, within, none, none, within)
    log_slope, log_curve, rss_curve = _theta_derivatives(products, theta, sigma2, method)
    expected = _relative_covariance(theta * log_slope, -(theta**2) * log_curve, freedom)
    observed = _relative_covariance(theta * log_slope, theta**2 * (log_curve + rss_curve), freedom)
    ones = np.ones(2)
    return VarianceErrors(
        tau2=theta * sigma2 * float(np.sqrt(ones @ expected @ ones)),
        sigma2=sigma2 * float(np.sqrt(expected[1, 1])),
        intraclass_correlation=theta / (1 + theta) ** 2 * float(np.sqrt(expected[0, 0])),
        tau2_observed=theta * sigma2 * float(np.sqrt(ones @ observed @ ones)),
        sigma2_observed=sigma2 * float(np.sqrt(observed[1, 1])),
    )


def _relative_covariance(both: float, between: float, freedom: int) -> Floats:
    """Covariance of (ln θ, ln σ²); ln τ² is their sum."""
    return np.asarray(np.linalg.inv(np.array([[between, both], [both, freedom]]) / 2), np.float64)


def _theta_derivatives(
    products: ModelProducts, theta: float, sigma2: float, method: FitMethod
) -> tuple[float, float, float]:
    """L', L'' and rss''/σ²; at the maximum rss'/σ² = −L'."""
    n, sums, p = products.count, products.sums, len(products.terms)
    spread = 1 + n * theta
    matrix = products.within + _weighted(sums, 1 / (n * spread))
    change = -_weighted(sums, spread**-2)
    curve = _weighted(sums, 2 * n * spread**-3)
    inverse = np.linalg.inv(matrix[:p, :p])
    contrast = np.append(-inverse @ matrix[:p, p], 1.0)
    pull = (change @ contrast)[:p]
    rss_curve = float(contrast @ curve @ contrast - 2 * pull @ inverse @ pull) / sigma2
    log_slope, log_curve = float((n / spread).sum()), -float(((n / spread) ** 2).sum())
    if method is FitMethod.REML:
        turn = inverse @ change[:p, :p]
        log_slope += float(np.trace(turn))
        log_curve += float(np.sum(inverse * curve[:p, :p]) - np.sum(turn * turn.T))
    return log_slope, log_curve, rss_curve


def _weighted(sums: Floats, weights: Floats) -> Floats:
    """Σ_j w_j s_j s_jᵀ."""
    total: Floats = np.einsum("j,ja,jb->ab", weights, sums, sums)
    return total
