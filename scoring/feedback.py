"""What people said of templates, and how it overrides the detector from the next batch on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

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

    def verdict(self, unit: Unit) -> bool | None:
        """Return whether a unit's logs are anomalies by what people said; None: nothing said."""
        if not self.confirmed and not self.false_alarms:
            return None
        template = template_id(unit)
        if template in self.confirmed:
            return True
        return False if template in self.false_alarms else None


NO_FEEDBACK = Feedback()
