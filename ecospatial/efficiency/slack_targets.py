"""Targets of models whose slacks are the whole way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .evaluation import Evaluation
from .observations import Observations


def slack_targets(observations: Observations, evaluation: Evaluation) -> Evaluation:
    """Targets where the slacks lead, which is where the peers are unless these do better still."""
    towards = np.where(observations.desired, 1.0, -1.0)
    within = evaluation.within and slack_targets(observations, evaluation.within)
    return replace(evaluation, targets=observations.values + towards * evaluation.slacks, within=within)
