"""Colours, fonts and drawing settings, in one place."""

from __future__ import annotations

from typing import Any

# GeoDa's names and colours, in the order of its legend: its users read them at a glance.
CLUSTERS: dict[str, tuple[str, str]] = {
    "ns": ("Not significant", "#eeeeee"),
    "HH": ("High-High", "#FF0000"),
    "LL": ("Low-Low", "#0000FF"),
    "LH": ("Low-High", "#a7adf9"),
    "HL": ("High-Low", "#f4ada8"),
    "undefined": ("Undefined", "#464646"),
    "isolated": ("Isolated", "#999999"),
}

UNTESTED = {"undefined": CLUSTERS["undefined"], "isolated": CLUSTERS["isolated"]}
HOT_SPOTS: dict[str, tuple[str, str]] = {
    "ns": CLUSTERS["ns"],
    "hot": ("Hot spot", "#d7301f"),
    "cold": ("Cold spot", "#2b6cb0"),
    **UNTESTED,
}
# GeoDa's again, with its names; of several variables only like and unlike.
GEARY: dict[str, tuple[str, str]] = {
    "ns": CLUSTERS["ns"],
    "HH": ("High-High", "#b2182b"),
    "LL": ("Low-Low", "#ef8a62"),
    "other": ("Other positive", "#fddbc7"),
    "positive": ("Positive", "#336ea1"),
    "negative": ("Negative", "#67adc7"),
    **UNTESTED,
}
# Each pattern has one shade, dark where it is strong and holds, in red for hot and blue for cold.
EMERGING: dict[str, tuple[str, str]] = {
    "new hot": ("New hot spot", "#fdae61"),
    "consecutive hot": ("Consecutive hot spot", "#f46d43"),
    "intensifying hot": ("Intensifying hot spot", "#7f0000"),
    "persistent hot": ("Persistent hot spot", "#b2182b"),
    "diminishing hot": ("Diminishing hot spot", "#d6604d"),
    "sporadic hot": ("Sporadic hot spot", "#f4a582"),
    "oscillating hot": ("Oscillating hot spot", "#e7a6c8"),
    "historical hot": ("Historical hot spot", "#c9a78f"),
    "new cold": ("New cold spot", "#9fd8e8"),
    "consecutive cold": ("Consecutive cold spot", "#4fb3d9"),
    "intensifying cold": ("Intensifying cold spot", "#08204f"),
    "persistent cold": ("Persistent cold spot", "#2166ac"),
    "diminishing cold": ("Diminishing cold spot", "#4393c3"),
    "sporadic cold": ("Sporadic cold spot", "#92c5de"),
    "oscillating cold": ("Oscillating cold spot", "#b7b1dd"),
    "historical cold": ("Historical cold spot", "#8fa3b5"),
    "none": ("No pattern", CLUSTERS["ns"][1]),
    **UNTESTED,
}
# GeoDa's colours for clusters that are stable; the less a label can be relied on, the greyer it is.
STABILITY: dict[str, tuple[str, str]] = {
    "HH stable": ("High-High, stable", "#FF0000"),
    "HH mostly": ("High-High, mostly stable", "#dc7878"),
    "HH unstable": ("High-High, unstable", "#c8abab"),
    "LL stable": ("Low-Low, stable", "#0000FF"),
    "LL mostly": ("Low-Low, mostly stable", "#7878dc"),
    "LL unstable": ("Low-Low, unstable", "#ababc8"),
    "LH stable": ("Low-High, stable", "#a7adf9"),
    "LH mostly": ("Low-High, mostly stable", "#b9bdec"),
    "LH unstable": ("Low-High, unstable", "#c0c1d6"),
    "HL stable": ("High-Low, stable", "#f4ada8"),
    "HL mostly": ("High-Low, mostly stable", "#efc1be"),
    "HL unstable": ("High-Low, unstable", "#dac3c1"),
    "ns stable": ("Not significant, stable", CLUSTERS["ns"][1]),
    "ns mostly": ("Not significant, mostly stable", "#dedede"),
    "ns unstable": ("Not significant, unstable", "#c6c6c6"),
    **UNTESTED,
}
# What the labels of a map style mean, and their colours.
LABELLED = {
    "lisa": CLUSTERS,
    "hot_spots": HOT_SPOTS,
    "geary": GEARY,
    "emerging": EMERGING,
    "stability": STABILITY,
}
# The greens of GeoDa's significance maps, by the level that a p-value does not exceed.
LEVELS = {0.05: "#4bff50", 0.01: "#06c40b", 0.001: "#037406", 0.0001: "#014603"}
LOOSE = "#b4ffb6"  # for levels above those

# ColorBrewer YlGnBu: safe for colour-blind readers and for grey printing, light is low.
RAMP = ("#ffffcc", "#a1dab4", "#41b6c4", "#2c7fb8", "#253494")
ABSENT = "#d9d9d9"
# ColorBrewer BrBG, as safe: decline is brown, growth is green.
DIVERGING = ("#8c510a", "#d8b365", "#f6e8c3", "#c7eae5", "#5ab4ac", "#01665e")

INK = "#222222"
MUTED = "#6b6b6b"
RULE = "#c8c8c8"
ACCENT = "#1f5a85"
BAND = "#c9dbe8"
# Colour, dashes and width of each component of productivity; the dashes tell them apart in grey.
COMPONENTS: dict[str, tuple[str, str, float]] = {
    "tfpch": (ACCENT, "-", 1.8),
    "effch": ("#c8602a", "--", 1.2),
    "techch": ("#3a8f6b", "-.", 1.2),
    "tgch": ("#8a6fb0", ":", 1.4),
}

FONTS = (
    "DejaVu Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "SimHei",
    "WenQuanYi Micro Hei",
    "Arial Unicode MS",
)


def style() -> dict[str, Any]:
    """Matplotlib settings for one ``rc_context``; the same input gives the same SVG bytes."""
    return {
        "font.family": _installed_fonts(),
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "axes.titlepad": 8,
        "axes.labelsize": 9,
        "axes.labelcolor": INK,
        "axes.edgecolor": RULE,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "xtick.color": RULE,
        "ytick.color": RULE,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "legend.frameon": False,
        "legend.fontsize": 8.5,
        "text.color": INK,
        "text.parse_math": False,
        "figure.dpi": 100,
        "savefig.dpi": 200,
        "hatch.linewidth": 0.4,
        "svg.hashsalt": "ecospatial",
        "svg.fonttype": "none",
        "pdf.fonttype": 42,
    }


def _installed_fonts() -> list[str]:
    """The listed fonts that this machine has: matplotlib complains of each one that is missing."""
    from matplotlib import font_manager

    installed = set(font_manager.get_font_names())
    return [name for name in FONTS if name in installed]
