"""Any solver that PuLP knows, for one small linear programme after another."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np

from .highs import Ask

# The statuses of PuLP: 1 optimal, −1 infeasible, −2 unbounded.
_VERDICTS = {1: "optimal", -1: "infeasible", -2: "unbounded"}
_NOISE = 1e-11  # share of the largest value at which a value is rounding


@runtime_checkable
class LpSolver(Protocol):
    """A solver object of PuLP, such as ``pulp.PULP_CBC_CMD(msg=False)``."""

    def actualSolve(self, lp: Any, **options: Any) -> int:
        """Solve a ``pulp.LpProblem``."""
        ...


def ask_pulp(solver: LpSolver) -> Ask:
    """A PuLP solver as a function of arrays; it has tolerances of its own."""

    def ask(
        costs: np.ndarray, matrix: np.ndarray, rhs: np.ndarray, _: dict[str, Any]
    ) -> tuple[str, np.ndarray, np.ndarray]:
        import pulp

        problem = pulp.LpProblem("unit", pulp.LpMinimize)
        variables = [pulp.LpVariable(f"x{place}", lowBound=0) for place in range(len(costs))]
        problem += _sum(costs, variables)
        for row, amount in zip(matrix, rhs.tolist(), strict=True):
            problem += _sum(row, variables) == amount
        status = _VERDICTS.get(problem.solve(solver), "uncertain")
        point = np.array([variable.value() or 0.0 for variable in variables])
        duals = np.array([row.pi or 0.0 for row in problem.constraints.values()])
        return status, np.where(point > _NOISE * point.max(initial=0.0), point, 0.0), duals

    return ask


def _sum(weights: np.ndarray, variables: list[Any]) -> Any:
    import pulp

    places = np.flatnonzero(weights).tolist()
    return pulp.LpAffineExpression([(variables[place], float(weights[place])) for place in places])
