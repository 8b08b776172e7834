"""Databases that the scorer filled, for what the views say of them."""

from pathlib import Path

import pytest

from tests.scoring.conftest import Score, scorer


@pytest.fixture
def score(
    models_folder: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Score:
    """Run `python -m scoring` in this process and return the row that it prints, or None."""
    return scorer(models_folder, database_url, monkeypatch, capsys)
