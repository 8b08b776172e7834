"""`python -m training`: train a challenger on the logs in the database; promote it, or go back."""

import argparse
import sys
from pathlib import Path

from scoring.manifest import ModelError
from scoring.model import FOLDER, Models
from scoring.selection import SelectionError, moment
from scoring.shadow import CHALLENGER
from sql.database import connect
from sql.errors import DatabaseError
from training import dataset
from training.errors import TrainingError

FAILURES = (DatabaseError, ModelError, SelectionError, TrainingError)


def parser() -> argparse.ArgumentParser:
    """Return the words that the command takes."""
    words = argparse.ArgumentParser(
        prog="python -m training",
        description="Fit both models on the logs of the database that DATABASE_URL names.",
    )
    words.add_argument("--since", default="-infinity", help="logs that arrived since: 30d, or ISO")
    words.add_argument(
        "--until",
        default="infinity",
        help="logs that arrived before: 24h, or ISO; later ones are left for the comparison",
    )
    words.add_argument(
        "--budget",
        type=float,
        default=0.005,
        help="share a person will read, a template's logs of a minute counted once (0.005)",
    )
    words.add_argument(
        "--base",
        type=Path,
        help="levels of other programs to learn from too: program, level, message; .tsv or .tsv.gz",
    )
    words.add_argument(
        "--folder",
        type=Path,
        help="where they go (onnx_models/challenger; with no champion yet, onnx_models)",
    )
    words.set_defaults(act=train)
    commands = words.add_subparsers(title="instead of training", metavar="promote, rollback")
    promoting = commands.add_parser("promote", help="put a challenger in place if the gate lets it")
    promoting.add_argument("challenger", type=Path, nargs="?", default=CHALLENGER, metavar="FOLDER")
    promoting.set_defaults(act=promote)
    back = commands.add_parser("rollback", help="put the champion before back in place")
    back.set_defaults(act=rollback)
    for command in (promoting, back):
        command.add_argument(
            "--champion", type=Path, default=FOLDER, help="where the champion is (onnx_models)"
        )
    return words


def train(options: argparse.Namespace) -> int:
    """Train; return 0."""
    # Only here: scikit-learn takes seconds to load, and going back does without.
    from training import train as training

    since = options.since if options.since == "-infinity" else moment(options.since)
    until = options.until if options.until == "infinity" else moment(options.until)
    database = connect(application="logkiln training")
    data = dataset.read(database, since, until)
    database.close()
    training.say(f"read {data.count_logs:,} logs, {len(data.units):,} distinct")
    folder = options.folder or destination()
    manifest = training.train(data, options.budget, folder, options.base)
    print(f"published model {manifest['version']} to {folder.name}/")
    if folder == CHALLENGER:
        print("a challenger: next, python -m scoring.shadow and python -m training promote")
    return 0


def destination() -> Path:
    """Return where a challenger waits, or, while no champion is there that a scorer would accept,
    the champion's own place."""
    try:
        Models(FOLDER)
    except ModelError:
        return FOLDER
    return CHALLENGER


def promote(options: argparse.Namespace) -> int:
    """Promote; return 0 when it was, 1 when the gate refused."""
    from training import promote as promoting

    database = connect(application="logkiln training")
    decision = promoting.promote(database, options.challenger, options.champion)
    database.close()
    print(decision)
    return 0 if decision.kind == "promoted" else 1


def rollback(options: argparse.Namespace) -> int:
    """Go back; return 0."""
    from training import promote as promoting

    database = connect(application="logkiln training")
    print(promoting.rollback(database, options.champion))
    database.close()
    return 0


def main(arguments: list[str] | None = None) -> int:
    """Do it; return the exit code: 0 done, 1 not, and the models in place stay."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.act(options)
    except FAILURES as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
