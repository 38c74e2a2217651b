"""Ids of units and periods, as one plain type."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from .errors import DataError, Message, suggest


def tidy_ids(column: pd.Series, what: str) -> np.ndarray:
    """Ids as an array of int or str: 130200.0 becomes 130200, text loses outer spaces.

    Parameters
    ----------
    column : Series
        Codes, names or periods.
    what : str
        ``"unit"`` or ``"period"``, for the message.

    Raises
    ------
    DataError
        Where a cell is empty.

    Examples
    --------
    >>> tidy_ids(pd.Series([130200.0, 110100.0]), "unit").tolist()
    [130200, 110100]
    """
    empty = column.isna() | (column.astype(str).str.strip() == "")
    if empty.any():
        row = int(np.flatnonzero(empty.to_numpy())[0])
        raise DataError(
            "The {what} column '{column}' is empty in row {row} below the header; fill the cell or drop the row.",
            what=Message.of(what),
            column=column.name,
            row=row + 1,
        )
    if pd.api.types.is_datetime64_any_dtype(column):
        return np.asarray(column)
    if isinstance(column.dtype, pd.CategoricalDtype) or column.dtype == object:
        column = pd.Series(column.tolist(), name=column.name).infer_objects()
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_complex_dtype(column):
        raise DataError("The {what} column '{column}' must hold codes or names.", what=what, column=column.name)
    if pd.api.types.is_integer_dtype(column):
        return np.asarray(column.to_numpy(dtype=np.int64))
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float)
        if np.isinf(values).any():
            template = "The {what} column '{column}' has an infinite value."
            raise DataError(template, what=Message.of(what), column=column.name)
        return np.asarray(values.astype(np.int64) if (values == np.round(values)).all() else values)
    return np.array([id_text(cell) for cell in column], dtype=object)


def id_text(value: Any) -> str:
    """An id as text, without outer spaces and without the ``.0`` of a float.

    Examples
    --------
    >>> id_text(130200.0), id_text(" 唐山 ")
    ('130200', '唐山')
    """
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        value = int(value)
    return str(value).strip()


def id_texts(values: Sequence[Any] | pd.Index | np.ndarray) -> list[str]:
    """Ids as text."""
    return [id_text(value) for value in values]


def guess_unit(frame: pd.DataFrame) -> str:
    """The column that is plainly called the unit: the first that gives each row, or unit and period, once.

    Where there are periods, a column that is new in every row only counts the rows.

    Examples
    --------
    >>> guess_unit(pd.DataFrame({"id": [1, 2, 3, 4], "city": list("aabb"), "year": [2000, 2001, 2000, 2001]}))
    'city'
    """
    found = unit_columns(frame)
    if not found:
        raise DataError("Name the column that holds the units; {hint}", hint=suggest("unit", list(frame.columns)))
    period = guess_period(frame)
    dated = period is not None and frame[[period]].iloc[:, 0].nunique() > 1
    fit = [name for name in found if bool(frame[[name]].iloc[:, 0].duplicated().any()) == dated]
    once = (name for name in fit if not frame[[name, period] if dated else [name]].duplicated().any())
    return next(once, (fit or found)[0])


def guess_period(frame: pd.DataFrame) -> str | None:
    """The column that is plainly the period, or None."""
    return next(iter(_called(frame, PERIOD_NAMES)), None)


def unit_columns(frame: pd.DataFrame) -> list[str]:
    """The columns that may hold units, the likeliest first."""
    return _called(frame, UNIT_NAMES)


def is_known_name(name: str) -> bool:
    """Whether a column of this name is plainly the unit or the period.

    Examples
    --------
    >>> [name for name in ("地　区", "年份(year)", "CITY", "行政区划代码", "GDP", "2000年") if is_known_name(name)]
    ['地　区', '年份(year)', 'CITY', '行政区划代码']
    """
    return is_unit_name(name) or is_period_name(name)


def is_unit_name(name: str) -> bool:
    """Whether a column of this name is plainly the unit."""
    return _key(name) in UNIT_KEYS


def is_period_name(name: str) -> bool:
    """Whether a column of this name is plainly the period."""
    return _key(name) in PERIOD_KEYS


def _called(frame: pd.DataFrame, names: Sequence[str]) -> list[str]:
    keys = {_key(str(name)): str(name) for name in reversed(frame.columns)}
    return list(dict.fromkeys(keys[key] for key in map(_key, names) if key in keys))


def _key(name: str) -> str:
    """A column name without case, blanks, underlines, brackets, and without the English beside the Chinese."""
    plain = re.sub(r"[(\[].*?[)\]]|[\s_]", "", unicodedata.normalize("NFKC", name)).lower()
    chinese = "".join(re.findall(r"[\u4e00-\u9fff]", plain))
    return plain if re.search(r"\d", plain) else chinese or plain  # 2000年 is no 年


PERIOD_NAMES = ("period", "year", "年份", "年度", "年", "时间", "统计年度", "会计年度")
UNIT_NAMES = (
    *("unit", "unit_id", "code", "adcode", "city_code", "市代码", "区划码", "id"),
    *("prov_code", "province_code", "county_code", "city_id"),
    *(
        "ct_adcode",
        "行政区划代码",
        "行政区划码",
        "行政代码",
        "区划代码",
        "地区代码",
        "城市代码",
        "地级码",
        "省份代码",
        "代码",
        *("城市编码", "地区编码", "行政区划编码"),
    ),
    *("adcode99", "adcode93", "pac", "admincode", "adm2_pcode", "fips", "geoid"),
    *("city", "城市", "地区", "state", "province", "region", "county"),
    *(
        "城市名称",
        "地级市",
        "地级",
        "地级市名",
        "市名称",
        "市名",
        "市",
        "地名",
        "地区名称",
        "区域",
        "省份",
        "省市",
        "省",
        "名称",
    ),
    *("city_name", "ct_name", "cname", "name", "name99", "adm2_zh", "name_2", "区县", "县市", "县"),
    *("prefecture", "county_name", "district", "prov", "province_name", "prov_name", "state_name", "region_name"),
)
UNIT_KEYS, PERIOD_KEYS = (frozenset(map(_key, names)) for names in (UNIT_NAMES, PERIOD_NAMES))
