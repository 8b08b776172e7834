"""What a command begins before models and arrays are imported, which takes as long."""

from scoring.beside import ReadingProcess
from scoring.claim import Claim
from scoring.selection import Selection


class Ahead:
    """A reading process, and a batch's claim; a rehearsal has none."""

    def __init__(self, url: str, selection: Selection, *, is_rehearsal: bool) -> None:
        """Begin."""
        self.process = ReadingProcess()
        self.claim = None if is_rehearsal else Claim(url, selection)

    def close(self) -> None:
        """End the process, and give back what was claimed, unless that was done."""
        self.process.close()
        if self.claim:
            self.claim.close()
