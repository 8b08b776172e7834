"""The reading process, from outside: started early, told later what to read.

It takes 0.15 s to begin, so `python -m scoring` starts it before anything else is imported.
"""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sql.errors import DatabaseError

if TYPE_CHECKING:
    from scoring.rows import Chunk


class ReaderDied(DatabaseError):
    """The reading process ended without saying that it was done."""


class ReadingProcess:
    """A process that reads for us what it is told to, once."""

    def __init__(self) -> None:
        """Start it."""
        root = str(Path(__file__).parent.parent)
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "scoring.reader"],
            # The threads that OpenBLAS would start are of no use there, and cost 0.05 s.
            env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            process_group=0,  # An interrupt from the terminal is for us, who end it when we stop.
        )

    def chunks(self, url: str, parameters: dict[str, Any]) -> Iterator["Chunk"]:
        """Yield the chunks that it sends of what `parameters` select; raise what it reports."""
        process = self._process
        assert process.stdin and process.stdout
        try:
            process.stdin.write(json.dumps({"url": url, "parameters": parameters}).encode())
            process.stdin.close()
            while (item := pickle.load(process.stdout)) is not None:
                if isinstance(item, str):
                    raise DatabaseError(item)
                yield item
        except (EOFError, pickle.UnpicklingError, BrokenPipeError) as exc:
            raise ReaderDied(
                f"the reading process ended early (exit code {process.wait(5)}); "
                "what was scored so far is kept: run again"
            ) from exc
        finally:
            self.close()

    def close(self) -> None:
        """End it, whatever it does."""
        process = self._process
        assert process.stdin and process.stdout
        process.kill()
        process.stdin.close()
        process.stdout.close()
        process.wait(5)
