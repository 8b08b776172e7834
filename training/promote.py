"""A challenger in the champion's place, if the gate lets it; and the champion before back again.

The models that are deployed are the files in `onnx_models/`; the next batch makes them champion in
`ml_models`. The champions before lie whole in `onnx_models/previous/VERSION/`, so that going back
needs neither history nor network; in git they cost nothing, since their content is there already.
"""

import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from scoring.manifest import read
from scoring.model import Models
from sql.database import Database
from training.errors import TrainingError
from training.gate import Check, checks
from training.publish import complete, files_of, place

MOST_KEPT = 3
"""Champions kept beside the one that scores."""


@dataclass(frozen=True)
class Decision:
    """What was decided on a model, and by what."""

    kind: str
    version: str
    champion_version: str
    checks: list[Check]

    def __str__(self) -> str:
        """Return the decision and its reasons as lines."""
        kind = self.kind.replace("_", " ")
        said = f"{kind}: model {self.version}, in place of {self.champion_version}"
        return "\n".join([said, *map(str, self.checks)])


def judge(database: Database, challenger: Path, folder: Path) -> Decision:
    """Return what the gate says of the challenger in a folder; no model is replaced.

    Raises ModelError when either folder does not hold models that a scorer would accept, and
    TrainingError when the two were not compared.
    """
    complete(folder)
    new, old = Models(challenger), Models(folder)
    with database.transaction():
        champions = database.rows("shadow.champion")
        if [old.version] != [each["version"] for each in champions]:
            raise TrainingError(
                f"{folder.name}/ holds model {old.version}, which has not scored yet: run "
                "`python -m scoring`, then `python -m scoring.shadow`"
            )
        known = database.rows("training.model", version=new.version)
        if not known or known[0]["role"] != "challenger":
            raise TrainingError(
                f"model {new.version} in {challenger.name}/ is no challenger: run "
                f"`python -m scoring.shadow --folder {challenger}`, which lets it score"
            )
        pair = {"model_id": known[0]["model_id"], "champion_id": champions[0]["model_id"]}
        figures = database.rows("shadow.figures", **pair)
    found = checks(new.manifest, figures[0] if figures else None)
    kind = "promoted" if all(check.is_passed for check in found) else "refused"
    return Decision(kind, new.version, old.version, found)


def promote(database: Database, challenger: Path, folder: Path) -> Decision:
    """Put the challenger's files in the champion's place if the gate lets it; keep the decision.

    Raises what `judge` raises; then, and when it is refused, the files in place stay.
    """
    decision = judge(database, challenger, folder)
    with database.transaction():
        keep_decision(database, decision)
        if decision.kind == "promoted":
            replace(folder, files_of(challenger), decision)
    return decision


def rollback(database: Database, folder: Path) -> Decision:
    """Put the champion that the present one replaced back in its place; keep the decision.

    Raises TrainingError when there is none to go back to; the files in place stay.
    """
    complete(folder)
    current = Models(folder).version
    with database.transaction():
        before = database.rows("training.replaced_by", version=current)
        if not before:
            raise TrainingError(
                f"model {current} was not promoted by `python -m training promote`, so the "
                "database knows of none before it: look in `git log -- onnx_models`"
            )
        version = before[0]["version"]
        kept = previous(folder) / version
        if not kept.is_dir():
            raise TrainingError(
                f"the files of model {version} are no longer in {folder.name}/previous/: "
                "bring them back from `git log -- onnx_models`"
            )
        decision = Decision("rolled_back", version, current, [])
        keep_decision(database, decision)
        replace(folder, files_of(kept), decision)
    return decision


def keep_decision(database: Database, decision: Decision) -> None:
    """Write a decision and its checks, in the open transaction."""
    decision_id = database.value(
        "training.decide",
        kind=decision.kind,
        version=decision.version,
        champion_version=decision.champion_version,
    )
    for number, check in enumerate(decision.checks, 1):
        database.execute(
            "training.keep_check", decision_id=decision_id, place=number, **asdict(check)
        )


def replace(folder: Path, files: dict[str, bytes], decision: Decision) -> None:
    """Keep the models in `folder` as previous ones, and put `files` in their place."""
    keep(folder, decision.champion_version)
    place(folder, files)
    Models(folder)  # What was put in place is what a scorer will accept.


def previous(folder: Path) -> Path:
    """Return where the champions before the one in `folder` are."""
    return folder / "previous"


def keep(folder: Path, version: str) -> None:
    """Copy the models in `folder`, of a version, to the previous ones; of many others, drop those
    that were made first."""
    kept = previous(folder) / version
    if not kept.exists():
        beside = kept.with_name(f"{version}.new")
        shutil.rmtree(beside, ignore_errors=True)
        place(beside, files_of(folder))
        beside.rename(kept)  # A folder with this name is whole.
    others = sorted(
        (each for each in previous(folder).iterdir() if each.is_dir() and each != kept),
        key=lambda each: str(read(each)["created_at"]),
    )
    for old in others[: 1 - MOST_KEPT]:
        shutil.rmtree(old)
