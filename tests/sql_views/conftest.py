"""Databases that the scorer filled, for what the views say of them."""

import random

import pytest

from sql.database import Database
from tests.scoring.conftest import chance, score

__all__ = ["chance", "score"]


@pytest.fixture
def database(chance: random.Random, database: Database) -> Database:
    """A connection to the database at `database_url`, on which random() is `chance`'s as well."""
    with database.transaction():
        database.execute("tests.repeat_chances", seed=chance.random())
    return database
