"""The commands of this room behind PgBouncer in transaction mode."""

import pytest

from sql.__main__ import main
from sql.database import Database
from tests.pooler import Pooler


def test_every_command_works_behind_a_pooler(
    pooler: Pooler,
    empty: Database,
    empty_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", pooler.before(empty_database_url))

    def run(*words: str) -> str:
        assert main(list(words)) == 0
        return capsys.readouterr().out

    assert run("migrate").startswith("applied 0001_logs")
    assert run("migrate") == "up to date\n"
    with empty.transaction():
        for day in ("2001-02-03", "2001-03-04"):
            empty.value("batch.ensure_partitions", days=[day])
            empty.execute("tests.predict_on", logged_at=f"{day} 12:00+00")
    assert run("refresh").startswith("refreshed in ")
    assert run("prune", "--keep", "90d").startswith("dropped 4 partitions with 2 predictions, ")
    assert "count_predictions" in run("status")
    assert "removed" in run("uninstall", "--yes")
    with empty.transaction():
        assert empty.rows("tests.objects") == []
