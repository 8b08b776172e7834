"""The rewrites and headers of `vercel.json`, for the local web server."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.errors import RoutingError


@dataclass(frozen=True)
class Routing:
    """Where a path leads, and which headers its answer carries."""

    rewrites: tuple[tuple[re.Pattern[str], str], ...] = ()
    headers: tuple[tuple[re.Pattern[str], dict[str, str]], ...] = ()

    @classmethod
    def read(cls, path: Path) -> "Routing":
        """Read the host's configuration at `path`."""
        config = json.loads(path.read_text(encoding="utf-8"))
        rewrites = [_fields(rule, "source", "destination") for rule in config.get("rewrites", [])]
        headers = [_fields(rule, "source", "headers") for rule in config.get("headers", [])]
        return cls(
            tuple((_pattern(source), target) for source, target in rewrites),
            tuple(
                (_pattern(source), {pair["key"]: pair["value"] for pair in pairs})
                for source, pairs in headers
            ),
        )

    def destination(self, path: str) -> str:
        """Return the path that `path` is rewritten to: itself when no rule fits."""
        for source, target in self.rewrites:
            if source.fullmatch(path):
                return target.split("?")[0]
        return path

    def headers_for(self, path: str) -> dict[str, str]:
        """Return the headers of every rule that fits `path`; a later rule wins."""
        found: dict[str, str] = {}
        for source, headers in self.headers:
            if source.fullmatch(path):
                found |= headers
        return found


def _fields(rule: dict[str, Any], *names: str) -> tuple[Any, ...]:
    if set(rule) != set(names):
        raise RoutingError(
            f"vercel.json has a rule with {', '.join(sorted(rule))}; "
            f"the local server knows only {' and '.join(names)}: teach it in local/routing.py"
        )
    return tuple(rule[name] for name in names)


def _pattern(source: str) -> re.Pattern[str]:
    """Compile a path pattern: `:name` is one segment, `:name*` any number, `(…)` an expression."""
    several = re.sub(r":\w+\*", "(?:.*)", source)
    return re.compile(re.sub(r"(?<!\?):\w+", "(?:[^/]+)", several))
