"""What a panel tells an efficiency model: inputs, good outputs and bads of every unit-period, checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np

from ..describe import Advanced, Column
from ..errors import DataError, Message, OptionError, listed
from ..geo.join import PanelLike

# Columns that a result keeps beside the variables, for signatures.
By = Annotated[Sequence[str], Column(numeric=False, of="panel"), Advanced(), "Columns to summarise by"]


@dataclass(frozen=True, eq=False)
class Observations:
    """The unit-periods of a panel in its row order.

    Attributes
    ----------
    panel : Panel or GeoPanel
        As it was given.
    data : Panel or GeoPanel
        The panel with only the columns in use.
    inputs, outputs, undesirable : tuple of str
        Columns by their part.
    values : ndarray (n, V)
        Inputs, outputs and undesirable outputs side by side.
    """

    panel: PanelLike
    data: PanelLike
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    undesirable: tuple[str, ...]
    values: np.ndarray

    @property
    def variables(self) -> tuple[str, ...]:
        """All columns in the order of ``values``."""
        return self.inputs + self.outputs + self.undesirable

    @property
    def desired(self) -> np.ndarray:
        """Shape (V,): whether more of a variable is better."""
        return np.array([name in self.outputs for name in self.variables])


def observe(
    panel: PanelLike,
    inputs: Sequence[str],
    outputs: Sequence[str],
    undesirable: Sequence[str],
    by: Sequence[str] = (),
    signed: bool = False,
) -> Observations:
    """Take the variables of an efficiency model from a panel.

    Parameters
    ----------
    panel : Panel or GeoPanel
    inputs, outputs, undesirable : sequence of str
        A single name counts as a sequence of one.
    by : sequence of str
        Further columns that the result's data keep, such as regions to summarise by.
    signed : bool
        Whether the model takes values of any sign.

    Raises
    ------
    OptionError
        Where there are no inputs or no outputs, or a column has two parts.
    DataError
        Where a column is missing, a cell is no finite number of zero or more, or a unit-period has no
        positive input or no positive output; a sign does not matter where it may be any.
    """
    parts = {"inputs": _names(inputs), "outputs": _names(outputs), "undesirable": _names(undesirable)}
    _check_parts(parts)
    names = [name for part in parts.values() for name in part]
    found = Observations(panel, panel.select([*names, *_names(by)]), **parts, values=panel.numbers(names).to_numpy())
    if not signed:
        _check_signs(found)
    return found


def kept(by: Sequence[str], groups: str | None) -> tuple[str, ...]:
    """The columns that a result keeps beside the variables."""
    return tuple(dict.fromkeys([*_names(by), *([groups] if groups is not None else [])]))


def require_positive(observations: Observations, needed: np.ndarray, model: str) -> None:
    """Refuse zeros in the variables that a model divides by.

    Parameters
    ----------
    observations : Observations
    needed : ndarray (V,) of bool
    model : str
        Name for the message.

    Raises
    ------
    DataError
    """
    _complain(
        observations,
        (observations.values <= 0) & needed,
        "'{column}' is zero for {where}{more}, and {model} divides by it; leave the unit or the column out, "
        "or use the radial model, which allows zeros.",
        model=model,
    )


def _names(given: Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _check_parts(parts: dict[str, tuple[str, ...]]) -> None:
    for part in ("inputs", "outputs"):
        if not parts[part]:
            raise OptionError("There are no {part}; name at least one column.", part=Message.of(part))
    names = [name for part in parts.values() for name in part]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise OptionError(
            "Used more than once: {columns}; a column is one input, one output or one undesirable output.",
            columns=listed(twice),
        )


def _check_signs(observations: Observations) -> None:
    values, desired = observations.values, observations.desired
    _complain(
        observations,
        values < 0,
        "'{column}' is negative for {where}{more}; this model needs amounts of zero or more: leave the unit or "
        "the column out, or use the range-directional model, which takes values of any sign.",
    )
    inputs = np.array([name in observations.inputs for name in observations.variables])
    for part, places in (("input", inputs), ("output", desired)):
        nothing = ~(values[:, places] > 0).any(axis=1)
        if nothing.any():
            raise DataError(
                "No {part} is positive for {where} (columns {columns}); each unit needs at least one: leave it out or "
                "mend its data.",
                where=observations.data.where(int(np.flatnonzero(nothing)[0])),
                part=Message.of(part),
                columns=listed(name for name, chosen in zip(observations.variables, places, strict=True) if chosen),
            )


def _complain(observations: Observations, wrong: np.ndarray, template: str, **values: object) -> None:
    if not wrong.any():
        return
    row, place = (int(at[0]) for at in np.nonzero(wrong))
    others = int(wrong.sum()) - 1
    raise DataError(
        template,
        column=observations.variables[place],
        where=observations.data.where(row),
        more=Message.of(" (and {count} more such cells)", count=others) if others else "",
        **values,
    )
