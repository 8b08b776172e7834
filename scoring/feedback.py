"""What people said of templates, and how it overrides the detector from the next batch on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from scoring.rows import Unit
from scoring.template import template_id


@dataclass(frozen=True)
class Feedback:
    """Ids of templates that a person confirmed as worth reading, or called a false alarm."""

    confirmed: frozenset[int] = frozenset()
    false_alarms: frozenset[int] = frozenset()

    @classmethod
    def of(cls, rows: Iterable[dict[str, Any]]) -> "Feedback":
        """Return the feedback in rows of (`template_id`, `verdict`), one a template."""
        found: dict[str, set[int]] = {"confirmed": set(), "false_alarm": set()}
        for row in rows:
            found[row["verdict"]].add(row["template_id"])
        return cls(frozenset(found["confirmed"]), frozenset(found["false_alarm"]))

    def verdicts(
        self, units: Sequence[Unit], chosen: npt.NDArray[np.integer[Any]]
    ) -> npt.NDArray[np.int8]:
        """Return what people said of the `chosen` [n] of `units`, [n]: 1 confirmed, -1 a false
        alarm, 0 nothing."""
        if not self.confirmed and not self.false_alarms:
            return np.zeros(len(chosen), np.int8)
        numbers, of = np.unique(chosen, return_inverse=True)
        templates = [template_id(units[number]) for number in numbers.tolist()]
        said = [(each in self.confirmed) - (each in self.false_alarms) for each in templates]
        return np.array(said, np.int8)[of]


NO_FEEDBACK = Feedback()
