"""Where the time of a run goes."""

import time


class Clock:
    """Seconds spent in each step, and since the beginning."""

    def __init__(self) -> None:
        """Start now."""
        self.seconds: dict[str, float] = {}
        self._started = self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        """Count the time since the last lap to `step`."""
        now = time.perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self._last
        self._last = now

    def rounded(self) -> dict[str, float]:
        """Return the seconds by step, to the millisecond."""
        return {step: round(seconds, 3) for step, seconds in self.seconds.items()}

    def whole(self) -> float:
        """Return the seconds since the start, to the millisecond."""
        return round(time.perf_counter() - self._started, 3)
