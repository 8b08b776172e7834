"""What people said of templates, as training uses it: the alert budget is for the rest.

From the batch after a verdict on, a confirmed template always alerts and a false alarm never does,
whatever its score; and of what is muted nobody is told. So their logs are left out where rarity is
measured, and what they used to take of the budget goes to others.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.template import template_id
from training.dataset import Dataset
from training.errors import TrainingError


@dataclass(frozen=True)
class Judged:
    """The verdict on each group of logs, [g]: 1 confirmed, -1 a false alarm, 0 nothing said; and
    whether it is muted now, [g]."""

    verdicts: npt.NDArray[np.int8]
    is_muted: npt.NDArray[np.bool_]

    def rest(self) -> npt.NDArray[np.bool_]:
        """Return which groups, [g], their score alone decides on: nobody judged or muted them."""
        left: npt.NDArray[np.bool_] = (self.verdicts == 0) & ~self.is_muted
        if not left.any():
            raise TrainingError(
                "people judged or muted every template of these logs, which leaves nothing to "
                "measure rarity by: train on more logs, with --since"
            )
        return left

    def summary(self, scores: npt.NDArray[np.float32], threshold: float) -> dict[str, int]:
        """Return how many judged and muted groups there are, and how many of the judged the
        detector calls anomalous by itself, for the manifest."""
        found = scores >= threshold
        confirmed, false = self.verdicts > 0, self.verdicts < 0
        return {
            "confirmed": int(confirmed.sum()),
            "confirmed_found": int((confirmed & found).sum()),
            "false_alarms": int(false.sum()),
            "false_alarms_found": int((false & found).sum()),
            "muted": int(self.is_muted.sum()),
        }


def judged(dataset: Dataset, units: npt.NDArray[np.int32]) -> Judged:
    """Return what people said of groups of logs, given the unit [g] of each in `dataset`."""
    mutes = dataset.mutes
    is_muted = [
        bool(mutes & {(unit.source, None), (None, number), (unit.source, number)})
        for unit, number in ((unit, template_id(unit)) for unit in dataset.units)
    ]
    return Judged(dataset.feedback.verdicts(dataset.units, units), np.array(is_muted)[units])
