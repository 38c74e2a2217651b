"""The likelihood of a censored regression with random unit effects, by adaptive Gauss–Hermite quadrature."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import logsumexp

from .censored import LOG_ROOT_TWO_PI, Censored, CensoredFit, fit_censored, flat_direction, jacobian
from .newton import Function, Point, maximise
from .scaled import Scaled
from .within import group_sums

MODE_ROUNDS = 50


def fit_censored_panel(data: Censored, units: np.ndarray, points: int) -> CensoredFit | None:
    """Maximum likelihood of y* = xβ + u + e with u ~ N(0, σᵤ²) by unit (Butler & Moffitt 1982).

    The integral over the effect of a unit is taken at nodes around its own mode (Liu & Pierce 1994). Score and
    Hessian are those of the sum over the nodes: with posterior weights π of the nodes, Σπs and, after Louis (1982),
    Σπ(h + ss') − (Σπs)(Σπs)'.

    Parameters
    ----------
    data : Censored
    units : ndarray, shape (N,)
        Positions from zero.
    points : int
        Nodes.

    Returns
    -------
    CensoredFit or None
        With ``sigma`` of unit effects and errors; None where no maximum is found.
    """
    pooled = fit_censored(data)
    if pooled is None or pooled.flat is not None:
        return pooled
    scaled, scales = data.scaled()
    integral = _Integral(scaled, units, *_rule(points))
    found = maximise(integral.around, _start(pooled, scales), -1, len(units))
    if found is None:
        return None
    place, here = found
    flat = flat_direction(here.hessian, len(units))
    count, theta = data.x.shape[1], place[-1]
    change = scales.to_units(len(place)) @ jacobian(place)
    # The sign of the loading of a symmetric effect means nothing.
    change[count] *= np.sign(place[count]) or 1.0
    information = -here.hessian if flat is None else np.eye(len(place))
    free = np.count_nonzero(scaled.side == 0)
    return CensoredFit(
        coefficients=scales.coefficients(place[:count] / theta),
        sigma=np.array([abs(place[count]), 1.0]) / theta * scales.size,
        cov=change @ np.linalg.inv(information) @ change.T,
        loglik=here.value - free * np.log(scales.size),
        flat=flat,
    )


@dataclass(frozen=True, eq=False)
class _Integral:
    """The log-likelihood in γ = β/σₑ, τ = σᵤ/σₑ and θ = 1/σₑ."""

    data: Censored
    units: np.ndarray
    nodes: np.ndarray
    weights: np.ndarray

    def around(self, place: np.ndarray) -> Function:
        """Value, score and Hessian with the nodes where they are best for a place."""
        count = int(self.units.max()) + 1
        mode, spread = self._modes(self.data.y * place[-1] - self.data.x @ place[:-2], place[-2], place[-1], count)
        nodes = mode[:, None] + np.sqrt(2) * spread[:, None] * self.nodes
        logs = self.weights + self.nodes**2 + np.log(np.sqrt(2) * spread)[:, None] - nodes**2 / 2 - LOG_ROOT_TWO_PI
        return partial(self._at, nodes, logs)

    def _at(self, nodes: np.ndarray, logs: np.ndarray, place: np.ndarray) -> Point:
        tau, theta, count = place[-2], place[-1], len(nodes)
        base = self.data.y * theta - self.data.x @ place[:-2]
        value, first, second = self.data.parts(base[:, None] - tau * nodes[self.units], theta)
        heights = logs + group_sums(value, self.units, count)
        integrals = logsumexp(heights, axis=1)
        shares = np.exp(heights - integrals[:, None])
        free = group_sums((self.data.side == 0).astype(float), self.units, count)
        score, hessian = self._derivatives(shares, nodes, first, second, free / theta)
        hessian[-1, -1] -= free.sum() / theta**2
        return Point(float(integrals.sum()), score, hessian)

    def _derivatives(
        self, shares: np.ndarray, nodes: np.ndarray, first: np.ndarray, second: np.ndarray, free: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        loads = np.column_stack([-self.data.x, np.zeros(len(self.units)), self.data.y])
        width = loads.shape[1]
        mean, hessian = np.zeros((len(shares), width)), np.zeros((width, width))
        for place, share in enumerate(shares.T):
            loads[:, -2] = -nodes[self.units, place]
            scores = group_sums(loads * first[:, [place]], self.units, len(shares))
            scores[:, -1] += free
            mean += share[:, None] * scores
            hessian += (loads.T * (share[self.units] * second[:, place])) @ loads + (scores.T * share) @ scores
        return mean.sum(axis=0), hessian - mean.T @ mean

    def _modes(self, base: np.ndarray, tau: float, theta: float, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Where the integrand of every unit is highest, and how wide it is there."""
        mode = np.zeros(count)
        for _ in range(MODE_ROUNDS):
            _, first, second = self.data.parts(base - tau * mode[self.units], theta)
            slope = -tau * group_sums(first, self.units, count) - mode
            bend = 1 - tau**2 * group_sums(second, self.units, count)
            step = slope / bend
            mode = mode + step
            if np.abs(step).max() < 1e-10:
                break
        return mode, 1 / np.sqrt(bend)


def _rule(points: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and log weights of Gauss–Hermite quadrature."""
    nodes, weights = np.polynomial.hermite.hermgauss(points)
    return nodes, np.log(weights)


def _start(pooled: CensoredFit, scales: Scaled) -> np.ndarray:
    """The pooled fit, its variance shared out evenly."""
    own = pooled.sigma[0] / np.sqrt(2)
    beta = pooled.coefficients.copy()
    beta[0] -= scales.centre
    return np.concatenate([scales.triangle @ beta / own, [1.0, scales.size / own]])
