"""Fair's affairs (Greene 2003, table 22.3; Kleiber & Zeileis 2008): Tobit against AER."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from ecospatial.drivers.tobit import tobit
from ecospatial.panel import Panel

DATA = Path(__file__).parent / "data"
DRIVERS = ["age", "yearsmarried", "religiousness", "occupation", "rating"]


@pytest.mark.parametrize(("name", "upper"), [("left", None), ("both", 4.0)])
def test_tobit_of_aer(name: str, upper: float | None) -> None:
    wanted = json.loads((DATA / "15_affairs_tobit.json").read_text(encoding="utf-8"))["values"][name]
    frame = pd.read_csv(DATA / "data_affairs.csv")
    panel = Panel.from_frame(frame.assign(person=range(len(frame))), unit="person")
    found = tobit(panel, "affairs", DRIVERS, lower=0.0, upper=upper)
    terms = ["Intercept", *DRIVERS]
    assert found.params[terms].to_numpy() == pytest.approx(list(wanted["coef"].values()), abs=1e-6)
    *errors, log_scale = wanted["se"].values()
    assert found.std_errors[terms].to_numpy() == pytest.approx(errors, abs=1e-6)
    assert found.params["sigma"] == pytest.approx(wanted["scale"], abs=1e-6)
    assert found.log_sigma[1] == pytest.approx(log_scale, abs=1e-7)
    assert found.loglik == pytest.approx(wanted["logLik"], abs=1e-8)


def test_the_published_table() -> None:
    published = json.loads((DATA / "15_affairs_tobit.json").read_text(encoding="utf-8"))["published"]
    frame = pd.read_csv(DATA / "data_affairs.csv")
    found = tobit(Panel.from_frame(frame.assign(person=range(len(frame))), unit="person"), "affairs", DRIVERS)
    assert found.params.round(3).tolist() == [*published["coef"], published["scale"]]
    assert round(found.loglik, 1) == published["logLik"]
    assert found.censored == (451, 150, 0)
