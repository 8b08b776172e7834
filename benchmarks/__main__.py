"""`python -m benchmarks NAME`: measure one claim; the last line printed is its figures as JSON."""

import argparse
import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any

SETTING_UP = {
    *(
        "__init__",
        "__main__",
        "cases",
        "conventional",
        "history",
        "host",
        "measure",
        "mixes",
        "plans",
    )
}


def names() -> list[str]:
    """Return the benchmarks there are."""
    found = {path.stem for path in Path(__file__).parent.glob("*.py")}
    return sorted(found - SETTING_UP)


def options(words: list[str]) -> dict[str, Any]:
    """Return `--key=number` words as keyword arguments."""
    pairs = (word.removeprefix("--").split("=", 1) for word in words)
    return {key.replace("-", "_"): int(value) for key, value in pairs}


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark that is named; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=names())
    parser.add_argument("option", nargs="*", help="the benchmark's own: key=number")
    given = parser.parse_args(arguments)
    measure = importlib.import_module(f"benchmarks.{given.name}").main
    known = inspect.signature(measure).parameters
    chosen = options(given.option)
    if unknown := chosen.keys() - known.keys():
        parser.error(f"{given.name} takes {sorted(known)}, not {sorted(unknown)}")
    print(json.dumps(measure(**chosen)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
