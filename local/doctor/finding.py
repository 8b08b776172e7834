"""What a check finds."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    state: str
    """ok, warn or fail."""
    subject: str
    said: str
    mend: str = ""
    """A command or a step that mends it; empty when nothing is wrong."""

    def __str__(self) -> str:
        """Return the line."""
        return f"{self.state:4}  {self.subject:12} {self.said}" + (
            f"\n      {'':12} → {self.mend}" if self.mend else ""
        )


Findings = Iterator[Finding]


def first_sentence(error: Exception) -> str:
    """Return the first line of what an error says, bounded."""
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
