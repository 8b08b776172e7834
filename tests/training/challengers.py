"""Champions and challengers for tests: copies of trained models with something changed."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from onnx import ModelProto


def changed(source: Path, folder: Path, **detector: Any) -> str:
    """Copy the models in `source` to `folder`, with entries of the detector changed and other bytes
    of the classifier; return the version."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("previous", "challenger"))
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["anomaly_detector"] |= detector
    level = manifest["level_classifier"]
    graph = ModelProto.FromString((folder / level["file"]).read_bytes())
    graph.doc_string = folder.name
    (folder / level["file"]).write_bytes(graph.SerializeToString())
    level["sha256"] = hashlib.sha256(graph.SerializeToString()).hexdigest()
    version = hashlib.sha256(f"{level['sha256']} {detector}".encode()).hexdigest()[:12]
    path.write_text(json.dumps({**manifest, "version": version}), encoding="utf-8")
    return version


def edit(folder: Path, **entries: Any) -> None:
    """Change entries at the top of the manifest in `folder`."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(manifest | entries), encoding="utf-8")
