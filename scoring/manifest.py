"""The manifest of the two models: read, and checked before a model file is touched."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeGuard

from scoring import normalize
from scoring.features import FEATURES
from scoring.levels import LEVELS


class ModelError(Exception):
    """The model files are not ones that this scorer may use; nothing was scored."""


def read(folder: Path) -> dict[str, Any]:
    """Return the manifest in `folder`."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise ModelError(
            f"no models: {path.name} is missing from {folder.name}/; run `python -m training`"
        ) from exc
    except OSError as exc:
        raise ModelError(
            f"no models: {folder.name}/{path.name} cannot be read ({exc.strerror}); expected the "
            "folder of a manifest and two models, as `python -m training` makes it"
        ) from exc
    except ValueError as exc:
        raise ModelError(f"{path.name} is not JSON ({exc}); run `python -m training`") from exc
    wanted = {"version", "normalizer_version", "level_classifier", "anomaly_detector"}
    if not isinstance(manifest, dict) or not wanted <= manifest.keys():
        raise ModelError(f"{path.name} lacks some of {sorted(wanted)}; run `python -m training`")
    return manifest


def check(manifest: dict[str, Any]) -> None:
    """Raise ModelError when the models were made for other texts, features or levels."""
    version = manifest["version"]
    if not isinstance(version, str) or not version:
        raise ModelError(
            f"the models have version {version!r}, expected some text; run `python -m training`"
        )
    level, anomaly = manifest["level_classifier"], manifest["anomaly_detector"]
    for name in ("level_classifier", "anomaly_detector"):
        check_entry(name, manifest[name])
    wanted: list[tuple[str, object, object]] = [
        ("normaliser version", manifest["normalizer_version"], normalize.VERSION),
        ("features", anomaly.get("features"), list(FEATURES)),
    ]
    for what, given, expected in wanted:
        if given != expected:
            raise ModelError(
                f"the models have {what} {given}, this scorer has {expected}: "
                "run `python -m training` with this version"
            )
    labels = level.get("labels")
    if (
        not is_list_of(labels, str)
        or len(set(labels)) < len(labels)
        or not set(labels) <= {*LEVELS}
    ):
        raise ModelError(
            f"the models have levels {labels}, expected some of {', '.join(LEVELS)}, each once; "
            "run `python -m training`"
        )
    check_habits(level.get("habits", {}))
    threshold = anomaly.get("threshold")
    if not isinstance(threshold, int | float) or not 0 <= threshold <= 1:
        raise ModelError(
            f"the models have threshold {threshold!r}, expected a number from 0 to 1; "
            "run `python -m training`"
        )
    check_calibration(anomaly.get("calibration"))


def check_entry(name: str, entry: object) -> None:
    """Raise ModelError unless the manifest's `entry` names a file beside it and what it takes."""
    paths = (("file",), ("sha256",), ("input", "name"), ("input", "type"))
    for path in paths:
        found = entry
        for key in path:
            found = found.get(key) if isinstance(found, dict) else None
        if not isinstance(found, str):
            raise ModelError(
                f"the manifest's {name} has no {' '.join(path)}; run `python -m training`"
            )
        if path == ("file",) and Path(found).name != found:
            raise ModelError(
                f"the manifest's {name} is the file {found!r}, expected a name without folder; "
                "run `python -m training`"
            )


def check_habits(given: object) -> None:
    """Raise ModelError unless `given` are factors, all above 0, of each level by source; models
    of before have none."""
    fits = isinstance(given, dict) and all(
        is_list_of(factors, (int, float))
        and len(factors) == len(LEVELS)
        and all(0 < factor < float("inf") for factor in factors)
        for factors in given.values()
    )
    if not fits:
        raise ModelError(
            f"the models' habits of sources are not {len(LEVELS)} numbers above 0 for each source; "
            "run `python -m training`"
        )


def check_calibration(given: object) -> None:
    """Raise ModelError unless `given` are knots of a line that rises from raw scores to 0–1."""
    raw, score = (given.get("raw"), given.get("score")) if isinstance(given, dict) else (None, None)
    fits = (
        is_list_of(raw, (int, float))
        and is_list_of(score, (int, float))
        and len(raw) == len(score)
        and all(earlier < later for earlier, later in pairwise(raw))
        and all(earlier <= later for earlier, later in pairwise([0, *score, 1]))
    )
    if not fits:
        raise ModelError(
            "the models have no calibration of raw scores, rising, to as many scores from 0 to 1, "
            "rising; run `python -m training`"
        )


def is_list_of(given: object, kind: type | tuple[type, ...]) -> TypeGuard[list[Any]]:
    """Say whether `given` is a list of at least one `kind` and nothing else."""
    return isinstance(given, list) and bool(given) and all(isinstance(one, kind) for one in given)
