from __future__ import annotations

import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

import ecospatial as es
from ecospatial.errors import EcospatialError
from ecospatial.geo import facts
from ecospatial.geo.match import match
from ecospatial.geo.names import bare, folded, gb_code, plain, romanised, stems

CODES = facts.prefectures().index.tolist()
NAMES = facts.prefectures()["name"].tolist()
TEXTS = st.text(max_size=12)
LAYER = es.Boundaries.of(
    CODES,
    [shapely.box(at, 0, at + 1, 1) for at in range(len(CODES))],
    attributes=pd.DataFrame({"name": NAMES}),
)
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@given(TEXTS)
def test_forms_are_settled_after_once(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert folded(folded(text)) == folded(text)
    assert gb_code(text) is None or gb_code(gb_code(text)) == gb_code(text)


@given(TEXTS)
def test_any_text_has_a_form(text: str) -> None:
    assert isinstance(bare(text), str) and isinstance(romanised(text), str)
    assert all(root for _, root in stems(text))


@given(st.sampled_from(CODES), st.sampled_from(["{}", " {} ", "{}.0", "{}000000", "full width"]))
def test_a_code_is_found_in_every_form(code: str, form: str) -> None:
    written = code.translate(FULL_WIDTH) if form == "full width" else form.format(code)
    assert match([written], LAYER).to_frame()["boundary"].tolist() == [code]


@settings(max_examples=50)
@given(
    st.lists(st.one_of(st.sampled_from(CODES), st.sampled_from(NAMES), TEXTS.filter(str.strip)), min_size=1, max_size=8)
)
def test_a_match_gives_each_boundary_once_or_says_why_not(units: list[str]) -> None:
    try:
        report = match(units, LAYER)
    except EcospatialError:
        return
    found = report.to_frame()["boundary"].dropna()
    assert found.is_unique and set(found) <= set(CODES)
    assert len(found) + len(report.only_in_boundaries) == len(CODES)
    assert set(report.only_in_panel) == set(report.to_frame().loc[report.to_frame()["boundary"].isna(), "unit"])
