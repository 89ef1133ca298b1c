"""A random-intercept model by the book: whole covariance blocks, a general search, nothing shared with the core.

−2ℓ = Σ_j [ln|V_j| + r_jᵀ V_j⁻¹ r_j] + N ln 2π, β by generalized least squares; REML adds ln|XᵀV⁻¹X| and counts N − p.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize


def _blocks(y, x, group, tau2, sigma2):
    for code in np.unique(group):
        rows = group == code
        v = tau2 * np.ones((rows.sum(), rows.sum())) + sigma2 * np.eye(rows.sum())
        yield y[rows], x[rows], np.linalg.inv(v), np.linalg.slogdet(v)[1]


def deviance(y, x, group, tau2, sigma2, *, reml):
    """−2 log-likelihood with β profiled out, and β with its covariance."""
    blocks = list(_blocks(y, x, group, tau2, sigma2))
    information = sum(xj.T @ vj @ xj for _, xj, vj, _ in blocks)
    beta = np.linalg.solve(information, sum(xj.T @ vj @ yj for yj, xj, vj, _ in blocks))
    value = sum(log + (yj - xj @ beta) @ vj @ (yj - xj @ beta) for yj, xj, vj, log in blocks)
    value += (len(y) - (x.shape[1] if reml else 0)) * np.log(2 * np.pi)
    if reml:
        value += np.linalg.slogdet(information)[1]
    return value, beta, np.linalg.inv(information)


def fit(y, x, group, *, reml):
    """τ², σ², β, se of β, −2ℓ by Nelder and Mead on the log variances, restarted until nothing moves."""
    start = np.log([np.var(y) / 4, np.var(y) / 2])
    for _ in range(2):
        found = minimize(
            lambda v: deviance(y, x, group, np.exp(v[0]), np.exp(v[1]), reml=reml)[0],
            start,
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 400},
        )
        start = found.x
    tau2, sigma2 = np.exp(found.x)
    value, beta, covariance = deviance(y, x, group, tau2, sigma2, reml=reml)
    return tau2, sigma2, beta, np.sqrt(np.diag(covariance)), value
