"""Logs that were scored under a substitute: how many, why, and which came first."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.groups import is_dated
from scoring.judging import Judged
from scoring.rows import LONGEST_SOURCE

MOST_EXAMPLES = 10


@dataclass
class Aside:
    """Reasons with counts and first ids, gathered over the chunks of a batch."""

    reasons: dict[str, dict[str, Any]] = field(default_factory=dict)

    def look(self, judged: Judged) -> int:
        """Add what a chunk has; return the number of its logs that have at least one reason."""
        chunk, groups, units = judged.chunk, judged.groups, judged.units
        is_cut = np.array([len(units[at].source) > LONGEST_SOURCE for at in groups.unit.tolist()])
        found = {
            "time before 1990 or after 2099": ~is_dated(chunk.logged_at),
            f"source longer than {LONGEST_SOURCE} characters, cut": is_cut[groups.of_log],
            "no number from a model": judged.verdicts.is_failed[groups.of_log],
        }
        for reason, is_so in found.items():
            self._add(reason, chunk.ids[is_so])
        return int(np.any(list(found.values()), axis=0).sum())

    def _add(self, reason: str, ids: npt.NDArray[np.int64]) -> None:
        if not len(ids):
            return
        entry = self.reasons.setdefault(reason, {"count": 0, "first_ids": []})
        entry["count"] += len(ids)
        entry["first_ids"] = (entry["first_ids"] + ids[:MOST_EXAMPLES].tolist())[:MOST_EXAMPLES]
