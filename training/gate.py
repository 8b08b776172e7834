"""The gate: whether a challenger may take the champion's place, check by check, with reasons.

Both are judged on the same logs, which arrived after both were trained and which the champion
scored for real and the challenger in the shadow (see `shadow_figures` in sql/).
"""

from dataclasses import dataclass
from typing import Any

FEWEST_LOGS = 1000
FEWEST_DECLARED = 100
"""Logs that declare a level, below which levels are not compared."""
FEWEST_VERDICTS = 10
"""Verdicts of people, below which precision is not compared."""
MARGIN = 0.02
"""What the challenger's F1 may lie below the champion's."""
PRECISION_MARGIN = 0.05
MOST_PSI = 0.25
"""Population stability index of the challenger's scores against its training: above, they are of
other logs."""
FEWEST_GROUPS = 500
"""Groups (a template's logs of a minute) below which scores are not compared with training: all
logs of a group score alike, and of ten tenths a few hundred groups fill some only by chance."""
BUDGETS, TIMES_MORE, TIMES_LESS, FEW = 2.0, 1.5, 4.0, 10
"""Anomalous groups may be twice the alert budget or 1.5 times the champion's, whichever is more,
and not fewer than a quarter of the champion's; ten more or fewer are chance."""

Figures = dict[str, Any]


@dataclass(frozen=True)
class Check:
    """One thing that was checked; `reason` says it in words, with the bound."""

    name: str
    is_passed: bool
    reason: str
    figure: float | None = None
    champion_figure: float | None = None

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{'ok' if self.is_passed else 'NO'}  {self.name}: {self.reason}"


def checks(manifest: dict[str, Any], figures: Figures | None) -> list[Check]:
    """Return all checks of a challenger by its manifest and its row of `shadow_figures`, None when
    there is none."""
    found = [parity(manifest), enough(figures)]
    if figures is not None and found[-1].is_passed:
        budget = float(manifest["anomaly_detector"]["budget"])
        found += [
            levels("levels", figures, "macro_f1"),
            levels("warnings", figures, "warn_f1"),
            volume(figures, budget),
            precision(figures),
            drift(figures),
        ]
    return found


def parity(manifest: dict[str, Any]) -> Check:
    """Check that the exported models said what the fitted ones said, when they were exported."""
    from training.export import TOLERANCE  # Only here: it loads what exports, which takes seconds.

    largest = max(
        float(manifest[name]["parity"]) for name in ("level_classifier", "anomaly_detector")
    )
    said = (
        f"exported and fitted models differ by at most {largest:.1e}, allowed are {TOLERANCE:.0e}"
    )
    return Check("parity", largest <= TOLERANCE, said, largest)


def enough(figures: Figures | None) -> Check:
    """Check that enough logs were scored by both."""
    count = int(figures["count_logs"]) if figures else 0
    said = (
        f"{count:,} logs that neither model was fitted on were scored by both, "
        f"at least {FEWEST_LOGS:,} are needed"
    )
    return Check("logs", count >= FEWEST_LOGS, said, count)


def levels(name: str, figures: Figures, key: str) -> Check:
    """Check that an F1 of levels is not worse by more than the margin."""
    ours, theirs = figures[key], figures[f"champion_{key}"]
    if figures["count_declared"] < FEWEST_DECLARED or ours is None or theirs is None:
        return Check(name, True, "not compared: too few of these logs declare such a level")
    said = f"F1 {ours:.3f}, the champion's is {theirs:.3f}, at most {MARGIN} less is allowed"
    return Check(name, ours >= theirs - MARGIN, said, ours, theirs)


def volume(figures: Figures, budget: float) -> Check:
    """Check that a person would not read much more than agreed, nor almost nothing."""
    ours, theirs = figures["count_anomalous_groups"], figures["count_champion_anomalous_groups"]
    most = max(BUDGETS * budget * figures["count_unjudged_groups"], TIMES_MORE * theirs) + FEW
    fewest = theirs / TIMES_LESS - FEW
    said = (
        f"{ours:,} anomalous groups of {figures['count_unjudged_groups']:,}, the champion has "
        f"{theirs:,}, {max(fewest, 0):,.0f} to {most:,.0f} are allowed"
    )
    return Check("volume", fewest <= ours <= most, said, ours, theirs)


def precision(figures: Figures) -> Check:
    """Check that people's verdicts do not speak against it."""
    ours, theirs = figures["share_confirmed"], figures["champion_share_confirmed"]
    if figures["count_verdicts"] < FEWEST_VERDICTS or ours is None or theirs is None:
        return Check("precision", True, f"not compared: {figures['count_verdicts']} verdicts")
    said = (
        f"{ours:.0%} of what it calls anomalous people confirmed, {theirs:.0%} of the champion's, "
        f"at most {PRECISION_MARGIN:.0%} less is allowed"
    )
    return Check("precision", ours >= theirs - PRECISION_MARGIN, said, ours, theirs)


def drift(figures: Figures) -> Check:
    """Check that its scores are distributed as they were in training."""
    psi, groups = float(figures["score_psi"]), figures["count_unjudged_groups"]
    if groups < FEWEST_GROUPS:
        return Check("drift", True, f"not compared: {groups:,} groups, {FEWEST_GROUPS} are needed")
    said = f"PSI of its scores against training is {psi:.3f}, at most {MOST_PSI} is allowed"
    return Check("drift", psi <= MOST_PSI, said, psi)
