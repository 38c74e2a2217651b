"""Facts about the prefectures and provinces of China that come with the package, as frames.

Codes are GB/T 2260, six digits of text. Sources stand in the file itself, ``data/facts/china.json``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from ..shipped import data_path

NO_STAGE = "none"


@cache
def facts() -> Mapping[str, Any]:
    """The whole file.

    Examples
    --------
    >>> sorted(facts())[:3]
    ['city_sizes', 'fields', 'headings']
    """
    found: Mapping[str, Any] = json.loads(data_path("facts/china.json").read_text(encoding="utf-8"))
    return found


def provinces() -> pd.DataFrame:
    """The 31 provinces by code: ``name``, ``english`` and ``region``.

    Examples
    --------
    >>> provinces().loc["610000"].tolist()
    ['陕西省', 'Shaanxi', 'West']
    """
    return _frame("provinces", ["code", "name", "english", "region"]).set_index("code")


def prefectures() -> pd.DataFrame:
    """The 358 units of the shipped layer by code, as they were at the end of 2015.

    Returns
    -------
    DataFrame
        ``name`` in full, ``short`` without its suffix, ``pinyin``, ``english`` (Hohhot where the pinyin is
        Huhehaote), ``province`` (a code), ``province_name``, ``region`` and ``stage`` (of a resource-based city:
        growing, mature, declining or regenerative; else none).

    Examples
    --------
    >>> prefectures().loc["150100", ["short", "pinyin", "english", "province", "stage"]].tolist()
    ['呼和浩特', 'Huhehaote', 'Hohhot', '150000', 'none']
    """
    frame = _frame("prefectures", ["code", "name", "short", "pinyin", "english"]).set_index("code")
    province = frame.index.str[:2] + "0000"
    of = provinces().loc[province]
    frame = frame.assign(province=province, province_name=of["name"].to_numpy(), region=of["region"].to_numpy())
    return frame.assign(stage=stages().reindex(frame.index, fill_value=NO_STAGE))


def stages() -> pd.Series:
    """Stage of each of the 126 resource-based cities of prefecture level, by code.

    Examples
    --------
    >>> int(stages().eq("regenerative").sum())
    16
    """
    found = {code: stage for stage, codes in facts()["resource_cities"].items() for code in codes}
    return pd.Series(found, name="stage").rename_axis("code")


def timeline() -> pd.DataFrame:
    """Changes of codes and names: ``old``, ``new``, ``year`` (the first under the new code) and ``kind``.

    Kinds are recoded (the same ground under a new code), renamed (the same code), merged (into one successor, or
    into one that was there before), split (among several successors, one row each) and separated (a new unit taken
    out of one that goes on).

    Examples
    --------
    >>> timeline().query("old == '533200'").values.tolist()
    [['533200', '530700', 2002, 'recoded']]
    """
    return _frame("successions", ["old", "new", "year", "kind"])


def vintages() -> pd.DataFrame:
    """Names a code had and the years at whose end it was in force: ``code``, ``name``, ``first``, ``last``.

    Both years belong to the span; NaN is open.

    Examples
    --------
    >>> vintages().query("code == '420600'")["name"].tolist()
    ['襄樊市', '襄阳市']
    """
    return _frame("vintages", ["code", "name", "first", "last"]).astype({"first": float, "last": float})


def transfers() -> pd.DataFrame:
    """Counties that moved between prefectures: ``county``, ``english``, ``old``, ``new``, ``year``.

    Examples
    --------
    >>> transfers().query("county == '枞阳县'")[["old", "new"]].values.tolist()
    [['340800', '340700']]
    """
    return _frame("transfers", ["county", "english", "old", "new", "year"])


def city_sizes() -> pd.DataFrame:
    """Classes of cities by resident population of the urban area: ``tier``, ``name``, ``lower`` and ``upper``.

    The lower bound belongs to the class, the upper does not.

    Examples
    --------
    >>> city_sizes()["tier"].tolist()
    ['super', 'mega', 'large I', 'large II', 'medium', 'small I', 'small II']
    """
    frame = _frame("city_sizes", ["tier", "name", "lower"])
    return frame.assign(upper=[np.inf, *frame["lower"].iloc[:-1]])


def field_aliases() -> dict[str, tuple[str, ...]]:
    """Usual names of the ``code``, ``name`` and ``province`` fields of a layer.

    Examples
    --------
    >>> field_aliases()["code"][:3]
    ('adcode', 'ct_adcode', 'city_adcode')
    """
    return {kind: tuple(names) for kind, names in facts()["fields"].items()}


def heading_aliases() -> dict[str, tuple[str, ...]]:
    """Yearbook headings of ``wastewater``, ``so2`` and ``soot``.

    Examples
    --------
    >>> heading_aliases()["wastewater"]
    ('工业废水排放量(万吨)',)
    """
    return {name: tuple(headings) for name, headings in facts()["headings"].items()}


def _frame(part: str, columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(facts()[part], columns=columns)
