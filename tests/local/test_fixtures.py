"""The databases that the tests get are migrated, separate and real."""

from local.postgres import Server
from sql.database import Database, connect


def test_a_migrated_database_has_the_ledger(database: Database) -> None:
    with database.transaction():
        assert database.rows("schema.applied")


def test_an_empty_database_has_nothing(empty_database_url: str) -> None:
    database = connect(empty_database_url)
    with database.transaction():
        assert not database.value("schema.ledger_exists")
    database.close()


def test_databases_are_separate(database: Database, postgres_server: Server) -> None:
    with database.transaction():
        database.run_text("create table mine as select 1 as one")
    postgres_server.create_database("other", "migrated")
    other = connect(postgres_server.url("other"))
    with other.transaction():
        assert other.run_text("select from pg_tables where tablename = 'mine'") == 0
    other.close()
    postgres_server.drop_database("other")
    assert not postgres_server.has_database("other")
