"""Direct, indirect and total effects of the drivers of a spatial regression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from scipy import stats

from ..describe import Advanced, Range, tool
from ..errors import Message, ModelError
from ..kernels.impacts import Spread, means_along, own_spread, power_means, row_spread
from .effects_result import KINDS, EffectsResult
from .regression import stars
from .spatial_models import LAG_PREFIX, RHO
from .spatial_result import SpatialResult

LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Drivers:
    """What effects are made of: beta and theta (p,), rho, and their covariance (2p + 1, 2p + 1)."""

    names: tuple[str, ...]
    beta: np.ndarray
    theta: np.ndarray
    rho: float
    cov: np.ndarray

    @classmethod
    def of(cls, model: SpatialResult) -> Drivers:
        """From a model; zeros stand for terms that it does not have."""
        names = [*model.x_names, *(LAG_PREFIX + name for name in model.x_names), RHO]
        values = model.params.reindex(names, fill_value=0.0).to_numpy()
        cov = model.cov.reindex(index=names, columns=names, fill_value=0.0).to_numpy()
        p = len(model.x_names)
        return cls(model.x_names, values[:p], values[p:-1], float(values[-1]), cov)


@tool(group="drivers", title="Direct, indirect and total effects")
def spatial_effects(
    model: Annotated[SpatialResult, "Spatial regression"],
    method: Annotated[Literal["delta", "simulation"], "Standard errors"] = "delta",
    *,
    draws: Annotated[int, Range(100, 100_000), Advanced(), "Draws"] = 2000,
    seed: Annotated[int, Range(0, 2**32 - 1), Advanced(), "Seed"] = 12345,
    orders: Annotated[int, Range(0, 20), "Orders of neighbours"] = 0,
) -> EffectsResult:
    """Compute the direct, indirect and total effects of the drivers of a spatial regression.

    A driver with coefficient beta, and theta on its lag, moves the outcomes of all units by (LeSage and Pace 2009,
    section 2.7; Elhorst 2014, section 2.7)

        (I − rho W)⁻¹ (beta I + theta W)

    The direct effect is the mean of the diagonal, feedback and the part of WX in it included, the total effect the mean
    of the row sums, the indirect effect the difference. Without rho that is direct = beta, total = beta + theta times
    the mean row sum of W; in an error model the indirect effect is nil. In a panel they are effects within a period.

    Parameters
    ----------
    model : SpatialResult
        From :func:`spatial_panel`.
    method : {"delta", "simulation"}
        Standard errors by the delta method, exact with tr G, tr G², 1'G1 and 1'G²1 of G = W(I − rho W)⁻¹; or from draws
        (LeSage and Pace 2009, section 5.6.2), whose tails are heavy where rho is near one.
    draws : int
        Of the simulation. Those with rho outside its bounds are drawn again, which a note counts.
    seed : int
        Of the simulation.
    orders : int
        Partition the effects by powers W⁰, W¹ … up to this order (LeSage and Pace 2009, section 2.7.4).

    Returns
    -------
    EffectsResult
        One row a driver.

    Raises
    ------
    ModelError
        Where hardly a draw has rho inside its bounds.

    Examples
    --------
    >>> from ecospatial.drivers.spatial_panel import spatial_panel
    >>> from ecospatial.geo.weights import Weights
    >>> from ecospatial.panel import Panel
    >>> rng = np.random.default_rng(1)
    >>> frame = pd.DataFrame({"city": range(30), "gdp": rng.normal(size=30), "rd": rng.normal(size=30)})
    >>> ring = np.roll(np.eye(30), 1, axis=1) + np.roll(np.eye(30), -1, axis=1)
    >>> near = Weights.from_sparse(ring, range(30))
    >>> fit = spatial_panel(Panel.from_frame(frame, unit="city"), "gdp", ["rd"], near, model="slx")
    >>> found = spatial_effects(fit).to_frame()
    >>> bool(np.isclose(found["indirect"]["rd"], fit.params["W_rd"]))
    True
    """
    drivers = Drivers.of(model)
    own, rows = own_spread(model.weights.sparse, model.traces), row_spread(model.weights.sparse, drivers.rho)
    redrawn = 0
    if method == "delta":
        table = _by_delta(model, drivers, own, rows)
    else:
        table, redrawn = _by_simulation(model, drivers, own, rows, draws, seed)
    return EffectsResult(
        label=model.label,
        y_name=model.y_name,
        weights=model.weights,
        rho=drivers.rho,
        method="delta-t" if method == "delta" and model.estimator == "ls" else method,
        draws=draws,
        redrawn=redrawn,
        seed=seed,
        impacts=table,
        partition=_partition(model, drivers, own, rows, orders),
        notes=(*(note for note in model.notes if note not in model.caveats), *_redrawn_notes(redrawn, draws)),
    )


def _by_delta(model: SpatialResult, drivers: Drivers, own: Spread, rows: Spread) -> pd.DataFrame:
    at = drivers.beta, drivers.theta, drivers.rho
    turns = own.gradient(*at), rows.gradient(*at)
    law = stats.t(model.df_resid) if model.estimator == "ls" else stats.norm()
    found = {}
    for kind, value, turn in zip(KINDS, _three(own.effects(*at), rows.effects(*at)), _three(*turns), strict=True):
        # Rounding must not turn an effect that is nil by construction into one with a standard error.
        variance = np.einsum("pi,ij,pj->p", turn, drivers.cov, turn)
        se = np.sqrt(np.where(np.abs(turn).max(axis=1) > 0, np.maximum(variance, 0.0), 0.0))
        z = np.divide(value, se, out=np.full(len(se), np.nan), where=se > 0)
        reach = law.ppf((1 + LEVEL) / 2) * se
        found[kind] = value, se, z, 2 * law.sf(np.abs(z)), value - reach, value + reach
    return _table(drivers.names, found)


def _by_simulation(
    model: SpatialResult, drivers: Drivers, own: Spread, rows: Spread, draws: int, seed: int
) -> tuple[pd.DataFrame, int]:
    beta, theta, rho, redrawn = _draws(model, drivers, draws, seed)
    whole = model.weights.log_determinant
    if RHO in model.params.index and whole is not None:
        direct, total = means_along(model.weights.sparse, whole, rho)
    else:
        direct, total = np.full(draws, own.mean), np.full(draws, rows.mean)
    chain = rho[:, None] * beta + theta
    drawn = _three(beta + chain * direct[:, None], beta + chain * total[:, None])
    at = drivers.beta, drivers.theta, drivers.rho
    found = {}
    for kind, value, cloud in zip(KINDS, _three(own.effects(*at), rows.effects(*at)), drawn, strict=True):
        se = cloud.std(axis=0, ddof=1)
        moved = se > 0
        beyond = np.minimum((cloud > 0).mean(axis=0), (cloud < 0).mean(axis=0))
        z = np.divide(value, se, out=np.full(len(se), np.nan), where=moved)
        lower, upper = np.quantile(cloud, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        found[kind] = value, se, z, np.where(moved, np.minimum(2 * beyond, 1.0), np.nan), lower, upper
    return _table(drivers.names, found), redrawn


def _draws(
    model: SpatialResult, drivers: Drivers, draws: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Draws of beta and theta (R, p) and rho (R,), and how many draws fell outside the bounds of rho."""
    generator = np.random.Generator(np.random.PCG64(seed))
    values = np.concatenate([drivers.beta, drivers.theta, [drivers.rho]])
    roots, axes = np.linalg.eigh(drivers.cov)
    turn = axes * np.sqrt(np.maximum(roots, 0.0))
    low, high = model.bounds or (-np.inf, np.inf)
    kept: list[np.ndarray] = []
    count = tried = 0
    while count < draws:
        batch = values + generator.standard_normal((draws, len(values))) @ turn.T
        inside = (batch[:, -1] > low) & (batch[:, -1] < high)
        # The batch that fills the number is tried only as far as that.
        last = int(np.searchsorted(np.cumsum(inside), draws - count)) + 1
        kept.append(batch[:last][inside[:last]])
        count, tried = count + len(kept[-1]), tried + min(last, draws)
        if tried >= 20 * draws:
            raise ModelError("Hardly a draw has rho inside its bounds; use method='delta'.")
    cloud, p = np.concatenate(kept), len(drivers.beta)
    return cloud[:, :p], cloud[:, p:-1], cloud[:, -1], tried - draws


def _three(direct: np.ndarray, total: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return direct, total - direct, total


def _table(names: tuple[str, ...], found: Mapping[str, tuple[np.ndarray, ...]]) -> pd.DataFrame:
    columns: dict[str, object] = {kind: found[kind][0] for kind in KINDS}
    columns |= {f"{kind}_se": found[kind][1] for kind in KINDS}
    for kind in KINDS:
        _, _, z, p, lower, upper = found[kind]
        columns |= {f"{kind}_z": z, f"{kind}_p": p, f"{kind}_stars": [stars(value) for value in p]}
        columns |= {f"{kind}_lower": lower, f"{kind}_upper": upper}
    return pd.DataFrame(columns, index=pd.Index(names, name="term", dtype=object))


def _partition(model: SpatialResult, drivers: Drivers, own: Spread, rows: Spread, orders: int) -> pd.DataFrame:
    """Effects through W⁰, W¹ …: beta, then rho^(q − 1) (rho beta + theta) times the mean of W^q, then the rest."""
    columns = ["driver", "order", *KINDS, "share"]
    if orders == 0:
        return pd.DataFrame({name: [] for name in columns}).rename_axis("row")
    diagonals, sums = power_means(model.weights.sparse, orders)
    powers = drivers.rho ** np.arange(orders)
    at = drivers.beta, drivers.theta, drivers.rho
    parts = []
    for place, name in enumerate(drivers.names):
        beta = drivers.beta[place]
        chain = drivers.rho * beta + drivers.theta[place]
        direct = np.array([beta, *(chain * powers * diagonals[1:] + 0.0)])
        total = np.array([beta, *(chain * powers * sums[1:])])
        whole_direct, whole_total = own.effects(*at)[place], rows.effects(*at)[place]
        direct, total = (np.append(part, whole - part.sum()) for part, whole in
                         ((direct, whole_direct), (total, whole_total)))  # fmt: skip
        order = [*(str(order) for order in range(orders + 1)), "beyond"]
        share = total / whole_total if whole_total != 0 else np.full(len(total), np.nan)
        cells = (name, order, direct, total - direct, total, share)
        parts.append(pd.DataFrame(dict(zip(columns, cells, strict=True))))
    return pd.concat(parts, ignore_index=True).rename_axis("row")


def _redrawn_notes(redrawn: int, draws: int) -> tuple[Message, ...]:
    if not redrawn:
        return ()
    return (
        Message.of(
            "{count} draws had rho outside its bounds and were drawn again, beside the {draws} that were kept.",
            count=redrawn,
            draws=draws,
        ),
    )
