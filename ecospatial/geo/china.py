"""China: resource-based cities by stage, regions, classes of city size, and the groups of a panel's units.

Everything here goes by GB/T 2260 codes. A code that a place had before it was recoded serves as well (533200 for
Lijiang, 530700 since 2002), as a number or as text.
"""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from ..errors import DataError, OptionError, listed
from ..ids import id_text
from . import facts
from .city_groups import classify, current, size_tiers

__all__ = ["classify", "current", "regions", "resource_cities", "size_tiers", "timeline"]

Stage = Literal["growing", "mature", "declining", "regenerative"]


def resource_cities(stage: Stage | None = None) -> pd.DataFrame:
    """The 126 resource-based cities of prefecture level, by code.

    Parameters
    ----------
    stage : {"growing", "mature", "declining", "regenerative"} or None
        Only those of a stage.

    Returns
    -------
    DataFrame
        ``name``, ``pinyin``, ``province``, ``region``, ``stage`` and an empty ``resource_type`` to fill in.

    References
    ----------
    State Council, Guofa [2013] No. 45, National Sustainable Development Plan for Resource-based Cities (2013–2020).

    Examples
    --------
    >>> resource_cities("regenerative")["pinyin"].tolist()[:3]
    ['Tangshan', 'Baotou', 'Anshan']
    """
    stages = facts.stages()
    known = stages.unique().tolist()
    if stage is not None and stage not in known:
        raise OptionError("There is no stage '{stage}'; there are: {known}", stage=stage, known=listed(known))
    chosen = stages if stage is None else stages[stages == stage]
    frame = facts.prefectures().loc[sorted(chosen.index), ["name", "pinyin", "province", "region", "stage"]]
    return frame.assign(resource_type="")


def regions() -> pd.DataFrame:
    """East, Central, West and Northeast, by code of the province.

    Returns
    -------
    DataFrame
        ``name``, ``english`` and ``region`` of the 31 provinces.

    References
    ----------
    National Bureau of Statistics (2011), 东西中部和东北地区划分方法.

    Examples
    --------
    >>> regions()["region"].value_counts().sort_index().tolist()
    [6, 10, 3, 12]
    """
    return facts.provinces()


def timeline(code: Any = None) -> pd.DataFrame:
    """Names and codes that a place has had, and the years at whose end they were in force.

    Parameters
    ----------
    code : str, int or None
        Any code of the place; None gives all places.

    Returns
    -------
    DataFrame
        ``place`` (its last code), ``code``, ``name``, ``first`` and ``last`` (NaN is open).

    Raises
    ------
    DataError
        Where there never was such a code.

    Examples
    --------
    >>> timeline(532700)["name"].tolist()
    ['思茅地区', '思茅市', '普洱市']
    """
    frame = facts.vintages()
    frame.insert(0, "place", [current(each) or each for each in frame["code"]])
    frame = frame.sort_values(["place", "first", "last"], na_position="first", ignore_index=True)
    if code is None:
        return frame
    found = frame[frame["place"] == (current(code) or id_text(code))]
    if found.empty:
        raise DataError("There is no code {code} among the prefectures of China.", code=code)
    return found.reset_index(drop=True)
