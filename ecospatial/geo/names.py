"""Names and codes of places, brought to a form in which equal ones are equal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from ..ids import id_text

PEOPLES = (
    *("壮", "蒙古", "回", "藏", "维吾尔", "苗", "彝", "布依", "朝鲜", "满", "侗", "瑶", "白", "土家", "哈尼", "哈萨克"),
    *("傣", "黎", "傈僳", "佤", "畲", "高山", "拉祜", "水", "东乡", "纳西", "景颇", "柯尔克孜", "土", "达斡尔", "仫佬"),
    *("羌", "布朗", "撒拉", "毛南", "仡佬", "锡伯", "阿昌", "普米", "塔吉克", "怒", "乌孜别克", "俄罗斯", "鄂温克"),
    *("德昂", "保安", "裕固", "京", "塔塔尔", "独龙", "鄂伦春", "赫哲", "门巴", "珞巴", "基诺", "各"),
)
AUTONOMOUS = re.compile(rf"^(.{{2,}}?)(?:(?:{'|'.join(PEOPLES)})族?)*(自治区|自治州|自治县|自治旗)$")
PLAIN = re.compile(r"^(.{2,}?)(特别行政区|行政区|城区|地区|林区|特区|新区|省|市|盟|州|县|区|旗)$")
# Levels a suffix may stand for: a city is a municipality, a prefecture or a county.
LEVELS = {
    **dict.fromkeys(("省", "自治区", "特别行政区"), "p"),
    **dict.fromkeys(("地区", "盟", "州", "自治州", "行政区", "林区"), "m"),
    **dict.fromkeys(("县", "区", "旗", "自治县", "自治旗", "特区", "新区"), "c"),
    "市": "mc",
    "城区": "m",
}
EVERY_LEVEL = "pmc"
ROMAN_SUFFIX = re.compile(
    r"\s+(?:shi|sheng|diqu|meng|xian|city|municipality|prefecture|province|county|district|league"
    r"|(?:\w+\s+)*autonomous\s+\w+)$",
    re.I,
)
PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 82))
    for code in range(first, last + 1)
)
CODE_SHARE = 0.8


def plain(value: Any) -> str:
    """A name or code as text with half-width signs and single spaces.

    Examples
    --------
    >>> plain(" １３０２００ "), plain(130200.0)
    ('130200', '130200')
    """
    return " ".join(unicodedata.normalize("NFKC", id_text(value)).split())


def folded(value: Any) -> str:
    """A name without case, accents, spaces, apostrophes and points; a number without zeros in front.

    Examples
    --------
    >>> folded("Côte d'Or"), folded("0042"), folded("XI AN") == folded("Xi'an")
    ('cotedor', '42', True)
    """
    text = plain(value)
    if text.isdigit():
        return text.lstrip("0") or "0"
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "-_/." if any(sign.isdigit() for sign in text) else ""  # 1-10 is not 11-0
    return "".join(sign for sign in letters if sign.isalnum() or sign in kept) or text


def is_chinese(text: str) -> bool:
    """Whether a text holds a Chinese character.

    Examples
    --------
    >>> is_chinese("唐山"), is_chinese("Tangshan")
    (True, False)
    """
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def stems(name: str) -> frozenset[tuple[str, str]]:
    """The name without its suffix, once for each level that the suffix may stand for.

    So 吉林市 meets 吉林 and 吉林地区 but not 吉林省.

    Examples
    --------
    >>> sorted(stems("恩施土家族苗族自治州")), sorted(stems("唐山市"))
    ([('m', '恩施')], [('c', '唐山'), ('m', '唐山')])
    >>> [bool(stems("吉林") & stems(name)) for name in ("吉林市", "吉林省")], bool(stems("吉林市") & stems("吉林省"))
    ([True, True], False)
    """
    text = folded(name)
    if not is_chinese(text):
        return frozenset()
    root, suffix = _parted(text)
    return frozenset((level, root) for level in LEVELS.get(suffix, EVERY_LEVEL))


def bare(name: str) -> str:
    """The folded name without its suffix, in any script.

    Examples
    --------
    >>> bare("湘西土家族苗族自治州"), bare("Xi'an City")
    ('湘西', 'xian')
    """
    text = folded(name)
    return _parted(text)[0] if is_chinese(text) else romanised(name) or text


def _parted(text: str) -> tuple[str, str]:
    found = AUTONOMOUS.match(text) or PLAIN.match(text)
    return (found[1], found[2]) if found else (text, "")


def romanised(name: str) -> str:
    """A name in Latin letters as pinyin is compared: no tones, case, spaces, apostrophes; ü, v and u alike.

    Examples
    --------
    >>> romanised("Lǚliáng Shì"), romanised("Lvliang"), romanised("XI'AN city")
    ('luliang', 'luliang', 'xian')
    """
    text = unicodedata.normalize("NFKD", plain(name))
    bare = "".join(sign for sign in text if not unicodedata.combining(sign))
    return "".join(sign for sign in ROMAN_SUFFIX.sub("", bare).casefold() if sign.isalnum()).replace("v", "u")


def gb_code(value: Any) -> str | None:
    """A GB/T 2260 code in six digits, from its forms of two, four, six or twelve; None for anything else.

    Examples
    --------
    >>> gb_code("13"), gb_code(1302), gb_code("130200000000"), gb_code("130200.0"), gb_code("990000")
    ('130000', '130200', '130200', '130200', None)
    """
    text = plain(value)
    text = text[:-2] if re.fullmatch(r"\d+\.0", text) else text
    if not text.isascii() or not text.isdigit() or text[:2] not in PROVINCES:
        return None
    if len(text) in (2, 4, 6):
        return text.ljust(6, "0")
    return text[:6] if len(text) == 12 and text.endswith("000000") else None


def gb_codes(values: Sequence[Any]) -> list[str | None]:
    """The GB/T 2260 code of each value; none where the numbers among them are plainly another coding.

    Examples
    --------
    >>> gb_codes([130200.0, "合计"]), gb_codes([11, 99, 98])
    (['130200', None], [None, None, None])
    """
    codes = [gb_code(value) for value in values]
    numbers = sum(plain(value).replace(".", "", 1).isdigit() for value in values)
    found = sum(code is not None for code in codes)
    return codes if found and found >= CODE_SHARE * numbers else [None] * len(codes)
