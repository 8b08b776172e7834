"""What the demo shows: captured logs, ingested, judged and counted in a database of its own.

The database is made anew when the logs, or the code that reads and judges them, have changed. What
stands from an earlier run is not done again.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ingest.load import load
from local import postgres
from local.errors import DemoError
from local.steps import Steps
from sql.database import Database, connect
from sql.migrate import migrate
from training.capture import corpus

ROOT = Path(__file__).parents[1]
RUNS = ("office-2", "shop-2")
"""Two runs of the capture that went on side by side: every program, half an hour, 300,000 logs."""

HOUR = timedelta(hours=1)
DATABASE = "logkiln_demo"
ROOMS = ("ingest", "scoring", "training")
FOREIGN = (
    *("DATABASE_URL", "DATABASE_URL_UNPOOLED", "POSTGRES_URL_NON_POOLING"),
    *("LOGKILN_SCHEMA", "GITHUB_STEP_SUMMARY"),
)
"""Variables that point to somebody's real installation: the demo must not touch it."""


@dataclass
class Preparation:
    """The demo's database on `server`, its models in `home`."""

    home: Path
    server: postgres.Server
    steps: Steps

    @property
    def url(self) -> str:
        """The database's address, as its owner."""
        return self.server.url(DATABASE)

    def prepare(self) -> timedelta:
        """Bring everything up to date; return by how much the logs' times were moved.

        Raises DemoError, or what the rooms raise.
        """
        key = state_key()
        loaded = self._shift_when_loaded(key)
        if loaded is None:
            self._begin_anew()
        with connected(self.url) as database:
            with self.steps.step("schema") as step:
                done = migrate(database)
                step.result = f"{len(done)} files applied" if done else "up to date"
            with self.steps.step("logs") as step:
                shift = loaded if loaded is not None else self._load(database, key)
                origin = "ingested" if loaded is None else "from an earlier run"
                step.result = f"{count_logs(database):,} of {len(corpus_files())} files, {origin}"
            self._train(key)
            self._score()
            with self.steps.step("statistics") as step:
                with database.transaction():
                    database.execute("schema.refresh")
                step.result = "refreshed"
        return shift

    @property
    def _note(self) -> Path:
        # In the data folder, so that it goes where the data go.
        return self.server.data / f"{DATABASE}.json"

    def _shift_when_loaded(self, key: str) -> timedelta | None:
        """Return by how much the times of an earlier load were moved; None when it will not do."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if note["key"] != key or not self.server.has_database(DATABASE):
            return None
        return timedelta(seconds=note["shifted_by_seconds"])

    def _begin_anew(self) -> None:
        self._note.unlink(missing_ok=True)
        if self.server.has_database(DATABASE):
            self.steps.note("the code or the logs have changed, or a run was cut off: begun anew")
            self.server.drop_database(DATABASE)
        self.server.create_database(DATABASE)

    def _load(self, database: Database, key: str) -> timedelta:
        newest = max(datetime.fromisoformat(corpus.facts(run)["end"]) for run in RUNS)
        # By whole hours: where minutes begin among the logs decides what is judged together, where
        # hours begin what is counted together, and every run is to find the same.
        shift = (datetime.now(UTC) - newest) // HOUR * HOUR
        loaded = load(database, corpus_files(), shift=shift, say=lambda _line: None)
        if loaded.failures:
            raise DemoError("; ".join(loaded.failures.values()))
        # Last: a load that was cut off leaves no note, and is begun anew.
        note = {"key": key, "shifted_by_seconds": shift.total_seconds()}
        self._note.write_text(json.dumps(note), encoding="utf-8")
        return shift

    @property
    def _models(self) -> Path:
        return self.home / "models"

    def _train(self, key: str) -> None:
        trained_for = self._models / "trained_for"
        with self.steps.step("models") as step:
            if trained_for.is_file() and trained_for.read_text() == key:
                step.result = "from an earlier run"
                return
            # A folder of this run's own: the trainer of a killed run may still be writing.
            for left in self.home.glob("models.*"):
                shutil.rmtree(left)
            fresh = self.home / f"models.{os.getpid()}"
            # A process of its own: scikit-learn stays out of the one that serves.
            self._run("training", "--folder", str(fresh))
            (fresh / trained_for.name).write_text(key)
            shutil.rmtree(self._models, ignore_errors=True)
            fresh.rename(self._models)
            manifest = json.loads((self._models / "manifest.json").read_text(encoding="utf-8"))
            count = manifest["count_training_logs"]
            step.result = f"version {manifest['version']}, trained on {count:,} logs"

    def _score(self) -> None:
        with self.steps.step("batch") as step:
            row = self._run("scoring", "--all", "--json", "--folder", str(self._models))
            batch = json.loads(row.splitlines()[-1])
            if batch is None:
                step.result = "nothing left to score"
            else:
                step.result = (
                    f"{batch['count_logs']:,} logs scored, {batch['count_anomalies']:,} anomalies"
                )

    def _run(self, room: str, *arguments: str) -> str:
        """Run a room's command on the demo's database; return what it printed."""
        # Its progress goes to the terminal; elsewhere it is kept for the error.
        watched = sys.stderr.isatty()
        done = subprocess.run(
            [sys.executable, "-m", room, *arguments],
            check=False,
            stdout=subprocess.PIPE,
            stderr=None if watched else subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment(self.url),
        )
        if done.returncode != 0:
            said = (done.stderr or "").strip() or "its reason is above"
            raise DemoError(f"`python -m {room}` failed: {said}")
        return done.stdout


def environment(url: str) -> dict[str, str]:
    """Return our environment with the demo's database, and no other, in it."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return kept | {"DATABASE_URL": url}


@contextmanager
def connected(url: str) -> Iterator[Database]:
    """Give a connection that is closed at the end."""
    database = connect(url, "logkiln demo")
    try:
        yield database
    finally:
        database.close()


def count_logs(database: Database) -> int:
    """Return how many logs the database holds."""
    with database.transaction():
        everything = {"since": "-infinity", "until": "infinity", "source": None}
        return int(database.row("logs.window", **everything)["count_logs"])


def corpus_files() -> list[Path]:
    """Return the files of all captured runs, in a fixed order."""
    return [file.path for run in RUNS for file in corpus.files(run)]


def state_key() -> str:
    """Return a hash of all that decides what the demo's database holds: the logs and our code."""
    digest = hashlib.sha256()
    code = (path for room in ROOMS for path in sorted((ROOT / room).glob("**/*.py")))
    for path in (*corpus_files(), *code):
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
