from __future__ import annotations

import pytest
from hypothesis import settings

# The same examples in every run: a suite that decides what may land must not depend on luck.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages do not depend on the machine's locale."""
    monkeypatch.setenv("ECOSPATIAL_LANGUAGE", "en")
