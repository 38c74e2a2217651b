"""Build the panel of China's thermal power by province from the package that ships it.

    pip install --no-deps deabook==0.0.10
    python data/build/china_power.py

Needs openpyxl besides. Running it again writes the same bytes.
"""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

import pandas as pd

DATA = Path(__file__).resolve().parents[1]
SOURCE = "deabook/data/power plant data.xlsx"

COLUMNS = {
    "province": "province",
    "year": "year",
    "Capacity/104 kW": "capacity",
    "Labor/104 employees": "labour",
    "Energy/104 tce": "energy",
    "Electricity generation/107 kWh": "electricity",
    "CO2 emissions/104 tonnes": "co2",
}
# GB/T 2260 codes and the four regions of the National Bureau of Statistics (2011).
REGIONS = {
    "East": {
        "Beijing": (110000, "北京市"),
        "Tianjin": (120000, "天津市"),
        "Hebei": (130000, "河北省"),
        "Shanghai": (310000, "上海市"),
        "Jiangsu": (320000, "江苏省"),
        "Zhejiang": (330000, "浙江省"),
        "Fujian": (350000, "福建省"),
        "Shandong": (370000, "山东省"),
        "Guangdong": (440000, "广东省"),
        "Hainan": (460000, "海南省"),
    },
    "Central": {
        "Shanxi": (140000, "山西省"),
        "Anhui": (340000, "安徽省"),
        "Jiangxi": (360000, "江西省"),
        "Henan": (410000, "河南省"),
        "Hubei": (420000, "湖北省"),
        "Hunan": (430000, "湖南省"),
    },
    "West": {
        "Inner Mongolia": (150000, "内蒙古自治区"),
        "Guangxi": (450000, "广西壮族自治区"),
        "Chongqing": (500000, "重庆市"),
        "Sichuan": (510000, "四川省"),
        "Guizhou": (520000, "贵州省"),
        "Yunnan": (530000, "云南省"),
        "Shaanxi": (610000, "陕西省"),
        "Gansu": (620000, "甘肃省"),
        "Qinghai": (630000, "青海省"),
        "Ningxia": (640000, "宁夏回族自治区"),
        "Xinjiang": (650000, "新疆维吾尔自治区"),
    },
    "Northeast": {
        "Liaoning": (210000, "辽宁省"),
        "Jilin": (220000, "吉林省"),
        "Heilongjiang": (230000, "黑龙江省"),
    },
}


def provinces() -> pd.DataFrame:
    """Code, Chinese name and region, indexed by English name."""
    rows = [
        (english, code, name, region)
        for region, members in REGIONS.items()
        for english, (code, name) in members.items()
    ]
    return pd.DataFrame(rows, columns=["province", "code", "name", "region"]).set_index("province")


def build_panel(target: Path) -> None:
    """Write the panel sorted by code and year, figures as in the source."""
    source = distribution("deabook").locate_file(SOURCE)
    panel = pd.read_excel(str(source)).rename(columns=COLUMNS)[list(COLUMNS.values())]
    panel = panel.merge(provinces(), how="left", on="province", validate="many_to_one")
    leading = ["code", "province", "name", "region", "year"]
    panel = panel[[*leading, *panel.columns.difference(leading, sort=False)]]
    panel.sort_values(["code", "year"]).to_csv(target, index=False, lineterminator="\n", encoding="utf-8")


if __name__ == "__main__":
    build_panel(DATA / "panels" / "china_power.csv")
