"""Databases that the scorer filled, for what the views say of them."""

import random
from pathlib import Path

import pytest

from sql.database import Database
from tests.scoring.conftest import Score, chance, scorer

__all__ = ["chance"]


@pytest.fixture
def database(chance: random.Random, database: Database) -> Database:
    """A connection to the database at `database_url`, on which random() is `chance`'s as well."""
    with database.transaction():
        database.execute("tests.repeat_chances", seed=chance.random())
    return database


@pytest.fixture
def score(
    models_folder: Path,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Score:
    """Run `python -m scoring` in this process and return the row that it prints, or None."""
    return scorer(models_folder, database_url, monkeypatch, capsys)
