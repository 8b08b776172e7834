"""Whoever reads the views while batches run sees one batch's numbers in all of them, at once."""

import threading
import time
from typing import Any

from sql.database import Database, connect
from tests.scoring.checks import check_exactly_once
from tests.scoring.conftest import make
from tests.scoring.scorers import Scorers

ROUNDS = 6


class Reader(threading.Thread):
    """Looks again and again at all totals, each time in a transaction of its own."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.looks: list[dict[str, Any]] = []
        self.error: Exception | None = None
        self.stop = threading.Event()
        self._url = url

    def run(self) -> None:
        database = connect(self._url, "reader")
        try:
            while not self.stop.is_set():
                with database.transaction():
                    database.execute("tests.wait_for_nobody")
                    self.looks.append(database.row("tests.one_look"))
                time.sleep(0.002)  # The cores are for the scorers.
        except Exception as exc:  # noqa: BLE001 - told by the test
            self.error = exc
        finally:
            database.close()


def test_no_reader_sees_two_batches_mixed_or_waits(
    database: Database, database_url: str, scorers: Scorers
) -> None:
    make(database, 1000)
    assert scorers.start(database_url).wait() == 0
    reader = Reader(database_url)
    reader.start()
    try:
        for number in range(ROUNDS):
            make(database, 2000, first=(number + 1) * 10**5)
            shards = [
                scorers.start(database_url, "--shard", f"{shard}/2", ROWS_A_CHUNK=300)
                for shard in (1, 2)
            ]
            assert [shard.wait() for shard in shards] == [0, 0]
    finally:
        reader.stop.set()
        reader.join()
    assert reader.error is None
    totals = set()
    for look in reader.looks:
        kinds = ("overview", "by_level", "by_severity", "by_source", "by_template")
        assert len({look[kind] for kind in kinds}) == 1, look
        assert look["overview_batch"] == look["last_batch"], look
        totals.add(look["overview"])
    assert len(totals) > ROUNDS, "the reader saw too little to tell"
    assert sorted(look["overview"] for look in reader.looks) == [
        look["overview"] for look in reader.looks
    ]
    check_exactly_once(database)
