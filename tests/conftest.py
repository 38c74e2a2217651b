from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages do not depend on the machine's locale."""
    monkeypatch.setenv("ECOSPATIAL_LANGUAGE", "en")
