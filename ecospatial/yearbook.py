"""Headers of yearbooks: the name, the unit in brackets, and what must not be taken for what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from .errors import DataError, Message, listed, suggest

_SCALE = r"[十百千万亿]*"
_THING = (
    r"(?:吨标准煤|吨标煤|吨|公斤|千克|克|元|美元|港元|人民币|人次|人|户|个|家|件|项|辆|台|套|张|册|所|座|处|户次|人年|平方公里|平方千米|平方米"
    r"|公顷|亩|公里|千米|米|立方米|标立方米|千瓦时|千瓦小时|千瓦|度|吉瓦|兆瓦|焦耳|升|天|年|岁|倍|分贝|摄氏度|毫米|微克)"
)
_LATIN = (
    r"(?:(?:10|100|1000|10k|10\^?\d|thousand|million|billion|k|m|bn)?\s*"
    r"(?:t|kt|mt|tonnes?|tons?|tce|yuan|rmb|cny|usd|us\$|\$|eur|persons?|people|workers?|households?|km2|km²|km|ha|m2"
    r"|m²|m3|m³|kwh|mwh|gwh|twh|mw|gw|tj|pj|kg|g)|%|‰|percent|per cent|thousands?|millions?|billions?|index)"
)
_UNIT = re.compile(rf"(?:{_SCALE}{_THING}|{_SCALE[:-1]}+|{_LATIN})(?:/.+|每.+)?|上年=100|以上年为100", re.IGNORECASE)
_TAIL = re.compile(r"(.+?)\s*[(\[【]\s*(?:单位|unit)?\s*:?\s*([^()\[\]【】]+?)\s*[)\]】]", re.IGNORECASE | re.DOTALL)
_CODED = re.compile(r"\[[A-Za-z0-9_]+:(?P<name>[^\]]+)\](?:\[单位:(?P<unit>[^\]]+)\])?")
# What is removed or generated is no emission, however alike the names are.
APART = ("去除", "削减", "处理", "利用", "回收", "产生", "removed", "removal", "treated", "generated", "recycled")
ALIASES: Mapping[str, tuple[str, ...]] = {
    "wastewater": ("工业废水排放量",),
    "so2": ("工业二氧化硫排放量", "二氧化硫排放量"),
    "soot": ("工业烟尘排放量", "工业烟粉尘排放量", "工业烟(粉)尘排放量"),
}


def plain_name(name: str) -> str:
    """A header with half-width signs, without blanks.

    Examples
    --------
    >>> plain_name("工业　二氧化硫（吨）")
    '工业二氧化硫(吨)'
    """
    return re.sub(r"\s+", " " if name.isascii() else "", unicodedata.normalize("NFKC", name).strip())


def is_unit(text: str) -> bool:
    """Whether a text is a unit of measurement.

    Examples
    --------
    >>> [text for text in ("万吨", "亿元", "%", "元/人", "市辖区", "billion yuan", "全市") if is_unit(text)]
    ['万吨', '亿元', '%', '元/人', 'billion yuan']
    """
    return _UNIT.fullmatch(plain_name(text)) is not None


def parts_of(header: str) -> tuple[str, str]:
    """The name and the unit of a header; no unit is an empty text.

    Examples
    --------
    >>> parts_of("工业二氧化硫排放量（吨）"), parts_of("[Envirct07:工业二氧化硫排放量][单位:吨]")
    (('工业二氧化硫排放量', '吨'), ('工业二氧化硫排放量', '吨'))
    >>> parts_of("人均GDP(市辖区)")
    ('人均GDP(市辖区)', '')
    """
    name = plain_name(header)
    if coded := _CODED.fullmatch(name):
        return coded["name"], coded["unit"] or ""
    tail = _TAIL.fullmatch(name)
    return (tail[1], tail[2]) if tail and is_unit(tail[2]) else (name, "")


def find_column(name: str, columns: Sequence[str], labels: Mapping[str, str]) -> str:
    """The column that is meant: by its name, its name without the unit, or its label.

    Raises
    ------
    DataError
        Where there is none, with suggestions, or more than one.

    Examples
    --------
    >>> find_column("工业二氧化硫排放量", ["工业二氧化硫去除量(吨)", "工业二氧化硫排放量(吨)"], {})
    '工业二氧化硫排放量(吨)'
    """
    if name in columns:
        return name
    wanted = plain_name(str(name))
    spellings = {column: {plain_name(text), parts_of(text)[0]} for column in columns for text in [column]}
    for column, label in labels.items():
        if column in spellings:
            spellings[column] |= {plain_name(label), parts_of(label)[0]}
    found = [column for column in columns if wanted in spellings[column]]
    if len(found) == 1:
        return found[0]
    if found:
        raise DataError("'{column}' could be any of: {names}; name one.", column=name, names=listed(found))
    raise DataError("There is no column '{column}'; {hint}", column=name, hint=_hint(str(name), columns, labels))


def _hint(name: str, columns: Sequence[str], labels: Mapping[str, str]) -> Message:
    """Columns that may be meant; never a removal for an emission."""
    known = [plain_name(alias) for alias in ALIASES.get(name.lower(), ())]
    named = [c for c in columns if {parts_of(c)[0], parts_of(labels.get(c, ""))[0]} & set(known)]
    if named:
        return Message.of("did you mean {names}?", names=", ".join(f"'{column}'" for column in named))
    apart = any(word in name for word in APART)
    return suggest(name, columns if apart else [c for c in columns if not _is_apart(c, labels)] or columns)


def _is_apart(column: str, labels: Mapping[str, str]) -> bool:
    return any(word in text.lower() for text in (column, labels.get(column, "")) for word in APART)


def mixed_units(headers: Iterable[str]) -> dict[str, list[str]]:
    """Headers that name one thing in several units, by that name.

    Examples
    --------
    >>> mixed_units(["废水(万吨)", "废水(吨)", "GDP(亿元)"])
    {'废水': ['废水(万吨)', '废水(吨)']}
    """
    by_name: dict[str, dict[str, str]] = {}
    for header in headers:
        name, unit = parts_of(header)
        by_name.setdefault(name, {}).setdefault(unit, header)
    return {name: list(units.values()) for name, units in by_name.items() if len(units) > 1}
