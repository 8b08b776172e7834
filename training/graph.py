"""The level classifier as an ONNX graph whose cost grows with the words of a text.

skl2onnx writes TF-IDF as a dense row with a column per term, multiplied by the coefficients: 50 µs
a text with 15,000 terms, of which a text has twenty. Here words are looked up in a hash table, so
are pairs of their numbers, and only the rows of what was found are added up:

    log-odds = Σ idf·coefficients over terms / |tf·idf| + intercepts

where the norm needs no dense row either: the sum of squares of tf·idf over distinct terms is the
sum of idf·idf over all pairs of occurrences that are the same term.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

OPSETS = {"": 20, "ai.onnx.ml": 4}
IR_VERSION = 9
"""The format of files that opset 20 came with; what `onnx` writes by default may be too new."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class LinearText:
    """TF-IDF over words and pairs of neighbours, normed, and a linear model on it.

    `terms` [v] are single words, or two with a space between; `idf` is [v], `coefficients` [c, v],
    `intercepts` [c], `labels` [c].
    """

    terms: list[str]
    idf: Floats
    coefficients: Floats
    intercepts: Floats
    labels: list[str]


@dataclass(frozen=True)
class Table:
    """Rows of words, then of pairs, then one of zeros for whatever is neither.

    A pair's key is its first word's row times the number of rows plus its second's. `idf` is [r],
    `weights`, idf·coefficients, [r, c].
    """

    words: list[str]
    pairs: list[int]
    idf: Floats
    weights: Floats

    @property
    def nothing(self) -> int:
        """Return the row of zeros, the last one."""
        return len(self.idf) - 1


def table(model: LinearText) -> Table:
    """Return the rows of `model`; a word that is only known in pairs weighs nothing."""
    place = {term: at for at, term in enumerate(model.terms)}
    pairs = [term for term in model.terms if " " in term]
    words = sorted({word for term in model.terms for word in term.split(" ")})
    size = len(words) + len(pairs) + 1
    number = {word: at for at, word in enumerate(words)}
    keys = [number[one] * size + number[two] for one, two in (pair.split(" ") for pair in pairs)]
    idf = np.zeros(size, np.float32)
    weights = np.zeros((size, len(model.labels)), np.float32)
    for row, term in enumerate([*words, *pairs]):
        if (at := place.get(term)) is not None:
            idf[row] = model.idf[at]
            weights[row] = model.idf[at] * model.coefficients[:, at]
    return Table(words, keys, idf, weights)


def graph(model: LinearText) -> ModelProto:
    """Return the graph: string `text` [n, 1] to `label` [n] and `probabilities` [n, c]."""
    rows = table(model)
    constants: dict[str, npt.NDArray[Any]] = {
        "rows": np.array(len(rows.idf), np.int64),
        "idf": rows.idf,
        "weights": rows.weights,
        "intercepts": model.intercepts.astype(np.float32),
        "one": np.array(1, np.float32),
        "zero": np.array(0, np.float32),
        "column": np.array([1], np.int64),
        "depth": np.array([2], np.int64),
        "all": np.array([-1], np.int64),
        "start": np.array([0], np.int64),
        "end": np.array([np.iinfo(np.int64).max], np.int64),
    }
    return helper.make_model(
        helper.make_graph(
            [*found(rows), *norm(), *answer(model.labels)],
            "level_classifier",
            [helper.make_tensor_value_info("text", TensorProto.STRING, [None, 1])],
            [
                helper.make_tensor_value_info("label", TensorProto.STRING, [None]),
                helper.make_tensor_value_info(
                    "probabilities", TensorProto.FLOAT, [None, len(model.labels)]
                ),
            ],
            [numpy_helper.from_array(value, name) for name, value in constants.items()],
        ),
        opset_imports=[helper.make_opsetid(*opset) for opset in OPSETS.items()],
        ir_version=IR_VERSION,
        producer_name="logkiln",
    )


def look_up(source: str, target: str, default: int, **table: Any) -> NodeProto:
    """Return a node that gives each key of `source` the value beside it in `table`, others the
    `default`."""
    return helper.make_node(
        "LabelEncoder", [source], [target], domain="ai.onnx.ml", default_int64=default, **table
    )


def found(rows: Table) -> list[NodeProto]:
    """Return nodes from `text` to `terms` [n, m], the rows of its words and of its pairs."""
    node = helper.make_node
    words = list(range(len(rows.words)))
    pairs = list(range(len(rows.words), rows.nothing))
    return [
        node("Reshape", ["text", "all"], ["texts"]),
        # Shorter texts are filled up with empty words, which are in no table.
        node("StringSplit", ["texts"], ["words", "count"], delimiter=" "),
        look_up("words", "word", rows.nothing, keys_strings=rows.words, values_int64s=words),
        node("Slice", ["word", "start", "all", "column"], ["first"]),
        node("Slice", ["word", "column", "end", "column"], ["second"]),
        node("Mul", ["first", "rows"], ["shifted"]),
        node("Add", ["shifted", "second"], ["key"]),
        # A table may not be empty; no key is negative.
        look_up(
            *("key", "pair", rows.nothing),
            keys_int64s=[*rows.pairs, -1],
            values_int64s=[*pairs, rows.nothing],
        ),
        node("Concat", ["word", "pair"], ["terms"], axis=1),
    ]


def norm() -> list[NodeProto]:
    """Return nodes from `terms` to `norm` [n, 1], the length of the row of tf·idf; of none, 1."""
    node = helper.make_node
    return [
        node("Gather", ["idf", "terms"], ["idfs"]),
        node("Unsqueeze", ["terms", "depth"], ["down"]),
        node("Unsqueeze", ["terms", "column"], ["across"]),
        node("Equal", ["down", "across"], ["is_same"]),
        node("Cast", ["is_same"], ["same"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["idfs", "depth"], ["idf_column"]),
        node("MatMul", ["same", "idf_column"], ["tf_idf_column"]),
        node("Squeeze", ["tf_idf_column", "depth"], ["tf_idf"]),
        node("Mul", ["tf_idf", "idfs"], ["squares"]),
        node("ReduceSum", ["squares", "column"], ["square"]),
        node("Greater", ["square", "zero"], ["is_known"]),
        node("Where", ["is_known", "square", "one"], ["known_square"]),
        node("Sqrt", ["known_square"], ["norm"]),
    ]


def answer(labels: list[str]) -> list[NodeProto]:
    """Return nodes from `terms` and `norm` to `label` and `probabilities`."""
    node = helper.make_node
    return [
        node("Gather", ["weights", "terms"], ["evidence"]),
        node("ReduceSum", ["evidence", "column"], ["sum"], keepdims=0),
        node("Div", ["sum", "norm"], ["normed"]),
        node("Add", ["normed", "intercepts"], ["log_odds"]),
        node("Softmax", ["log_odds"], ["probabilities"], axis=1),
        node("ArgMax", ["log_odds"], ["best"], axis=1, keepdims=0),
        node(
            *("LabelEncoder", ["best"], ["label"]),
            domain="ai.onnx.ml",
            keys_int64s=list(range(len(labels))),
            values_strings=labels,
        ),
    ]
