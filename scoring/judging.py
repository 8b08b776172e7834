"""Verdicts chunk after chunk, with the history that the database and the run itself know."""

from collections.abc import Callable
from dataclasses import dataclass

from scoring.clock import Clock
from scoring.features import History
from scoring.feedback import Feedback
from scoring.groups import Groups, by_the_hour, group
from scoring.model import Models
from scoring.recall import recall
from scoring.rows import Chunk, Unit
from scoring.verdict import Assessor, Verdicts, judge
from sql.database import Database


@dataclass(frozen=True)
class Judged:
    """A chunk with its groups as they are written and their verdicts; words are counted over all
    its logs."""

    chunk: Chunk
    groups: Groups
    units: list[Unit]
    verdicts: Verdicts
    words: int
    unseen_words: int

    @property
    def count_anomalies(self) -> int:
        """Return the number of anomalous logs."""
        return int(self.groups.count[self.verdicts.is_anomaly].sum())


class Judging:
    """One pass over logs: what it learns of templates in one chunk it knows in the next."""

    def __init__(
        self,
        models: Models,
        database: Database,
        clock: Clock,
        commit: Callable[[], Callable[[], None]] = lambda: lambda: None,
        past_ends: str = "infinity",
        feedback: Feedback | None = None,
        begin: Callable[[], History] = History,
    ) -> None:
        """Judge by `models`, against what `database` knows of hours before `past_ends`, and by its
        feedback unless another is given.

        `commit` asks that all that was handed on so far be in the database, and returns what waits
        until it is: what the pass forgets it will ask for again. `begin` gives what is known to
        begin with, then and at first.
        """
        self._detector = models.detector
        self._assessor = Assessor(models.classifier)
        self._begin = begin
        self._history, self._earlier = begin(), History()
        self._feedback = feedback or Feedback.of(database.rows("recall.feedback"))
        self._database = database
        self._commit = commit
        self._wait_for_earlier: Callable[[], None] = lambda: None
        self._past_ends = past_ends
        self._clock = clock

    def _forget(self) -> None:
        """Begin a new history, beside which the one before is kept; what was before that is
        forgotten. It was handed on long ago, so that hardly ever anything waits for it here."""
        self._wait_for_earlier()
        self._wait_for_earlier = self._commit()
        self._earlier, self._history = self._history, self._begin()

    def judge(self, chunk: Chunk) -> Judged:
        """Return the verdicts on `chunk`."""
        self._assessor.learn(chunk)
        self._clock.lap("infer")
        if chunk.is_reset:
            self._forget()
            self._clock.lap("wait for writer")
        self._history.keep(self._earlier, chunk.new_units)
        recall(self._database, self._history, chunk.new_units, self._past_ends)
        self._clock.lap("recall")
        groups = group(chunk)
        assessment = self._assessor.assess(self._history, groups)
        verdicts = judge(assessment, self._detector, self._feedback)
        words, unseen = self._assessor.words(groups)
        groups, judged = by_the_hour(groups, verdicts.is_anomaly, verdicts.score)
        self._clock.lap("judge")
        return Judged(chunk, groups, self._assessor.units, verdicts.pick(judged), words, unseen)
