from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

import ecospatial as es
from ecospatial.geo import facts

TIERS = facts.city_sizes()["tier"].tolist()
RECENT = facts.vintages().query("last.isna() or last >= 1997")
CODES = sorted(set(RECENT["code"]) | set(facts.prefectures().index))


@given(st.lists(st.floats(0.0, 4_000.0), min_size=2, max_size=20))
def test_a_larger_city_is_never_in_a_smaller_class(people: list[float]) -> None:
    largest_first = pd.Series(sorted([*people, 2.5], reverse=True))
    places = [TIERS.index(tier) for tier in es.china.size_tiers(largest_first)]
    assert places == sorted(places)


@given(st.sampled_from(CODES))
def test_the_last_code_of_a_place_is_its_own_last_code_however_written(code: str) -> None:
    place = es.china.current(code)
    assert place is not None
    written = (place, int(code), float(code), f" {code} ")
    assert {es.china.current(each) for each in written} == {place}


@given(st.one_of(st.text(max_size=8), st.integers(), st.floats(allow_nan=True), st.none()))
def test_anything_may_be_asked_for(code: object) -> None:
    assert es.china.current(code) in {None, *CODES, *facts.provinces().index}
