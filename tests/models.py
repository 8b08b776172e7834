"""Real models and real logs for the tests: a slice of the capture, loaded and trained on once."""

import gzip
import hashlib
import os
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from ingest.load import load
from local import postgres
from local.lease import Lease
from sql.database import connect
from training.capture import corpus

ROOT = Path(__file__).parents[1]
RUN = "web-1"
LINES_A_FILE = 1500
CAPTURED = "captured"
KEPT = ROOT / ".cache" / "test-models"


def sliced(folder: Path) -> list[Path]:
    """Write the first lines of each captured file into `folder`; return the files."""
    files = []
    for file in corpus.files(RUN):
        files.append(folder / file.path.name)
        with gzip.open(files[-1], "wb", compresslevel=1) as sink:
            sink.writelines(line + b"\n" for line in islice(file.lines(), LINES_A_FILE))
    return files


@pytest.fixture(scope="session")
def captured_template(
    postgres_server: postgres.Server,
    migrated_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> str:
    """The name of a migrated database that holds captured logs, none of them scored."""
    postgres_server.create_database(CAPTURED, migrated_template)
    database = connect(postgres_server.url(CAPTURED))
    loaded = load(database, sliced(tmp_path_factory.mktemp("sliced")), say=lambda _: None)
    database.close()
    assert not loaded.failures
    return CAPTURED


@pytest.fixture
def captured_url(postgres_server: postgres.Server, captured_template: str) -> Iterator[str]:
    """The address of a database of captured logs that nobody else uses."""
    name = f"captured_{os.urandom(4).hex()}"
    postgres_server.create_database(name, captured_template)
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def models_folder(
    postgres_server: postgres.Server,
    captured_template: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A folder with models that `python -m training` made of the captured logs.

    Exporting takes a while, so they are kept until what they are made of and by has changed, and
    one session makes them while the others wait.
    """
    kept = KEPT / made_of()
    KEPT.mkdir(parents=True, exist_ok=True)
    lease = Lease(KEPT / "making")
    with lease.turn():
        if not (kept / "manifest.json").is_file():
            folder = tmp_path_factory.mktemp("trained") / "onnx_models"
            train(postgres_server.url(captured_template), folder)
            keep(folder, kept)
    lease.close()
    # A copy, so that nothing a test does to it is kept.
    ours = tmp_path_factory.mktemp("models") / "onnx_models"
    shutil.copytree(kept, ours)
    return ours


def keep(folder: Path, kept: Path) -> None:
    """Copy `folder` to `kept` at once: a session that is killed leaves all of it or nothing."""
    beside = kept.with_name(f"{kept.name}.{os.getpid()}")
    shutil.copytree(folder, beside)
    beside.rename(kept)


def made_of() -> str:
    """Return a hash of what decides what the models are."""
    names = ("normalize", "levels", "features", "model", "verdict")
    made_by = [ROOT / "scoring" / f"{name}.py" for name in names]
    paths = [*sorted((ROOT / "training").glob("*.py")), *made_by, ROOT / "requirements" / "dev.txt"]
    paths += [Path(__file__), *(file.path for file in corpus.files(RUN))]
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def train(url: str, folder: Path) -> None:
    """Run `python -m training` on the database at `url` in this process."""
    from training.__main__ import main  # scikit-learn takes its time, and is seldom needed

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        assert main(["--folder", str(folder)]) == 0
