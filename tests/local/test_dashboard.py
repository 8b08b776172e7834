"""The page is built when its sources change, with whatever Node.js there is."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local import dashboard, node
from local.errors import DashboardError, NodeError

ROOT = Path(__file__).parents[2]
BUILD = "mkdir -p dist && cat src/page.html > dist/index.html && echo built >> ../builds"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A page that the shell builds: npm is real, Vite and the registry are not needed."""
    sources = tmp_path / "dashboard"
    (sources / "src").mkdir(parents=True)
    (sources / "src" / "page.html").write_text("<p>one")
    package = {"name": "page", "version": "1.0.0", "scripts": {"build": BUILD}}
    (sources / "package.json").write_text(json.dumps(package))
    lock = {"name": "page", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {}}}
    (sources / "package-lock.json").write_text(json.dumps(lock))
    return sources


def build(sources: Path) -> tuple[Path, list[str]]:
    said: list[str] = []
    return dashboard.build(said.append, sources, sources.parent / "stamps"), said


def count_builds(sources: Path) -> int:
    return (sources.parent / "builds").read_text().count("built")


def test_the_page_is_built_once_while_nothing_changes(sources: Path) -> None:
    dist, said = build(sources)
    assert (dist / "index.html").read_text() == "<p>one"
    assert said == ["installing the page's packages", "building the page"]
    assert build(sources) == (dist, [])
    assert count_builds(sources) == 1


def test_a_changed_source_is_built_again_without_a_new_installation(sources: Path) -> None:
    build(sources)
    (sources / "node_modules").mkdir(exist_ok=True)
    (sources / "src" / "page.html").write_text("<p>two")
    dist, said = build(sources)
    assert (dist / "index.html").read_text() == "<p>two"
    assert said == ["building the page"]


def test_a_removed_page_is_built_again(sources: Path) -> None:
    dist, _ = build(sources)
    shutil.rmtree(dist)
    build(sources)
    assert (dist / "index.html").is_file()


def test_a_failed_build_says_why_and_is_tried_again(sources: Path) -> None:
    page = sources / "src" / "page.html"
    page.rename(sources / "page.html")
    with pytest.raises(DashboardError, match=r"(?s)`npm run build` failed in .*page\.html"):
        build(sources)
    (sources / "page.html").rename(page)
    dist, _ = build(sources)
    assert (dist / "index.html").read_text() == "<p>one"


def test_a_checkout_without_the_page_is_named(tmp_path: Path) -> None:
    with pytest.raises(DashboardError, match=r"there is no .*package\.json"):
        dashboard.build(print, tmp_path / "dashboard", tmp_path)


def test_an_old_node_is_not_used(tmp_path: Path) -> None:
    for name, answer in (("node", "v18.20.4"), ("npm", "9.2.0")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {answer}\n")
        (tmp_path / name).chmod(0o755)
    assert not node.is_usable({"PATH": str(tmp_path)})
    (tmp_path / "node").write_text("#!/bin/sh\necho v20.19.0\n")
    assert node.is_usable({"PATH": str(tmp_path)})
    (tmp_path / "npm").write_text("#!/bin/sh\nexit 1\n")
    assert not node.is_usable({"PATH": str(tmp_path)})


def test_a_failed_installation_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node, "REQUIREMENTS", tmp_path / "absent.txt")
    with pytest.raises(NodeError, match=r"absent\.txt.*: install Node\.js 20 or newer with npm"):
        node.install()


@pytest.mark.slow
def test_without_npm_a_wheel_brings_it(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    (tmp_path / "empty").mkdir()
    code = (
        "import subprocess; from local import node; env = node.environment()\n"
        "subprocess.run(['npm', '--version'], env=env, check=True)"
    )
    done = subprocess.run(
        [tmp_path / "venv" / "bin" / "python", "-c", code],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=dict(os.environ) | {"PATH": str(tmp_path / "empty")},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("npm is missing or too old: installing Node.js")
