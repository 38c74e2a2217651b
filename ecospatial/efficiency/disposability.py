"""Whether bads can be abated on their own, or only together with output."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import sparse

from .observations import Observations
from .technology import Technology

Disposability = Literal["strong", "weak", "equality"]

CONVENTIONS: dict[str, str] = {
    "strong": "strongly disposable (Bλ ≤ b)",
    "weak": "weakly disposable, an abatement factor for each unit (Kuosmanen 2005)",
    "equality": "weakly disposable in the equality form (Bλ = b), without abatement factors",
}


@dataclass(frozen=True, eq=False)
class Disposal:
    """How a technology treats its bads.

    Kuosmanen (2005) splits the intensities, λ = z + μ: outputs and bads come from z, inputs and returns to scale
    from both. So μ is the intensity of references whose activity is abated altogether: second columns with
    the inputs of the first, and nothing made.

    Attributes
    ----------
    kind : {"strong", "weak", "equality"}
    made : ndarray (V,) of bool
        Outputs, good and bad.
    held : ndarray (V,) of bool
        Bads whose rows have no slack unless they are strongly disposable.
    """

    kind: Disposability
    made: np.ndarray
    held: np.ndarray

    @classmethod
    def of(cls, observations: Observations, kind: Disposability, apart: np.ndarray | None = None) -> Disposal:
        """For all bads, or for those that do not move ``apart``, (V,) of bool."""
        bads = np.array([name in observations.undesirable for name in observations.variables])
        return cls(kind, bads | observations.desired, bads if apart is None else bads & ~apart)

    def applied(self, technology: Technology) -> Technology:
        """The technology without the slacks of held bads and, if weak, with its abated references."""
        if self.kind == "strong":
            return technology
        slacks = technology.slacks.copy()
        slacks[:, : len(self.held)][:, self.held] = 0.0
        if self.kind == "equality":
            return replace(technology, slacks=slacks)
        abated = technology.reference.copy()
        abated[: len(self.made)][self.made] = 0.0
        return replace(technology, slacks=slacks, reference=np.hstack([technology.reference, abated]))

    def slack_costs(self, cost: float) -> np.ndarray:
        """Shape (V,): a cost for every slack that there is."""
        gone = self.held & (self.kind != "strong")
        return np.where(gone, 0.0, cost)

    def intensities(self, found: sparse.csr_matrix) -> sparse.csr_matrix:
        """Intensities of the units, λ = z + μ."""
        if self.kind != "weak":
            return found
        count = found.shape[1] // 2
        return (found[:, :count] + found[:, count:]).tocsr()
