"""`python -m scoring`: give every log of the window that has none its prediction.

Exit codes: 0 done, or nothing to do, or another scorer is doing it; 1 the database or the models
failed, or what was done could not be told: what was committed stays; 2 wrong words; 130 interrupted
(Ctrl-C), what was committed stays.
"""

import argparse
import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NoReturn

from scoring.ahead import Ahead
from scoring.selection import (
    DEFAULT_WINDOW,
    EVERYTHING,
    Selection,
    SelectionError,
    moment,
    shard,
)
from sql.database import database_url
from sql.errors import DatabaseError

OBJECTS_A_SEARCH = 1_000_000
"""New objects after which Python looks for cycles, instead of 700: texts and numbers hold none, and
where every log is a template of its own, looking at all of them took a quarter of our time."""

LONGEST_PAUSE = 366 * 24 * 3600
"""Seconds; beyond some centuries no wait takes them."""

DEFAULT_HOURS = int(DEFAULT_WINDOW.total_seconds() // 3600)


def parser() -> argparse.ArgumentParser:
    """Return the words that the command takes."""
    description, _, codes = __doc__.partition("\n\n")
    words = argparse.ArgumentParser(
        prog="python -m scoring", description=description, epilog=" ".join(codes.split())
    )
    words.add_argument("--since", help="arrived since: 6h, 30d, or ISO (24h, or the last run)")
    words.add_argument("--until", default="infinity", help="logs that arrived before: ISO, or 1h")
    words.add_argument("--all", action="store_true", help="logs of any age")
    words.add_argument("--source", help="logs of one source")
    words.add_argument("--limit", type=int, default=EVERYTHING, help="at most so many logs")
    words.add_argument("--shard", default="1/1", help="I/N: one of N disjoint shares of the logs")
    words.add_argument("--folder", type=Path, help="where the models are (onnx_models)")
    words.add_argument("--json", action="store_true", help="print what was done as JSON")
    words.add_argument(
        "--dry-run", action="store_true", help="judge, write nothing, print what would alert"
    )
    words.add_argument(
        "--rescore", action="store_true", help="replace predictions that other models made"
    )
    words.add_argument("--model", metavar="VERSION", help="refuse any model but this one")
    words.add_argument(
        "--watch", type=float, metavar="SECONDS", help="run again and again, with a pause"
    )
    return words


def selection(options: argparse.Namespace) -> Selection:
    """Return the selection that the words mean."""
    if options.all and options.since:
        raise SelectionError("--all and --since were both given; expected one of them")
    if options.limit < 0:
        raise SelectionError(f"--limit is {options.limit}; expected a number of logs, 0 or more")
    if options.watch is not None and not 0 < options.watch <= LONGEST_PAUSE:
        raise SelectionError(
            f"--watch is {options.watch}; expected seconds, more than 0, {LONGEST_PAUSE:,} at most"
        )
    if options.rescore and not options.model:
        raise SelectionError("--rescore needs --model VERSION, the version in manifest.json")
    since = "-infinity" if options.all else moment(options.since or f"{DEFAULT_HOURS}h")
    until = options.until if options.until == "infinity" else moment(options.until)
    number, shards = shard(options.shard)
    is_default = not options.all and not options.since
    return Selection(
        *(since, until, options.source, number, shards, options.limit),
        is_again=options.rescore,
        reaches_back=is_default and not options.rescore,
    )


def score(
    options: argparse.Namespace, selected: Selection, url: str, ahead: Ahead | None = None
) -> int:
    """Run one batch, or rehearse one; return the exit code."""
    gc.set_threshold(OBJECTS_A_SEARCH)
    # The threads that OpenBLAS would start for products of a few numbers spin, for 0.1 s of a core.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with uninterrupted():
        # Imported only now, while others begin: models and arrays take 0.1 s.
        from scoring.once import once

    return once(options, selected, url, ahead)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Keep an interrupt for the end of the block: modules written in C, interrupted as they are
    imported, say that they are broken."""
    came: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if came:
        signal.raise_signal(signal.SIGINT)


def watch(options: argparse.Namespace, url: str) -> int:
    """Run batches with pauses until told to stop by a signal; a failed one is tried again."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        score(options, selection(options), url)
        stop.wait(options.watch)
    return 0


def main(arguments: list[str] | None = None, *, is_hurried: bool = False) -> int:
    """Run; return the exit code. Who `is_hurried` has others begin at once, whether all of it will
    be needed or not."""
    words = parser()
    options = words.parse_args(arguments)
    try:
        selected = selection(options)
    except SelectionError as exc:
        words.error(str(exc))
    try:
        url = database_url()
    except DatabaseError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    if options.watch is not None:
        return watch(options, url)
    try:
        if not is_hurried:
            return score(options, selected, url)
        with closing(Ahead(url, selected, is_rehearsal=options.dry_run)) as ahead:
            return score(options, selected, url, ahead)
    except KeyboardInterrupt:
        said = "interrupted: what was committed stays, run again for the rest"
        print(said, file=sys.stderr)
        return 130


def leave(code: int) -> NoReturn:
    """End the process without taking models and arrays apart, which takes 0.04 s: all that was
    opened is closed, and what was said is written."""
    for stream in filter(None, (sys.stdout, sys.stderr)):  # None: it was closed from the beginning.
        stream.flush()
    os._exit(code)


if __name__ == "__main__":
    leave(main(is_hurried=True))
