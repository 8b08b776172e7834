"""The page of views says what the database says."""

from sql import docs
from sql.database import Database


def test_the_page_of_views_is_what_the_comments_say(database: Database) -> None:
    written = docs.PAGE.read_text(encoding="utf-8")
    assert written == docs.page(database), "run `python -m sql docs` on a migrated database"
