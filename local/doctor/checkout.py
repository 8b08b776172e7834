"""The files of the checkout: models, workflows, what the function's host reads."""

import json
import re
from hashlib import sha256
from pathlib import Path

from local.doctor.finding import Finding, Findings, first_sentence
from local.errors import LocalError
from local.routing import Routing
from scoring.manifest import ModelError, check, read

WORKFLOWS = ("ml_analysis.yml", "retrain.yml", "prune.yml", "ci.yml")


def check_models(folder: Path) -> Findings:
    """Compare the models with their manifest, and that with this scorer."""
    mend = "python -m training"
    try:
        manifest = read(folder)
        check(manifest)
        entries = [manifest[name] for name in ("level_classifier", "anomaly_detector")]
        wrong = [
            entry["file"]
            for entry in entries
            if sha256((folder / entry["file"]).read_bytes()).hexdigest() != entry["sha256"]
        ]
    except FileNotFoundError as exc:
        yield Finding("fail", "models", f"{Path(str(exc.filename)).name} is missing", mend)
    except ModelError as exc:
        yield Finding("fail", "models", str(exc).split(": run `")[0].split("; run `")[0], mend)
    else:
        if wrong:
            yield Finding("fail", "models", f"{', '.join(wrong)}: not what the manifest says", mend)
        else:
            yield Finding("ok", "models", f"version {manifest.get('version', 'unknown')}")


def check_workflows(folder: Path) -> Findings:
    """Look for the workflows, and at the schedule of the batch."""
    for name in WORKFLOWS:
        path = folder / name
        if not path.is_file():
            yield Finding(
                "fail",
                "workflows",
                f"{name} is missing",
                f"git checkout HEAD -- .github/workflows/{name}",
            )
            continue
        crons = crons_of(path)
        wrong = [cron for cron in crons if not is_cron(cron.strip())]
        if wrong:
            yield Finding(
                "fail",
                "workflows",
                f"{name} has the schedule {wrong[0].strip()!r}; expected five fields",
                f'write "23 */6 * * *" in .github/workflows/{name}',
            )
        else:
            said = f", scheduled {crons[0].strip()}" if crons else ""
            yield Finding("ok", "workflows", name + said)


def crons_of(path: Path) -> list[str]:
    """Return the schedules of a workflow."""
    return re.findall(r"^\s*- cron:\s*[\"']?([^\"'#\n]*)", path.read_text("utf-8"), re.M)


def hours_between(cron: str) -> int | None:
    """Return the hours from one run of `M * * * *` or `M */H * * *` to the next, else None."""
    found = re.fullmatch(r"\d{1,2} \*(?:/(\d{1,2}))? \* \* \*", cron.strip())
    return None if found is None else int(found[1] or 1)


RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
"""Of minute, hour, day, month and weekday; names of months and weekdays are not read."""


def is_cron(text: str) -> bool:
    """Say whether `text` is a schedule: five fields of numbers, ranges, steps and stars."""
    fields = text.split()
    return len(fields) == len(RANGES) and all(
        is_cron_part(part, low, high)
        for field, (low, high) in zip(fields, RANGES, strict=True)
        for part in field.split(",")
    )


def is_cron_part(part: str, low: int, high: int) -> bool:
    """Say whether `part` is a star, a number or a range within bounds, with a step or without."""
    match = re.fullmatch(r"(?:\*|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?", part)
    if match is None or match[3] == "0":
        return False
    numbers = [int(number) for number in match.groups()[:2] if number is not None]
    return all(low <= number <= high for number in numbers) and numbers == sorted(numbers)


def check_vercel(root: Path) -> Findings:
    """Look at what the function's host reads."""
    try:
        Routing.read(root / "vercel.json")
        config = json.loads((root / "vercel.json").read_text("utf-8"))
        missing = [name for name in config.get("functions", {}) if not (root / name).is_file()]
    except (OSError, ValueError, LocalError, AttributeError) as exc:
        yield Finding(
            "fail",
            "vercel",
            f"vercel.json: {first_sentence(exc)}",
            "git checkout HEAD -- vercel.json",
        )
        return
    wanted = [*missing, *(n for n in ("api/requirements.txt",) if not (root / n).is_file())]
    if wanted:
        yield Finding(
            "fail",
            "vercel",
            f"{', '.join(wanted)} is missing",
            f"git checkout HEAD -- {' '.join(wanted)}",
        )
    else:
        yield Finding("ok", "vercel", "vercel.json and the function are there")
