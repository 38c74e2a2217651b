"""Rows that are sums or means of others, as yearbooks have them among the units."""

from __future__ import annotations

import re

_SCOPE = r"(?:全国|全省|全市|全区|各省|各市|各地区?|本省|城市|地区|省市)*"
_TOTAL = re.compile(
    rf"{_SCOPE}(?:总计|合计|小计|总和|总数|平均值?|均值)|全国|全省|全市|[东中西]部(?:地区)?|东北(?:地区)|沿海(?:地区)?"
    r"|内地|total|subtotal|sum|average|mean|national(?: total)?|nationwide",
    re.IGNORECASE,
)


def is_total(name: str) -> bool:
    """Whether a unit is called as a total, a mean or a group of units is.

    Examples
    --------
    >>> [name for name in ("全国总计", "合 计", "东部地区", "Total", "唐山", "东北") if is_total(name)]
    ['全国总计', '合 计', '东部地区', 'Total']
    """
    return _TOTAL.fullmatch(re.sub(r"\s+", "" if not name.isascii() else " ", name.strip())) is not None
