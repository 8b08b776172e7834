"""How far a batch is: a bar on a terminal, of about as much as there is to do."""

import os
import pty
import re
import subprocess
import sys
import termios
from pathlib import Path

from scoring.selection import Selection, count_expected, window
from sql.database import Database
from tests.scoring.conftest import Score, make

ROOT = Path(__file__).parents[2]
COUNT = 6000
"""More than the first chunk holds: a bar is only seen between chunks."""


def on_a_terminal(url: str, *words: str) -> str:
    """Run `python -m scoring` with its errors on a terminal of 90 columns; return what it drew."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 90))
    process = subprocess.Popen(
        [sys.executable, "-m", "scoring", *words],
        env={**os.environ, "DATABASE_URL": url, "TQDM_MININTERVAL": "0"},
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        cwd=ROOT,
    )
    os.close(theirs)
    drawn = b""
    try:
        while piece := os.read(ours, 4096):
            drawn += piece
    except OSError:
        pass  # So Linux says that nobody holds the other end any more.
    finally:
        os.close(ours)
    assert process.wait(60) == 0, drawn
    return drawn.decode()


def test_on_a_terminal_a_bar_says_how_much_is_left_and_how_long_that_takes(
    database: Database, database_url: str, models_folder: Path
) -> None:
    make(database, COUNT)
    drawn = on_a_terminal(database_url, "--folder", str(models_folder), "--all")
    assert re.search(r"83%\|█+.*\| 5\.00k/6\.00k \[\d\d:\d\d<\d\d:\d\d, .* logs/s\]", drawn), drawn
    assert drawn.endswith("\r"), "the bar is taken off the screen"


def test_what_is_expected_is_what_is_left_of_the_window(database: Database, score: Score) -> None:
    def expected(selection: Selection) -> int:
        with database.transaction():
            return count_expected(window(database, selection))

    every = Selection("-infinity")
    assert expected(every) == 0
    make(database, 300)
    assert expected(every) == 300
    assert expected(Selection("-infinity", most=100)) == 100
    assert expected(Selection("-infinity", shard=2, shards=3)) == 100
    score("--limit", "250")
    assert expected(every) == 50
    assert expected(Selection("-infinity", is_again=True)) == 300
    assert expected(Selection("-infinity", source="shop")) == 0, "it cannot be said"
