"""What is in `onnx_models/` is what this scorer takes."""

from scoring.levels import LEVELS
from scoring.model import Models


def test_the_shipped_models_load_and_read_levels() -> None:
    models = Models()
    texts = ["could not open file <*> no such file or directory", "connection accepted"]
    found = models.classifier.levels(texts)
    assert LEVELS[found.ranks.tolist()[0]] in ("ERROR", "FATAL")
    assert found.confidence.min() > 0
