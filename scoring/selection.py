"""Which logs a batch takes."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sql.database import Database

DEFAULT_WINDOW = timedelta(hours=24)
EVERYTHING = 2**62
"""A limit that no batch reaches."""

_SPAN = re.compile(r"([0-9]+)\s*([mhd])\Z")
_SPANS = {"m": "minutes", "h": "hours", "d": "days"}


class SelectionError(ValueError):
    """The words that select logs make no sense; the message says what was expected."""


@dataclass(frozen=True)
class Selection:
    """Logs that arrived in [`since`, `until`), of one `source` or all, of one shard, up to `most`.

    `since` and `until` are texts that PostgreSQL reads as timestamptz, infinities included.
    """

    since: str
    until: str = "infinity"
    source: str | None = None
    shard: int = 1
    shards: int = 1
    most: int = EVERYTHING
    is_again: bool = False
    """Logs that another model scored, to be scored again, instead of those without prediction."""
    reaches_back: bool = False
    """Look further back than `since` when no run has looked at what arrived before it."""

    def __post_init__(self) -> None:
        """Raise SelectionError for a limit or a source that PostgreSQL would not take."""
        if not 0 <= self.most <= EVERYTHING:
            raise SelectionError(
                f"{self.most} is not a limit; expected a number of logs, 0 or more"
            )
        try:
            (self.source or "").encode()
        except UnicodeEncodeError as exc:
            raise SelectionError(f"{self.source!r} is no source; expected text in UTF-8") from exc

    @property
    def shard_name(self) -> str:
        """Return `I/N`, as `ml_batches` has it."""
        return f"{self.shard}/{self.shards}"

    @property
    def is_whole(self) -> bool:
        """Whether a run leaves no log of its window and shard without a prediction."""
        is_restricted = self.source is not None or self.most < EVERYTHING
        return not is_restricted and not self.is_again

    def parameters(self) -> dict[str, Any]:
        """Return the parameters of the statements that select logs."""
        return {
            "since": self.since,
            "until": self.until,
            "source": self.source,
            "shard": self.shard,
            "shards": self.shards,
            "most": self.most,
            "reaches_back": self.reaches_back,
            "statement": "logs.scored_by_others" if self.is_again else "logs.unscored",
        }


def window(database: Database, selection: Selection) -> dict[str, Any]:
    """Return the parameters of the statements that read what is selected.

    To those of `selection` come `count_logs` of the window, bounds of their times, `count_scored`
    between these, and `past_ends`, the start of the hour from which on nothing counts as known:
    what is scored again must not be taken for its own past.
    """
    parameters = selection.parameters()
    parameters |= database.row("logs.since", **parameters)
    parameters |= database.row("logs.window", **parameters)
    is_again = selection.is_again
    parameters["past_ends"] = (
        database.value("logs.past_ends", **parameters) if is_again else "infinity"
    )
    return parameters


def count_expected(parameters: dict[str, Any]) -> int:
    """Return about how many logs a statement will give that has the `parameters` of a window, 0
    when it cannot be said: of what was scored between its times, some arrived outside of it."""
    count: int = parameters["count_logs"]
    if parameters["statement"] == "logs.unscored":
        count -= parameters["count_scored"]
    share: int = max(count, 0) // parameters["shards"]
    most: int = parameters["most"]
    return min(share, most)


def moment(given: str, now: datetime | None = None) -> str:
    """Return the time that `given` means: ISO 8601, or a span back from now: 90m, 6h, 30d."""
    try:
        if match := _SPAN.match(given.strip()):
            number, unit = match.groups()
            back = timedelta(**{_SPANS[unit]: int(number)})
            return ((now or datetime.now(UTC)) - back).isoformat()
        found = datetime.fromisoformat(given)
    except (ValueError, OverflowError) as exc:
        raise SelectionError(
            f"{given!r} is not a time; expected 2026-01-31T12:00:00+00:00, or 90m, 6h, 30d back"
        ) from exc
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat()


def shard(given: str) -> tuple[int, int]:
    """Return (I, N) of `I/N`, 1 <= I <= N."""
    match = re.fullmatch(r"([0-9]+)/([0-9]+)", given.strip())
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise SelectionError(f"{given!r} is not a shard; expected I/N with 1 <= I <= N, as in 2/4")
    return int(match[1]), int(match[2])
