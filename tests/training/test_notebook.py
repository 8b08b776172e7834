"""The notebook is committed as source: without outputs, and all that it needs is in the rooms.

It is executed, in the workflow that runs it nightly, by tests/workflows/retraining.py.
"""

import json
import re
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_has_parameters_first_and_defines_and_keeps_nothing(path: Path) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code[0]["metadata"]["tags"] == ["parameters"]
    for cell in code:
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        assert not re.search(r"^\s*(?:def|class|async) |lambda", "".join(cell["source"]), re.M)
