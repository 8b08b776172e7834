"""How tests are dealt out where several processes run them (`-n 2`): a file at a time.

Each worker has a server, a browser and models of its own; only the demo, which takes half a minute
to make, is made once: whatever needs it goes to one worker.
"""

from collections import Counter

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

DEMO = ("tests/dashboard/", "tests/local/test_demo.py")
LONG = (
    *DEMO,
    "tests/scoring/test_crash.py",
    "tests/ingest/test_follow.py",
    "tests/workflows/test_runs.py",
    "tests/local/test_postgres.py",
    "tests/local/test_makefile.py",
    "tests/docs/test_docs.py",
    "tests/api/test_build.py",
)
"""Begun first: one that is begun last would keep the other workers waiting."""


class ByFile(LoadScopeScheduling):  # type: ignore[misc] # xdist tells no types
    """Deals the tests of a file together, and all that need the demo as if they were one file."""

    def _split_scope(self, nodeid: str) -> str:
        return DEMO[0] if nodeid.startswith(DEMO) else nodeid.partition("::")[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    config.option.loadscopereorder = False  # not by how many tests a file has, but as below
    return ByFile(config, log)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Name a test of schemathesis as it says: pytest 9.2 leaves the operation out."""
    if item.parent is not None and not item.nodeid.endswith(item.name):
        item._id = item.parent.id.child(item.name)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    names = Counter(item.nodeid for item in items)
    if twice := [name for name, count in names.items() if count > 1]:
        raise pytest.UsageError(f"workers know a test by its name, and run one of several: {twice}")
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(LONG))
