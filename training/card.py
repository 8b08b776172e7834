"""The model card: what the models are, in words and figures, made from the manifest."""

from typing import Any

from scoring.features import FEATURES


def card(manifest: dict[str, Any]) -> str:
    """Return the card as Markdown."""
    level, anomaly = manifest["level_classifier"], manifest["anomaly_detector"]
    habits = level.get("habits", {})  # Models of before have none.
    metrics = "\n".join(
        f"- {name.replace('_', ' ')}: {value:.4g}" for name, value in level["metrics"].items()
    )
    return f"""# Model {manifest["version"]}

Made on {manifest["created_at"]} from {manifest["count_training_logs"]:,} logs of
{len(manifest["sources"])} sources ({", ".join(manifest["sources"])}); hash of the training data
`{manifest["training_data_sha256"][:16]}…`.

## Level classifier

Reads a log's normalised text and says which of {", ".join(level["labels"])} it deserves, with
probabilities. Words and pairs of words, TF-IDF weighted, and a logistic regression; probabilities
are then weighed by how often each of {len(habits)} sources says what. Learned from the
{level["count_texts"]:,} distinct texts whose programs declare a level.

On the quarter of texts that appeared last, never seen in training:

{metrics}

Exported and fitted model differ by at most {level["parity"]:.1e} on every training text; no label
differs.

## Anomaly detector

Evidence weighed on {len(FEATURES)} features: {", ".join(FEATURES)}. Its score says how rare it
was in training: 0.5 is one in a thousand, 1 one in a million, a template's logs of a minute
counted once. What scores {anomaly["threshold"]:.3f} or more is an anomaly, which is the alert
budget of {anomaly["budget"]:.2%}. Exported and fitted scores differ by at most
{anomaly["parity"]:.1e}.

## Limits

Levels are learned from what programs declare, wrong declarations included. Anomalies are judged
against the logs at hand: what was wrong all along looks normal.
"""
