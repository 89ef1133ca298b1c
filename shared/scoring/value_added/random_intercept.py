"""Random-intercept model from per-school sufficient statistics (SCORING §8.1, §8.2).

``y_ij = β₀ + Σ β_k x_kij + u_j + e_ij``, ``u_j ~ N(0, τ²)``, ``e ~ N(0, σ²)``. With θ = τ²/σ² the inverse of a school's
covariance matrix is ``(I − θ/(1 + nθ) 11ᵀ)/σ²``, so every generalized cross product is
``M(θ) = W + Σ_j s_j s_jᵀ / (n_j (1 + n_j θ))`` with W the products within schools and s_j a school's sums. β and σ² are
profiled out; θ is the root of the derivative of the profiled deviance (Laird and Ware 1982, Biometrics 38, 963–974;
Bates and others 2015, Journal of Statistical Software 67(1)). No step touches a candidate's row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from shared.scoring.plan import FitMethod
from shared.scoring.value_added.products import (
    RELATIVE_ZERO,
    Floats,
    ModelProducts,
    NotComputedError,
    NotComputedReason,
    require_full_rank,
)
from shared.scoring.value_added.variance_errors import VarianceErrors, variance_errors

MIN_SCHOOLS = 3
_GRID = np.concatenate([[0.0], np.logspace(-10, 13, 93)])


@dataclass(frozen=True, slots=True)
class RandomInterceptFit:
    """Estimates of a random-intercept model.

    Args:
        coefficients: fixed effects in the order of ``ModelProducts.terms``.
        coefficient_se: their standard errors.
        tau2: variance between schools.
        sigma2: variance within schools.
        log_likelihood: maximized (restricted) log-likelihood.
        effects: shrunken school effects u_j, in the order of the schools.
        effect_se: conditional standard errors √(τ² / (1 + n_j τ²/σ²)).
        mean_residuals: unshrunken mean residuals ȳ_j − x̄_j β.
        reliability: τ² / (τ² + σ²/n_j).
        coefficient_covariance: covariance matrix of the fixed effects.
        variance_errors: standard errors of τ², σ² and the intraclass correlation.
    """

    coefficients: Floats
    coefficient_se: Floats
    tau2: float
    sigma2: float
    log_likelihood: float
    effects: Floats
    effect_se: Floats
    mean_residuals: Floats
    reliability: Floats
    coefficient_covariance: Floats
    variance_errors: VarianceErrors

    @property
    def deviance(self) -> float:
        """−2 log-likelihood, restricted under REML."""
        return -2 * self.log_likelihood

    @property
    def intraclass_correlation(self) -> float:
        """τ² / (τ² + σ²)."""
        return self.tau2 / (self.tau2 + self.sigma2)


@dataclass(frozen=True, slots=True)
class _Profile:
    """The deviance at one θ, with all that is profiled out."""

    deviance: float
    slope: float
    beta: Floats
    inverse: Floats
    sigma2: float


def fit_random_intercept(products: ModelProducts, method: FitMethod = FitMethod.REML) -> RandomInterceptFit:
    """Fits the model.

    Args:
        products: prepared sufficient statistics.
        method: restricted (default) or full maximum likelihood.

    Raises:
        NotComputedError: fewer than 3 schools; not more candidates than schools and coefficients; covariates that
            are constant or depend on one another; a fit without residual.
    """
    _require_estimable(products)
    theta = _best_theta(products, method)
    profile = _profile(products, theta, method)
    n = products.count
    residual_sums = products.sums[:, -1] - products.sums[:, :-1] @ profile.beta
    tau2 = theta * profile.sigma2
    coefficients, covariance = _uncentered(products, profile)
    return RandomInterceptFit(
        coefficients=coefficients,
        coefficient_se=np.sqrt(np.diag(covariance)),
        tau2=tau2,
        sigma2=profile.sigma2,
        log_likelihood=-profile.deviance / 2,
        effects=theta / (1 + n * theta) * residual_sums,
        effect_se=np.sqrt(tau2 / (1 + n * theta)),
        mean_residuals=residual_sums / n,
        reliability=n * theta / (1 + n * theta),
        coefficient_covariance=covariance,
        variance_errors=variance_errors(products, theta=theta, sigma2=profile.sigma2, method=method),
    )


def _require_estimable(products: ModelProducts) -> None:
    p = len(products.terms)
    if products.school_count < MIN_SCHOOLS:
        raise NotComputedError(NotComputedReason.FEW_SCHOOLS)
    if products.candidate_count <= max(products.school_count, p):
        raise NotComputedError(NotComputedReason.FEW_CANDIDATES)
    require_full_rank(products.products[:p, :p])
    # The least-squares solution for slopes alone; constant covariates (school means) drop out within schools.
    slopes = np.linalg.lstsq(products.within[1:p, 1:p], products.within[1:p, p], rcond=1e-10)[0]
    rest = products.within[p, p] - products.within[p, 1:p] @ slopes
    if rest <= RELATIVE_ZERO * products.products[p, p]:
        raise NotComputedError(NotComputedReason.NO_RESIDUAL_VARIANCE)


def _best_theta(products: ModelProducts, method: FitMethod) -> float:
    slopes = np.array([_profile(products, theta, method).slope for theta in _GRID])
    minima = [0.0] if slopes[0] >= 0 else []
    for k in np.flatnonzero((slopes[:-1] < 0) & (slopes[1:] >= 0)):
        root = brentq(
            lambda theta: _profile(products, theta, method).slope, _GRID[k], _GRID[k + 1], xtol=1e-18, rtol=1e-14
        )
        minima.append(float(root))
    return min(minima, key=lambda theta: _profile(products, theta, method).deviance)


def _profile(products: ModelProducts, theta: float, method: FitMethod) -> _Profile:
    n, sums, p = products.count, products.sums, len(products.terms)
    spread = 1 + n * theta
    matrix = products.within + np.einsum("j,ja,jb->ab", 1 / (n * spread), sums, sums)
    change = -np.einsum("j,ja,jb->ab", 1 / spread**2, sums, sums)
    inverse = np.linalg.inv(matrix[:p, :p])
    beta = inverse @ matrix[:p, p]
    contrast = np.append(-beta, 1.0)
    rss = float(contrast @ matrix @ contrast)
    freedom = products.candidate_count - (p if method is FitMethod.REML else 0)
    deviance = freedom * (1 + np.log(2 * np.pi * rss / freedom)) + np.log(spread).sum()
    slope = freedom * (contrast @ change @ contrast) / rss + (n / spread).sum()
    if method is FitMethod.REML:
        deviance += np.linalg.slogdet(matrix[:p, :p])[1]
        slope += np.sum(inverse * change[:p, :p])
    return _Profile(float(deviance), float(slope), beta, inverse, rss / freedom)


def _uncentered(products: ModelProducts, profile: _Profile) -> tuple[Floats, Floats]:
    """Coefficients and their covariance for covariates as they are, not around their center."""
    back = np.eye(len(products.terms))
    back[0, 1:] = -products.center[1:]
    coefficients = back @ profile.beta
    coefficients[0] += products.outcome_center
    return coefficients, profile.sigma2 * (back @ profile.inverse @ back.T)
